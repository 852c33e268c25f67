# SPDX-License-Identifier: MIT
"""sysprep.py IMGSAN.EXE: clean --sysprep of a Windows that runs (the test bed's own), with a
stand-in for sysprep.exe that refuses arguments that are not allowed and plays success and each
failure. What speaks against it is planted in the registry and the files of the prefix, or
played by stand-ins for WMI and netapi32; a process without elevation, another Sysprep and a
full disk are real. Each report's section about Sysprep is compared word by word. At the end no
file of a prefix holds a password of the answer files, in any coding.

Cases share a start of Wine: a batch file sets the machine up for each, runs the program and
takes away what came of it. A test is a generator: up to its `yield` it says what is to be run,
behind it what has to have come of it.

Not shown: the shutdown itself."""
import concurrent.futures
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

import bed
import generalizing
from generalizing import GENERALIZED, HARMLESS, STATE
from sysprep_facts import (BLOCKING, CAUSES, FACTS, FINE, GIVEN_UP, OURS, PLAYED, SYSPREP, UNHARMED, WINDOWS, WMI, rows,
                           titled)
from sysprep_machine import Machine

COMPONENT = ('<component name="Microsoft-Windows-Shell-Setup" processorArchitecture="amd64" '
             'publicKeyToken="31bf3856ad364e35" language="neutral" versionScope="nonSxS">%s</component>')
ANSWERS = """<?xml version="1.0" encoding="%s"?>
<!-- <Password>no password</Password> -->
<unattend xmlns="urn:schemas-microsoft-com:unattend">
 <settings pass="windowsPE"></settings>
 <settings pass="oobeSystem">
 %s
 </settings>
</unattend>
"""


def quoted(lines):
    """As the log has them: the component stands in front."""
    return ["SYSPRP " + line for line in lines]


# ---- the answer file ----

def answers(secrets, encoding="utf-8"):
    body = COMPONENT % "".join((
        "<UserAccounts><AdministratorPassword><Value>%s</Value><PlainText>true</PlainText>"
        "</AdministratorPassword>" % secrets[0],
        "<LocalAccounts><LocalAccount><Name>ann</Name><Password><Value>%s</Value></Password>"
        "</LocalAccount><LocalAccount><Name>guest2</Name></LocalAccount></LocalAccounts></UserAccounts>" % secrets[1],
        "<AutoLogon><Username>ann</Username><Password><Value><![CDATA[%s]]></Value></Password></AutoLogon>" % secrets[2],
        "<TimeZone>China Standard Time</TimeZone>"))
    text = ANSWERS % (encoding, body)
    return (b"\xff\xfe" + text.encode("utf-16-le")) if encoding == "utf-16" else text.encode()


TOLD = [
    "password AdministratorPassword in pass oobeSystem, line 6: left out: have the cloud's agent set one on each clone",
    "password Password in pass oobeSystem, line 6: the account was left out with it: have the cloud's agent make it",
    "password Password in pass oobeSystem, line 6: the automatic logon was left out with it",
    "The answer file that was given is yours: its passwords are readable wherever it lies. Keep it off the disk that is "
    "captured.",
    "note the answer file has settings for the pass windowsPE, which does not run"]


def with_passwords(it, encoding="utf-8"):
    """Options that give an answer file with three, which Sysprep never sees."""
    return "--unattend", it.given(".xml", answers([it.machine.secret() for _ in range(3)], encoding))


def check_passwords(it, run):
    told = run.report["sysprep"]["answer_file"]
    it.t.equal([p["element"] for p in told["passwords"]], ["AdministratorPassword", "Password", "Password"], "each is told")
    it.t.equal(told["ignored_passes"], ["windowsPE"], "a pass that does not run")
    used = it.read("answers.xml") or b""
    it.t.ok(b"China Standard Time" in used and b"guest2" in used, "%s: the rest is used: %s" % (it.name, used))
    it.t.ok(b"AutoLogon" not in used and b"<Name>ann" not in used, "accounts and logons go with their passwords")
    if shutil.which("xmllint"):
        it.t.equal(subprocess.run(["xmllint", "--noout", "-"], input=used, check=False).returncode, 0, "it is well-formed")


# ---- the tests ----

