# SPDX-License-Identifier: MIT
"""The registry of a Windows guest that does not run: what packs name and what looks like a
secret is found at exactly its place, in hives that hivexregedit wrote into as well, once, and
nothing else; policy, allowances and the guard hold there as they do for files."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import hive
import plant

SID = "S-1-5-21-1-2-3-1001"
OTHER = "S-1-5-21-1-2-3-1002"
CONFIG = "/Windows/System32/config/"
LOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
PACK = r"""artefacts:
- {name: t-logon, title: t, why: w, class: personal, severity: high, os: [windows], action: remove,
   registry: ['HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\\DefaultPassword'],
   match: ['HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\\DefaultPassword'], nomatch: [/x]}
- {name: t-sessions, title: t, why: w, class: personal, severity: high, os: [windows], action: remove,
   registry: ['HKU\*\Software\Vendor\Sessions\*'], match: ['HKU\x\Software\Vendor\Sessions\a\\p'],
   nomatch: ['HKU\x\Software\Vendor\Sessions\\p']}
- {name: t-runs, title: t, why: w, class: trace, severity: low, os: [windows], action: empty-tree,
   registry: ['HKU\*\Software\Runs', 'HKU\*\Software\None'], match: ['HKU\x\Software\Runs\\a'],
   nomatch: ['HKU\x\Software\Runs']}
- {name: t-set, title: t, why: w, class: identity, severity: low, os: [windows], action: remove,
   registry: ['HKLM\SYSTEM\CurrentControlSet\Services\acme\State\\Id'],
   match: ['HKLM\SYSTEM\ControlSet001\Services\acme\State\\id'], nomatch: [/x]}
- {name: t-told, title: t, why: w, class: service, severity: low, os: [windows], action: report,
   registry: ['HKLM\SOFTWARE\Acme\Agent'], match: ['HKLM\SOFTWARE\Acme\Agent'], nomatch: ['HKLM\SOFTWARE\Acme\Agent\\x']}
- {name: t-greedy, title: t, why: w, class: trace, severity: low, os: [windows], action: remove,
   registry: ['HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon', 'HKLM\SYSTEM\Select\\*'],
   match: ['HKLM\SYSTEM\Select\\Current'], nomatch: [/x]}
