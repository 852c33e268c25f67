# SPDX-License-Identifier: MIT
"""accounts.py IMGSAN.EXE: local accounts and profiles of a running system, where netapi32.dll
and userenv.dll are stand-ins that play success and each failure that is documented."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

import bed
import exe
import playing

NAMES = ("local-accounts", "orphaned-profiles", "removed-accounts")
ONLY = ("--only", ",".join(NAMES))
MACHINE = "S-1-5-21-11-22-33"
NORMAL, OFF, BLANK, FOREVER = 0x201, 2, 0x20, 0x10000
# name, RID, flags, errors of NetUserDel, NetUserSetInfo, NetUserGetInfo
ACCOUNTS = (
    ("Administrator", 500, NORMAL | FOREVER), ("Guest", 501, NORMAL | BLANK), ("DefaultAccount", 503, NORMAL | OFF | BLANK),
    ("ann", 1001, NORMAL), ("builder", 1002, NORMAL), ("Jörg", 1003, NORMAL | BLANK), ("loaded", 1004, NORMAL),
    ("denied", 1005, NORMAL, 5), ("vanishes", 1006, NORMAL, 2221), ("elsewhere", 1007, NORMAL, 2226),
    ("stuck", 1008, NORMAL), ("off", 1009, NORMAL), ("set", 1010, NORMAL, "", 5), ("unread", 1011, NORMAL, "", "", 5),
    ("was", 1012, NORMAL | OFF),
)
PROFILES = {1001: "ann", 1002: "builder", 1003: "jorg", 1004: "loaded", 1008: "stuck", 1099: "gone"}
REMOVED = ("builder", "JÖRG", "loaded", "Administrator", "denied", "vanishes", "elsewhere", "stuck", "nobody")
POLICY = """policy: own
title: "Own"
classes: {personal: remove, identity: remove, service: redact, trace: remove, business: remove}
remove-accounts: [%s]
disable-accounts: ["off", set, unread, was, Guest, none, builder]
fail-on: low
""" % ", ".join(REMOVED)


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


FORBIDDEN = " is one that Windows itself has: it stays as it is"
STEPS = [
    row("remove", "profile:%s-1002" % MACHINE, "done"), row("remove", "builder", "done"),
    row("remove", "profile:%s-1003" % MACHINE, "done"), row("remove", "Jörg", "done"),
    row("remove", "denied", "failed", "the account could not be removed: access is denied (Windows error 5)"),
    row("remove", "vanishes", "done", "was gone already"),
    row("remove", "elsewhere", "failed", "the account could not be removed: only the domain's own controller may "
                                         "do that (Windows error 2226)"),
    row("remove", "profile:%s-1008" % MACHINE, "failed", "the profile could not be removed: a program holds it "
                                                         "open (Windows error 32)"),
    row("remove", "stuck", "done"),
    row("remove", "profile:%s-1099" % MACHINE, "done"),
    row("disable", "off", "done"),
    row("disable", "set", "failed", "the account could not be disabled: access is denied (Windows error 5)"),
    row("disable", "unread", "failed", "the account could not be disabled: access is denied (Windows error 5)"),
]
# What the second look says: those that were removed are gone by then.
FINDINGS = [
    said("Administrator", " has a password that never expires"), said("Administrator", FORBIDDEN),
    said("Guest", FORBIDDEN),
    said("Guest", " is Windows' own for guests and is enabled: net user NAME /active:no"),
    said("Guest", " may have an empty password: give it one, then net user NAME /passwordreq:yes"),
    said("loaded", " is logged on, or a service runs as it, so it stays: end that and run imgsan clean again"),
    noted("nobody", "removed"), noted("none", "disabled"), noted("builder", "removed"), noted("stuck", "removed"),
    ("finding", "account:JÖRG", "note", 'account "J\\xc3\\x96RG" is to be removed, but there is none of that name'),
    ("finding", "", "posture", "an empty password is allowed: net accounts /minpwlen:14"),
    ("finding", "", "posture", "no account is locked after wrong passwords: net accounts /lockoutthreshold:10"),
    ("finding", "/users/left", "posture", "a folder among the profiles that is no account's: look what is in it "
                                          "and remove it"),
]


def test(t):
    both = exe.Both(t)
    play = playing.Play(both, "netapi32", ["|".join(map(str, ("account",) + row)) for row in ACCOUNTS] +
                        ["rules|0|0|" + MACHINE, "list|0|4", "loaded|%s-1004" % MACHINE])
    env = playing.Play(both, "userenv", ["profile|%s-1008|32" % MACHINE])
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
    t.equal(names, {row[0] for row in ACCOUNTS} - {"builder", "Jörg", "stuck"}, "accounts that are left")
    homes = sorted(os.listdir(os.path.join(both.drive, "users")))
    t.equal([name for name in ("ann", "builder", "jorg", "loaded", "stuck", "gone", "of.domain", "left") if name in homes],
            ["ann", "loaded", "stuck", "of.domain", "left"], "folders that are left")
    t.ok(env, "userenv")
    # Without a policy nothing goes, and what can not be listed is told.
    play.put(["account|ann|1001|513", "account|eve|1002|513", "rules|0|0|" + MACHINE + "|5", "list|5|1|1"])
    run = playing.told(both, "scan", *ONLY)
    rows, missing = playing.rows(run, NAMES)
    unlisted = ("finding", "", "unexamined", "the local accounts could not be listed: access is denied (Windows error 5)")
    t.equal(([row for row in rows if row[2] == "unexamined"], missing, run.code), ([unlisted] * 2, [], 5), "a list that ends early")
    play.calls()


bed.need()
check.main(test)