def success(m, args=("--sysprep=quit",), power_off=False):
    """The same call of Sysprep, whatever comes behind it."""
    it = m.case("success" + "".join(args).replace("=", "-"))
    run = it.clean(*args)
    yield
    if power_off and run.code == 3:  # Wine's InitiateShutdownW may refuse, and then that is said
        m.t.ok(b"could not be shut down" in run.err, "%s: why it is on: %s" % (it.name, run))
        run.code = 0
    it.done(run)
    told = run.report["sysprep"]
    m.t.equal((told["exit_code"], told["power_off"], run.report["exit_code"]), (0, power_off, 0), it.name + ": the result")
    m.t.equal([f for f in told["preflight"] if f["state"] != "passes"], [], it.name + ": nothing speaks against it")
    m.t.ok((b"The machine is being shut down." if power_off else b"Power off now") in run.out, it.name + ": what comes")
    m.t.ok(b'pass="generalize"' in (it.read("answers.xml") or b""), it.name + ": an answer file was made")


def not_known(m, long):
    """What Windows does not tell is told, and left to Sysprep: Wine's own WMI, an error, no state."""
    unknown = {"domain": "Windows does not say whether it belongs to one",
               "encryption": "WMI knows no Win32_EncryptableVolume here", "rearm": "WMI does not tell how many are left"}
    it = m.case("unknown", [row for row in HARMLESS if row[0] != STATE], join="fails|NetGetJoinInformation|*|2453\n")
    run = it.clean("--sysprep=quit")
    status = long and m.case("unknown-status", join="join|0|\n")
    other = long and status.clean("--sysprep=quit")
    yield
    it.done(run, rows({}, dict(unknown, state="ImageState says nothing")))
    if long:
        status.done(other, rows({}, {"domain": unknown["domain"]}))


def looked_at_again(m):
    """The copy that the clone is set up from is no finding as long as it holds no password."""
    it = m.case("again")
    it.do("mkdir %sPanther" % WINDOWS)
    it.bring("older", b"an older one, which Sysprep replaces", WINDOWS + "Panther\\unattend.xml")
    run = it.clean("--sysprep=quit", "--only", "windows-answer-files")
    look = ("verify", "--only", "windows-setup-logs,windows-answer-files")
    without = it.run(*look)
    it.bring("newer", answers([plant.token(20) for _ in range(3)]), WINDOWS + "Panther\\unattend.xml")
    with_them = it.run(*look)
    yield
    m.t.equal(run.code, 0, "again: %s" % run)
    m.t.equal((without.code, [(f["path"], f["kind"]) for f in without.findings()]),
              (0, [("/windows/Panther/unattend.xml", "note")]), "verify: %s" % without)
    m.t.equal((with_them.code, [f["kind"] for f in with_them.findings()]), (1, ["posture"]), "with passwords: %s" % with_them)


def blocked(m):
    """All that can be planted at once: each is told with its remedy, and nothing is changed."""
    planted = [place[:3] for places in BLOCKING.values() for place in places if place[0]]
    it = m.case("blocked", FINE + planted, join="join|3|CORP\n")
    it.bring("pending.xml", b"<pending/>", WINDOWS + "WinSxS\\pending.xml")
    run = it.clean("--sysprep=quit", *with_passwords(it), how="running")
    yield
    blocks = {name: "; ".join(place[3] for place in places) for name, places in BLOCKING.items()}
    blocks["pending-reboot"] += "; WinSxS\\pending.xml"
    blocks["domain"] += "; CORP"
    blocks["running"] += "; sysprep.exe"
    it.section(run, " ".join(["not run: " + "; ".join(titled(name, blocks[name]) for name in FACTS if name in blocks)]
                             + rows(blocks) + TOLD))
    it.t.equal((run.code, [f["name"] for f in run.report["sysprep"]["preflight"] if f["state"] == "blocks"]),
               (5, [name for name in FACTS if name in blocks]), "blocked: %s" % run)
    it.untouched()


def alone(m, name, place):
    """One of them is enough."""
    key, value_name, value, detail = place
    it = m.case("alone-%s-%s" % (name, "".join(c for c in detail if c.isalnum())), FINE + [(key, value_name, value)])
    run = it.clean("--sysprep=quit")
    yield
    # The service that sends faxes is in HARMLESS, and only on a server it is a role.
    it.refused(run, {name: detail + ("; Fax Server" if value == "LanmanNT" else "")})


