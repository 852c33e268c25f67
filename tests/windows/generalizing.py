# SPDX-License-Identifier: MIT
"""A machine under Wine that Sysprep can be run on: what is planted in its registry, and the
stand-ins for sysprep.exe and for WMI.

    generalizing.registry(directory, HARMLESS + wmi(1001, 0) + play("success"))
    generalizing.stand_ins(drive, build)"""
import os
import shutil

import bed

GENERALIZED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
STATE = r"Software\Microsoft\Windows\CurrentVersion\Setup\State"
CURRENT = r"Software\Microsoft\Windows\CurrentVersion" + "\\"
CONTROL = r"System\CurrentControlSet\Control" + "\\"
SERVICES = r"System\CurrentControlSet\Services" + "\\"
STORE = CURRENT + r"Appx\AppxAllUserStore" + "\\"
USER = STORE + r"S-1-5-21-1-2-3-1001" + "\\"
SYSPREP = "windows/system32/Sysprep"

# The same places with what means nothing: no refusal.
HARMLESS = [
    (STATE, "ImageState", "IMAGE_STATE_COMPLETE"),
    (r"System\Setup\Status\SysprepStatus", "GeneralizationState", 7),
    (r"System\Setup\Status\SysprepStatus", "CleanupState", 2),
    (r"System\Setup", "SystemSetupInProgress", 0),
    (r"System\Setup", "Upgrade", 1),
    (SERVICES + "Fax", "Start", 3),
    (CONTROL + "BitLockerStatus", "BootStatus", 0),
    (CONTROL + r"CloudDomainJoin\JoinInfo", "", None),
    (r"Software\Microsoft\Updates", "UpdateExeVolatile", 0),
    (SERVICES + "CertSvc", "Start", 4),
    (CURRENT + r"WindowsUpdate\Services\Pending", "", None),
    (STORE + r"Applications\Contoso.Notes_1.9.0.0_neutral_~_0123456789abc", "", None),
    (USER + "Contoso.Notes_1.2.3.4_x64__0123456789abc", "", None),
    (USER + "Microsoft.VCLibs.140.00_14.0.1.0_x64__8wekyb3d8bbwe", "", None),
]


def value_text(value):
    if isinstance(value, int):
        return "dword:%08x" % value
    if isinstance(value, list):
        wide = "".join(line + "\0" for line in value) + "\0"
        return "hex(7):" + ",".join("%02x" % b for b in wide.encode("utf-16-le"))
    return '"%s"' % value.replace("\\", "\\\\")


def wmi(rearms, conversion):
    """A stand-in in the place of WMI, which in Wine knows neither."""
    return [(r"Software\Classes\CLSID\{4590F811-1D3A-11D0-891F-00AA004B2E24}\InprocServer32", "", r"C:\stand-in\wbem.dll"),
            (r"Software\imgsan-stand-in", "RemainingWindowsReArmCount", rearms),
            (r"Software\imgsan-stand-in", "ConversionStatus", conversion)]


def changes(planted, removed, restored):
    """A .reg file: without what is to be `removed`, but with what was there before and what is planted."""
    text = "Windows Registry Editor Version 5.00\n"
    for key, name, value in removed:
        whole = value is None and not name
        text += "\n[%sHKEY_LOCAL_MACHINE\\%s]\n" % ("-" if whole else "", key)
        text += "" if whole else '"%s"=-\n' % name
    for key, name, value in list(restored) + list(planted):
        text += "\n[HKEY_LOCAL_MACHINE\\%s]\n" % key
        if value is not None:
            text += "%s=%s\n" % ('"%s"' % name if name else "@", value_text(value))
    return text.replace("\n", "\r\n").encode("utf-16")


def registry(directory, planted):
    """What was planted, behind the template's own; Wine reads keys twice as one."""
    with open(os.path.join(bed.template(), "prefix", "system.reg"), encoding="utf-8") as file:
        text = file.read()
    for key, name, value in planted:
        text += "\n[%s] 1\n" % key.replace("\\", "\\\\")
        if value is not None:
            text += "%s=%s\n" % ('"%s"' % name if name else "@", value_text(value))
    with open(os.path.join(directory, "own", "system.reg"), "w", encoding="utf-8") as file:
        file.write(text)


def play(what):
    """What the stand-in for sysprep.exe does."""
    return [(r"Software\imgsan-stand-in", "Play", what)]


def stand_ins(drive, build):
    for place, name, to in ((SYSPREP, "sysprep_stand_in.exe", "sysprep.exe"), ("stand-in", "wbem_stand_in.dll", "wbem.dll")):
        os.makedirs(os.path.join(drive, place), exist_ok=True)
        shutil.copy(os.path.join(build, "tests", "windows", name), os.path.join(drive, place, to))
