# SPDX-License-Identifier: MIT
"""No output, report, plan, core or temporary file holds six bytes in a row of a
planted secret."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import re
import resource
import signal
import subprocess
import time

import check
import plant

# Numbers and digests are all over a report: windows of only such characters
# would be found by chance.
BY_CHANCE = re.compile(rb"^[0-9a-f]+$|^[0-9]+$")
PLACES = ("/tmp", "/var/tmp", "/run", "/dev/shm", "/var/lock", "/var/log")


def windows(secrets):
    return {s[i:i + 6] for s in secrets for i in range(len(s) - 5)
            if not BY_CHANCE.match(s[i:i + 6])}


def leaked(data, wanted):
    return {data[i:i + 6] for i in range(len(data) - 5)} & wanted


def files_in(places):
    """{path: mtime}, without the scratch directories of tests."""
    found = {}
    for place in places:
        for folder, folders, files in os.walk(place):
            folders[:] = [f for f in folders if not f.startswith("imgsan-test-")]
            for name in files:
                path = os.path.join(folder, name)
                try:
                    found[path] = os.stat(path).st_mtime_ns
                except OSError:
                    pass
    return found


def look(t, wanted, data, what):
    t.equal(sorted(leaked(data, wanted))[:3], [], "%s holds pieces of secrets" % what)


def outputs(t, g, command, args):
    """Every way to print one command's report."""
    report = t.path("%s-report" % command)
    for more in ([], ["-v"], ["-q"], ["--format", "json"], ["-v", "--max-output", "0"],
                 ["--report", report + ".txt"], ["--report", report + ".json", "-v"],
                 ["--color", "always"]):
        root = g.root
        if command == "clean":
            root = t.path("guest-copy")
            check.wipe(root)
            plant.copy(g.root, root)
        run = t.run(command, "--root", root, *args, *more, json_report=False)
        t.ok(run.code in (0, 1, 3, 5), "%s %s: %s" % (command, more, run.code))
        yield "%s %s" % (command, " ".join(more)), run.out + run.err


def killed(t, g, which):
    """A run that a signal ends early; what it printed, and its core if any."""
    root = t.path("guest-killed")
    check.wipe(root)
    plant.copy(g.root, root)
    place = t.dir("cwd")
    process = subprocess.Popen(
        [t.imgsan, "clean", "--root", root, "--yes", "-v"], cwd=place,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(0.03)
    process.send_signal(which)
    return process.communicate(timeout=120)[0]


def test(t):
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2 if check.is_root()
                       else (0, 0))
    os.environ["TMPDIR"] = t.dir("tmp")
    g = plant.guest(t.path("guest"))
    wanted = windows(g.secrets)
    t.ok(len(wanted) > 500, "enough windows")
    t.ok(leaked(b"xx" + g.secrets[0] + b"yy", wanted), "the search finds a planted one")
    before = files_in(PLACES)
    for command, args in (("scan", ["--plan", t.path("plan.json")]), ("verify", []),
                          ("clean", ["--yes"])):
        for what, data in outputs(t, g, command, args):
            t.ok(data or "-q" in what, what + " prints something")
            look(t, wanted, data, what)
    for which in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
        look(t, wanted, killed(t, g, which), "a run ended by %s" % which.name)
    written = [t.path(n) for n in os.listdir(t.scratch) if not n.startswith("guest")]
    for place in list(written):
        if os.path.isdir(place):
            written.remove(place)
            written += list(files_in([place]))
    t.ok(any(p.endswith("plan.json") for p in written), "a plan was written")
    after = files_in(PLACES)
    written += [p for p in after if after[p] != before.get(p)]
    for path in written:
        try:
            with open(path, "rb") as file:
                look(t, wanted, file.read(1 << 24), path)
        except OSError:
            pass


check.main(test)
