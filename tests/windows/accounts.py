# SPDX-License-Identifier: MIT
"""accounts.py IMGSAN.EXE: local accounts and profiles of a running system, where netapi32.dll
and userenv.dll are stand-ins that play success and each failure that makes a difference, an
account for each. Of lists that fail, and of domain controllers: unlisted.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import bed
import exe
import playing

NAMES = ("local-accounts", "orphaned-profiles", "removed-accounts")
ONLY = ("--only", ",".join(NAMES))
MACHINE = "S-1-5-21-0-0-0" # as in Wine, whose own account is in no list of the stand-in
NORMAL, OFF, BLANK, FOREVER = 0x201, 2, 0x20, 0x10000
DENIED, NO_COMPUTER = "access is denied (Windows error 5)", "Windows does not know this computer by its name (Windows error 2351)"
ELSEWHERE = "only the domain's own controller may do that (Windows error 2226)"
LAST, OWN = "it is the last account of an administrator (Windows error 2452)", "Windows keeps its own accounts (Windows error 2234)"
GONE = None # said by Windows of what went meanwhile: that is no failure
# What a call may end with for an account, and what is told.
DELETES = ((5, DENIED), (1722, "the service for it does not answer (Windows error 1722)"), (2221, GONE), (2226, ELSEWHERE),
           (2234, OWN), (2351, NO_COMPUTER), (2452, LAST), (4711, "Windows error 4711"))
SETS = ((5, DENIED), (87, "Windows takes it for a wrong call (Windows error 87)"), (2221, GONE), (2226, ELSEWHERE), (2234, OWN),
        (2351, NO_COMPUTER), (2452, LAST))
GETS = ((5, DENIED), (53, "Windows error 53"), (124, "Windows error 124"), (2221, GONE), (2351, NO_COMPUTER))
# Of DeleteProfileW, of a profile that is still there.
PROFILE_DELETES = ((2, "something of it is not there (Windows error 2)"), (5, DENIED), (32, "a program holds it open (Windows error 32)"),
                   (145, "Windows error 145"), (170, "it is in use (Windows error 170)"))
CALLS = {"NetUserDel": DELETES, "NetUserSetInfo": SETS, "NetUserGetInfo": GETS, "DeleteProfileW": PROFILE_DELETES}


def for_errors(call):
    """Names of accounts, one for each error of a call, and what is told."""
    return {"%s%d" % (call[-7:], error): text for error, text in CALLS[call]}


MADE = [name for call in CALLS for name in for_errors(call)]
RIDS = {name: 1100 + i for i, name in enumerate(MADE)}
# name, RID, flags
ACCOUNTS = (
    ("Administrator", 500, NORMAL | FOREVER), ("Guest", 501, NORMAL | BLANK), ("DefaultAccount", 503, NORMAL | OFF | BLANK),
    ("ann", 1001, NORMAL), ("builder", 1002, NORMAL), ("Jörg", 1003, NORMAL | BLANK), ("loaded", 1004, NORMAL),
    ("off", 1009, NORMAL), ("was", 1012, NORMAL | OFF), *((name, rid, NORMAL) for name, rid in RIDS.items()),
)
STUCK = for_errors("DeleteProfileW")
PROFILES = {1001: "ann", 1002: "builder", 1003: "jorg", 1004: "loaded", 1099: "gone", **{RIDS[name]: name for name in STUCK}}
REMOVED = ("builder", "JÖRG", "loaded", "Administrator", "nobody", *for_errors("NetUserDel"), *STUCK)
DISABLED = ("\"off\"", "was", "Guest", "none", "builder", *for_errors("NetUserSetInfo"), *for_errors("NetUserGetInfo"))
POLICY = """policy: own
title: "Own"
classes: {personal: remove, identity: remove, service: redact, trace: remove, business: remove}
remove-accounts: [%s]
disable-accounts: [%s]
fail-on: low
""" % (", ".join(REMOVED), ", ".join(DISABLED))


def seed(both):
    rows = ["Windows Registry Editor Version 5.00", ""]
    key = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\%s]"
    for rid, name in PROFILES.items():
        rows += [key % ("%s-%d" % (MACHINE, rid)), '"ProfileImagePath"="C:\\\\users\\\\%s"' % name, ""]
        folder = os.path.join(both.drive, "users", name)
        os.makedirs(folder)
        with open(os.path.join(folder, "letter.txt"), "w", encoding="ascii") as file:
            file.write(name)
    rows += [key % "S-1-5-21-7-8-9-1500", '"ProfileImagePath"="C:\\\\users\\\\of.domain"', ""]
    for name in ("of.domain", "Public", "left"):
        os.makedirs(os.path.join(both.drive, "users", name), exist_ok=True)
    with open(os.path.join(both.drive, "seed.reg"), "w", encoding="ascii") as file:
        file.write("\r\n".join(rows))
    both.wine("regedit", "/S", "C:\\seed.reg")


def said(name, what):
    return ("finding", "account:" + name, "posture", 'account "%s"%s' % (name, what))


def noted(name, what):
    return ("finding", "account:" + name, "note", 'account "%s" is to be %s, but there is none of that name' % (name, what))


def row(action, name, state, error=None):
    return (action, name if ":" in name else "account:" + name, state, error)


def ended(action, name, what, text):
    return row(action, name, "failed", what + text) if text else row(action, name, "done", "was gone already")


FORBIDDEN = " is one that Windows itself has: it stays as it is"
STEPS = [
    row("remove", "profile:%s-1002" % MACHINE, "done"), row("remove", "builder", "done"),
    row("remove", "profile:%s-1003" % MACHINE, "done"), row("remove", "Jörg", "done"),
    row("remove", "profile:%s-1099" % MACHINE, "done"), row("disable", "off", "done"),
    *(ended("remove", name, "the account could not be removed: ", text) for name, text in for_errors("NetUserDel").items()),
    *(ended("disable", name, "the account could not be disabled: ", text)
      for call in ("NetUserSetInfo", "NetUserGetInfo") for name, text in for_errors(call).items()),
    *(ended("remove", "profile:%s-%d" % (MACHINE, RIDS[name]), "the profile could not be removed: ", text)
      for name, text in STUCK.items()), *(row("remove", name, "done") for name in STUCK),
]
# What the second look says: those that were removed are gone by then.
FINDINGS = [
    said("Administrator", " has a password that never expires"), said("Administrator", FORBIDDEN),
    said("Guest", FORBIDDEN),
    said("Guest", " is Windows' own for guests and is enabled: net user NAME /active:no"),
    said("Guest", " may have an empty password: give it one, then net user NAME /passwordreq:yes"),
    said("loaded", " is logged on, or a service runs as it, so it stays: end that and run imgsan clean again"),
    noted("nobody", "removed"), noted("none", "disabled"), noted("builder", "removed"),
    noted("UserDel2221", "removed"), *(noted(name, "removed") for name in STUCK),
    ("finding", "account:JÖRG", "note", 'account "J\\xc3\\x96RG" is to be removed, but there is none of that name'),
    ("finding", "", "posture", "an empty password is allowed: net accounts /minpwlen:14"),
    ("finding", "", "posture", "no account is locked after wrong passwords: net accounts /lockoutthreshold:10"),
    ("finding", "/users/left", "posture", "a folder among the profiles that is no account's: look what is in it "
                                          "and remove it"),
]


def test(t):
    both = exe.Both(t)
    play = playing.Play(both, "netapi32", ["|".join(map(str, ("account",) + row)) for row in ACCOUNTS] +
                        ["rules|0|0|" + MACHINE, "list|4", "loaded|%s-1004" % MACHINE] +
                        [playing.refused(call, name, error) for call in CALLS if call != "DeleteProfileW"
                         for name, (error, _) in zip(for_errors(call), CALLS[call])])
    playing.Play(both, "userenv", [playing.refused("DeleteProfileW", "%s-%d" % (MACHINE, RIDS[name]), error)
                                   for name, (error, _) in zip(STUCK, PROFILE_DELETES)])
    seed(both)
    with open(os.path.join(both.drive, "own.yaml"), "w", encoding="utf-8") as file:
        file.write(POLICY)
    run = playing.told(both, "clean", "--yes", "--policy", "C:\\own.yaml", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    wanted = sorted(STEPS, key=str)
    t.equal([row for row in rows if row[0] != "finding"], wanted, "steps: %s" % run)
    found = [row for row in rows if row[0] == "finding"]
    for line in set(found) ^ set(FINDINGS):
        t.ok(False, "a finding only %s: %s" % ("told" if line in found else "wanted", line))
    t.equal(missing, [], "rows whose words the text does not have")
    t.equal(run.code, 3, "the code")
    calls = play.calls()
    t.equal(calls.index("delete %s-1002" % MACHINE) < calls.index("delete builder"), True, "the profile goes first")
    t.ok("flags off 0x%x" % (NORMAL | OFF) in calls, "disabled: %s" % calls)
    names = {row[1] for row in play.rows() if row[0] == "account"}
    t.equal(names, {row[0] for row in ACCOUNTS} - {"builder", "Jörg", *STUCK, "UserDel2221"}, "accounts that are left")
    homes = set(os.listdir(os.path.join(both.drive, "users")))
    t.equal(homes & {*PROFILES.values(), "of.domain", "left"}, {"ann", "loaded", *STUCK, "of.domain", "left"},
            "folders that are left")


bed.need()
check.main(test)
