# SPDX-License-Identifier: MIT
"""sysprep.py IMGSAN.EXE: clean --sysprep of a Windows that runs (the test bed's own), with a
stand-in for sysprep.exe that refuses arguments that are not allowed and plays success and each
failure. What speaks against it is planted in the registry and the files of the prefix, or
played by stand-ins for WMI and netapi32; a process without elevation, another Sysprep and a
full disk are real. Each report's section about Sysprep is compared word by word. At the end no
file of a prefix holds a password of the answer files, in any coding.

Cases share a start of Wine: a batch file sets the machine up for each, runs the program and
takes away what came of it. A test is a generator: up to its `yield` it says what is to be run,
behind it what has to have come of it.

Not shown: the shutdown itself."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import reader

import bed
import generalizing
from generalizing import CONTROL, CURRENT, GENERALIZED, HARMLESS, SERVICES, STATE, STORE, USER, wmi

WINDOWS = "C:\\windows\\"
SYSPREP = WINDOWS + "system32\\Sysprep\\"
OURS = SYSPREP + "imgsan-answers.xml"
LINE = (r'"C:\windows\System32\Sysprep\sysprep.exe" /generalize /oobe /quit /quiet '
        r"/unattend:C:\windows\System32\Sysprep\imgsan-answers.xml")
FINE = HARMLESS + wmi(1001, 0)
VERSION = r"Software\Microsoft\Windows NT\CurrentVersion"
WMI = r"Software\Classes\CLSID\{4590F811-1D3A-11D0-891F-00AA004B2E24}\InprocServer32"
# As Wine has it.
WINES = [(CONTROL + "ProductOptions", "ProductType", "WinNT"), (VERSION, "CurrentBuildNumber", "18362"),
         (WMI, "", WINDOWS + r"system32\wbem\wbemprox.dll")]

# What is told of each fact, in this order.
FACTS = {
    "elevation": ("this process is not elevated", "Run it as an administrator, from an elevated prompt."),
    "program": ("Sysprep is not there", "Repair the system's files (sfc /scannow)."),
    "domain": ("the machine belongs to a domain",
               "Take it out of the domain (to a workgroup), restart, and try again; clones join by themselves."),
    "pending-reboot": ("something waits for a restart",
                       "Restart Windows until nothing waits any more, then try again."),
    "app-packages": ("app packages are installed for a user and not provisioned for all",
                     "Remove them for all users (Remove-AppxPackage -AllUsers) or provision them "
                     "(Add-AppxProvisionedPackage)."),
    "encryption": ("BitLocker has encrypted the system volume",
                   "Decrypt it to the end (manage-bde -off) and try again."),
    "rearm": ("no rearm of Windows is left", "Begin with a newer image of Windows; slmgr /dlv shows the number."),
    "state": ("Windows is not in the state that setup leaves it in, or Sysprep was interrupted",
              "Let setup end. Where Sysprep was interrupted or has run already, begin with the last good state of "
              "the machine."),
    "running": ("Sysprep or setup is running", "Wait until it has ended."),
    "upgrade": ("this Windows was upgraded from an older one",
                "Begin with a clean installation, or with Windows 10, version 1607, or later, where this is no "
                "hindrance."),
    "roles": ("roles of this server do not survive Sysprep",
              "Remove the roles, and install them on the clones (Sysprep Support for Server Roles)."),
    "disk-space": ("there is too little room on the system volume", "Make room: one gigabyte at least."),
}

# What is planted for each, and what is told of it, in the order in which it is.
REBOOT = CURRENT + "Component Based Servicing\\"
UPDATE = CURRENT + "WindowsUpdate\\"
BLOCKING = {
    "pending-reboot": [
        (REBOOT + "RebootPending", "", None, "CBS RebootPending"),
        (REBOOT + "RebootInProgress", "", None, "CBS RebootInProgress"),
        (REBOOT + "PackagesPending", "", None, "CBS PackagesPending"),
        (UPDATE + r"Auto Update\RebootRequired", "", None, "WindowsUpdate RebootRequired"),
        (UPDATE + r"Auto Update\PostRebootReporting", "", None, "WindowsUpdate PostRebootReporting"),
        (UPDATE + r"Services\Pending\a", "", None, r"WindowsUpdate Services\Pending"),
        (CONTROL + "Session Manager", "PendingFileRenameOperations", ["\\??\\C:\\a.tmp", ""], "PendingFileRenameOperations"),
        (CONTROL + "Session Manager", "PendingFileRenameOperations2", ["\\??\\C:\\a.tmp", ""],
         "PendingFileRenameOperations2"),
        (r"Software\Microsoft\Updates", "UpdateExeVolatile", 3, "UpdateExeVolatile"),
        (CURRENT + "RunOnce", "DVDRebootSignal", "a", "RunOnce DVDRebootSignal"),
        (r"Software\Microsoft\ServerManager\CurrentRebootAttempts", "", None, "ServerManager CurrentRebootAttempts"),
        (CURRENT + r"Installer\InProgress", "", None, "Installer InProgress"),
        (SERVICES + "Netlogon", "JoinDomain", "x", "Netlogon JoinDomain"),
        (SERVICES + "Netlogon", "AvoidSpnSet", "x", "Netlogon AvoidSpnSet"),
        (CONTROL + r"ComputerName\ComputerName", "ComputerName", "ANOTHER", "the computer has a new name")],
    "domain": [(CONTROL + r"CloudDomainJoin\JoinInfo\0123", "", None,
                "joined to a directory of the cloud (CloudDomainJoin)")],
    "app-packages": [(USER + "Contoso.Maps_1.2.3.4_x64__0123456789abc", "", None,
                      "Contoso.Maps_1.2.3.4_x64__0123456789abc")],
    "encryption": [(CONTROL + "BitLockerStatus", "BootStatus", 1, "BitLockerStatus BootStatus"),
                   (r"Software\imgsan-stand-in", "ConversionStatus", 1, "Win32_EncryptableVolume")],
    "rearm": [(r"Software\imgsan-stand-in", "RemainingWindowsReArmCount", 0, "")],
    "state": [(r"System\Setup\Status\SysprepStatus", "CleanupState", 1, "SysprepStatus CleanupState is not 2"),
              (r"System\Setup\Status\SysprepStatus", "GeneralizationState", 3, "SysprepStatus GeneralizationState is not 7"),
              (STATE, "ImageState", "IMAGE_STATE_UNDEPLOYABLE", "IMAGE_STATE_UNDEPLOYABLE")],
    "running": [(r"System\Setup", "SystemSetupInProgress", 1, "SystemSetupInProgress"),
                (r"System\Setup", "OOBEInProgress", 1, "OOBEInProgress")],
    "upgrade": [(VERSION, "CurrentBuildNumber", "10586", "Setup Upgrade")], # one that was not upgraded: HARMLESS
    "roles": [(SERVICES + "CertSvc", "Start", 2, "Active Directory Certificate Services"),
              (SERVICES + "adfssrv", "Start", 2, "Active Directory Federation Services"),
              (SERVICES + "ADRMSLoggingService", "Start", 2, "Active Directory Rights Management Services"),
              (SERVICES + "DHCPServer", "Start", 2, "DHCP Server"),
              (SERVICES + "IAS", "Start", 2, "Network Policy Server"),
              (SERVICES + "WDSServer", "Start", 2, "Windows Deployment Services"),
              (SERVICES + "WsusService", "Start", 2, "Windows Server Update Services"),
              ("Cluster", "", None, "Failover Clustering"),
              (CONTROL + "ProductOptions", "ProductType", "LanmanNT", "domain controller"),
              (SERVICES + "ADAM_one", "", None, "Active Directory Lightweight Directory Services"),
              ("", "", None, "Fax Server")], # with the service of HARMLESS, where it is a server
}

# What is told of each failure, and what the stand-in writes into the logs then.
CAUSES = {
    "app-packages": ("An app package is installed for a user and not provisioned for all.",
                     "Remove the package of that name for all users (Remove-AppxPackage -AllUsers) or provision it, and "
                     "sign no user in before the next try.",
                     ["Package Contoso.Notes_1.2.3.4_x64__0123456789abc was installed for a user, but not provisioned for "
                      "all users. This package will not function properly in the sysprep image.",
                      "SysprepGeneralizeValidate: Failed to remove apps for the current user: 0x80073cf2.",
                      "WinMain:Hit failure while pre-validate sysprep generalize internal providers; hr = 0x80073cf2"]),
    "encryption": ("BitLocker has encrypted the system volume, also where its protection is off.",
                   "Decrypt it to the end (manage-bde -off), then try again.",
                   ["BitLocker-Sysprep: BitLocker is on for the OS volume. Turn BitLocker off to run Sysprep. (0x80310039)",
                    "RunDlls:An error occurred while running registry sysprep DLLs, halting sysprep execution. dwRet = "
                    "0x80310039"]),
    "updates": ("Updates are being installed or wait for a restart.",
                "Let Windows Update come to its end, restart, and try again.",
                ["Sysprep_Clean_Validate_Opk: Audit mode can't be turned on if there is an active scenario.; hr = 0x800F0975",
                 "WinMain:Hit failure while pre-validate sysprep cleanup internal providers; hr = 0x800f0975"]),
    "rearm": ("Windows can not be reset once more: the number of rearms is used up.",
              "Begin with a newer image of Windows; slmgr /dlv shows how many are left.",
              ["RunExternalDlls:An error occurred while running registry sysprep DLLs, halting sysprep execution. dwRet = "
               "-1073425657"]),
    "upgraded": ("This Windows was upgraded from an older one.",
                 "Begin with a clean installation: Sysprep does not run on an upgraded one.",
                 ["Sysprep will not run on an upgraded OS. You can only run Sysprep on a custom (clean) install version of "
                  "Windows."]),
    "answer-file": ("The answer file could not be read or its settings could not be used.",
                    "Validate the file in Windows System Image Manager for this version of Windows.",
                    ["Windows could not parse or process the unattend answer file for pass [generalize].",
                     "WinMain:Hit failure while processing sysprep generalize unattend actions; hr = 0x80220005"]),
    "interrupted": ("An earlier run of Sysprep was interrupted, and the machine is in between.",
                    "Take the image up again from its last good state; one in between can not be trusted.",
                    ["RunExternalDlls:Not running DLLs; either the machine is in an invalid state or we couldn't update the "
                     "recorded state, dwRet = 31",
                     "WinMain:Hit failure while processing sysprep cleanup external providers; hr = 0x8007001f"]),
    "running": ("Another Sysprep was running.", "Wait until it has ended, or restart Windows, and try again.",
                ["WinMain:Another instance of Sysprep is already running."]),
    "disk-space": ("The system volume had no room left.", "Make room: one gigabyte at least.",
                   ["WinMain:Hit failure while processing sysprep generalize internal providers; hr = 0x80070070"]),
    "access": ("Something was denied to Sysprep.",
               "Run it as an administrator, from an elevated prompt; look whether a protection of endpoints forbids it.",
               ["ActionPlatform::DeleteValue: Error from RegDeleteValueW for value senseGuid; dwRet = 0x5"]),
    "privileges": ("Something was denied to Sysprep.",
                   "Run it as an administrator, from an elevated prompt; look whether a protection of endpoints forbids it.",
                   ["ValidatePrivileges:User does not have required privileges to sysprep machine"]),
    "no-success": ("Sysprep has ended without its signs of success, and its logs name no cause that is known here.",
                   r"Read setupact.log and setuperr.log in System32\Sysprep\Panther.", []),
    "timeout": ("Sysprep had not ended when its time was over, and was ended.",
                "The machine is in between: take it up again from its last good state. Give it more time "
                "(--sysprep-timeout) if it was slow only.", []),
    "stopped": ("The run was told to stop while Sysprep was at work, and Sysprep was ended.",
                "The machine is in between: take it up again from its last good state.", []),
    "not-started": ("Sysprep could not be started.", "Repair the system's files (sfc /scannow).", []),
    "changed": ("Before the cleaning nothing spoke against Sysprep, now something does.",
                "See what blocks it, put that right and try again.", []),
}
PLAYED = [name for name, (_, _, lines) in CAUSES.items() if lines]
UNHARMED = "setupdigetclassdevs failed with error 0"
GIVEN_UP = "RunDlls:An error occurred while running registry sysprep DLLs, halting sysprep execution. dwRet = 0x2"

COMPONENT = ('<component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64" '
             'publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">%s</component>')
ANSWERS = """<?xml version="1.0" encoding="%s"?>
<!-- <Password>no password</Password> -->
<unattend xmlns="urn:schemas-microsoft-com:unattend">
 <settings pass="windowsPE"></settings>
 <settings pass="oobeSystem">
 %s
 </settings>
