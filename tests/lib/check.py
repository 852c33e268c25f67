# SPDX-License-Identifier: MIT
"""What every test script is made of.

    def test(t):                       # t.imgsan, t.long, t.scratch
        run = t.run("scan", "--root", root)
        t.ok(run.code == 1, "scan finds something: %s" % run)

    check.main(test, root=True)        # root: skipped (77) for a plain user
    check.main(test, static=True)      # static: skipped where the static file can not be built

What a test draws comes from `random`, seeded with t.seed: the same for every run, so
that a failure can be run again; --long draws anew and says which seed it was.
"""
import argparse
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback


try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../agent/report/report.schema.json")


class Run:
    """One finished run of the program."""

    def __init__(self, argv, code, out, err, report):
        self.argv, self.code, self.out, self.err = argv, code, out, err
        self.report = report

    def __str__(self):
        return "%s -> %s\n%s%s" % (" ".join(self.argv), self.code,
                                   self.out.decode(errors="replace")[-1500:],
                                   self.err.decode(errors="replace")[-1500:])

    def steps(self, *states):
        return [s for s in (self.report or {}).get("steps", [])
                if not states or s["state"] in states]

    def findings(self, *kinds):
        """What stays: for clean what the second look found."""
        report = self.report or {}
        return [f for f in (report.get("left") or report).get("findings", [])
                if not kinds or f["kind"] in kinds]


class Test:
    def __init__(self, imgsan, long, scratch, only=None, seed=1):
        self.imgsan, self.long, self.scratch, self.only = imgsan, long, scratch, only
        self.seed = seed
        self.failed = 0
        self.runs = 0

    def ok(self, condition, text):
        if not condition:
            self.failed += 1
            print("FAIL: %s" % text)
        sys.stdout.flush()
        return condition

    def equal(self, got, wanted, text):
        return self.ok(got == wanted, "%s: %r, wanted %r" % (text, got, wanted))

    def note(self, text):
        print(text)
        sys.stdout.flush()

    def path(self, name):
        return os.path.join(self.scratch, name)

    def dir(self, name):
        os.makedirs(self.path(name), exist_ok=True)
        return self.path(name)

    def run(self, *args, json_report=True, timeout=600, wrap=(), **options):
        """Runs the program; with json_report also reads the report it writes."""
        self.runs += 1
        argv = list(wrap) + [self.imgsan] + [str(a) for a in args]
        path = self.path("report-%d.json" % self.runs)
        if json_report:
            argv += ["--format", "json", "--report", path]
        options.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run(argv, capture_output=True, timeout=timeout,
                              check=False, **options)
        report = None
        if json_report and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
            self.valid(report, argv)
        return Run(argv, done.returncode, done.stdout, done.stderr, report)

    def valid(self, report, argv):
        if jsonschema:
            with open(SCHEMA, encoding="utf-8") as file:
                schema = json.load(file)
            wrong = [e.message[:200] for e in jsonschema.Draft202012Validator(schema).iter_errors(report)]
            self.equal(wrong[:3], [], "the schema and the report of %s" % " ".join(argv))


def is_root():
    return os.geteuid() == 0


def wipe(path):
    """rmtree that also takes apart paths beyond PATH_MAX and closed directories."""
    def again(function, name, fault):
        parent = os.path.dirname(name)
        for place in (parent, name):
            if place.startswith(path) and os.path.isdir(place) and not os.path.islink(place):
                os.chmod(place, 0o700)
        if function in (os.unlink, os.rmdir):
            function(name)
        elif os.access(name, os.R_OK | os.W_OK | os.X_OK):
            shutil.rmtree(name, onerror=again)
        else:
            raise fault[1]
    try:
        shutil.rmtree(path, onerror=again)
    except OSError:
        subprocess.run(["rm", "-rf", "--one-file-system", path], check=False)


def main(test, root=False, static=False):
    parser = argparse.ArgumentParser()
    parser.add_argument("imgsan")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", help="some parts, where the test has them")
    parser.add_argument("--seed", type=int, help="what random choices start from")
    parser.add_argument("--keep", action="store_true", help="leave the scratch directory")
    args = parser.parse_args()
    if root and not is_root():
        print("skipped: needs root")
        sys.exit(77)
    if static and not os.path.exists(args.imgsan) and not shutil.which("apt-get"):
        print("skipped: the static file is built on a Debian")
        sys.exit(77)
    # /var/tmp, because roots are big and /tmp may be memory.
    scratch = tempfile.mkdtemp(prefix="imgsan-test-", dir="/var/tmp")
    os.chmod(scratch, stat.S_IRWXU | 0o055 if root else stat.S_IRWXU)
    os.umask(0o022)
    seed = args.seed or (random.SystemRandom().randrange(1, 10**9) if args.long else 1)
    random.seed(seed)
    t = Test(os.path.abspath(args.imgsan), args.long, scratch, args.only, seed)
    try:
        test(t)
    except Exception:  # a broken test must fail, and still clean up
        traceback.print_exc()
        t.failed += 1
    finally:
        if args.keep:
            print("kept: %s" % scratch)
        else:
            wipe(scratch)
    print("%s: %s" % (os.path.basename(sys.argv[0]),
                      "%d failed with --seed %d" % (t.failed, seed) if t.failed else "passed"))
    sys.exit(1 if t.failed else 0)
