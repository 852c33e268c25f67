# SPDX-License-Identifier: MIT
<#
.SYNOPSIS
Checks imgsan.exe on a real Windows: plants what must go and what must stay, runs the
program, looks with Windows' own means. For a virtual machine that is thrown away afterwards.

.DESCRIPTION
    powershell -ExecutionPolicy Bypass -File on-real-windows.ps1 -Program C:\imgsan\imgsan.exe -ThrowAway

The tests of imgsan run under Wine, which lacks much of what a Windows has. This script is
for what they can not show: alternate streams, reparse points, access lists of other users,
compressed, sparse and encrypted files, hives of profiles that nobody is signed in to,
credentials, event logs, and the guards of the worker processes. It cleans THE WHOLE MACHINE:
histories, keys, logs and saved passwords of everybody here are gone afterwards.

Put the program into a folder that only administrators can write, below C:\Program Files for
instance. Run it elevated, or as SYSTEM, from a file. PowerShell 5.1 or later. Each check is a
line that begins with ok, FAILED or skipped; the exit code is the number of those that failed.

.PARAMETER Sysprep
Ends with clean --sysprep=quit, after which the machine is ready to be captured and fit for
nothing else.
#>
param(
    [Parameter(Mandatory = $true)][string]$Program,
    [switch]$ThrowAway,
    [switch]$Sysprep
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$Work = Join-Path $env:ProgramFiles 'imgsan-check'
$script:Failed = 0
$script:Planted = @()   # what has to be gone: Name, and Left, which tells whether it is there
$script:At = @{}        # places and canaries, for both
$script:Decoys = @()    # what has to stay: Name, and State, which gives a text to compare

function Write-Result([string]$How, [string]$Text) {
    if ($How -eq 'FAILED') { $script:Failed++ }
    Write-Output ('{0,-8}{1}' -f $How, $Text)
}

function Test-That([string]$Text, [scriptblock]$Check) {
    try {
        if (& $Check) { Write-Result 'ok' $Text } else { Write-Result 'FAILED' $Text }
    } catch {
        Write-Result 'FAILED' "$Text ($_)"
    }
}

# Letters and digits that nobody can find by chance, made anew in every run.
function New-Canary([int]$Length = 24) {
    $letters = [char[]]'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    $random = New-Object System.Security.Cryptography.RNGCryptoServiceProvider
    $bytes = New-Object byte[] $Length
    $random.GetBytes($bytes)
    -join ($bytes | ForEach-Object { $letters[$_ % $letters.Count] })
}

function Add-Planted([string]$Name, [scriptblock]$Plant, [scriptblock]$Left) {
    try {
        & $Plant
        $script:Planted += New-Object psobject -Property @{ Name = $Name; Left = $Left }
    } catch {
        Write-Result 'skipped' "$Name can not be planted here ($_)"
    }
}

function Add-Decoy([string]$Name, [scriptblock]$Plant, [scriptblock]$State) {
    try {
        & $Plant
        $script:Decoys += New-Object psobject -Property @{
            Name = $Name; State = $State; Before = [string](& $State) }
    } catch {
        Write-Result 'skipped' "$Name can not be planted here ($_)"
    }
}

function Set-Text([string]$Path, [string]$Text) {
    [void](New-Item -ItemType Directory -Force -Path (Split-Path $Path))
    [System.IO.File]::WriteAllText($Path, $Text)
}

function Get-State([string]$Path) {
    $item = Get-Item -LiteralPath $Path -Force
    $hash = ''
    if (-not $item.PSIsContainer) { $hash = (Get-FileHash -LiteralPath $Path).Hash }
    '{0} {1} {2} {3}' -f $hash, $item.Attributes, $item.LastWriteTimeUtc.Ticks, (Get-Acl -LiteralPath $Path).Sddl
}

# The exit code and the report of one run, without a console window, at once.
function Invoke-Imgsan([string[]]$Arguments) {
    $script:Runs++
    $ErrorActionPreference = 'Continue' # what a program says on its standard error is no error here
    $report = Join-Path $Work ('report-{0}.json' -f $script:Runs)
    $output = & $Program @Arguments '--report' $report 2>&1 | Out-String
    $code = $LASTEXITCODE
    $json = $null
    if (Test-Path -LiteralPath $report) {
        $json = Get-Content -LiteralPath $report -Raw -Encoding UTF8 | ConvertFrom-Json
    }
    New-Object psobject -Property @{ Code = $code; Output = $output; Report = $json }
}
$script:Runs = 0

# ---- what is planted ----

function Add-Files([string]$UserHome) {
    $At.history = Join-Path $UserHome 'AppData\Roaming\Microsoft\Windows\PowerShell\PSReadLine\ConsoleHost_history.txt'
    $At.secret = New-Canary
    Add-Planted 'a history of PowerShell' { Set-Text $At.history "Connect-Thing -Key $($At.secret)`r`n" } `
        { (Test-Path -LiteralPath $At.history) -and (Get-Content -LiteralPath $At.history -Raw) -match $At.secret }

    # In an alternate stream of a file that stays.
    $At.carrier = Join-Path $UserHome 'Documents\carrier.txt'
    $At.inStream = New-Canary
    Add-Planted 'a password in an alternate stream' {
        Set-Text $At.carrier "The main stream stays.`r`n"
        Set-Content -LiteralPath $At.carrier -Stream 'notes' -Value "password = $($At.inStream)"
    } { (Get-Content -LiteralPath $At.carrier -Stream 'notes' -ErrorAction SilentlyContinue | Out-String) -match $At.inStream }

    # Redacted in place: compression, attributes and access list are as before.
    $At.packed = Join-Path $UserHome 'project\settings.ini'
    $At.inPacked = New-Canary 20
    Add-Planted 'a password in a compressed file with an access list of its own' {
        Set-Text $At.packed ("[db]`r`nuser = app`r`npassword = $($At.inPacked)`r`n" + ('; filler' * 4000) + "`r`n")
        [void](& compact.exe /c $At.packed)
        [void](& icacls.exe $At.packed /inheritance:r /grant:r '*S-1-5-18:(F)' '*S-1-5-32-544:(F)')
    } { [System.IO.File]::ReadAllText($At.packed) -match $At.inPacked }
    Add-Decoy 'its attributes, access list and size' { $null } `
        { $i = Get-Item -LiteralPath $At.packed -Force; '{0} {1} {2}' -f $i.Attributes, $i.Length, (Get-Acl -LiteralPath $At.packed).Sddl }

    # An administrator is shut out by the access list, the right to back up is not.
    $At.denied = Join-Path $UserHome '.ssh\id_ed25519'
    Add-Planted 'a private key that denies everybody access' {
        [void](New-Item -ItemType Directory -Force -Path (Split-Path $At.denied))
        $keygen = Get-Command ssh-keygen.exe -ErrorAction SilentlyContinue
        if (-not $keygen) { throw 'no ssh-keygen' }
        [void](& cmd.exe /c "`"$($keygen.Source)`" -q -t ed25519 -N `"`" -f `"$($At.denied)`"")
        [void](& icacls.exe $At.denied /inheritance:r /deny '*S-1-1-0:(F)')
    } { Test-Path -LiteralPath $At.denied }

    # Deeper than 260 characters.
    $At.deep = '\\?\' + (Join-Path $UserHome 'project')
    1..12 | ForEach-Object { $At.deep += '\a-folder-with-a-long-name-{0:d2}' -f $_ }
    $At.deepFile = "$($At.deep)\deploy.env"
    $At.inDeep = New-Canary 20
    Add-Planted 'a password below a path of over 260 characters' {
        [void][System.IO.Directory]::CreateDirectory($At.deep)
        [System.IO.File]::WriteAllText($At.deepFile, "DB_PASSWORD=$($At.inDeep)`r`n")
    } { [System.IO.File]::ReadAllText($At.deepFile) -match $At.inDeep }

    # What a tree that goes as a whole only points to.
    $At.kept = Join-Path $Work 'kept'
    $At.temporary = Join-Path $UserHome 'AppData\Local\Temp'
    Add-Decoy 'a file behind a junction, a link and a second name' {
        Set-Text (Join-Path $At.kept 'inside.txt') "stays`r`n"
        Set-Text (Join-Path $At.temporary 'leftover.txt') "goes`r`n"
        [void](& cmd.exe /c "mklink /J `"$($At.temporary)\junction`" `"$($At.kept)`"")
        [void](& cmd.exe /c "mklink /D `"$($At.temporary)\link`" `"$($At.kept)`"")
        [void](& cmd.exe /c "mklink /H `"$($At.temporary)\second.txt`" `"$($At.kept)\inside.txt`"")
    } { Get-State (Join-Path $At.kept 'inside.txt') }
    Add-Planted 'a temporary file beside them' { $null } { Test-Path -LiteralPath (Join-Path $At.temporary 'leftover.txt') }
}

function Add-Registry {
    $At.winlogon = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon'
    $At.logon = New-Canary
    Add-Planted 'the password of an automatic logon' { Set-ItemProperty $At.winlogon DefaultPassword $At.logon } `
        { (Get-ItemProperty $At.winlogon).PSObject.Properties.Name -contains 'DefaultPassword' }
    $At.runs = 'HKCU:\Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU'
    $At.run = New-Canary
    Add-Planted 'what was typed into Run' {
        [void](New-Item -Force -Path $At.runs)
        Set-ItemProperty $At.runs a "net use x: \\server\share $($At.run)\1"
    } { (Get-ItemProperty $At.runs -ErrorAction SilentlyContinue | Out-String) -match $At.run }
    $At.decoy = 'HKLM:\SOFTWARE\imgsan-check'
    Add-Decoy 'a key of the registry that is nobody''s secret' {
        [void](New-Item -Force -Path $At.decoy)
        Set-ItemProperty $At.decoy Colour 'blue'
    } { (Get-ItemProperty $At.decoy).Colour }
}

function Add-Elsewhere {
    $At.target = 'imgsan-check-' + (New-Canary 8)
    Add-Planted 'a credential of the account that runs this' {
        [void](& cmdkey.exe "/generic:$($At.target)" '/user:nobody' "/pass:$(New-Canary)")
    } { (& cmdkey.exe "/list:$($At.target)" | Out-String) -match [regex]::Escape($At.target) -and
        (& cmdkey.exe /list | Out-String) -match [regex]::Escape($At.target) }
    $At.event = New-Canary
    Add-Planted 'an event in the log Application' {
        [void](& eventcreate.exe /t INFORMATION /id 1 /l APPLICATION /so imgsan-check /d $At.event)
    } { (& wevtutil.exe qe Application /f:text /c:2000 | Out-String) -match $At.event }
    Add-Decoy 'the built-in Administrator' { $null } {
        Get-CimInstance Win32_UserAccount -Filter 'LocalAccount=True' |
            Where-Object { $_.SID -like '*-500' } | ForEach-Object { '{0} {1}' -f $_.SID, $_.Disabled } }
}

# ---- what is checked ----

function Test-Scan {
    $run = Invoke-Imgsan @('scan')
    Test-That 'scan finds something: exit code 1' { $run.Code -eq 1 }
    Test-That 'its report can be read and is complete' { $run.Report.complete }
    Test-That 'its output is ASCII and at most 6,000 bytes' {
        $run.Output.Length -le 6200 -and $run.Output -notmatch '[^\x00-\x7f]' }
    foreach ($one in $script:Planted) { Test-That "scan left alone: $($one.Name)" { & $one.Left } }
    foreach ($guard in 'uid', 'root', 'nnp', 'limits', 'calls') {
        Test-That "the workers were guarded: $guard" { $run.Report.protections -contains $guard } }
}

function Test-Clean([string[]]$More) {
    $run = Invoke-Imgsan (@('clean', '--yes') + $More)
    Write-Output $run.Output
    Test-That 'clean has left nothing: exit code 0' { $run.Code -eq 0 }
    foreach ($step in @($run.Report.steps)) {
        if ($step.state -eq 'failed') { Write-Result 'FAILED' "$($step.action) $($step.path): $($step.error)" }
    }
    foreach ($one in $script:Planted) { Test-That "gone: $($one.Name)" { -not (& $one.Left) } }
    foreach ($one in $script:Decoys) { Test-That "as before: $($one.Name)" { [string](& $one.State) -eq $one.Before } }
    Test-That 'no hive is loaded under a name of ours' {
        -not (Get-ChildItem Registry::HKEY_USERS | Where-Object { $_.PSChildName -like 'imgsan*' }) }
    $again = Invoke-Imgsan @('verify')
    Test-That 'verify agrees: exit code 0' { $again.Code -eq 0 }
}

if (-not $ThrowAway) {
    Write-Output 'This cleans the whole machine. Say -ThrowAway if it is one to throw away.'
    exit 2
}
$me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Write-Output 'Run it elevated.'
    exit 2
}
Write-Output ('{0}, {1}' -f (Get-CimInstance Win32_OperatingSystem).Caption, [Environment]::OSVersion.Version)
Write-Output (& $Program --version)
[void](New-Item -ItemType Directory -Force -Path $Work)
Add-Files $env:USERPROFILE
Add-Registry
Add-Elsewhere
Test-Scan
Test-Clean @()
if ($Sysprep) {
    Test-Clean @('--sysprep=quit')
    Test-That 'the machine is generalized' {
        (Get-ItemProperty 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup\State').ImageState -eq
            'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE' }
}
Write-Output ('{0} failed' -f $script:Failed)
exit $script:Failed
