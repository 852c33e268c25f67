# SPDX-License-Identifier: MIT
"""kill.py IMGSAN.EXE IMGSAN_FAULT.EXE: ended at a change of the guest and run again, clean
ends where it would have ended without. At a few changes of each kind; at every one with --long.

IMGSAN_FAULT.EXE, of the same objects as IMGSAN.EXE, ends itself before the change that
IMGSAN_FAULT_AT says (tests/fault/fault_point.c). All trees are cleaned in two starts of the
bed, from a batch file each: killed, then by IMGSAN.EXE undisturbed; between them everything
is looked at from Linux.

What a kill may leave different, because no later run can know of it: the times of a folder
that a name went from, and the read-only attribute of the one file that was being redacted
or emptied. The times of files that are written are not compared: Windows keeps them when it
is asked to, Wine does not."""
import json
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import reader
import tree

import bed

FEW = 18  # in the default run
KILLED = 137
# Wine keeps what no mode of Linux can say as Samba does.
ATTRIBUTES = "user.DOSATTRIB"
HIDDEN, HIDDEN_AND_SYSTEM = b"0x2", b"0x6"
CONTENT = ("sha256", "size", "links", "mtime")
UNSTABLE = ("inode", "ctime", "atime")
LONG_AGO = 1_500_000_000
ACTIONS = {"remove", "empty-tree", "truncate", "redact"}
ANN, OTHER = plant.WINDOWS_HOMES[:2]


# ---- the tree ----

def removed(g):
    """Single files, trees and what lies in them, in every state that files are in."""
    keys = ANN + "/.ssh/"
    g.keyfile(keys + "id_ed25519", "ed25519", mode=0o600)
    g.keyfile(keys + "id_rsa", "ec", mode=0o444)
    g.decoy(keys + "known.txt", "not a key\n")
    shell = OTHER + "/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/"
    g.write(shell + "ConsoleHost_history.txt", "net use * /user:admin %s\r\n" %
            g.secret(plant.token(), shell).decode())
    old = "/Windows.old/Users/ann/"
    g.write(old + "NTUSER.DAT", "regf")
    g.write(old + "Documents/letter.txt", "old", mode=0o444)
    hide(g.write(old + "Documents/desktop.ini", "[x]"), HIDDEN_AND_SYSTEM)
    os.chmod(g.mkdir(old + "empty/deeper"), 0o555)
    g.write("/Windows/Temp/setup/unpacked.log", "x")
    g.write("/Windows/Temp/one.tmp", "1", mode=0o444)
    g.mkdir("/Windows/Temp/empty")
    hide(g.write("/Windows/Temp/two.tmp", "2"), HIDDEN)
    g.write("/Windows/Downloaded Program Files/control.ocx", "MZ")
    g.decoy("/Windows/Downloaded Program Files/desktop.ini", "[.ShellClassInfo]\n")
    g.decoy(ANN + "/Documents/precious.txt", "has a second name\n")
    os.link(g.path(ANN + "/Documents/precious.txt"), g.path("/Windows/Temp/second-name"))


def hide(full, attributes):
    os.setxattr(full, ATTRIBUTES, attributes)


def emptied(g):
    logs = "/ProgramData/aliyun/assist/log/"
    g.write(logs + "aliyun_assist_main.log", "did %s\n" % g.secret(plant.token(), logs).decode())
    g.write(logs + "aliyun_assist_old.log", "did nothing\n", mode=0o444)


def redacted(g):
    """A secret in each kind of text that is overwritten in place."""
    def token(path):
        return g.secret(plant.github(), path).decode()
    text = "Grüße\r\ntoken: %s\r\nstays: yes\r\n"
    project = OTHER + "/project/"
    for name, how in (("utf8.txt", "utf-8"), ("mark.txt", "utf-8-sig"), ("wide.txt", "utf-16"),
                      ("old.txt", "cp1252")):
        g.write(project + name, (text % token(project + name)).encode(how))
    other = project + "other-wide.txt"
    g.write(other, b"\xfe\xff" + (text % token(other)).encode("utf-16-be"))
    two = project + "über zwei.ini"
    g.write(two, "[a]\nkey = %s\n[b]\nkey = %s\n" % (token(two), token(two)))
    config = "/inetpub/wwwroot/app/settings.json"
    g.write(config, '{"user": "app", "password": "%s"}\r\n' % g.secret(plant.token(12), config).decode())
    coded = project + "coded.yaml"
    g.write(coded, "data:\n  token: %s\n" % reader.base64.b64encode(
        ("auth=" + token(coded) + "\n").encode()).decode())
    g.write(project + "read-only.txt", text % token(project + "read-only.txt"), mode=0o444)
    hide(g.write(project + "hidden.txt", text % token(project + "hidden.txt")), HIDDEN)


