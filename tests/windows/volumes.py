# SPDX-License-Identifier: MIT
"""volumes.py IMGSAN.EXE: shadow copies, hibernation and page files of a running system, where
vssapi.dll and powrprof.dll are stand-ins that play success and failures that are documented.
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
SHADOWS = {  # the last part of the id: attributes, error, what becomes of it
    "01": (0x1d, "", ("done", None)),
    "02": (LASTING, "0x80070005", ("failed", "access is denied (HRESULT 0x80070005)")),
    "03": (LASTING, "0x80042306", ("failed", "what keeps the shadow copies refused; its reason is in the event log "
                                             "(HRESULT 0x80042306)")),
    "04": (LASTING, "0x80042308", ("done", "was gone already")),
    "05": (LASTING, "0x80042302", ("failed", "the service for shadow copies failed; its reason is in the event log "
                                             "(HRESULT 0x80042302)")),
    "06": (LASTING, "0x8004230f", ("failed", "what keeps the shadow copies failed; its reason is in the event log "
                                             "(HRESULT 0x8004230f)")),
    "07": (LASTING, "0x800706ba", ("failed", "the service for it does not answer (HRESULT 0x800706ba)")),
    "08": (0, "", None),
}


def guid(number):
    return "{01234567-89ab-cdef-0123-4567890000%s}" % number


def shadow_rows():
    return ["shadow|%s|%s|%s|%d|%s" % (guid(number), VOLUME, MADE, attributes, error)
            for number, (attributes, error, _) in SHADOWS.items()]


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
    for number, (_, _, what) in SHADOWS.items():
        if what:
            error = what[1] if what[0] == "done" else "the shadow copy could not be removed: " + what[1]
            wanted.append(("remove", "shadow:" + guid(number), what[0], error))
    t.equal([row for row in rows if row[0] != "finding"], sorted(wanted, key=str), "steps: %s" % run)
    t.equal([row for row in rows if row[0] == "finding"], [
        ("finding", "/swapfile.sys", "note", "the running system holds it open; nothing says that it is overwritten "
         "at a shutdown"),
        ("finding", "shadow:" + guid("08"), "posture", "a shadow copy that a backup holds: wait for the backup to "
         "end, then run imgsan clean again")], "findings")
    t.equal((missing, run.code), ([], 3), "words that the text does not have, and the code")
    t.equal((play.calls(), power.row("power")[1]), (["remove " + guid("01"), "hibernation off"]
            if play.calls()[0].startswith("remove") else ["hibernation off", "remove " + guid("01")], "0"), "calls")
    t.equal([name for name in FILES + ("old/pagefile.sys",) if os.path.exists(os.path.join(both.drive, name))],
            ["pagefile.sys", "swapfile.sys", "old/pagefile.sys"], "files that are left")
    left = {row[1][-3:-1] for row in play.rows() if row[0] == "shadow"}
    t.equal(left, set(SHADOWS) - {"01", "04"}, "shadow copies that are left")


def test(t):
    both = exe.Both(t)
    play = playing.Play(both, "vssapi", shadow_rows())
    power = playing.Play(both, "powrprof", ["power|1"])
    seed(both)
    first(t, both, play, power)
    # What is set stays set; the lists fail; hibernation is refused.
    with open(os.path.join(both.drive, "hiberfil.sys"), "w", encoding="ascii") as file:
        file.write("pages")
    play.put(["vss|||||0|0x80070422"])
    power.put(["power|1||0xc0000061"])
    run = playing.told(both, "clean", "--yes", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    t.equal(([row for row in rows if row[2] != "note"], missing, run.code), ([
        ("disable", "hibernation:C:", "failed", "hibernation could not be turned off: the program lacks a privilege "
         "for it (Windows error 1314)"),
        ("finding", "", "unexamined", "the shadow copies could not be listed: the service for it is disabled "
         "(HRESULT 0x80070422)")], [], 3), "a second run")
    play.calls()


bed.need()
check.main(test)
