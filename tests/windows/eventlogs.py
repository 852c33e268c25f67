# SPDX-License-Identifier: MIT
"""eventlogs.py IMGSAN.EXE: the event logs of a running system, where wevtapi.dll is a
stand-in that plays success and each failure that is documented, a channel for each."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import bed
import exe
import playing

NAMES = ("event-logs", "windows-event-logs", "windows-event-log-archives")
ONLY = ("--only", ",".join(NAMES))
USUAL = "%SystemRoot%\\System32\\Winevt\\Logs\\"
FOLDER = "/windows/system32/winevt/Logs/"
# name, type (2 analytic, 3 debug), enabled, autoBackup, events, file, then the errors of
# EvtClearLog, EvtSaveChannelConfig, EvtOpenChannelConfig, EvtOpenLog
CHANNELS = (
    "Application|0|1|0|12|" + USUAL + "Application.evtx",
    "Security|0|1|0|5|" + USUAL + "Security.evtx",
    "System|0|1|0|7|" + USUAL + "System.evtx",
    "Off/Operational|1|0|0|3|" + USUAL + "Off%4Operational.evtx",
    "Empty/Operational|1|1|0|0|" + USUAL + "Empty%4Operational.evtx",
    "Übung/Operational|1|1|1|2|C:\\Logs\\own.evtx",
    "Debug/On|3|1|0|0|" + USUAL + "Debug%4On.etl",
    "Debug/Off|3|0|0|0|" + USUAL + "Debug%4Off.etl",
    "Analytic/Stays|2|1|0|0|" + USUAL + "a.etl||off:5",
    "Analytic/Breaks|2|1|0|0|" + USUAL + "b.etl||on:5",
    "Analytic/Full|2|1|0|0|" + USUAL + "c.etl|112",
    "Denied|1|1|0|1|" + USUAL + "Denied.evtx|5",
    "Gone|1|1|0|1|" + USUAL + "Gone.evtx|15007",
    "InUse|1|1|0|1|" + USUAL + "InUse.evtx|32",
    "NoService|1|1|0|1|" + USUAL + "NoService.evtx|1722",
    "Other|1|1|0|1|" + USUAL + "Other.evtx|15025",
    "Unknown|1|1|0|1|" + USUAL + "Unknown.evtx|||5",
    "Uncounted|1|1|0|0|" + USUAL + "Uncounted.evtx||||5",
    "Unborn|1|1|0|0|" + USUAL + "Unborn.evtx||||2",
)
CLEARED = "the log could not be cleared: "
NOTE = ("Clearing a log leaves one event that says who did it and when: 1102 in Security, 104 in System. "
        "To have neither, clean the disk while it is not running.")
STATES = {  # what becomes of the step of each; the others have none
    "Application": ("done", None), "Security": ("done", None), "System": ("done", None),
    "Off/Operational": ("done", None), "Übung/Operational": ("done", None), "Debug/On": ("done", None),
    "Unknown": ("done", None), "Uncounted": ("done", None), "Gone": ("done", "was gone already"),
    "Analytic/Stays": ("failed", "the channel could not be disabled to clear it: access is denied "
                                 "(Windows error 5)"),
    "Analytic/Breaks": ("failed", "cleared, but the channel could not be enabled again: access is denied "
                                  "(Windows error 5)"),
    "Analytic/Full": ("failed", CLEARED + "the disk is full (Windows error 112)"),
    "Denied": ("failed", CLEARED + "access is denied (Windows error 5)"),
    "InUse": ("failed", CLEARED + "a program holds it open (Windows error 32)"),
    "NoService": ("failed", CLEARED + "the service for it does not answer (Windows error 1722)"),
    "Other": ("failed", CLEARED + "the channel can not be made active (Windows error 15025)"),
}


def plant(both):
    """Files as on a real system; the last is no channel's, so nobody holds it open."""
    made = {}
    for name in ("Application", "Security", "System", "Denied", "Unborn", "Orphan",
                 "Archive-Security-2024-01-01-00-00-00-000"):
        made[FOLDER + name + ".evtx"] = name
    for path in ("/Logs/own.evtx", "/Logs/Archive-own-2024-01-01-00-00-00-000.evtx",
                 "/Logs/Archive-other-2024-01-01-00-00-00-000.evtx", "/Logs/own.txt"):
        made[path] = path
    for path, text in made.items():
        os.makedirs(os.path.dirname(both.drive + path), exist_ok=True)
        with open(both.drive + path, "w", encoding="ascii") as file:
            file.write(text)
    return made


