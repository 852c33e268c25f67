# SPDX-License-Identifier: MIT
"""eventlogs.py IMGSAN.EXE: the event logs of a running system, where wevtapi.dll is a
stand-in that plays success and each failure that makes a difference, a channel for each. Of
lists that fail: unlisted.py."""
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
# name, type (2 analytic, 3 debug), enabled, events, file
CHANNELS = (
    "Application|0|1|12|" + USUAL + "Application.evtx",
    "Security|0|1|5|" + USUAL + "Security.evtx",
    "System|0|1|7|" + USUAL + "System.evtx",
    "Off/Operational|1|0|3|" + USUAL + "Off%4Operational.evtx",
    "Empty/Operational|1|1|0|" + USUAL + "Empty%4Operational.evtx",
    "Übung/Operational|1|1|2|C:\\Logs\\own.evtx",
    "Debug/On|3|1|0|" + USUAL + "Debug%4On.etl",
    "Debug/Off|3|0|0|" + USUAL + "Debug%4Off.etl",
)
CLEARED, ENABLED = "the log could not be cleared: ", "the channel could not be enabled again: "
DISABLED = "the channel could not be disabled to clear it: "
DENIED, MISSING = "access is denied (Windows error 5)", "something of it is not there (Windows error 2)"
FULL = "the disk is full (Windows error 112)"
SETTINGS = ("the settings of the log could not be read, so files that it was put aside to were looked for in the usual "
            "folder only: ")
DONE, GONE = ("done", None), ("done", "was gone already")


def failed(text):
    return "failed", text


# Of a log with one event, EvtClearLog's error and what is told.
CLEARS = (
    (2, failed(CLEARED + MISSING)), (3, failed(CLEARED + "something of it is not there (Windows error 3)")),
    (5, failed(CLEARED + DENIED)), (8, failed(CLEARED + "there is not enough memory (Windows error 8)")),
    (32, failed(CLEARED + "a program holds it open (Windows error 32)")),
    (87, failed(CLEARED + "Windows takes it for a wrong call (Windows error 87)")), (112, failed(CLEARED + FULL)),
    (1058, failed(CLEARED + "the service for it is disabled (Windows error 1058)")),
    (1062, failed(CLEARED + "the service for it is not running (Windows error 1062)")),
    (1314, failed(CLEARED + "the program lacks a privilege for it (Windows error 1314)")),
    (1392, failed(CLEARED + "its file is damaged (Windows error 1392)")),
    (1717, failed(CLEARED + "the service for it does not answer (Windows error 1717)")),
    (1722, failed(CLEARED + "the service for it does not answer (Windows error 1722)")),
    (1726, failed(CLEARED + "the service for it broke off the call (Windows error 1726)")),
    (15000, failed(CLEARED + "Windows takes its name for a wrong one (Windows error 15000)")), (15007, GONE),
    (15025, failed(CLEARED + "the channel can not be made active (Windows error 15025)")),
    (4711, failed(CLEARED + "Windows error 4711")),
)
# Of a debug channel that is enabled: calls that fail, what is told, whether it is enabled afterwards.
DIRECT = (
    ("Config", (("EvtOpenChannelConfig", "", 5),), failed(DISABLED + DENIED), True),
    ("NoConfig", (("EvtOpenChannelConfig", "", 2),), failed(DISABLED + MISSING), True),
    ("Set", (("EvtSetChannelConfigProperty", "", 5),), failed(DISABLED + DENIED), True),
    ("Off", (("EvtSaveChannelConfig", "off ", 5),), failed(DISABLED + DENIED), True),
    ("NoOff", (("EvtSaveChannelConfig", "off ", 3),), failed(DISABLED + MISSING.replace("2", "3")), True),
    ("On", (("EvtSaveChannelConfig", "on ", 5),), failed("cleared, but " + ENABLED + DENIED), False),
    ("NoOn", (("EvtSaveChannelConfig", "on ", 2),), failed("cleared, but " + ENABLED + MISSING), False),
    ("Full", (("EvtClearLog", "", 112),), failed(CLEARED + FULL), True),
    ("Both", (("EvtClearLog", "", 112), ("EvtSaveChannelConfig", "on ", 5)), failed("not cleared, and " + ENABLED + DENIED), False),
    ("Gone", (("EvtClearLog", "", 15007),), GONE, True),
)
# What can not be asked of a log, whether it holds an event, and what is told beside its step. It is cleared, and only
# where its file is not known there may be more of it.
DOUBTS = (
    ("Unread", ("EvtOpenChannelConfig", "", 5), 1, SETTINGS + DENIED), ("UnreadEmpty", ("EvtOpenChannelConfig", "", 1722), 0,
     SETTINGS + "the service for it does not answer (Windows error 1722)"),
    ("Vanished", ("EvtOpenChannelConfig", "", 15007), 0, None),
    ("Type", ("EvtGetChannelConfigProperty", "type ", 5), 0, None),
    ("Enabled", ("EvtGetChannelConfigProperty", "enabled ", 87), 0, None),
    ("File", ("EvtGetChannelConfigProperty", "file ", 5), 0, SETTINGS + DENIED),
    ("Uncounted", ("EvtOpenLog", "", 5), 0, None), ("UncountedToo", ("EvtGetLogInfo", "", 5), 0, None),
)
UNBORN = (("Unborn", 2), ("UnbornToo", 3)) # EvtOpenLog of a log that was never written to
NOTE = ("Clearing a log leaves one event that says who did it and when: 1102 in Security, 104 in System. "
        "To have neither, clean the disk while it is not running.")
