# SPDX-License-Identifier: MIT
"""whole.py IMGSAN.EXE CREDENTIALS_TEST.EXE: a running Windows with all that may be there:
files, registry, credentials, event logs, accounts, shadow copies. After clean with Sysprep as
its last step nothing is missed, decoys are as they were, and verify says so.

Event logs, accounts, shadow copies, WMI and Sysprep are stand-ins (stand-in/,
sysprep_stand_in.c); files, registry and credentials are Wine's own."""
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
import exe
import generalizing
import playing

PLANTER = sys.argv.pop(2) if len(sys.argv) > 2 else ""
HOME = "/users/root"
LOGS = "%SystemRoot%\\System32\\Winevt\\Logs\\"
MACHINE = "S-1-5-21-11-22-33"
SHADOW = "{01234567-89ab-cdef-0123-456789000001}"
VOLUME = "\\\\?\\Volume{00000000-0000-0000-0000-000000000001}\\"
LOGON = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
USER = "HKEY_CURRENT_USER\\"
# Wine keeps what Credential Manager has in the registry, where a rule sees a password.
SKIPPED = "--skip password-assignment"


def files(g):
    g.keyfile(HOME + "/.ssh/id_ed25519", "ed25519")
    history = "/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"
    g.write(HOME + history, "Connect-Thing -Key %s\r\n" % g.secret(plant.token(), history).decode())
    g.write("/inetpub/app/settings.json", '{"user": "app", "token": "%s"}\r\n' %
            g.secret(plant.github(), "/inetpub/app/settings.json").decode())
    g.write("/windows/system32/winevt/Logs/Security.evtx", "held by the service")
    g.decoy(HOME + "/Documents/letter.txt", "Dear all, the garden is in bloom.\r\n")
    g.decoy("/inetpub/app/page.html", "<p>Hello</p>\r\n")


def registry(both, g):
    token, logon, typed = plant.github(), plant.token(), plant.token()
    for secret in (token, logon, typed):
        g.secret(secret, "registry")
    text = "Windows Registry Editor Version 5.00\r\n\r\n"
    for key, values in ((LOGON, {"DefaultPassword": logon}), (USER + "Environment", {"GITHUB_TOKEN": token, "EDITOR": "vi"}),
                        (USER + "Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU", {"a": typed}),
                        ("HKEY_LOCAL_MACHINE\\SOFTWARE\\imgsan-decoy", {"Colour": "blue"})):
        text += "[%s]\r\n%s\r\n" % (key, "".join('"%s"="%s"\r\n' % pair for pair in values.items()))
    with open(os.path.join(both.drive, "plant.reg"), "w", encoding="utf-16", newline="") as file:
        file.write(text)
    both.wine("regedit", "/S", "C:\\plant.reg")
    os.unlink(os.path.join(both.drive, "plant.reg"))


def planter(t, both, what, name):
    """Credential Manager, as Wine has it."""
    folder = t.dir("planter")
    if not os.path.exists(os.path.join(folder, "planter.exe")):
        shutil.copy(PLANTER, os.path.join(folder, "planter.exe"))
    return subprocess.run([sys.executable, bed.__file__, "--in", both.directory, "--show", "planter=" + folder,
                           os.path.join(folder, "planter.exe"), what, name],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False).returncode


def saved(both):
    text = ""
    for name in ("system.reg", "user.reg"):
        with open(os.path.join(both.directory, "own", name), encoding="utf-8", errors="replace") as file:
            text += file.read()
    return text


def in_one_session(t, both):
    """The reports of clean and of verify, between which Windows does not start anew: what
    clearing a log writes is known until then."""
    command = "C:\\build\\imgsan.exe %s --profile alibaba-cloud " + SKIPPED + " --report C:\\%s.json > nul"
    lines = ["@echo off", command % ("clean --yes --sysprep=quit", "clean"), "echo %errorlevel% > C:\\clean.code",
             command % ("verify", "verify"), "echo %errorlevel% > C:\\verify.code", ""]
    with open(os.path.join(both.drive, "run.bat"), "w", encoding="ascii", newline="") as file:
        file.write("\r\n".join(lines))
    subprocess.run([sys.executable, bed.__file__, "--in", both.directory, "--show", "build=" + os.path.dirname(both.exe),
                    *both.standing_in(), "cmd.exe", "/c", "C:\\run.bat"],
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=900, check=False)
    reports = []
    for name in ("clean", "verify"):
        with open(os.path.join(both.drive, name + ".json"), encoding="utf-8") as file:
            reports.append(json.load(file))
        with open(os.path.join(both.drive, name + ".code"), encoding="ascii") as file:
            t.equal(int(file.read()), reports[-1]["exit_code"], "the code of " + name)
        t.valid(reports[-1], [name])
    return reports


def test(t):
    both = exe.Both(t)
    g = plant.Guest(both.drive)
    generalizing.registry(both.directory, generalizing.HARMLESS + generalizing.wmi(1001, 0) + generalizing.play("success"))
    generalizing.stand_ins(both.drive, os.path.dirname(both.exe))
    logs = playing.Play(both, "wevtapi", ["channel|%s|0|1|7|%s%s.evtx" % (name, LOGS, name)
                                          for name in ("Application", "Security", "System")])
    playing.Play(both, "netapi32", ["account|Administrator|500|515", "account|ann|1001|513", "rules|14|10|" + MACHINE])
    playing.Play(both, "userenv", [])
    shadows = playing.Play(both, "vssapi", ["shadow|%s|%s|0x1db5d0a4b2d4000|1|" % (SHADOW, VOLUME)])
    playing.Play(both, "powrprof", [])
    files(g)
    registry(both, g)
    name = plant.token()
    t.equal(planter(t, both, "plant-all", name), 0, "planted")
    for text in [secret.decode() for secret in g.secrets[-3:]] + [name]:
        t.ok(text in saved(both), "the registry holds " + text)
    run, again = in_one_session(t, both)
    t.equal(run["exit_code"], 0, "clean: " + run["summary"])
    t.equal((run["sysprep"] or {}).get("state"), "done", "Sysprep")
    t.equal([s["path"] for s in run["steps"] if s["state"] != "done"], [], "steps that are not done")
    t.equal(again["exit_code"], 0, "verify: %s: %s" % (again["summary"], [s["path"] for s in again["steps"]]))
    left = {s: [h.path for h in hits] for s, hits in reader.search(both.drive, g.secrets).items() if hits}
    t.equal(left, {}, "left in files")
    for secret in g.secrets:
        t.ok(secret.decode() not in saved(both), "left in the registry: %r" % secret)
    t.equal(g.decoys_hurt(), [], "decoys")
    for line in ('"Colour"="blue"', '"EDITOR"="vi"'):
        t.ok(line in saved(both), "a decoy of the registry: " + line)
    t.equal(planter(t, both, "left-all", name), 0, "credentials")
    t.ok(name not in saved(both), "left of a credential")
    # The event that clearing itself writes, as on a real Windows.
    t.equal([row[4] for row in logs.rows() if row[0] == "channel"], ["0", "1", "1"], "events that are left")
    t.equal([row for row in shadows.rows() if row[0] == "shadow"], [], "shadow copies")


bed.need()
check.main(test)