def domain(m, name, told):
    it = m.case("domain" + name, join="join|3|%s\n" % name)
    run = it.clean("--sysprep=quit")
    yield
    it.refused(run, {"domain": told})


def not_elevated(m):
    it = m.case("limited")
    run = it.clean("--sysprep=quit", how="limited")
    yield
    it.refused(run, {"elevation": ""})


def running(m):
    it = m.case("running")
    run = it.clean("--sysprep=quit", how="running")
    yield
    it.refused(run, {"running": "sysprep.exe"})


def no_program(m):
    it = m.case("no-program")
    it.do("del %ssysprep.exe" % SYSPREP)
    run = it.clean("--sysprep=quit")
    yield
    it.refused(run, {"program": r"System32\Sysprep\sysprep.exe"})


def failure(m, play):
    """Each of those that the logs tell."""
    it = m.case("fail-" + play, play=play)
    it.do("echo. > %sSysprep_succeeded.tag" % SYSPREP)  # an earlier run's
    run = it.clean("--sysprep")
    yield
    it.failed(run, play, quoted(CAUSES[play][2]), name="access" if play == "privileges" else None)
    m.t.equal(run.report["sysprep"]["exit_code"], 0, play + ": exit code")
    m.t.ok(it.read("sysprep/Panther/setuperr.log"), play + ": its logs stay")


def without_signs(m, play, state, log, code=0):
    """Without one of the signs it is no success."""
    it = m.case("signs-" + play, play=play)
    it.do("echo. > %sSysprep_succeeded.tag" % SYSPREP)
    run = it.clean("--sysprep")
    yield
    it.failed(run, "no-success", quoted(log), state=state)
    m.t.equal(run.report["sysprep"]["exit_code"], code, play + ": exit code")


def not_started(m):
    it = m.case("no-exe")
    it.bring("text", b"This is no program.", SYSPREP + "sysprep.exe")
    wall = m.case("no-room-for-answers")
    wall.do("mkdir " + OURS)
    runs = it.clean("--sysprep=quit", *with_passwords(it)), wall.clean("--sysprep=quit")
    wall.do("rd " + OURS)
    yield
    for it, run, log in ((it, runs[0], NO_PROGRAM), (wall, runs[1], NO_ANSWERS)):
        it.failed(run, "not-started", [log], state=None, line=None, more=TOLD if it.name == "no-exe" else ())
        m.t.equal(it.calls(), [], it.name + ": no call")


NO_PROGRAM = "it could not be started: Input/output error"
NO_ANSWERS = "the answer file could not be written: Is a directory"


def changed(m):
    """What was cleaned may change what was seen before."""
    it = m.case("changed")
    run = it.clean("--sysprep=quit", how="change")
    yield
    it.failed(run, "changed", state=None, line=None, more=rows({"pending-reboot": "CBS RebootPending"}))
    m.t.equal(it.calls(), [], "changed: no call")


def in_time(m):
    """What it has started belongs to it; what setup does behind it, too; an odd exit code means nothing."""
    child, late = m.case("child", play="child"), m.case("late", play="late")
    runs = child.clean("--sysprep=quit"), late.clean("--sysprep=quit", how="late")
    yield
    for it, run in zip((child, late), runs):
        it.done(run)
        m.t.ok(run.report["sysprep"]["elapsed_ms"] >= 900, it.name + ": it was waited for")
    m.t.equal(runs[1].report["sysprep"]["exit_code"], 3010, "exit code 3010 does not become ours")


def out_of_time(m):
    it = m.case("timeout", play="hang")
    run = it.clean("--sysprep", "--sysprep-timeout", "2", *with_passwords(it))
    yield
    it.failed(run, "timeout", state="IMAGE_STATE_UNDEPLOYABLE", more=TOLD)
    m.t.equal((run.report["sysprep"]["exit_code"], run.report["complete"]), (None, True), "timeout: %s" % run)
    check_passwords(it, run)


def stopped(m, name, how, why, *options):
    """Told to stop while Sysprep is at work."""
    it = m.case("stop-" + name, play="hang")
    run = it.clean("--sysprep", *options, *with_passwords(it), how=how)
    yield
    it.failed(run, "stopped", state="IMAGE_STATE_UNDEPLOYABLE", more=TOLD, verdict=b"INCOMPLETE - " + why)
    m.t.equal((run.report["sysprep"]["exit_code"], run.report["complete"]), (None, False), name + ": %s" % run)
    check_passwords(it, run)


