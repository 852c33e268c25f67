# SPDX-License-Identifier: MIT
"""unlisted.py IMGSAN.EXE: event logs, accounts, profiles, shadow copies and hibernation of a
running system that can not be asked for, each call with each failure that makes a difference;
DLLs stand in (stand-in/). Each run has one failure of each subject, of accounts one for each
item that asks for them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import bed
import exe
import playing

LOGS, SHADOWS, SLEEP = "event-logs", "shadow-copies", "hibernation"
PEOPLE = ("local-accounts", "orphaned-profiles", "removed-accounts") # in the order in which they ask
ITEMS = (LOGS, SHADOWS, SLEEP) + PEOPLE
MACHINE = "S-1-5-21-11-22-33"
SCRIPTS = { # of a system that answers
    "wevtapi": ["channel|First|0|1|0|C:\\Logs\\1.evtx", "channel|Second|0|1|2|C:\\Logs\\2.evtx"],
    "vssapi": ["shadow|{01234567-89ab-cdef-0123-45678900000%d}||0|1" % n for n in (1, 2)],
    "netapi32": ["account|ann|1001|513", "account|eve|1002|513", "rules|14|10|" + MACHINE],
    "powrprof": ["power|1"], "userenv": [],
}
# Steps that are planned of it.
LOG, ANN = "eventlog:Second", "account:ann"
FIRST, SECOND = ("shadow:{01234567-89ab-cdef-0123-45678900000%d}" % n for n in (1, 2))
OFF = "hibernation:C:"

NO_LOGS, SOME_LOGS = "the event logs could not be listed: ", "not all event logs could be listed: "
NO_SHADOWS, SOME_SHADOWS = "the shadow copies could not be listed: ", "not all shadow copies could be listed: "
NO_ACCOUNTS, NO_RULES = "the local accounts could not be listed: ", "the rules for passwords could not be read: "
NO_SLEEP = "whether the system hibernates could not be asked for: "
DENIED, NO_COMPUTER = "access is denied (Windows error 5)", "Windows does not know this computer by its name (Windows error 2351)"
NO_DLL = "this Windows does not have the DLL for it (Windows error 126)"
refused = playing.refused

# Of each subject: rows of its script beside or instead of those above, what is told, what is planned.
EVENT_LOGS = (
    ([refused("EvtOpenChannelEnum", 1, 5)], NO_LOGS + DENIED, ()),
    ([refused("EvtOpenChannelEnum", 1, 1722)], NO_LOGS + "the service for it does not answer (Windows error 1722)", ()),
    ([refused("EvtOpenChannelEnum", 1, 1062)], NO_LOGS + "the service for it is not running (Windows error 1062)", ()),
    ([refused("EvtNextChannelPath", 1, 1726)], NO_LOGS + "the service for it broke off the call (Windows error 1726)", ()),
    ([refused("EvtNextChannelPath", 2, 14)], SOME_LOGS + "there is not enough memory (Windows error 14)", ()),
    ([refused("EvtNextChannelPath", 3, 1717)], SOME_LOGS + "the service for it does not answer (Windows error 1717)", (LOG,)),
    ([refused("EvtNextChannelPath", 2, 122)], None, (LOG,)), # ERROR_INSUFFICIENT_BUFFER
)
SHADOW_COPIES = (
    ([refused("CreateVssBackupComponents", 1, "0x80070422")], NO_SHADOWS + "the service for it is disabled (HRESULT 0x80070422)", ()),
    ([refused("InitializeForBackup", 1, "0x8007000e")], NO_SHADOWS + "there is not enough memory (HRESULT 0x8007000e)", ()),
    # Of Query this is an answer, of no other call.
    ([refused("SetContext", 1, "0x80042308")], NO_SHADOWS + "there is no such shadow copy (HRESULT 0x80042308)", ()),
    ([refused("Query", 1, "0x80042306")],
     NO_SHADOWS + "what keeps the shadow copies refused; its reason is in the event log (HRESULT 0x80042306)", ()),
    ([refused("Query", 1, "0x80042308")], None, ()),
    ([refused("Next", 1, "0x80004005")], NO_SHADOWS + "Windows failed and does not say why (HRESULT 0x80004005)", ()),
    ([refused("Next", 2, "0x80042302")],
     SOME_SHADOWS + "the service for shadow copies failed; its reason is in the event log (HRESULT 0x80042302)", (FIRST,)),
)
HIBERNATION = (
    ([refused("CallNtPowerInformation", "ask", "0xc0000022")], NO_SLEEP + DENIED, ()),
    ([refused("CallNtPowerInformation", "ask", "0xc0000023")], NO_SLEEP + "Windows error 122", ()),
    ([refused("CallNtPowerInformation", "ask", "0xc00000bb")], NO_SLEEP + "it is not supported here (Windows error 50)", ()),
)
# Told of each of PEOPLE; planned by the last.
ACCOUNTS = (
    ([refused("NetUserEnum", 1, 5), refused("NetUserEnum", 2, 2351), refused("NetUserEnum", 3, 2123)],
     (NO_ACCOUNTS + DENIED, NO_ACCOUNTS + NO_COMPUTER, NO_ACCOUNTS + "Windows error 2123"), ()),
    # The first call finds somebody whose SID is the machine's; the second lists.
    ([refused("NetUserEnum", 2, 1722), refused("NetUserEnum", 4, 124), refused("NetUserEnum", 6, 234)],
     (NO_ACCOUNTS + "the service for it does not answer (Windows error 1722)", NO_ACCOUNTS + "Windows error 124",
      NO_ACCOUNTS + "Windows error 234"), ()), # ERROR_MORE_DATA, and nothing comes
    ([refused("NetUserGetInfo 23", 1, 5), refused("NetUserGetInfo 23", 2, 53), refused("NetUserGetInfo 23", 3, 2221)],
     (NO_ACCOUNTS + DENIED, NO_ACCOUNTS + "Windows error 53", NO_ACCOUNTS + "there is no such account (Windows error 2221)"), ()),
    # One a call, and the second of the list fails: half of the accounts is no list.
    (["list|1", refused("NetUserEnum", 4, 5)], (NO_ACCOUNTS + DENIED, None, None), (ANN,)),
    ([refused("NetUserModalsGet", "level 0", 5)], (NO_RULES + DENIED, None, None), (ANN,)),
    ([refused("NetUserModalsGet", "level 3", 2351)], (NO_RULES + NO_COMPUTER, None, None), (ANN,)),
    (None, (NO_RULES + "Windows error 232", None, None), (ANN,)), # they succeed and give NULL
)
CONTROLLER = {
    "before": ["reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions /v ProductType /d LanmanNT /f > nul",
               "del C:\\windows\\system32\\vssapi.dll C:\\windows\\system32\\wevtapi.dll C:\\windows\\system32\\powrprof.dll"],
}
OF_CONTROLLER = [
    (LOGS, "", "unexamined", NO_LOGS + NO_DLL), (SHADOWS, "", "unexamined", NO_SHADOWS + NO_DLL),
    (SLEEP, "/hiberfil.sys", "unexamined", NO_SLEEP + NO_DLL),
    ("local-accounts", "", "note", "This is a domain controller: its accounts are those of the domain and were not looked at. "
     "Do not make an image of one."),
    ("removed-accounts", ANN, "posture", 'account "ann" stays: accounts of a domain controller are the domain\'s'),
]


def case(number):
    """The scripts of a run; what is told of whom; what is planned. A subject with fewer failures has none in the later runs."""
    scripts, told, planned = dict(SCRIPTS), [], []
    for dll, ways, name, answers in (("wevtapi", EVENT_LOGS, LOGS, (LOG,)), ("vssapi", SHADOW_COPIES, SHADOWS, (FIRST, SECOND)),
                                     ("powrprof", HIBERNATION, SLEEP, (OFF,))):
        rows, text, steps = ways[number] if number < len(ways) else ([], None, answers)
        scripts[dll] = rows + SCRIPTS[dll]
        told += [(name, "/hiberfil.sys" if name == SLEEP else "", "unexamined", text)] if text else []
        planned += steps
    rows, texts, steps = ACCOUNTS[number] if number < len(ACCOUNTS) else ([], (None,) * 3, (ANN,))
    scripts["netapi32"] = SCRIPTS["netapi32"][:-1] if rows is None else rows + SCRIPTS["netapi32"]
    told += [(name, "", "unexamined", text) for name, text in zip(PEOPLE, texts) if text]
    return scripts, told, planned + list(steps)


def test(t):
    both = exe.Both(t)
    for name in SCRIPTS:
        playing.Play(both, name, [])
    with open(os.path.join(both.drive, "hiberfil.sys"), "w", encoding="ascii") as file:
        file.write("pages")
    cases = [case(number) for number in range(max(map(len, (EVENT_LOGS, SHADOW_COPIES, HIBERNATION, ACCOUNTS))))]
    runs = playing.several(both, [scripts for scripts, _, _ in cases] + [CONTROLLER], "scan", "--only", ",".join(ITEMS),
                           "--remove-account", "ann")
    cases.append((None, OF_CONTROLLER, []))
    for number, (run, (_, told, planned)) in enumerate(zip(runs, cases)):
        what = "run %d" % number
        _, missing = playing.rows(run, ITEMS)
        found = [(f["name"], f["path"], f["kind"], f["text"]) for f in run.findings() if f["name"] in ITEMS]
        notes = [row for row in found if row[2] == "note" and row not in told]
        t.equal(sorted(row for row in found if row not in notes), sorted(told), what)
        t.equal(sorted(s["path"] for s in run.steps() if s["name"] in ITEMS), sorted(planned), what + ": planned")
        t.equal(missing, [], what + ": rows whose words the text does not have")
        t.equal(run.code, 5, what + ": the code")
        t.equal([row[3][:20] for row in notes], ["Clearing a log leave"] * (LOG in planned), what + ": notes")


bed.need()
check.main(test)