def decoys(g):
    g.decoy("/Windows/System32/kernel32.dll", b"MZ" + bytes(range(256)))
    g.decoy(ANN + "/Documents/letter.txt", "Dear all, the garden is in bloom.\n")
    g.decoy(ANN + "/Documents/kept.txt", "read-only\n", mode=0o444)
    g.decoy(OTHER + "/project/README.md", "Set `password = <your password>`; see id_rsa docs.\n")
    g.decoy(OTHER + "/project/logo.bin", bytes(range(256)) * 16)
    hide(g.path(OTHER + "/project/logo.bin"), HIDDEN)


def planted(root):
    g = plant.windows(root)
    for part in (removed, emptied, redacted, decoys):
        part(g)
    for folder, _, files in os.walk(root, topdown=False):
        for name in files + ["."]:
            os.utime(os.path.join(folder, name), (LONG_AGO, LONG_AGO))
    return g


# ---- runs ----

class Trees:
    """Copies of the guest, each a folder of C:\\, and what was said of them."""

    def __init__(self, t, g, fault_exe):
        self.t, self.g = t, g
        self.directory = t.dir("bed")
        self.drive = bed.prepare(self.directory)
        self.shown = os.path.dirname(t.imgsan)
        self.exes = {"clean": self.inside(t.imgsan), "killed": self.inside(fault_exe)}

    def inside(self, exe):
        return "C:\\build\\" + os.path.relpath(exe, self.shown).replace("/", "\\")

    def root(self, name):
        return os.path.join(self.drive, name)

    def fresh(self, name):
        plant.copy(self.g.root, self.root(name))

    def clean(self, which, runs):
        """runs: (tree, {variable: value}); the exit code of each tree's run, in the same bed."""
        lines = ["@echo off"]
        for name, variables in runs:
            lines += ["set %s=%s" % item for item in variables.items()]
            lines += ["%s clean --yes --jobs 1 --os windows --root C:\\%s --format json "
                      "--report C:\\%s-%s.json >C:\\%s-%s.txt 2>&1" % (
                          self.exes[which], name, which, name, which, name),
                      ">>C:\\%s.codes echo %s %%errorlevel%%" % (which, name)]
            lines += ["set %s=" % variable for variable in variables]
        with open(self.root("run.bat"), "w", encoding="ascii", newline="\r\n") as file:
            file.write("\n".join(lines) + "\n")
        codes = self.root(which + ".codes")
        if os.path.exists(codes):
            os.unlink(codes)
        done = subprocess.run(
            [sys.executable, bed.__file__, "--in", self.directory, "--show", "build=" + self.shown,
             "cmd", "/c", "C:\\run.bat"],
            capture_output=True, stdin=subprocess.DEVNULL, timeout=3600, check=False)
        if not self.t.ok(os.path.exists(codes), "no run at all: %s" % done):
            return {}
        with open(codes, encoding="ascii") as file:
            return {name: int(code) for name, code in (line.split() for line in file)}

    def said(self, which, name):
        with open(self.root("%s-%s.txt" % (which, name)), encoding="utf-8", errors="replace") as file:
            return file.read()[-1500:]

    def report(self, which, name):
        try:
            with open(self.root("%s-%s.json" % (which, name)), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def strangers(self, names):
        """Files of C:\\ that are neither in the trees nor ours."""
        ours = {"run.bat", "log.txt"} | {which + ".codes" for which in self.exes}
        found = set()
        for folder, folders, files in os.walk(self.drive):
            if folder == self.drive:
                folders[:] = set(folders) - set(names) - {"build"}
                files = [name for name in files if name not in ours and
                         not name.startswith(("clean-", "killed-"))]
            found |= {os.path.join(folder, name) for name in files}
        return found


# ---- what is compared ----

def untouched(planted_tree, wanted):
    """Files that an undisturbed run has no business with: times and all."""
    return {path: seen for path, seen in planted_tree.items()
            if stat.S_ISREG(seen["type"]) and
            not tree.differences({path: seen}, {path: wanted.get(path)} if path in wanted else {},
                                 UNSTABLE + ("links",))}


def undisturbed(t, trees, before):
    """What a run without a kill does; gives the tree that it ends with, and a second run's code."""
    trees.fresh("u")
    codes = trees.clean("clean", [("u", {})])
    report = trees.report("clean", "u")
    if not t.ok(report, "clean: %s %s" % (codes, trees.said("clean", "u"))):
        return None, None
    done = [step for step in report["steps"] if step["state"] == "done"]
    t.equal({step["action"] for step in done}, ACTIONS, "actions of the tree")
    t.equal([step for step in report["steps"] if step["state"] != "done"], [], "steps not done")
    after = tree.snapshot(trees.root("u"))
    t.equal(sorted(reader.search(trees.root("u"), trees.g.secrets)), [], "secrets that are left")
    t.equal(tree.differences({path: before[path] for path in after if path in before}, after,
                             UNSTABLE + CONTENT), [], "names and attributes that stay")
    t.equal([path for path, seen in after.items() if seen["mtime"] != before[path]["mtime"] and
             stat.S_ISDIR(seen["type"])], [], "times of folders")
    code = trees.clean("clean", [("u", {})]).get("u")
    t.equal((codes, code), ({"u": 0}, 0), "exit codes, also of a second run")
    t.equal(tree.differences(after, tree.snapshot(trees.root("u")), UNSTABLE), [], "a second run")
    return after, code


def changes(t, trees, wanted):
    """The kinds of all changes, in their order."""
    trees.fresh("counted")
    code = trees.clean("killed", [("counted", {"IMGSAN_FAULT_LOG": "C:\\log.txt"})])
    with open(trees.root("log.txt"), encoding="ascii") as file:
        found = [line.split(None, 1)[1].strip() for line in file]
    t.ok(code.get("counted") == 0 and len(found) > 60, "%s: %d changes" % (code, len(found)))
    t.equal(tree.differences(wanted, tree.snapshot(trees.root("counted")), UNSTABLE + ("mtime",)), [],
            "the program that can be killed does the same")
    return found


def spread(found):
    """A few of each kind, first and last among them: numbers from 1."""
    kinds = {}
    for number, kind in enumerate(found, 1):
        kinds.setdefault(kind, []).append(number)
    each = max(2, FEW // len(kinds))
    chosen = set()
    for numbers in kinds.values():
        chosen |= set(numbers[::max(1, (len(numbers) - 1) // (each - 1))][:each - 1] + numbers[-1:])
    return sorted(chosen)


def look_at_killed(t, what, got, before, same, final):
    """What a killed run alone leaves: nothing new, nothing touched that it had no business with."""
    t.equal(sorted(got.keys() - before.keys()), [], what + ": names that nobody had")
    t.equal(tree.differences(same, {path: got[path] for path in same if path in got},
                             UNSTABLE + ("links",)), [], what + ": files with nothing to clean")
    t.equal(sorted(final.keys() - got.keys()), [], what + ": names that had to stay")


def look_at_end(t, what, got, wanted, same):
    """The undisturbed end state, but for what the head of this file says."""
    lost = [path for path in got if path in wanted and path not in same and
            not wanted[path]["mode"] & 0o222 and got[path]["mode"] & 0o222]
    for path in lost:
        got[path]["mode"] = wanted[path]["mode"]
    t.equal(tree.differences(wanted, got, UNSTABLE + ("mtime",)), [], what + ": the end")
    t.equal(tree.differences(same, {path: got[path] for path in same if path in got},
                             UNSTABLE + ("links",)), [], what + ": times of files")
    t.ok(len(lost) <= 1, "%s: no longer read-only: %s" % (what, lost))
    return len(lost)


def test(t, fault_exe):
    g = planted(t.path("guest"))
    before = tree.snapshot(g.root)
    trees = Trees(t, g, fault_exe)
    wanted, code = undisturbed(t, trees, before)
    if not wanted:
        return
    same = untouched(before, wanted)
    t.ok(set(map(os.fsencode, g.decoys)) <= set(same), "decoys are not touched")
    found = changes(t, trees, wanted)
    strangers = trees.strangers(["u", "counted"])
    numbers = list(range(1, len(found) + 1)) if t.long else spread(found)
    names = {"k%d" % number: "killed at %d, %s" % (number, found[number - 1]) for number in numbers}
    for name in names:
        trees.fresh(name)
    codes = trees.clean("killed", [(name, {"IMGSAN_FAULT_AT": name[1:]}) for name in names])
    for name, what in names.items():
        t.ok(codes.get(name) == KILLED, "%s: it is not: %s %s" % (
            what, codes.get(name), trees.said("killed", name)))
        report = trees.report("killed", name)
        t.ok(report and not report["complete"], what + ": its report claims to be complete")
        look_at_killed(t, what, tree.snapshot(trees.root(name)), before, same, wanted)
    codes = trees.clean("clean", [(name, {}) for name in names])
    lost = 0
    for name, what in names.items():
        t.ok(codes.get(name) == code, "%s: the code of the run after: %s, not %s: %s" % (
            what, codes.get(name), code, trees.said("clean", name)))
        lost += look_at_end(t, what, tree.snapshot(trees.root(name)), wanted, same)
    t.equal(sorted(trees.strangers(["u", "counted", *names]) - strangers), [], "files beside the trees")
    t.note("%d changes; killed at %d; after %d a file is no longer read-only" % (len(found), len(names), lost))


bed.need()
FAULT_EXE = os.path.abspath(sys.argv.pop(2))
check.main(lambda t: test(t, FAULT_EXE))