def killed(m):
    """Sysprep goes on without us, and nothing that is left says it was a success or holds a password."""
    it = m.case("killed", play="child")
    run = it.clean("--sysprep=quit", *with_passwords(it), how="kill")
    again = it.clean("--sysprep=quit")
    yield
    m.t.equal((run.code, run.report["exit_code"], run.report["complete"], b"DONE" in run.out), (1, 4, False, False),
              "killed: %s" % run)
    m.t.equal(again.code, 5, "killed, again: %s" % again)
    it.section(again, " ".join(["not run: " + titled("state", GENERALIZED)] + rows({"state": GENERALIZED})))


def passwords(m, play, encoding, code):
    """An answer file with three passwords: Sysprep sees none, and none stays on the disk."""
    it = m.case("passwords-" + play, play=play)
    run = it.clean("--sysprep=quit", *with_passwords(it, encoding))
    yield
    if code:
        it.failed(run, play, quoted(CAUSES[play][2]), more=TOLD)
    else:
        it.done(run, TOLD)
    check_passwords(it, run)


def bad_files(m, long):
    """Refused before anything is changed, and never quoted."""
    secret = m.secret()
    seen = []
    for name, text, said in (
            ("open", "<unattend xmlns='urn:schemas-microsoft-com:unattend'><Password>%s" % secret, "no end"),
            ("pass", "<unattend xmlns='urn:schemas-microsoft-com:unattend'><settings pass='%s'/></unattend>" % secret,
             "a pass that there is not"),
            ("command", ANSWERS % ("utf-8", COMPONENT % "<CommandLine>net user ann %s /add</CommandLine>" % secret),
             "a command with a password"),
            ("missing", None, "No such file"))[0 if long else 2:]:
        it = m.case("bad-" + name)
        place = it.given(".xml", text.encode()) if text else "C:\\given\\none.xml"
        seen.append((it, it.clean("--sysprep=quit", "--unattend", place), said))
    yield
    for it, run, said in seen:
        why = run.report["sysprep"]["why"]
        m.t.ok(run.code == 5 and said in why, "%s: %s" % (it.name, run))
        notes = [TOLD[-1]] if it.name == "bad-command" else []
        it.section(run, " ".join(["not run:"] + why.split() + notes))
        it.untouched()


def not_clean(m):
    """What is not clean is not generalized."""
    it = m.case("not-clean")
    it.do("mkdir %sNTDS" % WINDOWS)
    it.bring("ntds.dit", b"x" * 100, WINDOWS + "NTDS\\ntds.dit")
    run = it.clean("--sysprep=quit", "--only", "windows-directory-database")
    it.do("rd /s /q %sNTDS" % WINDOWS)
    yield
    m.t.equal((run.code, run.report["sysprep"]["state"], it.calls()), (1, "not-run", []), "findings stay: %s" % run)
    it.section(run, "not run: what came before it ended with exit code 1: decide on what stays (allow it in the policy, "
                    "--treat, --fail-on) and run it again")


def usage(m):
    it = m.case("usage")
    seen = [(it.clean(*args, report=False), args, said) for args, said in (
        (["--sysprep=maybe"], b"bad value"), (["--unattend", "a.xml"], b"need --sysprep"),
        (["--sysprep", "--root", "C:\\x"], b"not for a tree"))]
    yield
    for run, args, said in seen:
        m.t.ok(run.code == 2 and said in run.err, "%s: %s" % (args, run))
    native = os.environ.get("IMGSAN_LINUX", "")
    if os.access(native, os.X_OK):
        done = subprocess.run([native, "clean", "--yes", "--sysprep", "--root", m.t.dir("linux")], capture_output=True, check=False)
        m.t.ok(done.returncode == 2 and b"not for a tree" in done.stderr, "on Linux: %r" % done.stderr)


