# SPDX-License-Identifier: MIT
"""The same sources give the same bytes in another directory. For x86_64 (Linux and Windows)
the libraries, too, are built once more, in another cache."""
import filecmp
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import check

TREE = os.path.realpath(os.path.join(HERE, "..", ".."))


def other_cache(t):
    """A cache that has the downloaded sources and nothing that was built."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    new = t.path("another-cache")
    for part in ("apt", "sources"):
        shutil.copytree(os.path.join(home, "imgsan/static", part),
                        os.path.join(new, "imgsan/static", part), symlinks=True)
    os.utime(os.path.join(new, "imgsan/static/sources/chosen"))
    return new


def left_out(folder, names):
    return [name for name in names if name in (".git", "__pycache__") or
            (name.startswith("build") and folder == TREE)]


def test(t):
    folder, program = t.imgsan.split("/")[-2:]
    kind, arch = folder.split("-")
    copy = t.path("some/where/else/imgsan")
    shutil.copytree(TREE, copy, ignore=left_out, symlinks=True)
    env = dict(os.environ, TZ="Pacific/Auckland", LC_ALL="C")
    if arch == "x86_64":
        env["XDG_CACHE_HOME"] = other_cache(t)
    done = subprocess.run(["./dev", "build", kind, arch], cwd=copy, env=env, text=True,
                          capture_output=True, check=False)
    t.equal(done.returncode, 0, "the build: " + done.stderr[-2000:])
    again = os.path.join(copy, "build", folder, program)
    t.ok(os.path.exists(again) and filecmp.cmp(t.imgsan, again, shallow=False),
         "%s and %s are the same bytes" % (t.imgsan, again))


check.main(test, static=True)
