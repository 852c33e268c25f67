# SPDX-License-Identifier: MIT
"""registry.py IMGSAN.EXE IMGSAN_FAULT.EXE: steps in the registry of a running Windows, from a
plan file, by the program itself. Canaries go, decoys stay, in what Wine saves of its registry
and in what it answers meanwhile; the hive of a user who is not logged on is loaded for it and
unloaded again, also after a step that fails and after a kill.

Real: the registry's own calls. Of RegLoadKeyW and RegUnLoadKeyW only that they are called, with
which file, and when: Wine reads a text file of its own form and writes nothing back to it."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import plant

import batch
import bed

SID = "S-1-5-21-7-7-7-1001"
USER = "S-1-5-21-0-0-0-1000"  # as whom Wine runs
TOP = "HKLM\\SOFTWARE\\imgsan-test"
OURS = "imgsan-" + SID
KILLED = 137
EPOCH = 116444736000000000  # 1970 in units of 100 ns since 1601
FILE, FOLDER = 1, 2  # enum plat_kind


def quoted(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def reg_file(keys):
    """{key: {value: text}} as a file for reg.exe."""
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, values in keys.items():
        full = key.replace("HKLM", "HKEY_LOCAL_MACHINE", 1).replace("HKU", "HKEY_USERS", 1)
        lines.append("[%s]" % full)
        lines += ["%s=%s" % (quoted(name) if name else "@", quoted(text)) for name, text in values.items()]
        lines.append("")
    return b"\xff\xfe" + "\r\n".join(lines).encode("utf-16-le")


def hive_text(keys):
    """The same in the form that Wine loads."""
    lines = ["WINE REGISTRY Version 2", ";; All keys relative to \\\\User\\\\x", "", "#arch=win64", ""]
    for key, values in keys.items():
        lines.append("[%s] 1700000000" % key.replace("\\", "\\\\"))
        lines += ["%s=%s" % (quoted(name), quoted(text)) for name, text in values.items()]
        lines.append("")
    return "\n".join(lines).encode()


def written(saved, key):
    """When a key was, in nanoseconds since 1970."""
    found = re.search(r"^\[%s\] \d+\n#time=([0-9a-f]+)$" % re.escape(key.replace("\\", "\\\\")), saved, re.M)
    return (int(found.group(1), 16) - EPOCH) * 100


def step(action, path, kind=FILE, size=0, mtime=0, **more):
    base = {"action": action, "path": path, "name": "borrowed-hives", "why": "a test", "ranges": [], "keep": [],
            "target": {"device": 0, "inode": 0, "kind": kind, "size": size, "links": 1, "mtime": mtime, "ctime": 0},
            "keep_sockets": False, "mode": 0, "files": 1, "bytes": size}
    return {**base, **more}


def plan(*steps):
    return json.dumps({"schema": "imgsan.plan/1", "root": "/", "steps": steps}).encode()


def states(got):
    return {s["path"]: (s["state"], s.get("error")) for s in got["steps"]}


NO_HIVE = "/users/zoe/NTUSER.DAT"  # Wine's has a form of its own, which only its RegLoadKey reads
CLEAN = "C:\\imgsan.exe clean --yes --skip " + bed.LACKING + " --format json --report C:\\%s.json --plan C:\\%s.json > nul"

FAULT_CLEAN = CLEAN.replace("imgsan.exe", "imgsan_fault.exe")


def running(t, m):
    """What Windows itself has in hand."""
    text = "server=db;password=%s;pool=5" % m.canary()
    decoys = {"AutoAdminLogon": "1", "a\\b\\\\c": "decoy with backslashes", "": "the default one"}
    m.write("plant.reg", reg_file({
        TOP + "\\Winlogon": {**decoys, "DefaultPassword": m.canary(), "x\\DefaultPassword": m.canary()},
        TOP + "\\Sessions\\one": {"Password": m.canary()},
        TOP + "\\Sessions\\one\\deeper": {"Password": m.canary(), "": m.canary()},
        TOP + "\\Sessions two": {"Password": "decoy beside it"},
        TOP + "\\MRU": {"a": m.canary(), "b": m.canary()},
        TOP + "\\Text": {"url": text, "other": "decoy in the same key"},
        TOP + "\\Reset": {"id": m.canary()},
        "HKU\\%s\\Environment" % USER: {"API_TOKEN": m.canary(), "MYTEMP": "decoy of a user"},
    }))
    m.start(IMPORT)
    before = m.saved()
    for canary in m.canaries:
        t.ok(canary in before, "planted: %s" % m.said)
    size, at = 2 * (len(text) + 1), written(before, TOP[len("HKLM\\"):].replace("SOFTWARE", "Software") + "\\Text")
    m.write("plan.json", plan(
        step("remove", TOP + "\\Winlogon\\\\DefaultPassword"),
        step("remove", TOP + "\\Winlogon\\\\x\\DefaultPassword"),
        step("remove", TOP + "\\Sessions", FOLDER),
        step("empty-tree", TOP + "\\MRU", FOLDER),
        step("redact", TOP + "\\Text\\\\url", size=size, mtime=at, ranges=[[19, len(m.canaries[0]), "none", 0]]),
        step("replace-content", TOP + "\\Reset\\\\id", size=2 * (len(m.canaries[-2]) + 1),
             mtime=written(before, "Software\\imgsan-test\\Reset"), content="new"),
        step("remove", "HKU\\%s\\Environment\\\\API_TOKEN" % USER),
        step("remove", TOP + "\\none\\\\none")))
    m.start([CLEAN % ("done", "plan"), "echo %errorlevel% > C:\\code.txt",
             "reg query HKLM\\SOFTWARE\\imgsan-test /s > C:\\after.txt"])
    got = m.report("done.json")
    for path, (state, error) in states(got).items():
        t.ok(state == "done", "%s: %s, %s" % (path, state, error))
    t.equal(m.number("code.txt"), 0, "exit code: %s" % json.dumps(got)[:3000])
    saved, answered = m.saved(), m.read("after.txt").decode(errors="replace")
    for canary in m.canaries:
        t.ok(canary not in saved and canary not in answered, "a canary is left: " + canary)
    for line in ('"AutoAdminLogon"="1"', '"a\\\\b\\\\\\\\c"="decoy with backslashes"', '@="the default one"',
                 '"Password"="decoy beside it"', '"other"="decoy in the same key"', '"MYTEMP"="decoy of a user"',
                 '"id"="new"', '"url"="server=db;password=REDACTEDx'):
        t.ok(line in saved, "stays: " + line)
    t.ok("imgsan-test\\\\MRU]" in saved and "imgsan-test\\\\Sessions]" not in saved, "the emptied key stays")


def planted_user(m):
    m.write("plant.reg", reg_file({"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\" + SID: {
        "ProfileImagePath": "C:\\users\\zoe"}}))
    m.write("users/zoe/NTUSER.DAT", hive_text({
        "Environment": {"LAST": m.canary(), "PATH": "decoy"}, "Software\\MRU": {"a": m.canary()}}))


USERS = "reg query HKU > C:\\%s.txt"


IMPORT = ["reg import C:\\plant.reg", "del C:\\plant.reg"]


def users(m, name):
    return m.read(name + ".txt").decode(errors="replace")


def not_logged_on(t, m):
    removal = step("remove", "HKU\\%s\\Environment\\\\LAST" % SID)
    m.write("hives.json", plan(removal, step("empty-tree", "HKU\\%s\\Software\\MRU" % SID, FOLDER)))
    m.write("fails.json", plan(removal, step("replace-content", "HKU\\%s\\Environment\\\\none" % SID, content="x"),
                               step("remove", "HKU\\%s2\\Environment\\\\A" % SID)))
    planted_user(m)
    m.start(IMPORT + ["set IMGSAN_FAULT_LOG=C:\\changes.txt", FAULT_CLEAN % ("loaded", "hives"), USERS % "after",
                      CLEAN % ("failed", "fails"), USERS % "failed"])
    for path, got in states(m.report("loaded.json")).items():
        t.equal(got, ("done", None), path)
    failed = states(m.report("failed.json"))
    t.equal(failed["HKU\\%s\\Environment\\\\none" % SID], ("skipped", "changed since it was planned"), "a failure")
    t.equal(failed["HKU\\%s2\\Environment\\\\A" % SID], ("done", "was gone already"), "no such user")
    for name in ("after", "failed"):
        t.ok(USER in users(m, name) and OURS not in users(m, name), "unloaded: " + users(m, name))
    changes = m.read("changes.txt").decode().split("\n")
    loads = [line.split() for line in changes if "RegLoadKey" in line]
    t.ok(len(loads) == 1 and any("RegUnLoadKey" in line for line in changes), "changes: %s" % changes)
    killed(t, m, int(loads[0][0]) + 2)


def killed(t, m, at):
    """While the hive is loaded; what comes next sees it and unloads it."""
    m.start(["set IMGSAN_FAULT_AT=%d" % at,
             FAULT_CLEAN % ("killed", "hives"),
             "echo %errorlevel% > C:\\code.txt", "set IMGSAN_FAULT_AT=", USERS % "killed",
             "C:\\imgsan.exe scan --skip %s > C:\\scan.txt" % bed.LACKING, "echo %errorlevel% > C:\\scanned.txt", USERS % "looked",
             CLEAN % ("again", "hives"), USERS % "again"])
    t.equal(m.number("code.txt"), KILLED, "killed")
    t.ok(OURS in users(m, "killed"), "a hive is left loaded: " + users(m, "killed"))
    scanned = m.read("scan.txt").decode()
    t.equal(m.number("scanned.txt"), 5, "a scan says so: " + scanned)
    t.ok(NO_HIVE in scanned and "1 place not examined" in scanned, "what is no hive is told: " + scanned)
    t.ok("hive:" + SID in scanned, "a scan says so: " + scanned)
    t.ok(OURS in users(m, "looked"), "a scan changes nothing")
    for path, got in states(m.report("again.json")).items():
        t.equal(got, ("done", None), path)
    t.ok(OURS not in users(m, "again"), "unloaded: " + users(m, "again"))


def given_back(t, m):
    """By clean without any other step for that user."""
    at = next(int(line.split()[0]) for line in m.read("changes.txt").decode().split("\n") if "RegLoadKey" in line) + 1
    m.start(["set IMGSAN_FAULT_AT=%d" % at,
             FAULT_CLEAN % ("killed", "hives"), "set IMGSAN_FAULT_AT=",
             USERS % "killed", "C:\\imgsan.exe clean --yes --skip %s > C:\\said.txt" % bed.LACKING, "echo %errorlevel% > C:\\code.txt",
             USERS % "after"])
    t.ok(OURS in users(m, "killed") and OURS not in users(m, "after"), "unloaded: " + m.read("said.txt").decode())
    t.equal(m.number("code.txt"), 5, m.read("said.txt").decode())
    t.ok("1 place not examined" in m.read("said.txt").decode(), m.read("said.txt").decode())
    t.ok("1 step" in m.read("said.txt").decode(), m.read("said.txt").decode())


def by_packs(t, m):
    """What the packs inside and the rules of secrets say of a running Windows."""
    logon = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
    user = "HKU\\%s\\" % USER
    token = plant.github()
    m.canaries[:] = [token]
    m.write("plant.reg", reg_file({
        logon: {"DefaultPassword": m.canary(), "Shell": "explorer.exe"},
        user + "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU": {"a": m.canary(), "MRUList": "a"},
        user + "Software\\SimonTatham\\PuTTY\\Sessions\\web": {"HostName": m.canary(), "UserName": "u"},
        user + "Environment": {"GITHUB_TOKEN": token, "EDITOR": "decoy of a user"},
    }))
    look = "--only registry-autologon,registry-run-dialog,registry-saved-sessions,secrets > C:\\%s.txt"
    m.start(IMPORT + ["C:\\imgsan.exe clean --yes -v " + look % "packs", "echo %errorlevel% > C:\\code.txt",
                      "C:\\imgsan.exe verify " + look % "verified", "echo %errorlevel% > C:\\verified.txt.code"])
    saved, said = m.saved(), m.read("packs.txt").decode(errors="replace")
    for canary in m.canaries:
        t.ok(canary not in saved and canary not in said, "left or told: %s\n%s" % (canary, said))
    for line in ('"Shell"="explorer.exe"', '"EDITOR"="decoy of a user"', '"GITHUB_TOKEN"="REDACTEDx'):
        t.ok(line in saved, "stays: %s\n%s" % (line, said))
    for place in (logon + "\\\\DefaultPassword", "RunMRU", "PuTTY", "GITHUB_TOKEN"):
        t.ok(place in said, "told: %s\n%s" % (place, said))
    t.equal((m.number("code.txt"), m.number("verified.txt.code")), (0, 0), said + m.read("verified.txt").decode())


def test(t):
    by_packs(t, batch.Machine(t, (t.imgsan,), "packs"))
    m = batch.Machine(t, (t.imgsan, FAULT))
    running(t, m)
    not_logged_on(t, m)
    given_back(t, m)


FAULT = sys.argv.pop(2) if len(sys.argv) > 2 else ""
bed.need()
check.main(test)
