# SPDX-License-Identifier: MIT
"""volumes.py IMGSAN.EXE: shadow copies, hibernation and page files of a running system, where
vssapi.dll and powrprof.dll are stand-ins that play success and each failure that makes a
difference, a shadow copy for each. Of lists that fail: unlisted.py.
Of change journals Wine has none, and nothing can stand in for it here: unit.volumes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import bed
import exe
import playing

NAMES = ("change-journals", "hibernation", "page-files", "shadow-copies", "windows-paging-files")
ONLY = ("--only", ",".join(NAMES))
VOLUME = "\\\\?\\Volume{00000000-0000-0000-0000-000000000001}\\"
LASTING = 1  # VSS_VOLSNAP_ATTR_PERSISTENT
MADE = "0x1db5d0a4b2d4000"
KEY = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management"
FILES = ("pagefile.sys", "hiberfil.sys", "swapfile.sys")
DENIED, MEMORY = "access is denied (HRESULT 0x80070005)", "there is not enough memory (HRESULT 0x8007000e)"
WRONG, STATE = ("Windows takes it for a wrong call (HRESULT 0x%s)" % code for code in ("80070057", "80042301"))
BROKEN = "the service for shadow copies failed; its reason is in the event log (HRESULT 0x80042302)"
SERVICE = "the service for it does not answer (HRESULT 0x800706ba)"
# What a call may end with where a shadow copy is removed, and what is told.
WAYS = [
    ("", 0, None), ("DeleteSnapshots", "0x80042308", "was gone already"),
    ("CreateVssBackupComponents", "0x80070005", DENIED), ("CreateVssBackupComponents", "0x80070057", WRONG),
    ("CreateVssBackupComponents", "0x8007000e", MEMORY), ("CreateVssBackupComponents", "0x80042302", BROKEN),
    ("CreateVssBackupComponents", "0x800706ba", SERVICE),
    ("CreateVssBackupComponents", "0x80070422", "the service for it is disabled (HRESULT 0x80070422)"),
    ("CreateVssBackupComponents", "0x80080005", "HRESULT 0x80080005"),
    ("InitializeForBackup", "0x80070005", DENIED), ("InitializeForBackup", "0x8007000e", MEMORY),
    ("InitializeForBackup", "0x80042301", STATE), ("InitializeForBackup", "0x80042302", BROKEN),
    ("InitializeForBackup", "0x80042311", "HRESULT 0x80042311"), # an XML document that is not valid, and we give none
    ("SetContext", "0x80070057", WRONG), ("SetContext", "0x80042301", STATE), ("SetContext", "0x80042302", BROKEN),
    ("SetContext", "0x80004001", "this Windows does not have the call for it (HRESULT 0x80004001)"),
    ("DeleteSnapshots", "0x80070005", DENIED), ("DeleteSnapshots", "0x80070057", WRONG),
    ("DeleteSnapshots", "0x8007000e", MEMORY), ("DeleteSnapshots", "0x80042301", STATE),
    ("DeleteSnapshots", "0x80042302", BROKEN), ("DeleteSnapshots", "0x800706ba", SERVICE),
    ("DeleteSnapshots", "0x80042306", "what keeps the shadow copies refused; its reason is in the event log (HRESULT 0x80042306)"),
    ("DeleteSnapshots", "0x8004230f", "what keeps the shadow copies failed; its reason is in the event log (HRESULT 0x8004230f)"),
    ("DeleteSnapshots", 1, "Windows failed and does not say why (HRESULT 0x80004005)"), # S_FALSE, and nothing was removed
]
HELD = len(WAYS) # no lasting one


def guid(number):
    return "{01234567-89ab-cdef-0123-4567890000%02d}" % number


def shadow_rows():
    rows = ["shadow|%s|%s|%s|%d" % (guid(n), VOLUME, MADE, 0x1d if not n else LASTING) for n in range(HELD)]
    # The first object lists; each removal has one of its own, the last name first.
    return rows + ["shadow|%s|%s|%s|0" % (guid(HELD), VOLUME, MADE)] + [
        playing.refused(call, guid(n) if call == "DeleteSnapshots" else HELD - n + 1, error) for n, (call, error, _) in enumerate(WAYS) if call]


def shadow_steps():
    for number, (_, _, text) in enumerate(WAYS):
        done = not text or text.startswith("was")
        yield "remove", "shadow:" + guid(number), "done" if done else "failed", \
            text if done else "the shadow copy could not be removed: " + text


def seed(both):
    for name in FILES + ("old/pagefile.sys",):
        place = os.path.join(both.drive, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="ascii") as file:
            file.write("pages")
    with open(os.path.join(both.drive, "seed.reg"), "w", encoding="utf-16") as file:
        lists = "".join("\\??\\C:\\pagefile.sys\0\0").encode("utf-16-le")
        file.write("Windows Registry Editor Version 5.00\r\n\r\n[%s]\r\n\"ExistingPageFiles\"=hex(7):%s\r\n" % (
            KEY, ",".join("%02x" % byte for byte in lists)))
    both.wine("regedit", "/S", "C:\\seed.reg")


def first(t, both, play, power):
    run = playing.told(both, "clean", "--yes", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    wanted = [("disable", "hibernation:C:", "done", None), ("truncate", "pagefile:all", "done", None)]
    wanted += shadow_steps()
    t.equal([row for row in rows if row[0] != "finding"], sorted(wanted, key=str), "steps: %s" % run)
    t.equal([row for row in rows if row[0] == "finding"], [
        ("finding", "/swapfile.sys", "note", "the running system holds it open; nothing says that it is overwritten "
         "at a shutdown"),
        ("finding", "shadow:" + guid(HELD), "posture", "a shadow copy that a backup holds: wait for the backup to "
         "end, then run imgsan clean again")], "findings")
    t.equal((missing, run.code), ([], 3), "words that the text does not have, and the code")
    t.equal((play.calls(), power.row("power")[1]), (["remove " + guid(0), "hibernation off"], "0"), "calls")
    t.equal([name for name in FILES + ("old/pagefile.sys",) if os.path.exists(os.path.join(both.drive, name))],
            ["pagefile.sys", "swapfile.sys", "old/pagefile.sys"], "files that are left")
    left = {row[1] for row in play.rows() if row[0] == "shadow"}
    t.equal(left, {guid(n) for n in range(2, HELD + 1)}, "shadow copies that are left")
    t.equal({step["why"] for step in run.steps() if step["path"].startswith("shadow:")},
            {"a copy of %s, made 2025-01-02 11:34 UTC: every file as it was then, also those that go now" % VOLUME}, "why")


def test(t):
    both = exe.Both(t)
    play = playing.Play(both, "vssapi", shadow_rows())
    power = playing.Play(both, "powrprof", ["power|1"])
    seed(both)
    first(t, both, play, power)
    # What is set stays set; there is no shadow copy; hibernation is refused.
    with open(os.path.join(both.drive, "hiberfil.sys"), "w", encoding="ascii") as file:
        file.write("pages")
    play.put([])
    power.put(["power|1", playing.refused("CallNtPowerInformation", "set", "0xc0000061")])
    run = playing.told(both, "clean", "--yes", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    t.equal(([row for row in rows if row[2] != "note"], missing, run.code), ([
        ("disable", "hibernation:C:", "failed", "hibernation could not be turned off: the program lacks a privilege "
         "for it (Windows error 1314)")], [], 3), "a second run")
    play.calls()


bed.need()
check.main(test)