"""
STEPS = {("remove", "t-logon", LOGON + "\\\\DefaultPassword"),
         ("remove", "t-sessions", "HKU\\%s\\Software\\Vendor\\Sessions\\web \u00e9" % SID),
         ("remove", "t-sessions", "HKU\\/Users/Default\\Software\\Vendor\\Sessions\\d"),
         ("empty-tree", "t-runs", "HKU\\%s\\Software\\Runs" % SID),
         ("remove", "t-set", "HKLM\\SYSTEM\\ControlSet001\\Services\\acme\\State\\\\Id"),
         ("remove", "t-set", "HKLM\\SYSTEM\\ControlSet002\\Services\\acme\\State\\\\Id")}


def software(secrets):
    return {"Microsoft": {"Windows NT": {"CurrentVersion": {
        "Winlogon": {"values": {"DefaultPassword": hive.text(secrets["logon"]), "DefaultUserName": hive.text("ann"),
                                "Shell": hive.text("explorer.exe")}},
        "ProfileList": {SID: {"values": {"ProfileImagePath": hive.text("C:\\Users\\ann")}},
                        OTHER: {"values": {"ProfileImagePath": hive.text("C:\\Users\\none")}}}}}},
            "Acme": {"Agent": {"values": {"Id": hive.text("7")}},
                     "Lines": {"values": {"conf": hive.texts(["first", "token = " + secrets["lines"], "last"])}},
                     "Big": {"values": {"text": hive.text("x " * 40000 + secrets["big"] + " y" * 30000)}}},
            "Decoys": {"values": {"Path": hive.text("C:\\Program Files\\x.exe"), "Password": hive.text(""),
                                  "Guid": hive.text("{6B29FC40-CA47-1067-B31D-00DD010662DA}"),
                                  "number": hive.number(5)}}}


def system():
    def services(n):
        return {"Services": {"acme": {"State": {"values": {"Id": hive.text("id-%d" % n), "Other": hive.text("o")}},
                                      "values": {"ImagePath": hive.text("C:\\acme.exe")}}}}
    return {"Select": {"values": {"Current": hive.number(1)}}, "ControlSet001": services(1),
            "ControlSet002": services(2), "Setup": {}}


def reg(tree, path=""):
    """A tree of hive.py in the words of hivexregedit."""
    if path:
        yield "[%s]\n" % path
        for name, (kind, data) in tree.get("values", {}).items():
            yield '"%s"=hex(%x):%s\n' % (name.replace("\\", "\\\\"), kind, data.hex(","))
        yield "\n"
    for name, below in tree.items():
        if name != "values":
            yield from reg(below, path + "\\" + name)


def people(secrets):
    return {"Environment": {"values": {"GITHUB_TOKEN": hive.text(secrets["env"]), "Path": hive.text("C:\\bin")}},
            "Software": {"Vendor": {"Sessions": {"web \u00e9": {"values": {"p": hive.text(secrets["session"])}},
                                                 "values": {"kept": hive.text("k")}}},
                         "Runs": {"values": {"a": hive.text("cmd " + secrets["run"]), "MRUList": hive.text("a")}}}}


def guest(t, name, other_hands):
    """other_hands: NTUSER.DAT is written by libhivex."""
    g = plant.windows(t.dir(name))
    secrets = {key: plant.github() for key in ("lines", "big", "env", "session", "run")}
    secrets["logon"] = plant.token()
    g.write(CONFIG + "SOFTWARE", hive.make(software(secrets)))
    g.write(CONFIG + "SYSTEM", hive.make(system()))
    g.write("/Users/Default/NTUSER.DAT", hive.make({"Software": {"Vendor": {"Sessions": {"d": {}}}}}))
    g.write("/Users/ann/NTUSER.DAT", hive.make({} if other_hands else people(secrets)))
    if other_hands:
        g.write("/in.reg", "Windows Registry Editor Version 5.00\n\n" + "".join(reg(people(secrets))))
        merged = subprocess.run(["hivexregedit", "--merge", "--encoding", "UTF-8", g.path("/Users/ann/NTUSER.DAT"),
                                 g.path("/in.reg")], capture_output=True, check=False)
        t.ok(merged.returncode == 0, "hivexregedit: %r" % merged.stderr)
        os.unlink(g.path("/in.reg"))
    pack = t.dir(name + "-pack")
    os.makedirs(pack, exist_ok=True)
    os.chmod(pack, 0o755)
    with open(os.path.join(pack, "p.yaml"), "w", encoding="utf-8") as file:
        file.write(PACK)
    return g, secrets, pack


def places(run, secrets, name):
    """(action, name, path) of steps, (name, path) of findings, of our own items and of secrets."""
    steps = {(s["action"], s["name"], s["path"]) for s in run.steps()}
    told = {(f["kind"], f["name"], f["path"]) for f in run.findings()}
    return steps, told


def found(t, other_hands):
    name = "hivex" if other_hands else "own"
    g, secrets, pack = guest(t, name, other_hands)
    own = ("--pack", pack, "--only", "t-logon", "--only", "t-sessions", "--only", "t-runs", "--only", "t-set",
           "--only", "t-told", "--only", "t-greedy", "--only", "secrets")
    run = t.run("scan", "--root", g.root, *own)
    steps, told = places(run, secrets, name)
    user = "HKU\\%s\\" % SID
    redact = {("redact", "github-personal-token", user + "Environment\\\\GITHUB_TOKEN"),
              ("redact", "github-personal-token", "HKLM\\SOFTWARE\\Acme\\Lines\\\\conf"),
              ("redact", "github-personal-token", "HKLM\\SOFTWARE\\Acme\\Big\\\\text")}
    t.equal(steps, STEPS | redact, name + ": steps")
    t.equal(told, {("posture", "t-told", "HKLM\\SOFTWARE\\Acme\\Agent"), ("note", "t-greedy", LOGON),
                   ("note", "t-greedy", "HKLM\\SYSTEM\\Select\\\\Current")}, name + ": findings")
    ranges(t, g, secrets, own)
    readable(t, g, own)
    for path in (CONFIG + "SOFTWARE", CONFIG + "SYSTEM", "/Users/ann/NTUSER.DAT"):
        t.ok(os.path.exists(g.path(path)), path + " is there")
    return g, secrets, own


def ranges(t, g, secrets, own):
    """They count bytes of the text, in which NULs part lines."""
    texts = {"GITHUB_TOKEN": secrets["env"], "conf": "first\ntoken = %s\nlast" % secrets["lines"],
             "text": "x " * 40000 + secrets["big"] + " y" * 30000}
    wanted = {"GITHUB_TOKEN": "env", "conf": "lines", "text": "big"}
    plan = t.path("plan.json")
    t.run("scan", "--root", g.root, "--plan", plan, *own)
    with open(plan, encoding="utf-8") as file:
        steps = json.load(file)["steps"]
    os.unlink(plan)
    for step in steps:
        if step["action"] == "redact":
            value = step["path"].rsplit("\\\\", 1)[1]
            pieces = [texts[value][offset:offset + length] for offset, length, _, _ in step["ranges"]]
            t.equal(pieces, [secrets[wanted[value]]], "range in " + value)


def readable(t, g, own):
    text = subprocess.run([t.imgsan, "scan", "--root", g.root, "-v", *own], capture_output=True, check=False).stdout
    for place in (LOGON + "\\\\DefaultPassword", "HKU\\%s\\Software\\Runs" % SID,
                  "HKU\\%s\\Software\\Vendor\\Sessions\\web <c3><a9>" % SID):
        t.ok(place.encode() in text, "the text report shows " + place)


def policies(t, g, pack):
    """Allowances and the policy's actions."""
    policy = t.path("policy.yaml")
    with open(policy, "w", encoding="utf-8") as file:
        file.write("policy: mine\ntitle: t\nclasses: {personal: remove, identity: keep, service: redact, "
                   "trace: report, business: report}\nallow:\n"
                   "- {name: t-sessions, path: 'HKU\\*\\Software\\Vendor\\Sessions\\web*\\\\p', reason: r}\n"
                   "- {name: github-personal-token, path: 'HKU\\*\\Environment\\\\*', reason: r}\n")
    os.chmod(policy, 0o644)
    run = t.run("scan", "--root", g.root, "--policy", policy, *pack)
    steps, told = places(run, None, None)
    names = {name for _, name, _ in steps}
    t.equal(names, {"t-logon", "t-sessions", "github-personal-token"}, "policy: steps of")
    t.ok(("remove", "t-sessions", "HKU\\%s\\Software\\Vendor\\Sessions\\web \u00e9" % SID) not in steps,
         "the key that holds what is allowed stays")
    t.ok(not [s for s in steps if "Environment" in s[2]], "an allowed secret stays")
    t.ok(("posture", "t-runs", "HKU\\%s\\Software\\Runs" % SID) in told, "what the policy keeps is told")