def disk_full(t):
    """A C: that has too little room; it has a start of its own."""
    shown = t.dir("small")
    build = os.path.join(os.path.dirname(t.imgsan), "tests", "windows")
    shutil.copy(os.path.join(build, "sysprep_stand_in.exe"), os.path.join(shown, "sysprep.exe"))
    shutil.copy(os.path.join(build, "wbem_stand_in.dll"), os.path.join(shown, "wbem.dll"))
    planted = FINE + [(WMI, "", "C:\\small\\wbem.dll")] + generalizing.play("success")
    with open(os.path.join(shown, "in.reg"), "wb") as file:
        file.write(generalizing.changes(planted, (), ()))
    lines = ["@echo off", "mkdir %sPanther" % SYSPREP, "copy C:\\small\\sysprep.exe %s > NUL" % SYSPREP, "mkdir C:\\stand-in",
             "echo log > %sPanther\\old.log" % SYSPREP, "regedit /s C:\\small\\in.reg",
             "C:\\program\\imgsan.exe clean --yes --only windows-setup-logs --skip secrets --sysprep=quit -v --max-output 0",
             "echo code %errorlevel%", "if exist {0}Panther\\old.log echo the log stays".format(SYSPREP),
             "if exist C:\\stand-in\\calls.txt echo it was called", ""]
    with open(os.path.join(shown, "run.bat"), "wb") as file:
        file.write("\r\n".join(lines).encode())
    done = subprocess.run([sys.executable, bed.__file__, "--room", "600", "--show", "program=" + t.program, "--show",
                           "small=" + shown, "cmd.exe", "/c", "C:\\small\\run.bat"],
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
    text = done.stdout.decode().replace("\r", "")
    section = " ".join(text.split("\nSYSPREP\n")[-1].split("\n\n")[0].split())
    blocks = {"disk-space": ""}
    t.equal(section, " ".join(["not run: " + titled("disk-space", "")] + rows(blocks)), "disk full: %s" % done)
    t.equal([line for line in text.splitlines() if line in ("code 5", "the log stays", "it was called")],
            ["code 5", "the log stays"], "disk full")


def tests(long):
    """(function, arguments...), the slow ones first."""
    some = [(without_signs, "unlike", "IMAGE_STATE_UNDEPLOYABLE", [UNHARMED]), (in_time,), (killed,),
            (stopped, "gone", "gone", b"the calling process is gone")]
    some += [(success,), (success, ("--sysprep=shutdown",), True), (not_known, long), (looked_at_again,), (blocked,),
             (domain, "CORP", "CORP"), (not_elevated,), (running,), (no_program,), (not_started,), (changed,), (out_of_time,),
             (bad_files, long), (not_clean,), (usage,), (passwords, "success", "utf-8", 0),
             (without_signs, "given-up", GENERALIZED, [UNHARMED, GIVEN_UP])]
    some += [(failure, play) for play in (PLAYED if long else ("app-packages", "interrupted"))]
    if long:
        some += [(stopped, "deadline", None, b"", "--deadline", "25"), (success, ("--sysprep",), True),
                 (domain, "", "without a name"), (without_signs, "nothing", "IMAGE_STATE_COMPLETE", []),
                 (without_signs, "crash", "IMAGE_STATE_COMPLETE", [], 0xc0000005), (passwords, "updates", "utf-16", 3)]
    # All are told at once by `blocked`; that each alone is enough, the long run shows.
    for name, places in BLOCKING.items():
        some += [(alone, name, place) for place in places if place[0] and (long or name == "upgrade")]
    return some


def run_machine(t, name, some):
    """All of some tests in one start."""
    machine = Machine(t, name)
    open_tests = [(part[0].__name__, part[0](machine, *part[1:])) for part in some]
    for _, each in open_tests:
        next(each)
    machine.start()
    for what, each in open_tests:
        try:
            next(each)
        except StopIteration:
            continue
        except (KeyError, TypeError, IndexError) as error:  # there is no report
            t.ok(False, "%s: %r" % (what, error))
    machine.look_around()


def test(t):
    t.program = t.dir("program")
    shutil.copy(t.imgsan, t.program)
    some = tests(t.long)
    if t.only:
        some = [part for part in some if part[0].__name__ == t.only]
    machines = 2
    with concurrent.futures.ThreadPoolExecutor(machines + 1) as pool:
        waiting = [pool.submit(run_machine, t, "bed%d" % i, some[i::machines]) for i in range(machines) if some[i::machines]]
        if t.only in (None, "disk_full"):
            waiting.append(pool.submit(disk_full, t))
        for done in waiting:
            done.result()


bed.need()
check.main(test)
