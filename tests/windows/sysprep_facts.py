# SPDX-License-Identifier: MIT
"""What speaks against Sysprep and how Sysprep fails: what is planted or played for each, and
the words in which it is told."""
from generalizing import CONTROL, CURRENT, HARMLESS, SERVICES, STATE, USER, wmi

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
EVERYTHING = [place[:3] for places in BLOCKING.values() for place in places if place[0]] + FINE


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
