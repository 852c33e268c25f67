# SPDX-License-Identifier: MIT
"""guard.py GUARD.EXE: that a program under Wine can not reach out of the test bed.

guard.exe tries to change files of /guard in every way that Wine offers. Three times: in
the bed as it is; in one whose prefix leads out (z:, links, HOME), as if nobody had looked
at it; and, so that it is known that each way hurts where it can, in one where /guard can
be written as well. /guard is a scratch folder in all of them, and the machine itself is
read-only even in the last."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import tree

import bed

ACTIONS = ("delete overwrite truncate rename move-out move-over copy-over delete-on-close dispose "
           "attributes times hard-link create rmdir recycle native").split()
FORMS = "drive long device unix documents leftover".split()
# There is no such way: the first three make something beside the link, inside the prefix,
# and a program of Linux is given a name of Linux.
NO_WAY = {"leftover/move-over", "leftover/hard-link", "leftover/create", "leftover/native",
          "documents/native"}
TRASH = "home/.local/share/Trash/"
LASTS = "93710"  # seconds that what guard.exe leaves behind would sleep


def put(guard, name, text="to stay\n"):
    place = os.path.join(guard, name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w", encoding="ascii") as file:
        file.write(text)


def victims(guard):
    for form in FORMS:
        for action in ACTIONS:
            if action == "rmdir":
                os.makedirs(os.path.join(guard, form, action))
            else:
                put(guard, form + "/" + action)
    put(guard, TRASH + "files/thrown")
    put(guard, TRASH + "info/thrown.trashinfo",
        "[Trash Info]\nPath=/thrown\nDeletionDate=2024-01-01T00:00:00\n")
    return guard


def lead_out(root):
    """What Wine puts into a prefix by itself, and a link to each victim."""
    os.symlink("/", root + bed.PREFIX + "/dosdevices/z:")
    documents = root + bed.DRIVE + "/users/root/Documents"
    os.rmdir(documents)
    os.symlink("/guard/documents", documents)
    os.mkdir(root + bed.DRIVE + "/leftover")
    for action in ACTIONS:
        os.symlink("/guard/leftover/" + action, root + bed.DRIVE + "/leftover/" + action)


def attack(exe, guard, leading=False, writable=False):
    """(exit code, what guard.exe said)."""
    def hook(root):
        flags = bed.NOSUID | bed.NODEV | (0 if writable else bed.RDONLY)
        bed.show(guard, root + "/guard", flags)
        if leading:
            lead_out(root)
            bed.show(guard + "/home", root + bed.HOME, flags)
    made = bed.Bed(shown={"build": os.path.dirname(exe)}, hook=hook)
    return bed.output(lambda: bed.inside(made, [exe]))


def hurt(before, after):
    """Of the victims: FORM/ACTION."""
    lines = {os.fsdecode(path)[1:] for path in before.keys() | after.keys()
             if before.get(path) != after.get(path)}
    return {line.replace("/create-created", "/create") for line in lines}


def attacks(t, guard):
    before = tree.snapshot(guard)
    for leading in (False, True):
        code, said = attack(t.imgsan, guard, leading)
        t.ok(code == 0 and said.endswith("\ntried all\r\n"), "guard.exe: %s\n%s" % (code, said))
        t.equal(said.count(": failed ") + said.count(": done "), len(FORMS) * len(ACTIONS), "ways")
        t.equal(tree.differences(before, tree.snapshot(guard)), [],
                "in a bed that %s" % ("leads out" if leading else "is as it has to be"))
    code, said = attack(t.imgsan, guard, True, True)
    wanted = {form + "/" + action for form in FORMS for action in ACTIONS} - NO_WAY
    missed = (wanted | {TRASH + "files/thrown"}) - hurt(before, tree.snapshot(guard))
    t.equal(sorted(missed), [], "ways that do not hurt where they could: %s\n%s" % (code, said))


def left_behind(t, mounts):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        t.equal(sorted(set(file) - set(mounts)), [], "mounts that stay")
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                found += [pid] if LASTS.encode() in file.read().split(b"\0") else []
        except OSError:
            pass  # has ended meanwhile
    t.equal(found, [], "processes that stay")


def wrong_prefixes(t):
    """Each of these has to be seen, and there is no start."""
    def broken(name, place, make, drives=""):
        directory = t.dir("wrong-" + name)
        bed.prepare(directory)
        full = os.path.join(directory, "own", place)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        make(full)
        code, said = bed.output(lambda: bed.inside(bed.Bed(directory, drives=drives), ["C:\\no.exe"]))
        t.ok(code == bed.FAULT and "not started: " in said and ";" not in said,
             "%s: %s %s" % (name, code, said))

    def link(to):
        return lambda place: os.symlink(to, place)

    def file(place):
        with open(place, "wb"):
            pass

    broken("drive", "dosdevices/z:", link("/"))
    broken("disk", "dosdevices/d::", link("/dev/vda"))
    broken("link", "drive_c/users/root/AppData/Local/elsewhere", link("/guard"))
    broken("folder", "drive_c/users/root/Documents", file)
    broken("version", "system.reg", file)
    broken("letter", "dosdevices/d:", link("../../drive_d"))
    broken("elsewhere", "dosdevices/d:", link("/"), "d")
    broken("leading-drive", "../drive_d", link("/usr/share/doc"), "d")
    broken("link-on-drive", "../drive_d/folder/link", link("/guard"), "d")


def test(t):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = list(file)
    attacks(t, victims(t.dir("guard")))
    left_behind(t, mounts)
    wrong_prefixes(t)


if __name__ == "__main__":
    bed.need()
    check.main(test)