def damaged(t, g, own):
    """Hives of which a part stands in their logs, or that are none, are told; nothing ends."""
    with open(g.path(CONFIG + "SYSTEM"), "r+b") as file:
        file.seek(4)
        file.write(b"\x09")
    with open(g.path("/Users/Default/NTUSER.DAT"), "wb") as file:
        file.write(b"no hive" * 1000)
    run = t.run("scan", "--root", g.root, *own)
    steps, told = places(run, None, None)
    t.ok(("remove", "t-set", "HKLM\\SYSTEM\\ControlSet001\\Services\\acme\\State\\\\Id") in steps, "dirty, and read")
    unexamined = {f["path"]: f["text"] for f in run.findings("unexamined")}
    t.ok("shut it down" in unexamined.get(CONFIG + "SYSTEM", ""), "dirty: %r" % unexamined)
    t.ok("/Users/Default/NTUSER.DAT" in unexamined, "no hive: %r" % unexamined)
    t.equal(run.code, 5, "not examined fully")


def pure(t, g, own):
    before = {path: open(g.path(path), "rb").read() for path in (CONFIG + "SOFTWARE", "/Users/ann/NTUSER.DAT")}
    t.run("scan", "--root", g.root, *own)
    t.run("verify", "--root", g.root, *own)
    for path, data in before.items():
        t.ok(open(g.path(path), "rb").read() == data, path + " is as it was")


def holds(data, text):
    return text.encode() in data or text.encode("utf-16-le") in data


def cleaned(t, name, *only):
    """By the packs inside and what finds secrets: gone from every byte of the hives."""
    g, secrets, pack = guest(t, name, False)
    hives = (CONFIG + "SOFTWARE", CONFIG + "SYSTEM", "/Users/ann/NTUSER.DAT")
    run = t.run("clean", "--yes", "--root", g.root, "--pack", pack, *only)
    t.ok(run.steps() and not run.steps("failed", "skipped", "planned"), "%s: all is done: %s" % (name, run))
    data = {path: open(g.path(path), "rb").read() for path in hives}
    for key, text in secrets.items():
        if not only or key != "logon":
            t.equal([path for path in hives if holds(data[path], text)], [], "%s: %s is left" % (name, key))
    for path, text in ((hives[0], "C:\\Program Files\\x.exe"), (hives[0], "explorer.exe"), (hives[1], "C:\\acme.exe"),
                       (hives[2], "C:\\bin")):
        t.ok(holds(data[path], text), "%s: a decoy is gone from %s" % (name, path))
    again = t.run("verify", "--root", g.root, "--pack", pack, *only)
    t.equal([s["path"] for s in again.steps()], [], name + ": left to do")
    t.equal([f["path"] for f in again.findings("unexamined")], [], name + ": not examined")
    for path in hives:
        t.ok(open(g.path(path), "rb").read() == data[path], name + ": verify changes nothing")


def test(t):
    g, _, own = found(t, False)
    cleaned(t, "cleaned")
    cleaned(t, "secrets", "--only", "secrets,t-sessions,t-runs")
    pure(t, g, own)
    policies(t, g, own)
    damaged(t, g, own)
    if shutil.which("hivexregedit"):
        found(t, True)
    else:
        t.note("hivexregedit is not there: hives of libhivex were not looked at")


check.main(test)
