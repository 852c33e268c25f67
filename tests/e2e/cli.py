# SPDX-License-Identifier: MIT
"""The command line as a caller meets it: usage errors, exit codes, where reports go
and what form they have."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import fcntl
import json
import pty
import select
import shutil
import stat
import struct
import subprocess
import termios

import check
import plant

COMMANDS = ("scan", "clean", "verify", "list", "explain", "rules", "help")
SHELLS = ("bash", "zsh", "fish")


def text(t, *args, **options):
    return t.run(*args, json_report=False, **options)


def usage(t):
    """Exit code 2, one line and a hint on standard error, nothing on standard output."""
    for args, word in (
            ((), "command"), (("scna",), "did you mean scan"), (("scan", "--rot", "x"), "--root"),
            (("scan", "--root"), "needs a value"), (("scan", "--yes"), "does not go with"),
            (("clean", "--exit-zero"), "does not go with"), (("scan", "--jobs", "0"), "from 1"),
            (("scan", "--os", "vms"), "one of"), (("explain",), "NAME"),
            (("help", "completion", "tcsh"), "bash"), (("scan", "more"), "unexpected"),
            (("scan", "--root", t.dir("empty"), "--only", "no-such"), "no-such"),
            (("clean", "--root", t.dir("empty")), "--yes")):
        run = text(t, *args)
        t.equal(run.code, 2, "code of %s" % (args,))
        t.equal(run.out, b"", "standard output of %s" % (args,))
        lines = run.err.decode().splitlines()
        t.ok(len(lines) == 2 and word in lines[0] and lines[1].startswith("Try: imgsan help"),
             "what is said to %s: %s" % (args, lines))
    for args in (("explain", "no-such-name"), ("list", "--profile", "no-such"),
                 ("list", "--policy", t.path("absent")), ("rules", "check", t.path("absent"))):
        run = text(t, *args)
        t.equal(run.code, 2, "code of %s" % (args,))
        t.ok(run.err.startswith(b"imgsan: "), "what is said to %s" % (args,))


def generated(t):
    run = text(t, "--version")
    t.ok(run.code == 0 and run.out.startswith(b"imgsan "), "--version: %s" % run)
    overview = text(t, "help").out.decode()
    t.equal(text(t, "--help").out.decode(), overview, "--help is help")
    for command in COMMANDS:
        t.ok("\n  %s " % command in overview, "the overview names %s" % command)
        one = text(t, "help", command)
        t.ok(one.code == 0 and b"Usage: imgsan " + command.encode() in one.out, "help %s" % command)
        t.equal(text(t, command, "--help").out, one.out, "%s --help" % command)
    options = {w.strip(",").split("[")[0] for w in overview.split() if w.startswith("--") and len(w) > 3}
    t.ok(len(options) > 20, "the overview has options")
    manual = text(t, "help", "man").out
    for option in options:
        t.ok(option.replace("-", "\\-").encode() in manual, "the manual knows %s" % option)
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tascii", "-ww"], input=manual, capture_output=True)
        t.equal((done.returncode, done.stderr), (0, b""), "the manual is good roff")
    for shell in SHELLS:
        script = text(t, "help", "completion", shell).out
        t.ok(b"exit-zero" in script, "%s completion knows --exit-zero" % shell)
        if shutil.which(shell):
            done = subprocess.run([shell, "-n"], input=script, capture_output=True)
            t.equal(done.returncode, 0, "syntax for %s: %s" % (shell, done.stderr))


def completes(t):
    """What bash offers at a place of a command line."""
    script = t.path("completion.bash")
    with open(script, "wb") as file:
        file.write(text(t, "help", "completion", "bash").out)
    for words, wanted, unwanted in (
            (["imgsan", "ve"], "verify", "scan"), (["imgsan", "scan", "--ex"], "--exit-zero", "--yes"),
            (["imgsan", "scan", "--os", "w"], "windows", "linux"),
            (["imgsan", "list", "--profile", "s"], "strict", "--skip")):
        done = subprocess.run(
            ["bash", "-c", ". \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _imgsan; "
             "printf '%s\\n' \"${COMPREPLY[@]}\"", script] + words, capture_output=True, text=True)
        offered = done.stdout.split()
        t.ok(wanted in offered and unwanted not in offered, "%s offers %s" % (words, offered))


def catalogue(t):
    listed = json.loads(text(t, "list", "--format", "json").out)
    t.equal(listed["schema"], "imgsan.list/1", "schema of list")
    items = listed["items"]
    t.ok({i["kind"] for i in items} == {"artefact", "cleaner", "secret"}, "list has every kind")
    page = text(t, "list").out.decode()
    for item in items:
        t.ok(item["name"] in page, "list names %s" % item["name"])
        told = text(t, "explain", item["name"])
        t.ok(told.code == 0 and item["title"].isascii() and item["title"] in told.out.decode(),
             "explain %s" % item["name"])
    secrets = json.loads(text(t, "list", "--only", "secrets", "--format", "json").out)["items"]
    t.equal({i["kind"] for i in secrets}, {"secret"}, "list --only secrets")
    name = items[0]["name"]
    near = text(t, "explain", name[:-1] + "_")
    t.ok(near.code == 2 and b"did you mean" in near.err, "explain suggests: %s" % near)
    checked = text(t, "rules", "check")
    t.ok(checked.code == 0 and b"secret rules" in checked.out, "rules check: %s" % checked)


def framed(t, run, command, what):
    """Verdict first and last, plain ASCII, within the limit."""
    lines = run.out.decode("ascii", errors="replace").splitlines()
    t.ok(run.out.isascii() and b"\x1b" not in run.out, "%s is plain ASCII" % what)
    t.ok(len(run.out) <= 6000, "%s has %d bytes" % (what, len(run.out)))
    t.equal(lines[0], lines[-1], "first and last line of %s" % what)
    t.ok(lines[0].startswith("imgsan %s: " % command) and
         lines[0].endswith("[exit %d]" % run.code), "verdict of %s: %s" % (what, lines[0]))


def scans(t, g):
    run = text(t, "scan", "--root", g.root)
    t.equal(run.code, 1, "scan of a dirty guest")
    framed(t, run, "scan", "scan")
    t.ok(b"NEXT STEPS" in run.out, "scan says what is next")
    zero = text(t, "scan", "--root", g.root, "--exit-zero")
    t.equal(zero.code, 0, "--exit-zero")
    framed(t, zero, "scan", "scan --exit-zero")
    t.equal(len(text(t, "scan", "-q", "--root", g.root).out.splitlines()), 1, "-q is one line")
    small = text(t, "scan", "--root", g.root, "--max-output", "700")
    t.ok(len(small.out) <= 700, "--max-output 700 gives %d" % len(small.out))
    framed(t, small, "scan", "scan --max-output 700")
    whole = text(t, "scan", "--root", g.root, "-v", "--max-output", "0")
    t.ok(len(whole.out) > len(run.out), "-v --max-output 0 says more")
    full = t.run("scan", "--root", g.root)
    t.equal(json.loads(full.out)["steps"], full.report["steps"], "file and standard output agree")
    t.ok(full.report["complete"] and full.report["verdict"] == "FINDINGS", "the report of scan")
    return full


def report_file(t, g):
    """Only its owner may read it, whatever the umask; what was there is replaced."""
    path = t.path("mine.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write("old")
    os.chmod(path, 0o644)
    run = text(t, "scan", "--root", g.root, "--report", path, umask=0)
    t.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode of the report")
    with open(path, encoding="utf-8") as file:
        t.equal(json.load(file)["exit_code"], run.code, "exit code in the report")
    text(t, "scan", "--root", g.root, "--report", t.path("mine.txt"))
    with open(t.path("mine.txt"), encoding="ascii") as file:
        t.ok(file.read().startswith("imgsan scan: "), "a report named .txt is text")
    left = [n for n in os.listdir(t.scratch) if n.startswith((".mine", "mine")) and
            n not in ("mine.json", "mine.txt")]
    t.equal(left, [], "temporary files beside the report")
    nowhere = text(t, "clean", "--yes", "--root", g.root, "--report", t.path("no/such/place"))
    t.ok(nowhere.code == 4 and b"report file" in nowhere.err, "a place without a report: %s" % nowhere)


def cut_short(t, g):
    """Who stops reading changes nothing about what was done."""
    root = t.path("deaf")
    plant.copy(g.root, root)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([t.imgsan, "clean", "--root", root, "--yes"], stdout=full,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    t.ok(done.returncode in (0, 1, 5) and b"standard output" in done.stderr,
         "clean without a reader: %s" % done)


def cleans(t, g):
    root = t.path("cleaned")
    plant.copy(g.root, root)
    run = t.run("clean", "--root", root, "--yes")
    t.ok(run.code in (0, 1, 5), "clean: %s" % run)
    t.ok(run.report["complete"] and run.steps("done"), "clean did something")
    t.equal(run.steps("failed", "planned"), [], "clean left nothing undone")
    again = text(t, "clean", "--root", root, "--yes")
    framed(t, again, "clean", "the second clean")
    t.ok(b" 0 steps done" in again.out, "nothing is left to do: %s" % again)


def dialogue(t, root, answer):
    """clean on a terminal: what it shows, its exit code."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    process = subprocess.Popen([t.imgsan, "clean", "--root", root], stdin=slave, stdout=slave,
                               stderr=slave, start_new_session=True)
    os.close(slave)
    shown, asked = b"", False
    while select.select([master], [], [], 60)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        shown += chunk
        if not chunk:
            break
        if b"[y/N]" in shown and not asked:
            asked = True
            os.write(master, answer)
    os.close(master)
    return shown, asked, process.wait(timeout=60)


