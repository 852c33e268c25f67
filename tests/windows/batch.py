# SPDX-License-Identifier: MIT
"""A machine under Wine that runs what a batch file says and can be looked at between.

    m = batch.Machine(t, (t.imgsan, other))     # programs, in C:\\
    m.start(["C:\\\\imgsan.exe scan > C:\\\\said.txt", "echo %errorlevel% > C:\\\\code.txt"])
    m.read("said.txt"), m.number("code.txt"), m.saved()
"""
import json
import os
import shutil

import bed
import exe
import plant


class Machine:
    """A prefix that several starts share."""

    def __init__(self, t, programs, name="bed"):
        self.t, self.directory, self.said = t, t.dir(name), ""
        self.drive = bed.prepare(self.directory)
        for place in programs:
            shutil.copy(place, self.drive)
        self.canaries = []

    def canary(self):
        self.canaries.append(plant.token())
        return self.canaries[-1]

    def write(self, name, data):
        place = os.path.join(self.drive, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(data)

    def read(self, name):
        with open(os.path.join(self.drive, name), "rb") as file:
            return file.read()

    def start(self, lines):
        """Runs a batch file; one start of Wine for all of its lines."""
        self.write("run.bat", "\r\n".join(["@echo off"] + lines + [""]).encode())
        done = exe.in_bed(self.directory, "cmd.exe", "/c", "C:\\run.bat", timeout=600)
        self.said = (done.stdout + done.stderr).decode(errors="replace")

    def number(self, name):
        """What a line `echo %errorlevel% > NAME` left."""
        return int(self.read(name).split()[0])

    def saved(self):
        """The registry as Wine saves it."""
        text = ""
        for name in ("system.reg", "user.reg", "userdef.reg"):
            place = os.path.join(self.directory, "own", name)
            if os.path.exists(place):
                with open(place, encoding="utf-8") as file:
                    text += file.read()
        return text

    def report(self, name):
        got = json.loads(self.read(name))
        self.t.valid(got, [name])
        return got