def there(both, made):
    return sorted(path for path in made if os.path.exists(both.drive + path))


def clean(t, both, play, made):
    run = playing.told(both, "clean", "--yes", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    wanted = [("truncate", "eventlog:" + name, *what) for name, what in STATES.items()]
    gone = (FOLDER + "Orphan.evtx", FOLDER + "Archive-Security-2024-01-01-00-00-00-000.evtx",
            "/Logs/Archive-own-2024-01-01-00-00-00-000.evtx")
    wanted += [("remove", path, "done", None) for path in gone]
    t.equal([row for row in rows if row[0] != "finding"], sorted(wanted, key=str), "steps")
    t.equal(missing, [], "rows whose words the text does not have")
    t.equal(run.code, 3, "the code when a log could not be cleared: %s" % run)
    t.ok(("finding", "", "note", NOTE) in rows, "the event that clearing writes is told: %s" % rows)
    t.equal(there(both, made), sorted(set(made) - set(gone)), "files afterwards")
    calls = play.calls()
    t.equal([calls[-2], calls[-1]], ["clear Security", "clear System"] if "Security" in calls[-2] else
            [calls[-2], "clear System"], "System is cleared last")
    t.equal([line for line in calls if "Debug/On" in line],
            ["enabled Debug/On 0", "clear Debug/On", "enabled Debug/On 1"], "an enabled debug channel")
    t.equal([line for line in calls if "Full" in line], ["enabled Analytic/Full 0", "enabled Analytic/Full 1"],
            "enabled again after a failure")
    t.equal([line for line in calls if "Empty" in line or "Debug/Off" in line or "Unborn" in line], [],
            "decoys: no call for them")
    events = {row[1]: row[5] for row in play.rows()}
    t.equal({name: events[name] for name in ("Application", "Security", "System", "Off/Operational",
                                             "Übung/Operational", "Denied", "Empty/Operational")},
            {"Application": "0", "Security": "1", "System": "1", "Off/Operational": "0",
             "Übung/Operational": "0", "Denied": "1", "Empty/Operational": "0"}, "events afterwards")


def test(t):
    both = exe.Both(t)
    play = playing.Play(both, "wevtapi", ["channel|" + row for row in CHANNELS])
    made = plant(both)
    scan = playing.told(both, "scan", *ONLY)
    t.equal((scan.code, play.calls(), there(both, made)), (1, [], sorted(made)), "scan changes nothing: %s" % scan)
    t.equal([row[2] for row in playing.rows(scan, NAMES)[0] if row[0] != "finding"],
            ["planned"] * (len(STATES) + 3), "scan plans as many steps")
    clean(t, both, play, made)
    # Everything can be cleared now, but the list ends early; what came is a second run's.
    play.put(["channel|Application|0|1|0|1|", "channel|Lost|0|1|0|1|", "list|0|1|1726"])
    run = playing.told(both, "clean", "--yes", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    # Of what is not in the list nobody knows whose file it is.
    rows = [row for row in rows if row[3] != NOTE and row[0] != "remove"]
    t.equal((rows, missing, run.code),
            ([("finding", "", "unexamined", "not all event logs could be listed: the service for it broke off "
               "the call (Windows error 1726)"), ("truncate", "eventlog:Application", "done", None)], [], 5),
            "a list that ends early")
    play.calls()


bed.need()
check.main(test)
