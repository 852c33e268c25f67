# SPDX-License-Identifier: MIT
"""The static file as a file: small, linked to nothing, and at work when it is copied alone
into an empty root, where there is no /proc, no /dev and no library."""
import json
import os
import platform
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import reader
import tree

MOST = 20 << 20  # bytes


def output(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def alone(t, path):
    size = os.path.getsize(path)
    t.note("%s: %d bytes" % (path, size))
    t.ok(size < MOST, "%d bytes, at most %d" % (size, MOST))
    headers = output("readelf", "--wide", "--program-headers", "--dynamic", "--sections", path)
    t.ok("GNU_RELRO" in headers, "readelf reads it: %s" % headers[:300])
    for wrong in ("INTERP", "NEEDED", "RPATH", ".debug_info", ".symtab"):
        t.ok(wrong not in headers, "%s in the file" % wrong)
    said = output("ldd", path)
    t.ok("statically linked" in said or "not a dynamic executable" in said, "ldd: " + said)
    with open(path, "rb") as file:
        t.ok(b"/imgsan/static/" not in file.read(), "no path of the cache it was built in")


def emulator(t, path):
    """What runs the file here: nothing, or an emulator that needs no files either."""
    if "AArch64" not in output("readelf", "--file-header", path) or platform.machine() == "aarch64":
        return []
    found = shutil.which("qemu-aarch64-static")
    t.ok(found, "qemu-aarch64-static is there")
    return [found]


def in_empty_root(t, path):
    box = t.dir("box")
    argv = [shutil.copy(each, box) for each in emulator(t, path) + [path]]
    argv = ["/" + os.path.basename(each) for each in argv]
    g = plant.guest(box + "/guest")
    # Whether this is text only libmagic knows, by the database inside.
    latin = "/home/alice/project/gruss.txt"
    secret = g.secret(plant.github(), latin)
    g.write(latin, b"gr\xfc\xdf dich\ntoken: " + secret + b"\n", uid=1000)
    plain = t.path("plain")
    plant.copy(g.root, plain)

    def run(command, *more):
        done = subprocess.run([shutil.which("chroot"), box] + argv + [
            command, "--root", "/guest", "--report", "/report.json", *more], capture_output=True,
            stdin=subprocess.DEVNULL, env={}, check=False)
        with open(box + "/report.json", encoding="utf-8") as file:
            report = json.load(file)
        t.valid(report, [command])
        return done, report

    before = tree.snapshot(g.root)
    done, report = run("scan")
    t.equal(tree.differences(before, tree.snapshot(g.root)), [], "scan changes nothing")
    t.equal(done.returncode, 5, "scan: without a list of mounts nobody knows: %r" % done.stdout[-800:])
    t.ok("/" in [x["path"] for x in report["left_out"]], "the report says that /proc is missing")
    t.ok(b"empty root directory" in done.stdout, "... and what the workers had to do without")
    done, report = run("clean", "--yes")
    t.ok(report["counts"]["steps"]["failed"] == 0, "steps failed: %r" % report["counts"])
    t.equal(g.decoys_hurt(), [], "decoys")
    with open(g.path(latin), "rb") as file:
        text = file.read()
    t.ok(secret not in text and text.startswith(b"gr\xfc\xdf dich\ntoken: "), "libmagic at work: %r" % text)
    # The same as with everything at hand.
    outside = subprocess.run(emulator(t, path) + [path, "clean", "--yes", "--root", plain],
                             capture_output=True, stdin=subprocess.DEVNULL, check=False)
    t.ok(outside.returncode in (0, 1), "clean outside: %r" % outside.stderr)
    ignore = tree.TIMES + ("inode",)
    t.equal(tree.differences(tree.snapshot(plain), tree.snapshot(g.root), ignore)[:5], [],
            "the tree cleaned in the empty root")
    t.equal(sorted(reader.search(g.root, g.secrets)), sorted(reader.search(plain, g.secrets)),
            "the secrets left")


def test(t):
    alone(t, t.imgsan)
    if not check.is_root():
        t.note("skipped: the empty root needs root")
        return
    in_empty_root(t, t.imgsan)


check.main(test, static=True)