</unattend>
"""


# ---- machines, and what is run on them ----

class Case:
    """`name`: of its folder, C:\\case\\NAME."""

    def __init__(self, machine, name, planted, play, join):
        self.machine, self.t, self.name = machine, machine.t, name
        self.folder = "C:\\case\\%s\\" % name
        self.runs = []
        self.put("in.reg", generalizing.changes(list(planted) + generalizing.play(play), EVERYTHING, WINES))
        self.lines = ["rd /s /q %s" % SYSPREP[:-1], "rd /s /q %sPanther" % WINDOWS, "mkdir %sPanther" % SYSPREP,
                      "copy C:\\tools\\sysprep.exe %s" % SYSPREP, "echo A log of an earlier run. > %sPanther\\old.log" % SYSPREP,
                      "del C:\\stand-in\\*.txt C:\\stand-in\\*.xml", "regedit /s %sin.reg" % self.folder]
        if join:
            self.bring("netapi32.txt", join.encode(), "C:\\stand-in\\netapi32.txt")

    def put(self, name, content):
        place = os.path.join(self.machine.drive, "case", self.name, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)

    def bring(self, name, content, to):
        """A file that comes to its place at this point."""
        self.put(name, content)
        self.do("copy %s%s %s" % (self.folder, name, to))

    def do(self, line):
        self.lines.append(line)

    def given(self, name, content):
        """An answer file is the caller's: it does not lie in the prefix."""
        with open(os.path.join(self.machine.given, self.name + name), "wb") as file:
            file.write(content)
        return "C:\\given\\" + self.name + name

    def clean(self, *args, **more):
        return self.run("clean", "--yes", "--only", "windows-setup-logs", "--skip", "secrets", "--jobs", "1", *args, **more)

    def run(self, *args, how=None, report=True):
        """`how`: by starter.exe."""
        argv = ["C:\\program\\imgsan.exe", *args]
        place = self.folder + "%d" % len(self.runs)
        if report:
            argv += ["--report", place + ".json", "-v", "--max-output", "0"]
        starter = ["C:\\tools\\starter.exe", how] if how else []
        self.do("%s > %s.out 2> %s.err" % (" ".join(starter + argv), place, place))
        self.do("echo %%errorlevel%% > %s.code" % place)
        self.runs.append(check.Run(argv, None, b"", b"", None))
        return self.runs[-1]

    def end(self):
        """What is left goes to the case's folder, out of the way of the next one."""
        self.lines += ["del %sWinSxS\\pending.xml" % WINDOWS, "move %s %ssysprep" % (SYSPREP[:-1], self.folder),
                       "move %sPanther %spanther" % (WINDOWS, self.folder), "move C:\\stand-in\\calls.txt " + self.folder,
                       "move C:\\stand-in\\answers.xml " + self.folder]
        return self.lines

    def read(self, path):
        try:
            with open(os.path.join(self.machine.drive, "case", self.name, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def load(self):
        for i, run in enumerate(self.runs):
            run.code = int(self.read("%d.code" % i) or b"-1")
            run.out, run.err = self.read("%d.out" % i) or b"", self.read("%d.err" % i) or b""
            report = self.read("%d.json" % i)
            run.report = json.loads(report) if report else None
            if report:
                self.t.valid(run.report, run.argv)

    # ---- what came of it ----

    def calls(self):
        return (self.read("calls.txt") or b"").decode().splitlines()

    def untouched(self):
        self.t.ok(self.read("sysprep/Panther/old.log"), self.name + ": nothing was cleaned")
        self.t.equal(self.calls(), [], self.name + ": Sysprep was not called")
        self.t.ok(self.read("sysprep/imgsan-answers.xml") is None, self.name + ": no answer file")

    def section(self, run, wanted):
        """All that the text says of Sysprep."""
        text = run.out.decode().replace("\r", "")
        got = text.split("\nSYSPREP\n")[-1].split("\n\n")[0] if "\nSYSPREP\n" in text else ""
        self.t.equal(" ".join(got.split()), wanted.replace("\\", "\\\\"), self.name + ": what is told of Sysprep")

    def refused(self, run, blocks, unknown=()):
        """Before anything was changed, for these facts and no others."""
        told = run.report["sysprep"]
        self.t.equal((run.code, run.report["verdict"], told["state"]), (5, "REFUSED", "not-run"), "%s: %s" % (self.name, run))
        self.t.equal([(f["name"], f["detail"] or "", f["text"], f["remedy"]) for f in told["preflight"] if f["state"] == "blocks"],
                     [(name, blocks[name], *FACTS[name]) for name in FACTS if name in blocks], self.name + ": what blocks")
        why = "; ".join(titled(name, blocks[name]) for name in FACTS if name in blocks)
        self.section(run, " ".join(["not run: " + why] + rows(blocks, unknown)))
        for line in (run.out.splitlines()[0], run.out.splitlines()[-1]):
            self.t.ok(line.startswith(b"imgsan clean: REFUSED - Sysprep could not run: ") and b"[exit 5]" in line,
                      "%s: the verdict: %s" % (self.name, line))
        self.untouched()

    def done(self, run, more=()):
        told = run.report["sysprep"]
        self.t.equal((run.code, told["state"], told["image_state"], told["tag"]), (0, "done", GENERALIZED, True),
                     "%s: %s" % (self.name, run))
        self.t.equal(self.calls(), [LINE], self.name + ": the command line")
        self.section(run, " ".join(["Sysprep has succeeded: Windows says so, and its tag file is new. ImageState:",
                                    GENERALIZED, LINE, *more]))
        for line in (run.out.splitlines()[0], run.out.splitlines()[-1]):
            self.t.ok(b"generalized by Sysprep" in line and b"[exit 0]" in line, "%s: the verdict: %s" % (self.name, line))
        self.t.equal(os.listdir(os.path.join(self.machine.drive, "case", self.name, "sysprep", "Panther")), [],
                     self.name + ": logs of Sysprep")
        self.t.ok(self.read("sysprep/imgsan-answers.xml") is None, self.name + ": our answer file is gone")
        self.t.ok(self.read("panther/unattend.xml"), self.name + ": the clone's copy stays")

    def failed(self, run, cause, log=(), state="IMAGE_STATE_COMPLETE", name=None, line=LINE, more=(), verdict=b""):
        """`name`: of the cause, where it is not the row's."""
        told = run.report["sysprep"]
        meaning, remedy, _ = CAUSES[cause]
        self.t.equal((run.code, told["state"], told["cause"], told["meaning"], told["remedy"], told["power_off"]),
                     (3, "failed", name or cause, meaning, remedy, False), "%s: %s" % (self.name, run))
        words = ["failed: " + meaning] + ["log " + text for text in log] + ["to do: " + remedy]
        words += ["ImageState: " + state] if state else []
        self.section(run, " ".join(words + ([line] if line else []) + list(more)))
        failed = b"; SYSPREP FAILED (%s) [exit 3]" % (name or cause).encode()
        for said in (run.out.splitlines()[0], run.out.splitlines()[-1]):
            self.t.ok(verdict in said and failed in said, "%s: the verdict: %s" % (self.name, said))
        self.t.ok(b"Do not capture" in run.out and b"generalized" not in run.out.splitlines()[0], self.name + ": the text says so")
        self.t.ok(self.read("sysprep/imgsan-answers.xml") is None, self.name + ": our answer file is gone")


EVERYTHING = [place[:3] for places in BLOCKING.values() for place in places if place[0]] + FINE


def quoted(lines):
    """As the log has them: the component stands in front."""
    return ["SYSPRP " + line for line in lines]


def titled(name, detail):
    return FACTS[name][0] + (" (%s)" % detail if detail else "")


def rows(blocks, unknown=()):
    """What is told of the facts."""
    lines = []
    for name, (_, remedy) in FACTS.items():
        if name in blocks:
            lines.append("blocks %s: %s %s" % (name, titled(name, blocks[name]), remedy))
        elif name in unknown:
            lines.append("unknown %s: not known (%s)" % (name, dict(unknown)[name]))
    return lines


class Machine:
    """A prefix in which cases are run one behind the other."""

    def __init__(self, t, name):
        self.t, self.directory, self.given = t, t.dir(name), t.dir(name + "-given")
        self.drive = bed.prepare(self.directory)
        self.build = os.path.dirname(t.imgsan)
        self.cases, self.secrets = [], []
        self.open = None  # of a test: what is behind its `yield`
        for place, name, to in (("tools", "starter.exe", "starter.exe"), ("tools", "sysprep_stand_in.exe", "sysprep.exe"),
                                ("stand-in", "wbem_stand_in.dll", "wbem.dll")):
            os.makedirs(os.path.join(self.drive, place), exist_ok=True)
            shutil.copy(os.path.join(self.build, "tests", "windows", name), os.path.join(self.drive, place, to))
        with open(os.path.join(self.drive, "decoy.txt"), "wb") as file:
            file.write(b"This file stays.\n")

    def case(self, name, planted=FINE, play="success", join=None):
        self.cases.append(Case(self, name, planted, play, join))
        return self.cases[-1]

    def secret(self):
        self.secrets.append(plant.token(20))
        return self.secrets[-1]

    def start(self):
        lines = unused(self.t.imgsan) + [line for case in self.cases for line in case.end()]
        with open(os.path.join(self.drive, "run.bat"), "wb") as file:
            file.write("\r\n".join(["@echo off", *lines, ""]).encode())
        done = subprocess.run(
            [sys.executable, bed.__file__, "--in", self.directory, "--show", "program=" + self.t.program,
             "--show", "given=" + self.given, "--stand-in", os.path.join(self.build, "tests", "windows", "netapi32.dll"),
             "cmd.exe", "/c", "C:\\run.bat"], capture_output=True, stdin=subprocess.DEVNULL, timeout=1000, check=False)
        self.t.equal(done.returncode not in (77, bed.FAULT), True, "the bed: %s %s" % (done.stdout, done.stderr))
        for case in self.cases:
            case.load()

    def look_around(self):
        """What has to be so behind all of it."""
        with open(os.path.join(self.drive, "decoy.txt"), "rb") as file:
            self.t.equal(file.read(), b"This file stays.\n", "the decoy")
        hits = reader.search(os.path.join(self.directory, "own"), [s.encode() for s in self.secrets])
        self.t.equal([hit for found in hits.values() for hit in found], [], "passwords in the prefix")


def imports(place):
    """The DLLs that a program names."""
    said = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", place], capture_output=True, text=True, check=False).stdout
    return {line.split()[-1].lower() for line in said.splitlines() if "DLL Name:" in line}


def unused(program):
    """Lines that take away what of Wine is not needed here: every run of ours reads all that is there."""
    folder = os.path.join(bed.template(), "prefix/drive_c/windows/system32")
    wanted, known = set(NEEDED) | imports(program), set()
    while wanted - known:
        for name in wanted - known:
            known.add(name)
            wanted |= imports(os.path.join(folder, name))
    names = [name for name in os.listdir(folder) if name.endswith((".dll", ".ocx", ".exe", ".drv", ".sys", ".ax", ".cpl", ".tlb"))
             and name.lower() not in known]
    lines = ["cd /d %ssystem32" % WINDOWS] + ["del " + " ".join(names[i:i + 20]) for i in range(0, len(names), 20)]
    return lines + ["cd /d C:\\", "rd /s /q %swinsxs" % WINDOWS, "mkdir %swinsxs" % WINDOWS]


# Programs that are started, and what is loaded by name.
NEEDED = ("cmd.exe", "regedit.exe", "conhost.exe", "services.exe", "start.exe", "rpcss.exe", "svchost.exe", "ole32.dll", "oleaut32.dll",
          "combase.dll", "rpcrt4.dll", "crypt32.dll", "bcrypt.dll", "bcryptprimitives.dll", "rsaenh.dll", "netapi32.dll",
          "shell32.dll", "shlwapi.dll", "ws2_32.dll", "wtsapi32.dll", "userenv.dll", "uxtheme.dll", "imm32.dll", "wevtapi.dll",
          "powrprof.dll", "vssapi.dll", "secur32.dll", "setupapi.dll", "msvcrt.dll", "ucrtbase.dll", "version.dll", "psapi.dll",
          "iphlpapi.dll", "cryptbase.dll", "sechost.dll", "ntdsapi.dll", "samlib.dll", "sspicli.dll", "dpapi.dll", "cryptsp.dll",
          "wbemprox.dll", "fltlib.dll", "virtdisk.dll", "propsys.dll", "clbcatq.dll")


# ---- the answer file ----

def answers(secrets, encoding="utf-8"):
    body = COMPONENT % "".join((
        "<UserAccounts><AdministratorPassword><Value>%s</Value><PlainText>true</PlainText>"
        "</AdministratorPassword>" % secrets[0],
        "<LocalAccounts><LocalAccount><Name>ann</Name><Password><Value>%s</Value></Password>"
        "</LocalAccount><LocalAccount><Name>guest2</Name></LocalAccount></LocalAccounts></UserAccounts>" % secrets[1],
        "<AutoLogon><Username>ann</Username><Password><Value><![CDATA[%s]]></Value></Password></AutoLogon>" % secrets[2],
        "<TimeZone>China Standard Time</TimeZone>"))
    text = ANSWERS % (encoding, body)
    return (b"\xff\xfe" + text.encode("utf-16-le")) if encoding == "utf-16" else text.encode()


TOLD = [
    "password AdministratorPassword in pass oobeSystem, line 6: left out: have the cloud's agent set one on each clone",
    "password Password in pass oobeSystem, line 6: the account was left out with it: have the cloud's agent make it",
    "password Password in pass oobeSystem, line 6: the automatic logon was left out with it",
    "The answer file that was given is yours: its passwords are readable wherever it lies. Keep it off the disk that is "
    "captured.",
    "note the answer file has settings for the pass windowsPE, which does not run"]


def with_passwords(it, encoding="utf-8"):
    """Options that give an answer file with three, which Sysprep never sees."""
    return "--unattend", it.given(".xml", answers([it.machine.secret() for _ in range(3)], encoding))


def check_passwords(it, run):
    told = run.report["sysprep"]["answer_file"]
    it.t.equal([p["element"] for p in told["passwords"]], ["AdministratorPassword", "Password", "Password"], "each is told")
    it.t.equal(told["ignored_passes"], ["windowsPE"], "a pass that does not run")
    used = it.read("answers.xml") or b""
    it.t.ok(b"China Standard Time" in used and b"guest2" in used, "%s: the rest is used: %s" % (it.name, used))
    it.t.ok(b"AutoLogon" not in used and b"<Name>ann" not in used, "accounts and logons go with their passwords")
    if shutil.which("xmllint"):
        it.t.equal(subprocess.run(["xmllint", "--noout", "-"], input=used, check=False).returncode, 0, "it is well-formed")


# ---- the tests ----

def success(m, args=("--sysprep=quit",), power_off=False):
    """The same call of Sysprep, whatever comes behind it."""
    it = m.case("success" + "".join(args).replace("=", "-"))
    run = it.clean(*args)
    yield
    if power_off and run.code == 3:  # Wine's InitiateShutdownW may refuse, and then that is said
        m.t.ok(b"could not be shut down" in run.err, "%s: why it is on: %s" % (it.name, run))
        run.code = 0
    it.done(run)
    told = run.report["sysprep"]
    m.t.equal((told["exit_code"], told["power_off"], run.report["exit_code"]), (0, power_off, 0), it.name + ": the result")
    m.t.equal([f for f in told["preflight"] if f["state"] != "passes"], [], it.name + ": nothing speaks against it")
    m.t.ok((b"The machine is being shut down." if power_off else b"Power off now") in run.out, it.name + ": what comes")
    m.t.ok(b'pass="generalize"' in (it.read("answers.xml") or b""), it.name + ": an answer file was made")


def not_known(m, long):
    """What Windows does not tell is told, and left to Sysprep: Wine's own WMI, an error, no state."""
    unknown = {"domain": "Windows does not say whether it belongs to one",
               "encryption": "WMI knows no Win32_EncryptableVolume here", "rearm": "WMI does not tell how many are left"}
    it = m.case("unknown", [row for row in HARMLESS if row[0] != STATE], join="fails|NetGetJoinInformation|*|2453\n")
    run = it.clean("--sysprep=quit")
    status = long and m.case("unknown-status", join="join|0|\n")
    other = long and status.clean("--sysprep=quit")
    yield
    it.done(run, rows({}, dict(unknown, state="ImageState says nothing")))
    if long:
        status.done(other, rows({}, {"domain": unknown["domain"]}))


def looked_at_again(m):
    """The copy that the clone is set up from is no finding as long as it holds no password."""
    it = m.case("again")
    it.do("mkdir %sPanther" % WINDOWS)
    it.bring("older", b"an older one, which Sysprep replaces", WINDOWS + "Panther\\unattend.xml")
    run = it.clean("--sysprep=quit", "--only", "windows-answer-files")
    look = ("verify", "--only", "windows-setup-logs,windows-answer-files")
    without = it.run(*look)
    it.bring("newer", answers([plant.token(20) for _ in range(3)]), WINDOWS + "Panther\\unattend.xml")
    with_them = it.run(*look)
    yield
    m.t.equal(run.code, 0, "again: %s" % run)
    m.t.equal((without.code, [(f["path"], f["kind"]) for f in without.findings()]),
              (0, [("/windows/Panther/unattend.xml", "note")]), "verify: %s" % without)
    m.t.equal((with_them.code, [f["kind"] for f in with_them.findings()]), (1, ["posture"]), "with passwords: %s" % with_them)


def blocked(m):
    """All that can be planted at once: each is told with its remedy, and nothing is changed."""
    planted = [place[:3] for places in BLOCKING.values() for place in places if place[0]]
    it = m.case("blocked", FINE + planted, join="join|3|CORP\n")
    it.bring("pending.xml", b"<pending/>", WINDOWS + "WinSxS\\pending.xml")
    run = it.clean("--sysprep=quit", *with_passwords(it), how="running")
    yield
    blocks = {name: "; ".join(place[3] for place in places) for name, places in BLOCKING.items()}
    blocks["pending-reboot"] += "; WinSxS\\pending.xml"
    blocks["domain"] += "; CORP"
    blocks["running"] += "; sysprep.exe"
    it.section(run, " ".join(["not run: " + "; ".join(titled(name, blocks[name]) for name in FACTS if name in blocks)]
                             + rows(blocks) + TOLD))
    it.t.equal((run.code, [f["name"] for f in run.report["sysprep"]["preflight"] if f["state"] == "blocks"]),
               (5, [name for name in FACTS if name in blocks]), "blocked: %s" % run)
    it.untouched()


def alone(m, name, place):
    """One of them is enough."""
    key, value_name, value, detail = place
    it = m.case("alone-%s-%s" % (name, "".join(c for c in detail if c.isalnum())), FINE + [(key, value_name, value)])
    run = it.clean("--sysprep=quit")
    yield
    # The service that sends faxes is in HARMLESS, and only on a server it is a role.
    it.refused(run, {name: detail + ("; Fax Server" if value == "LanmanNT" else "")})


def domain(m, name, told):
    it = m.case("domain" + name, join="join|3|%s\n" % name)
    run = it.clean("--sysprep=quit")
    yield
    it.refused(run, {"domain": told})


def not_elevated(m):
    it = m.case("limited")
    run = it.clean("--sysprep=quit", how="limited")
    yield
    it.refused(run, {"elevation": ""})


def running(m):
    it = m.case("running")
    run = it.clean("--sysprep=quit", how="running")
    yield
    it.refused(run, {"running": "sysprep.exe"})


def no_program(m):
    it = m.case("no-program")
    it.do("del %ssysprep.exe" % SYSPREP)
    run = it.clean("--sysprep=quit")
    yield
    it.refused(run, {"program": r"System32\Sysprep\sysprep.exe"})


def failure(m, play):
    """Each of those that the logs tell."""
    it = m.case("fail-" + play, play=play)
    it.do("echo. > %sSysprep_succeeded.tag" % SYSPREP)  # an earlier run's
    run = it.clean("--sysprep")
    yield
    it.failed(run, play, quoted(CAUSES[play][2]), name="access" if play == "privileges" else None)
    m.t.equal(run.report["sysprep"]["exit_code"], 0, play + ": exit code")
    m.t.ok(it.read("sysprep/Panther/setuperr.log"), play + ": its logs stay")


def without_signs(m, play, state, log, code=0):
    """Without one of the signs it is no success."""
    it = m.case("signs-" + play, play=play)
    it.do("echo. > %sSysprep_succeeded.tag" % SYSPREP)
    run = it.clean("--sysprep")
    yield
    it.failed(run, "no-success", quoted(log), state=state)
    m.t.equal(run.report["sysprep"]["exit_code"], code, play + ": exit code")


def not_started(m):
    it = m.case("no-exe")
    it.bring("text", b"This is no program.", SYSPREP + "sysprep.exe")
    wall = m.case("no-room-for-answers")
    wall.do("mkdir " + OURS)
    runs = it.clean("--sysprep=quit", *with_passwords(it)), wall.clean("--sysprep=quit")
    wall.do("rd " + OURS)
    yield
    for it, run, log in ((it, runs[0], NO_PROGRAM), (wall, runs[1], NO_ANSWERS)):
        it.failed(run, "not-started", [log], state=None, line=None, more=TOLD if it.name == "no-exe" else ())
        m.t.equal(it.calls(), [], it.name + ": no call")


NO_PROGRAM = "it could not be started: Input/output error"
NO_ANSWERS = "the answer file could not be written: Is a directory"


def changed(m):
    """What was cleaned may change what was seen before."""
    it = m.case("changed")
    run = it.clean("--sysprep=quit", how="change")
    yield
    it.failed(run, "changed", state=None, line=None, more=rows({"pending-reboot": "CBS RebootPending"}))
    m.t.equal(it.calls(), [], "changed: no call")


def in_time(m):
    """What it has started belongs to it; what setup does behind it, too; an odd exit code means nothing."""
    child, late = m.case("child", play="child"), m.case("late", play="late")
    runs = child.clean("--sysprep=quit"), late.clean("--sysprep=quit", how="late")
    yield
    for it, run in zip((child, late), runs):
        it.done(run)
        m.t.ok(run.report["sysprep"]["elapsed_ms"] >= 900, it.name + ": it was waited for")
    m.t.equal(runs[1].report["sysprep"]["exit_code"], 3010, "exit code 3010 does not become ours")


def out_of_time(m):
    it = m.case("timeout", play="hang")
    run = it.clean("--sysprep", "--sysprep-timeout", "2", *with_passwords(it))
    yield
    it.failed(run, "timeout", state="IMAGE_STATE_UNDEPLOYABLE", more=TOLD)
    m.t.equal((run.report["sysprep"]["exit_code"], run.report["complete"]), (None, True), "timeout: %s" % run)
    check_passwords(it, run)


def stopped(m, name, how, why, *options):
    """Told to stop while Sysprep is at work."""
    it = m.case("stop-" + name, play="hang")
    run = it.clean("--sysprep", *options, *with_passwords(it), how=how)
    yield
    it.failed(run, "stopped", state="IMAGE_STATE_UNDEPLOYABLE", more=TOLD, verdict=b"INCOMPLETE - " + why)
    m.t.equal((run.report["sysprep"]["exit_code"], run.report["complete"]), (None, False), name + ": %s" % run)
    check_passwords(it, run)


def killed(m):
    """Sysprep goes on without us, and nothing that is left says it was a success or holds a password."""
    it = m.case("killed", play="child")
    run = it.clean("--sysprep=quit", *with_passwords(it), how="kill")
    again = it.clean("--sysprep=quit")
    yield
    m.t.equal((run.code, run.report["exit_code"], run.report["complete"], b"DONE" in run.out), (1, 4, False, False),
              "killed: %s" % run)
    m.t.equal(again.code, 5, "killed, again: %s" % again)
    it.section(again, " ".join(["not run: " + titled("state", GENERALIZED)] + rows({"state": GENERALIZED})))


def passwords(m, play, encoding, code):
    """An answer file with three passwords: Sysprep sees none, and none stays on the disk."""
    it = m.case("passwords-" + play, play=play)
    run = it.clean("--sysprep=quit", *with_passwords(it, encoding))
    yield
    if code:
        it.failed(run, play, quoted(CAUSES[play][2]), more=TOLD)
    else:
        it.done(run, TOLD)
    check_passwords(it, run)


def bad_files(m, long):
    """Refused before anything is changed, and never quoted."""
    secret = m.secret()
    seen = []
    for name, text, said in (
            ("open", "<unattend xmlns='urn:schemas-microsoft-com:unattend'><Password>%s" % secret, "no end"),
            ("pass", "<unattend xmlns='urn:schemas-microsoft-com:unattend'><settings pass='%s'/></unattend>" % secret,
             "a pass that there is not"),
            ("command", ANSWERS % ("utf-8", COMPONENT % "<CommandLine>net user ann %s /add</CommandLine>" % secret),
             "a command with a password"),
            ("missing", None, "No such file"))[0 if long else 2:]:
        it = m.case("bad-" + name)
        place = it.given(".xml", text.encode()) if text else "C:\\given\\none.xml"
        seen.append((it, it.clean("--sysprep=quit", "--unattend", place), said))
    yield
    for it, run, said in seen:
        why = run.report["sysprep"]["why"]
        m.t.ok(run.code == 5 and said in why, "%s: %s" % (it.name, run))
        notes = [TOLD[-1]] if it.name == "bad-command" else []
        it.section(run, " ".join(["not run:"] + why.split() + notes))
        it.untouched()


def not_clean(m):
    """What is not clean is not generalized."""
    it = m.case("not-clean")
    it.do("mkdir %sNTDS" % WINDOWS)
    it.bring("ntds.dit", b"x" * 100, WINDOWS + "NTDS\\ntds.dit")
    run = it.clean("--sysprep=quit", "--only", "windows-directory-database")
    it.do("rd /s /q %sNTDS" % WINDOWS)
    yield
    m.t.equal((run.code, run.report["sysprep"]["state"], it.calls()), (1, "not-run", []), "findings stay: %s" % run)
    it.section(run, "not run: what came before it ended with exit code 1: decide on what stays (allow it in the policy, "
                    "--treat, --fail-on) and run it again")


def usage(m):
    it = m.case("usage")
    seen = [(it.clean(*args, report=False), args, said) for args, said in (
        (["--sysprep=maybe"], b"bad value"), (["--unattend", "a.xml"], b"need --sysprep"),
        (["--sysprep", "--root", "C:\\x"], b"not for a tree"))]
    yield
    for run, args, said in seen:
        m.t.ok(run.code == 2 and said in run.err, "%s: %s" % (args, run))
    native = os.environ.get("IMGSAN_LINUX", "")
    if os.access(native, os.X_OK):
        done = subprocess.run([native, "clean", "--yes", "--sysprep"], capture_output=True, check=False)
        m.t.ok(done.returncode == 2 and b"a running Windows" in done.stderr, "on Linux: %r" % done.stderr)


def disk_full(t):
    """A C: that has too little room; it has a start of its own."""
    shown = t.dir("small")
    build = os.path.join(os.path.dirname(t.imgsan), "tests", "windows")
    shutil.copy(os.path.join(build, "sysprep_stand_in.exe"), os.path.join(shown, "sysprep.exe"))
    shutil.copy(os.path.join(build, "wbem_stand_in.dll"), os.path.join(shown, "wbem.dll"))
    planted = FINE + [(WMI, "", "C:\\small\\wbem.dll")] + generalizing.play("success")
    with open(os.path.join(shown, "in.reg"), "wb") as file:
        file.write(generalizing.changes(planted, (), ()))
    lines = ["@echo off", "mkdir %sPanther" % SYSPREP, "copy C:\\small\\sysprep.exe %s > NUL" % SYSPREP, "mkdir C:\\stand-in",
             "echo log > %sPanther\\old.log" % SYSPREP, "regedit /s C:\\small\\in.reg",
             "C:\\program\\imgsan.exe clean --yes --only windows-setup-logs --skip secrets --sysprep=quit -v --max-output 0",
             "echo code %errorlevel%", "if exist {0}Panther\\old.log echo the log stays".format(SYSPREP),
             "if exist C:\\stand-in\\calls.txt echo it was called", ""]
    with open(os.path.join(shown, "run.bat"), "wb") as file:
        file.write("\r\n".join(lines).encode())
    done = subprocess.run([sys.executable, bed.__file__, "--room", "600", "--show", "program=" + t.program, "--show",
                           "small=" + shown, "cmd.exe", "/c", "C:\\small\\run.bat"],
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
    text = done.stdout.decode().replace("\r", "")
    section = " ".join(text.split("\nSYSPREP\n")[-1].split("\n\n")[0].split())
    blocks = {"disk-space": ""}
    t.equal(section, " ".join(["not run: " + titled("disk-space", "")] + rows(blocks)), "disk full: %s" % done)
    t.equal([line for line in text.splitlines() if line in ("code 5", "the log stays", "it was called")],
            ["code 5", "the log stays"], "disk full")


def tests(long):
    """(function, arguments...), the slow ones first."""
    some = [(without_signs, "unlike", "IMAGE_STATE_UNDEPLOYABLE", [UNHARMED]), (in_time,), (killed,),
            (stopped, "gone", "gone", b"the calling process is gone")]
    some += [(success,), (success, ("--sysprep=shutdown",), True), (not_known, long), (looked_at_again,), (blocked,),
             (domain, "CORP", "CORP"), (not_elevated,), (running,), (no_program,), (not_started,), (changed,), (out_of_time,),
             (bad_files, long), (not_clean,), (usage,), (passwords, "success", "utf-8", 0),
             (without_signs, "given-up", GENERALIZED, [UNHARMED, GIVEN_UP])]
    some += [(failure, play) for play in (PLAYED if long else ("app-packages", "interrupted"))]
    if long:
        some += [(stopped, "deadline", None, b"", "--deadline", "25"), (success, ("--sysprep",), True),
                 (domain, "", "without a name"), (without_signs, "nothing", "IMAGE_STATE_COMPLETE", []),
                 (without_signs, "crash", "IMAGE_STATE_COMPLETE", [], 0xc0000005), (passwords, "updates", "utf-16", 3)]
    # All are told at once by `blocked`; that each alone is enough, the long run shows.
    for name, places in BLOCKING.items():
        some += [(alone, name, place) for place in places if place[0] and (long or name == "upgrade")]
    return some


def run_machine(t, name, some):
    """All of some tests in one start."""
    machine = Machine(t, name)
    open_tests = [(part[0].__name__, part[0](machine, *part[1:])) for part in some]
    for _, each in open_tests:
        next(each)
    machine.start()
    for what, each in open_tests:
        try:
            next(each)
        except StopIteration:
            continue
        except (KeyError, TypeError, IndexError) as error:  # there is no report
            t.ok(False, "%s: %r" % (what, error))
    machine.look_around()


def test(t):
    t.program = t.dir("program")
    shutil.copy(t.imgsan, t.program)
    some = tests(t.long)
    if t.only:
        some = [part for part in some if part[0].__name__ == t.only]
    machines = 2
    with concurrent.futures.ThreadPoolExecutor(machines + 1) as pool:
        waiting = [pool.submit(run_machine, t, "bed%d" % i, some[i::machines]) for i in range(machines) if some[i::machines]]
        if t.only in (None, "disk_full"):
            waiting.append(pool.submit(disk_full, t))
        for done in waiting:
            done.result()


bed.need()
check.main(test)