STATES = {  # what becomes of the step of each; the others have none
    "Application": ("done", None), "Security": ("done", None), "System": ("done", None),
    "Off/Operational": ("done", None), "Übung/Operational": ("done", None), "Debug/On": ("done", None),
    **{"Clear/%d" % error: what for error, what in CLEARS}, **{"Direct/" + name: what for name, _, what, _ in DIRECT},
    **{"Doubt/" + name: DONE for name, *_ in DOUBTS},
}
DOUBTED = {"Doubt/" + name: text for name, _, _, text in DOUBTS if text}
DOUBTED.update({"Direct/Config": SETTINGS + DENIED, "Direct/NoConfig": SETTINGS + MISSING})
HELD = ": sign-ins, commands, names of users, machines and addresses"
SWITCHED = "an analytic or debug log that is enabled: it is disabled, cleared and enabled again"
WHYS = {
    "Application": "12 events" + HELD, "Clear/5": "1 event" + HELD, "Debug/On": SWITCHED, "Direct/Set": SWITCHED,
    "Doubt/UnreadEmpty": "a log whose events could not be counted", "Doubt/Uncounted": "a log whose events could not be counted",
}


def script():
    rows = ["channel|" + row for row in CHANNELS]
    rows += ["channel|Clear/%d|1|1|1|" % error for error, _ in CLEARS]
    rows += ["channel|Direct/%s|2|1|0|" % name for name, *_ in DIRECT]
    rows += ["channel|Doubt/%s|%d|1|%d|C:\\Logs\\doubt.evtx" % (name, 3 if name == "Type" else 1, events)
             for name, _, events, _ in DOUBTS]
    rows += ["channel|%s|1|1|0|%s%s.evtx" % (name, USUAL, name) for name, _ in UNBORN]
    calls = [("EvtClearLog", "Clear/%d" % error, error) for error, _ in CLEARS]
    calls += [(call, "%sDirect/%s" % (who, name), error) for name, fails, _, _ in DIRECT for call, who, error in fails]
    calls += [(call, "%sDoubt/%s" % (who, name), error) for name, (call, who, error), _, _ in DOUBTS]
    calls += [("EvtOpenLog", name, error) for name, error in UNBORN]
    return rows + [playing.refused(*call) for call in calls]


def plant(both):
    """Files as on a real system; the last is no channel's, so nobody holds it open."""
    made = {}
    for name in ("Application", "Security", "System", "Unborn", "Orphan",
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
    t.equal([line for line in calls if "Direct/Full" in line], ["enabled Direct/Full 0", "enabled Direct/Full 1"],
            "enabled again after a failure")
    t.equal([line for line in calls if line.endswith(" Empty/Operational") or "Debug/Off" in line or "Unborn" in line], [],
            "decoys: no call for them")
    t.equal({row[1]: row[3] for row in play.rows() if row[1].startswith("Direct/")},
            {"Direct/" + name: str(int(on)) for name, _, _, on in DIRECT}, "enabled afterwards")
    t.equal({name: step["why"] for step in run.steps() for name in WHYS if step["path"] == "eventlog:" + name}, WHYS, "why")
    t.equal({row[1][len("eventlog:"):]: row[3] for row in rows if row[2] == "unexamined"}, DOUBTED, "doubts")
    events = {row[1]: row[4] for row in play.rows() if row[0] == "channel"}
    t.equal({name: events[name] for name in ("Application", "Security", "System", "Off/Operational",
                                             "Übung/Operational", "Clear/5", "Empty/Operational")},
            {"Application": "0", "Security": "1", "System": "1", "Off/Operational": "0",
             "Übung/Operational": "0", "Clear/5": "1", "Empty/Operational": "0"}, "events afterwards")


def test(t):
    both = exe.Both(t)
    play = playing.Play(both, "wevtapi", script())
    made = plant(both)
    scan = playing.told(both, "scan", *ONLY)
    t.equal((scan.code, play.calls(), there(both, made)), (5, [], sorted(made)), "scan changes nothing: %s" % scan)
    t.equal([row[2] for row in playing.rows(scan, NAMES)[0] if row[0] != "finding"],
            ["planned"] * (len(STATES) + 3), "scan plans as many steps")
    clean(t, both, play, made)


bed.need()
check.main(test)
