# SPDX-License-Identifier: MIT
"""The aarch64 file under qemu-user: every artefact and rule by its own samples, and a tree
that ends up the same as from the file for this machine."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import check
import plant
import reader
import tree

GUARDS = {"uid", "root", "nnp", "limits", "calls", "landlock"}


def wrapper(t):
    path = t.path("imgsan-aarch64")
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexec qemu-aarch64-static %s \"$@\"\n" % t.imgsan)
    os.chmod(path, 0o755)
    return path


def clean(t, program, g, name):
    root = t.path(name)
    plant.copy(g.root, root)
    t.imgsan = program
    run = t.run("clean", "--root", root, "--yes")
    t.ok(run.code in (0, 1), "%s: %s" % (name, run))
    return run, root


def same_as_native(t, native, emulated):
    g = plant.guest(t.path("guest"))
    here, here_root = clean(t, native, g, "native")
    there, there_root = clean(t, emulated, g, "emulated")
    t.equal(there.code, here.code, "the exit codes")
    ignore = tree.TIMES + ("inode",)
    t.equal(tree.differences(tree.snapshot(here_root), tree.snapshot(there_root), ignore)[:5], [],
            "the tree")
    t.equal(sorted(reader.search(there_root, g.secrets)), sorted(reader.search(here_root, g.secrets)),
            "the secrets left")
    # The emulator has no system-call filter and no Landlock: the report has to say so.
    missing = GUARDS - set(there.report["protections"])
    t.note("the emulator does without: %s" % ", ".join(sorted(missing)))
    t.ok("calls" in missing, "what qemu-user can not do is told: %r" % there.report["protections"])


def test(t):
    native = t.imgsan.replace("aarch64", "x86_64")
    emulated = wrapper(t)
    same_as_native(t, native, emulated)
    done = subprocess.run([sys.executable, os.path.join(HERE, "..", "cases", "cases.py"), emulated],
                          capture_output=True, text=True, check=False)
    t.note(done.stdout[-3000:])
    t.equal(done.returncode, 0, "the cases")


if not shutil.which("qemu-aarch64-static"):
    print("skipped: no qemu-aarch64-static")
    sys.exit(77)
check.main(test, static=True)
