# SPDX-License-Identifier: MIT
"""sysprep.py IMGSAN.EXE: clean --sysprep of a Windows that runs (the test bed's own), with a
stand-in for sysprep.exe that refuses arguments that are not allowed and plays success and each
failure. What speaks against it is planted in the registry of the prefix. At the end no file of
the prefix holds a password of the answer files, in any coding.

Rearms and BitLocker are asked of WMI, which a second stand-in plays. Not shown, because Wine
has one answer only: a domain by NetGetJoinInformation, a process without elevation, a full
disk, the shutdown itself."""
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import reader

import bed
import generalizing
from generalizing import CONTROL, CURRENT, GENERALIZED, HARMLESS, SERVICES, STATE, STORE, SYSPREP, USER, registry, wmi

# What is planted for each fact, and what is told of it.
BLOCKING = (
    ("pending-reboot", [
        (CURRENT + r"Component Based Servicing\RebootPending", "", None, "CBS RebootPending"),
        (CURRENT + r"Component Based Servicing\PackagesPending", "", None, "CBS PackagesPending"),
        (CURRENT + r"WindowsUpdate\Auto Update\RebootRequired", "", None, "WindowsUpdate RebootRequired"),
        (CURRENT + r"WindowsUpdate\Services\Pending\a", "", None, r"WindowsUpdate Services\Pending"),
        (CONTROL + "Session Manager", "PendingFileRenameOperations2", ["\\??\\C:\\a.tmp", ""],
         "PendingFileRenameOperations2"),
        (r"Software\Microsoft\Updates", "UpdateExeVolatile", 3, "UpdateExeVolatile"),
        (SERVICES + "Netlogon", "JoinDomain", "x", "Netlogon JoinDomain")]),
    ("domain", [(CONTROL + r"CloudDomainJoin\JoinInfo\0123", "", None, "CloudDomainJoin")]),
    ("app-packages", [(USER + "Contoso.Notes_1.2.3.4_x64__0123456789abc", "", None,
                       "Contoso.Notes_1.2.3.4_x64__0123456789abc")]),
    ("encryption", [(CONTROL + "BitLockerStatus", "BootStatus", 1, "BitLockerStatus")]),
    ("state", [(r"System\Setup\Status\SysprepStatus", "GeneralizationState", 3, "GeneralizationState"),
               (STATE, "ImageState", "IMAGE_STATE_UNDEPLOYABLE", "IMAGE_STATE_UNDEPLOYABLE")]),
    ("running", [(r"System\Setup", "SystemSetupInProgress", 1, "SystemSetupInProgress")]),
    ("upgrade", [(r"System\Setup", "Upgrade", 1, "Setup Upgrade")]),
    ("roles", [(SERVICES + "CertSvc", "Start", 2, "Certificate Services"),
               (CONTROL + "ProductOptions", "ProductType", "LanmanNT", "domain controller")]),
)
FAILURES = ("app-packages", "encryption", "updates", "rearm", "answer-file", "interrupted", "access")
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


# ---- a bed for each run ----