def asks(t, g):
    root = t.path("asked")
    plant.copy(g.root, root)
    shown, asked, _ = dialogue(t, root, b"\n")
    t.ok(asked and b"CLEAN WOULD DO" in shown and b"nothing was changed" in shown,
         "the answer is no: %s" % shown[-600:])
    t.equal(text(t, "scan", "-q", "--root", root).out, text(t, "scan", "-q", "--root", g.root).out,
            "nothing was changed")
    shown, asked, code = dialogue(t, root, b"y\n")
    t.ok(asked and b"steps done" in shown and code in (0, 1, 5),
         "the answer is yes: %s %s" % (code, shown[-600:]))


def page(t):
    """The pages in the tree are the ones that the program prints."""
    for option, name in (("--page", "ITEMS.md"), ("--providers", "PROVIDERS.md")):
        path = os.path.join(packs_folder(), name)
        there = b""
        if os.path.exists(path):
            with open(path, "rb") as file:
                there = file.read()
        t.ok(there == text(t, "list", option).out, "patterns/%s is up to date: run ./dev page" % name)


def packs_folder():
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "patterns")


def test(t):
    usage(t)
    page(t)
    generated(t)
    completes(t)
    catalogue(t)
    g = plant.guest(t.path("guest"))
    scans(t, g)
    report_file(t, g)
    cleans(t, g)
    cut_short(t, g)
    asks(t, g)


if check.jsonschema is None:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)
check.main(test)
