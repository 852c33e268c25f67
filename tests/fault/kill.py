# SPDX-License-Identifier: MIT
"""Killed at a changing system call and run again, clean ends where it would have
ended without: at the same tree. Every call in the long run, a spread of them
otherwise."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import json

import check
import plant
import reader
import strace
import tree

CALLS = [c for c in strace.CHANGING if c not in ("mount", "umount2", "pivot_root")] + [
    "fsync", "fdatasync"]
FEW = 60  # in the default run
# Cleaners that only tell, or judge what others plan.
NO_STEPS = {"cloud-init-settings", "initramfs-settings", "last-way-in", "snapshots", "sudo-rules", "swap"}
TRIES = 4


# So that every cleaner has something to do.
OPTIONS = ("--remove-account", "builder", "--install-firstboot-unit")


def guest(t):
    """With an account that goes, and an ssh server whose keys nothing else would make."""
    g = plant.guest(t.path("guest"))
    uid = os.geteuid() or 1234
    for path, text in (
            ("/etc/passwd", "builder:x:%d:%d::/home/builder:/bin/sh\n" % (uid, uid)),
            ("/etc/group", "builder:x:%d:\nwheel:x:10:alice,builder\n" % uid),
            ("/etc/shadow", "builder:%s:1::::::\n" % plant.hash_of_password())):
        with open(g.path(path), "a", encoding="ascii") as file:
            file.write(text)
    g.write("/etc/gshadow", "root:*::\nwheel:!::alice,builder\nbuilder:!::\n", mode=0o640)
    for name in ("subuid", "subgid"):
        g.write("/etc/" + name, "alice:100000:65536\nbuilder:165536:65536\n")
    g.write("/home/builder/build/notes", "mine\n", uid=uid)
    g.write("/home/builder/.bash_history", "make\n", uid=uid)
    g.write("/etc/sudoers.d/builder", "builder ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
    g.write("/etc/sudoers.d/both", "builder ALL=ALL\n%wheel ALL=(ALL) ALL\n", mode=0o440)
    for place in ("/var/spool/cron/crontabs/", "/var/mail/", "/var/lib/systemd/linger/"):
        g.write(place + "builder", "x\n", uid=uid)
    g.write("/etc/cloud/cloud.cfg", "cloud_init_modules:\n - users-groups\n")
    g.write("/usr/bin/ssh-keygen", "elf", mode=0o755)
    g.write("/usr/sbin/sshd", "elf", mode=0o755)
    g.write("/lib/systemd/system/ssh.service", "[Service]\nExecStartPre=/usr/sbin/sshd -t\n")
    g.mkdir("/etc/systemd/system/multi-user.target.wants")
    os.symlink("/lib/systemd/system/ssh.service",
               g.path("/etc/systemd/system/multi-user.target.wants/ssh.service"))
    return g


def clean(t, root, **options):
    return t.run("clean", "--root", root, "--yes", *OPTIONS, **options)


def fresh(t, g, name):
    root = t.path(name)
    check.wipe(root)
    plant.copy(g.root, root)
    return root


def end_state(t, g, root):
    found = reader.search(root, g.secrets)
    return tree.snapshot(root), sorted(found)


def compare(t, wanted, got, text):
    ignore = tree.TIMES + ("inode",)
    lines = tree.differences(wanted[0], got[0], ignore)
    t.equal(lines[:5], [], text + ": the tree")
    t.equal(got[1], wanted[1], text + ": the secrets left")


def kill_points(t, g):
    root, log = fresh(t, g, "counted"), t.path("counted.log")
    run = clean(t, root, json_report=False, wrap=strace.wrap(log, follow=False, calls=CALLS))
    t.ok(run.code in (0, 1), "clean under strace: %s" % run)
    points = [(c.name, c.number) for c in strace.read(log) if strace.changes(c)]
    t.ok(len(points) > 20, "changing calls: %d" % len(points))
    return points


def spread(points):
    """A few of each kind of call, first and last among them."""
    kinds = {}
    for name, number in points:
        kinds.setdefault(name, []).append((name, number))
    each = max(2, FEW // len(kinds))
    chosen = []
    for of_kind in kinds.values():
        step = max(1, (len(of_kind) - 1) // (each - 1))
        chosen += of_kind[::step][:each - 1] + [of_kind[-1]]
    return sorted(set(chosen))


def cleaners(t):
    listed = t.run("list", "--only", "cleaners", "--format", "json", json_report=False)
    return {item["name"] for item in json.loads(listed.out)["items"]}


def test(t):
    if not strace.available():
        t.note("skipped: no strace")
        return
    g = guest(t)
    root = fresh(t, g, "undisturbed")
    run = clean(t, root)
    t.ok(run.code in (0, 1), "clean: %s" % run)
    idle = cleaners(t) - NO_STEPS - {step["name"] for step in run.steps("done")}
    # accounts: its new shadow file is part of the step that also takes an account out.
    t.equal(sorted(idle - {"accounts"}), [], "cleaners with nothing to do in this tree")
    t.ok(any("locked: " in step["why"] for step in run.steps("done")), "hashes were locked")
    t.ok(any(step["action"] == "create" for step in run.steps("done")), "a file was created")
    wanted = end_state(t, g, root)
    code = clean(t, root).code
    compare(t, wanted, end_state(t, g, root), "a second run")
    points = kill_points(t, g)
    chosen = points if t.long else spread(points)
    missed = []
    for name, number in chosen:
        # The number of a call moves a little from run to run: one may have fewer.
        for _ in range(TRIES):
            root = fresh(t, g, "killed")
            run = clean(t, root, json_report=False, wrap=[
                "strace", "-o", "/dev/null", "-e", "trace=" + name,
                "-e", "inject=%s:signal=SIGKILL:when=%d" % (name, number)])
            if run.code in (-9, 137):
                break
        else:
            missed.append("%s %d" % (name, number))
        again = clean(t, root)
        what = "killed at %s %d" % (name, number)
        t.equal(again.code, code, what + ": the code of the run after")
        compare(t, wanted, end_state(t, g, root), what)
        if t.failed > 20:
            break
    t.note("%d calls change something; killed at %d of %d tried; never reached: %s" % (
        len(points), len(chosen) - len(missed), len(chosen), ", ".join(missed) or "none"))
    t.ok(not missed, "the kills reach the program: %s" % missed)


check.main(test)
