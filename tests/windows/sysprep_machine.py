# SPDX-License-Identifier: MIT
"""Cases of Sysprep that share a start of Wine, and what is asked of each.

    machine = Machine(t, "bed0")
    case = machine.case("name", planted, play="success")
    run = case.clean("--sysprep=quit")     # is run by machine.start()
    machine.start()
    case.done(run)
    machine.look_around()"""
import json
import os
import shutil
import subprocess
import sys

import bed
import check
import generalizing
import plant
import reader
from generalizing import GENERALIZED
from sysprep_facts import CAUSES, EVERYTHING, FACTS, FINE, LINE, SYSPREP, WINDOWS, WINES, rows, titled


class Case:
    """`name`: of its folder, C:\\case\\NAME."""

    def __init__(self, machine, name, planted, play, join):
        self.machine, self.t, self.name = machine, machine.t, name
        self.folder = "C:\\case\\%s\\" % name
        self.runs = []
        self.put("in.reg", generalizing.changes(list(planted) + generalizing.play(play), EVERYTHING, WINES))
        self.lines = ["rd /s /q %s" % SYSPREP[:-1], "rd /s /q %sPanther" % WINDOWS, "mkdir %sPanther" % SYSPREP,
                      "copy C:\\tools\\sysprep.exe %s" % SYSPREP, "echo A log of an earlier run. > %sPanther\\old.log" % SYSPREP,
                      "del C:\\stand-in\\*.txt C:\\stand-in\\*.xml", "regedit /s %sin.reg" % self.folder]
        if join:
            self.bring("netapi32.txt", join.encode(), "C:\\stand-in\\netapi32.txt")

    def put(self, name, content):
        place = os.path.join(self.machine.drive, "case", self.name, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)

    def bring(self, name, content, to):
        """A file that comes to its place at this point."""
        self.put(name, content)
        self.do("copy %s%s %s" % (self.folder, name, to))

    def do(self, line):
        self.lines.append(line)

    def given(self, name, content):
        """An answer file is the caller's: it does not lie in the prefix."""
        with open(os.path.join(self.machine.given, self.name + name), "wb") as file:
            file.write(content)
        return "C:\\given\\" + self.name + name

    def clean(self, *args, **more):
        return self.run("clean", "--yes", "--only", "windows-setup-logs", "--skip", "secrets", "--jobs", "1", *args, **more)

    def run(self, *args, how=None, report=True):
        """`how`: by starter.exe."""
        argv = ["C:\\program\\imgsan.exe", *args]
        place = self.folder + "%d" % len(self.runs)
        if report:
            argv += ["--report", place + ".json", "-v", "--max-output", "0"]
        starter = ["C:\\tools\\starter.exe", how] if how else []
        self.do("%s > %s.out 2> %s.err" % (" ".join(starter + argv), place, place))
        self.do("echo %%errorlevel%% > %s.code" % place)
        self.runs.append(check.Run(argv, None, b"", b"", None))
        return self.runs[-1]

    def end(self):
        """What is left goes to the case's folder, out of the way of the next one."""
        self.lines += ["del %sWinSxS\\pending.xml" % WINDOWS, "move %s %ssysprep" % (SYSPREP[:-1], self.folder),
                       "move %sPanther %spanther" % (WINDOWS, self.folder), "move C:\\stand-in\\calls.txt " + self.folder,
                       "move C:\\stand-in\\answers.xml " + self.folder]
        return self.lines

    def read(self, path):
        try:
            with open(os.path.join(self.machine.drive, "case", self.name, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def load(self):
        for i, run in enumerate(self.runs):
            run.code = int(self.read("%d.code" % i) or b"-1")
            run.out, run.err = self.read("%d.out" % i) or b"", self.read("%d.err" % i) or b""
            report = self.read("%d.json" % i)
            run.report = json.loads(report) if report else None
            if report:
                self.t.valid(run.report, run.argv)

    # ---- what came of it ----

    def calls(self):
        return (self.read("calls.txt") or b"").decode().splitlines()

    def untouched(self):
        self.t.ok(self.read("sysprep/Panther/old.log"), self.name + ": nothing was cleaned")
        self.t.equal(self.calls(), [], self.name + ": Sysprep was not called")
        self.t.ok(self.read("sysprep/imgsan-answers.xml") is None, self.name + ": no answer file")

    def section(self, run, wanted):
        """All that the text says of Sysprep."""
        text = run.out.decode().replace("\r", "")
        got = text.split("\nSYSPREP\n")[-1].split("\n\n")[0] if "\nSYSPREP\n" in text else ""
        self.t.equal(" ".join(got.split()), wanted.replace("\\", "\\\\"), self.name + ": what is told of Sysprep")

    def refused(self, run, blocks, unknown=()):
        """Before anything was changed, for these facts and no others."""
        told = run.report["sysprep"]
        self.t.equal((run.code, run.report["verdict"], told["state"]), (5, "REFUSED", "not-run"), "%s: %s" % (self.name, run))
        self.t.equal([(f["name"], f["detail"] or "", f["text"], f["remedy"]) for f in told["preflight"] if f["state"] == "blocks"],
                     [(name, blocks[name], *FACTS[name]) for name in FACTS if name in blocks], self.name + ": what blocks")
        why = "; ".join(titled(name, blocks[name]) for name in FACTS if name in blocks)
        self.section(run, " ".join(["not run: " + why] + rows(blocks, unknown)))
        for line in (run.out.splitlines()[0], run.out.splitlines()[-1]):
            self.t.ok(line.startswith(b"imgsan clean: REFUSED - Sysprep could not run: ") and b"[exit 5]" in line,
                      "%s: the verdict: %s" % (self.name, line))
        self.untouched()

    def done(self, run, more=()):
        told = run.report["sysprep"]
        self.t.equal((run.code, told["state"], told["image_state"], told["tag"]), (0, "done", GENERALIZED, True),
                     "%s: %s" % (self.name, run))
        self.t.equal(self.calls(), [LINE], self.name + ": the command line")
        self.section(run, " ".join(["Sysprep has succeeded: Windows says so, and its tag file is new. ImageState:",
                                    GENERALIZED, LINE, *more]))
        for line in (run.out.splitlines()[0], run.out.splitlines()[-1]):
            self.t.ok(b"generalized by Sysprep" in line and b"[exit 0]" in line, "%s: the verdict: %s" % (self.name, line))
        self.t.equal(os.listdir(os.path.join(self.machine.drive, "case", self.name, "sysprep", "Panther")), [],
                     self.name + ": logs of Sysprep")
        self.t.ok(self.read("sysprep/imgsan-answers.xml") is None, self.name + ": our answer file is gone")
        self.t.ok(self.read("panther/unattend.xml"), self.name + ": the clone's copy stays")

    def failed(self, run, cause, log=(), state="IMAGE_STATE_COMPLETE", name=None, line=LINE, more=(), verdict=b""):
        """`name`: of the cause, where it is not the row's."""
        told = run.report["sysprep"]
        meaning, remedy, _ = CAUSES[cause]
        self.t.equal((run.code, told["state"], told["cause"], told["meaning"], told["remedy"], told["power_off"]),
                     (3, "failed", name or cause, meaning, remedy, False), "%s: %s" % (self.name, run))
        words = ["failed: " + meaning] + ["log " + text for text in log] + ["to do: " + remedy]
        words += ["ImageState: " + state] if state else []
        self.section(run, " ".join(words + ([line] if line else []) + list(more)))
        failed = b"; SYSPREP FAILED (%s) [exit 3]" % (name or cause).encode()
        for said in (run.out.splitlines()[0], run.out.splitlines()[-1]):
            self.t.ok(verdict in said and failed in said, "%s: the verdict: %s" % (self.name, said))
        self.t.ok(b"Do not capture" in run.out and b"generalized" not in run.out.splitlines()[0], self.name + ": the text says so")
        self.t.ok(self.read("sysprep/imgsan-answers.xml") is None, self.name + ": our answer file is gone")


class Machine:
    """A prefix in which cases are run one behind the other."""

    def __init__(self, t, name):
        self.t, self.directory, self.given = t, t.dir(name), t.dir(name + "-given")
        self.drive = bed.prepare(self.directory)
        self.build = os.path.dirname(t.imgsan)
        self.cases, self.secrets = [], []
        self.open = None  # of a test: what is behind its `yield`
        for place, name, to in (("tools", "starter.exe", "starter.exe"), ("tools", "sysprep_stand_in.exe", "sysprep.exe"),
                                ("stand-in", "wbem_stand_in.dll", "wbem.dll")):
            os.makedirs(os.path.join(self.drive, place), exist_ok=True)
            shutil.copy(os.path.join(self.build, "tests", "windows", name), os.path.join(self.drive, place, to))
        with open(os.path.join(self.drive, "decoy.txt"), "wb") as file:
            file.write(b"This file stays.\n")

    def case(self, name, planted=FINE, play="success", join=None):
        self.cases.append(Case(self, name, planted, play, join))
        return self.cases[-1]

    def secret(self):
        self.secrets.append(plant.token(20))
        return self.secrets[-1]

    def start(self):
        lines = unused(self.t.imgsan) + [line for case in self.cases for line in case.end()]
        with open(os.path.join(self.drive, "run.bat"), "wb") as file:
            file.write("\r\n".join(["@echo off", *lines, ""]).encode())
        done = subprocess.run(
            [sys.executable, bed.__file__, "--in", self.directory, "--show", "program=" + self.t.program,
             "--show", "given=" + self.given, "--stand-in", os.path.join(self.build, "tests", "windows", "netapi32.dll"),
             "cmd.exe", "/c", "C:\\run.bat"], capture_output=True, stdin=subprocess.DEVNULL, timeout=1000, check=False)
        self.t.equal(done.returncode not in (77, bed.FAULT), True, "the bed: %s %s" % (done.stdout, done.stderr))
        for case in self.cases:
            case.load()

    def look_around(self):
        """What has to be so behind all of it."""
        with open(os.path.join(self.drive, "decoy.txt"), "rb") as file:
            self.t.equal(file.read(), b"This file stays.\n", "the decoy")
        hits = reader.search(os.path.join(self.directory, "own"), [s.encode() for s in self.secrets])
        self.t.equal([hit for found in hits.values() for hit in found], [], "passwords in the prefix")


def imports(place):
    """The DLLs that a program names."""
    said = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", place], capture_output=True, text=True, check=False).stdout
    return {line.split()[-1].lower() for line in said.splitlines() if "DLL Name:" in line}


def unused(program):
    """Lines that take away what of Wine is not needed here: every run of ours reads all that is there."""
    folder = os.path.join(bed.template(), "prefix/drive_c/windows/system32")
    wanted, known = set(NEEDED) | imports(program), set()
    while wanted - known:
        for name in wanted - known:
            known.add(name)
            wanted |= imports(os.path.join(folder, name))
    names = [name for name in os.listdir(folder) if name.endswith((".dll", ".ocx", ".exe", ".drv", ".sys", ".ax", ".cpl", ".tlb"))
             and name.lower() not in known]
    lines = ["cd /d %ssystem32" % WINDOWS] + ["del " + " ".join(names[i:i + 20]) for i in range(0, len(names), 20)]
    return lines + ["cd /d C:\\", "rd /s /q %swinsxs" % WINDOWS, "mkdir %swinsxs" % WINDOWS]


# Programs that are started, and what is loaded by name.
NEEDED = ("cmd.exe", "regedit.exe", "conhost.exe", "services.exe", "start.exe", "rpcss.exe", "svchost.exe", "ole32.dll", "oleaut32.dll",
          "combase.dll", "rpcrt4.dll", "crypt32.dll", "bcrypt.dll", "bcryptprimitives.dll", "rsaenh.dll", "netapi32.dll",
          "shell32.dll", "shlwapi.dll", "ws2_32.dll", "wtsapi32.dll", "userenv.dll", "uxtheme.dll", "imm32.dll", "wevtapi.dll",
          "powrprof.dll", "vssapi.dll", "secur32.dll", "setupapi.dll", "msvcrt.dll", "ucrtbase.dll", "version.dll", "psapi.dll",
          "iphlpapi.dll", "cryptbase.dll", "sechost.dll", "ntdsapi.dll", "samlib.dll", "sspicli.dll", "dpapi.dll", "cryptsp.dll",
          "wbemprox.dll", "fltlib.dll", "virtdisk.dll", "propsys.dll", "clbcatq.dll")