class Bed:
    def __init__(self, t, name, planted=(), play="success"):
        self.t, self.directory, self.program = t, t.dir(name), t.program
        self.drive = bed.prepare(self.directory)
        os.makedirs(os.path.join(self.drive, SYSPREP, "Panther"))
        generalizing.stand_ins(self.drive, os.path.dirname(t.imgsan))
        registry(self.directory, list(planted) + generalizing.play(play))
        self.put("decoy.txt", b"This file stays.\n")
        self.put(SYSPREP + "/Panther/old.log", b"A log of an earlier run.\n")

    def put(self, path, content):
        place = os.path.join(self.drive, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)

    def read(self, path):
        try:
            with open(os.path.join(self.drive, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def clean(self, *args, **more):
        return self.run("clean", "--yes", "--only", "windows-setup-logs", "--skip", "secrets", "--jobs", "1", *args, **more)

    def run(self, *args, json_report=True, before=()):
        """`before`: a command of the same session."""
        argv = [self.t.imgsan, *args]
        if json_report:
            argv += ["--report", "C:\\report.json", "-v"]
        done = subprocess.run(
            [sys.executable, bed.__file__, "--in", self.directory, "--show",
             "program=" + self.program, *(["cmd", "/c", *before, "&&", r"C:\program\imgsan.exe"]
                                         if before else [self.program + "/imgsan.exe"]), *argv[1:]],
            capture_output=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
        report = self.read("report.json")
        report = json.loads(report) if report else None
        if report:
            self.t.valid(report, argv)
        return check.Run(argv, done.returncode, done.stdout, done.stderr, report)

    def calls(self):
        return (self.read("stand-in/calls.txt") or b"").decode().splitlines()

    def untouched(self, what):
        self.t.ok(self.read(SYSPREP + "/Panther/old.log"), what + ": nothing was cleaned")
        self.t.equal(self.calls(), [], what + ": Sysprep was not called")
        self.t.ok(self.read(SYSPREP + "/imgsan-answers.xml") is None, what + ": no answer file")


def facts(run, state="blocks"):
    return {f["name"]: f for f in run.report["sysprep"]["preflight"] if f["state"] == state}


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


# ---- the tests ----

def success(t):
    """Arguments, a small answer file of its own, the report, what is left."""
    it = Bed(t, "success", HARMLESS + wmi(1001, 0))
    run = it.clean("--sysprep=quit")
    t.equal(run.code, 0, "success: %s" % run)
    told = run.report["sysprep"]
    t.equal((told["state"], told["image_state"], told["tag"], told["exit_code"], told["power_off"]),
            ("done", GENERALIZED, True, 0, False), "the result")
    t.equal(facts(run), {}, "nothing speaks against it")
    t.equal(facts(run, "unknown"), {}, "all of it was told")
    t.equal(len(it.calls()), 1, "one call")
    t.equal(it.calls()[0].lower(), r'"c:\windows\system32\sysprep\sysprep.exe" /generalize /oobe /quit /quiet '
            r"/unattend:c:\windows\system32\sysprep\imgsan-answers.xml", "the command line")
    t.ok(b'pass="generalize"' in (it.read("stand-in/answers.xml") or b""), "an answer file was made")
    left = os.listdir(os.path.join(it.drive, SYSPREP, "Panther"))
    t.equal(left, [], "logs of Sysprep")
    t.ok(it.read(SYSPREP + "/imgsan-answers.xml") is None, "our answer file is gone")
    t.ok(it.read("windows/Panther/unattend.xml"), "the clone's copy stays")
    t.equal(it.read("decoy.txt"), b"This file stays.\n", "the decoy")
    t.ok(b"Sysprep has succeeded" in run.out and b"generalized by Sysprep" in run.out, "the text says so: %s" % run)


def looked_at_again(t):
    """The copy that the clone is set up from is no finding as long as it holds no password."""
    it = Bed(t, "again", HARMLESS)
    it.put("windows/Panther/unattend.xml", b"an older one, which Sysprep replaces")
    run = it.clean("--sysprep=quit", "--only", "windows-answer-files")
    t.equal(run.code, 0, "again: %s" % run)
    look = ("verify", "--only", "windows-setup-logs,windows-answer-files")
    run = it.run(*look)
    t.equal((run.code, [(f["path"], f["kind"]) for f in run.findings()]),
            (0, [("/windows/Panther/unattend.xml", "note")]), "verify: %s" % run)
    it.put("windows/Panther/unattend.xml", answers([plant.token(20) for _ in range(3)]))
    run = it.run(*look)
    t.equal((run.code, [f["kind"] for f in run.findings()]), (1, ["posture"]), "with passwords: %s" % run)


def turned_off(t):
    """Wine's InitiateShutdownW may refuse, and then that is said; the report stands before it."""
    it = Bed(t, "off", HARMLESS)
    run = it.clean("--sysprep")
    t.equal(run.report["sysprep"]["state"], "done", "off: %s" % run)
    t.equal(sorted(facts(run, "unknown")), ["encryption", "rearm"], "what Wine does not tell")
    t.ok(run.report["sysprep"]["power_off"] and run.report["exit_code"] == 0, "the report says what comes")
    t.ok((run.code, b"could not be shut down" in run.err) in ((0, False), (3, True)), "shut down: %s" % run)
    t.ok("/quit" in it.calls()[0] and "/shutdown" not in it.calls()[0], "Sysprep itself does not")


def blocked(t):
    """All that can be planted at once: each is told with its remedy, and nothing is changed."""
    planted = [(key, name, value) for _, places in BLOCKING for key, name, value, _ in places]
    it = Bed(t, "blocked", planted + wmi(0, 1))
    run = it.clean("--sysprep=quit")
    t.equal(run.code, 5, "blocked: %s" % run)
    t.equal((run.report["verdict"], run.report["sysprep"]["state"]), ("REFUSED", "not-run"), "the verdict")
    seen = facts(run)
    t.equal(sorted(seen), sorted(["rearm"] + [name for name, _ in BLOCKING]), "what blocks")
    t.ok("Win32_EncryptableVolume" in seen.get("encryption", {}).get("detail", ""), "WMI was asked: %s" % seen)
    for name, places in BLOCKING:
        fact = seen.get(name) or {}
        t.ok(fact.get("remedy") and fact["remedy"].encode()[:20] in run.out, "%s: its remedy" % name)
        for _, _, _, detail in places:
            t.ok(detail in (fact.get("detail") or ""), "%s: %s is told: %s" % (name, detail, fact.get("detail")))
    it.untouched("blocked")


def alone(t, name, key, value_name, value):
    """One of them is enough."""
    it = Bed(t, "alone-" + name, [(key, value_name, value)])
    run = it.clean("--sysprep=quit")
    t.equal((run.code, sorted(facts(run))), (5, [name]), "%s alone: %s" % (name, run))
    it.untouched(name)


def renames(t):
    """Wine does them when it starts and takes the value away: it is put there behind that."""
    it = Bed(t, "renames")
    run = it.clean("--sysprep=quit", before=(
        "reg", "add", "HKLM\\" + CONTROL + "Session Manager", "/v", "PendingFileRenameOperations", "/t", "REG_MULTI_SZ",
        "/d", "a", "/f"))
    t.equal((run.code, facts(run).get("pending-reboot", {}).get("detail")), (5, "PendingFileRenameOperations"),
            "renames: %s" % run)
    it.untouched("renames")


def no_program(t):
    it = Bed(t, "no-program")
    os.unlink(os.path.join(it.drive, SYSPREP, "sysprep.exe"))
    run = it.clean("--sysprep=quit")
    t.equal((run.code, sorted(facts(run))), (5, ["program"]), "no program: %s" % run)
    t.ok(it.read(SYSPREP + "/Panther/old.log"), "nothing was cleaned")


def failed(t, play, cause, *more):
    it = Bed(t, "fail-" + play, HARMLESS, play)
    it.put(SYSPREP + "/Sysprep_succeeded.tag", b"")  # an earlier run's
    run = it.clean("--sysprep", *more)
    told = run.report["sysprep"]
    t.equal((run.code, told["state"], told["cause"], told["power_off"]), (3, "failed", cause, False),
            "%s: %s" % (play, run))
    t.ok(told["meaning"] and told["remedy"], play + ": what it means and what to do")
    t.ok(b"FAILED" in run.out.splitlines()[0] and b"Do not capture" in run.out, play + ": the text says so")
    t.ok(it.read(SYSPREP + "/imgsan-answers.xml") is None, play + ": our answer file is gone")
    if play in FAILURES:
        t.ok(told["log"] and told["log"][0][:30].encode() in run.out, play + ": the log is quoted: %s" % told["log"])
        t.ok(it.read(SYSPREP + "/Panther/setuperr.log"), play + ": its logs stay")
    t.equal(told["exit_code"], None if play == "hang" else 0xc0000005 if play == "crash" else 0, play + ": exit code")


def in_time(t):
    """What it has started belongs to it; an odd exit code means nothing."""
    it = Bed(t, "child", HARMLESS, "child")
    run = it.clean("--sysprep=quit")
    t.equal((run.code, run.report["sysprep"]["state"]), (0, "done"), "a child goes on: %s" % run)
    t.ok(run.report["sysprep"]["elapsed_ms"] >= 1900, "it was waited for")
    it = Bed(t, "odd-code", HARMLESS, "odd-code")
    run = it.clean("--sysprep=quit")
    t.equal((run.code, run.report["sysprep"]["exit_code"]), (0, 3010), "exit code 3010 does not become ours: %s" % run)


def passwords(t, play, encoding, code):
    """An answer file with three passwords: Sysprep sees none, and none stays on the disk."""
    secrets = [plant.token(20) for _ in range(3)]
    it = Bed(t, "passwords-" + play, HARMLESS, play)
    # It is the caller's, so it does not lie in the prefix but beside the program.
    it.program = t.dir("given-" + play)
    shutil.copy(t.imgsan, it.program)
    with open(os.path.join(it.program, "a.xml"), "wb") as file:
        file.write(answers(secrets, encoding))
    run = it.clean("--sysprep=quit", "--unattend", "C:\\program\\a.xml")
    told = run.report["sysprep"]
    t.equal(run.code, code, "%s with passwords: %s" % (play, run))
    t.equal([p["element"] for p in told["answer_file"]["passwords"]],
            ["AdministratorPassword", "Password", "Password"], "each is told")
    t.equal(told["answer_file"]["ignored_passes"], ["windowsPE"], "a pass that does not run")
    used = it.read("stand-in/answers.xml") or b""
    t.ok(b"China Standard Time" in used and b"guest2" in used, "the rest is used: %s" % used)
    t.ok(b"AutoLogon" not in used and b"<Name>ann" not in used, "accounts and logons go with their passwords")
    t.equal(subprocess.run(["xmllint", "--noout", "-"], input=used, check=False).returncode if shutil.which("xmllint")
            else 0, 0, "it is well-formed")
    hits = reader.search(os.path.join(it.directory, "own"), [s.encode() for s in secrets])
    t.equal([hit for found in hits.values() for hit in found], [], "passwords in the prefix")
    for place in (run.out, run.err, json.dumps(run.report).encode()):
        t.ok(not any(s.encode() in place for s in secrets), "passwords in what we say")


def bad_files(t):
    """Refused before anything is changed, and never quoted."""
    secret = plant.token(20)
    for name, text, said in (
            ("open", "<unattend xmlns='urn:schemas-microsoft-com:unattend'><Password>%s" % secret, "no end"),
            ("pass", "<unattend xmlns='urn:schemas-microsoft-com:unattend'><settings pass='%s'/></unattend>" % secret,
             "a pass that there is not"),
            ("command", ANSWERS % ("utf-8", COMPONENT % "<CommandLine>net user ann %s /add</CommandLine>" % secret),
             "a command with a password"),
            ("missing", None, "No such file")):
        it = Bed(t, "bad-" + name, HARMLESS)
        if text:
            it.put("a.xml", text.encode())
        run = it.clean("--sysprep=quit", "--unattend", "C:\\a.xml")
        t.equal(run.code, 5, "%s: %s" % (name, run))
        t.ok(said in run.report["sysprep"]["why"], "%s: %s" % (name, run.report["sysprep"]["why"]))
        t.ok(secret.encode() not in run.out + json.dumps(run.report).encode(), name + " is not quoted")
        it.untouched(name)


def not_clean(t):
    """What is not clean is not generalized."""
    it = Bed(t, "not-clean", HARMLESS)
    os.makedirs(os.path.join(it.drive, "windows", "NTDS"))
    it.put("windows/NTDS/ntds.dit", b"x" * 100)
    run = it.clean("--sysprep=quit", "--only", "windows-directory-database")
    t.equal((run.code, run.report["sysprep"]["state"], it.calls()), (1, "not-run", []), "findings stay: %s" % run)
    t.ok("exit code 1" in run.report["sysprep"]["why"], "and it says why")


def usage(t):
    it = Bed(t, "usage")
    for args, said in ((["--sysprep=maybe"], b"bad value"), (["--unattend", "a.xml"], b"need --sysprep"),
                       (["--sysprep", "--root", "C:\\x"], b"not for a tree")):
        run = it.clean(*args, json_report=False)
        t.ok(run.code == 2 and said in run.err, "%s: %s" % (args, run))
    native = os.environ.get("IMGSAN_LINUX", "")
    if os.access(native, os.X_OK):
        done = subprocess.run([native, "clean", "--yes", "--sysprep"], capture_output=True, check=False)
        t.ok(done.returncode == 2 and b"a running Windows" in done.stderr, "on Linux: %r" % done.stderr)


def test(t):
    t.program = t.dir("program")
    shutil.copy(t.imgsan, t.program)
    parts = [(success, t), (looked_at_again, t), (turned_off, t), (blocked, t), (renames, t), (no_program, t), (in_time, t), (bad_files, t), (not_clean, t),
             (usage, t)]
    parts += [(alone, t, name, *places[0][:3]) for name, places in BLOCKING if name in ("domain", "roles", "upgrade")]
    parts += [(failed, t, play, play) for play in FAILURES]
    parts += [(failed, t, play, "no-success") for play in ("nothing", "crash", "unlike", "given-up")]
    parts += [(failed, t, "hang", "timeout", "--sysprep-timeout", "3")]
    parts += [(passwords, t, "success", "utf-8", 0), (passwords, t, "updates", "utf-16", 3)]
    if t.only:
        parts = [part for part in parts if part[0].__name__ == t.only]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(*part) for part in parts]:
            done.result()


bed.need()
check.main(test)
