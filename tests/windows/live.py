# SPDX-License-Identifier: MIT
"""The machine in the test bed as imgsan.exe finds it when it runs there: C:, which holds
Wine's own Windows, and further drives, all of them planted as one guest.

    g = live.Machine(both, {"d": None, "e": "floppy"})      # a plant.Guest
    g.decoy("/D:/Profiles/dora/a.txt", "x")
    g.register({"S-1-5-21-1-2-3-1001": "D:\\\\Profiles\\\\dora"})
    run = g.run("scan")                                      # a check.Run, of the whole machine
    g.copy(t.path("copy"))                                   # the same for the program for Linux
    g.own(), g.contents()                                    # {path: (type, size, digest)}

To Wine a drive without a kind is a part of the system disk, a "floppy" a disk of its own."""
import json
import os
import shutil
import stat

import bed
import check
import exe
import plant
import tree

TOOLS = "imgsan"  # where the program lies: shown to it, no part of what is compared


def described(root):
    return {os.fsdecode(path): (seen["type"], seen["size"], seen.get("sha256"))
            for path, seen in tree.snapshot(root).items()}


def value(text):
    """As it stands in Wine's files of the registry."""
    return "".join(c if " " <= c <= "~" and c not in '\\"' else
                   "\\" + c if c in '\\"' else "\\x%04x" % ord(c) for c in text)


class Machine(plant.Guest):
    def __init__(self, both, drives):
        super().__init__(both.drive)
        self.t, self.directory, self.drives = both.t, both.directory, drives
        self.below = os.path.join(bed.template(), "prefix")
        self.tools = both.t.dir("tools")
        shutil.copy2(both.exe, self.tools)
        self.exe = os.path.join(self.tools, os.path.basename(both.exe))
        self.write_registry({"Software\\\\Wine\\\\Drives": {
            letter + ":": kind for letter, kind in drives.items() if kind}})
        for letter in drives:
            os.makedirs(bed.drive(self.directory, letter))

    def write_registry(self, keys):
        place = os.path.join(self.directory, "own", "system.reg")
        if not os.path.exists(place):
            shutil.copy2(os.path.join(self.below, "system.reg"), place)
        with open(place, "a", encoding="ascii") as file:
            for key, values in keys.items():
                file.write("\n[%s] 1700000000\n" % key)
                file.writelines('"%s"="%s"\n' % (name, value(text)) for name, text in values.items())

    def register(self, profiles):
        """{sid: folder} of the running system."""
        top = "Software\\\\Microsoft\\\\Windows NT\\\\CurrentVersion\\\\ProfileList\\\\"
        self.write_registry({top + sid: {"ProfileImagePath": place} for sid, place in profiles.items()})

    # ---- places: no two names differ in case only, and Wine has chosen the case of its own ----

    def layers(self, path):
        """(folders that are shown as one, path below them)"""
        if path[2:3] == ":":
            return [bed.drive(self.directory, path[1].lower())], path[3:]
        return [self.root, os.path.join(self.below, "drive_c")], path

    def path(self, name):
        layers, rest = self.layers(name)
        done = ""
        for part in rest.strip("/").split("/") if rest.strip("/") else ():
            there = {os.path.basename(at) for layer in layers if os.path.isdir(layer + done)
                     for at in os.listdir(layer + done)}
            done += "/" + (part if part in there else
                           next((at for at in there if at.casefold() == part.casefold()), part))
        return layers[0] + done

    def has(self, name):
        """Whether it is there, if only as a part of Wine."""
        full = self.path(name)
        layers, _ = self.layers(name)
        return any(os.path.lexists(layer + full[len(layers[0]):]) for layer in layers)

    def is_folder(self, name):
        full = self.path(name)
        layers, _ = self.layers(name)
        return any(os.path.isdir(layer + full[len(layers[0]):]) for layer in layers)

    def mkdir(self, path, mode=0o755, uid=0):
        at = ""
        for part in path.strip("/").split("/"):
            at += "/" + part
            if not os.path.lexists(self.path(at)):
                os.mkdir(self.path(at), mode)
        return self.path(path)

    # ---- runs and what they leave ----

    def run(self, *args):
        argv = [self.exe, *args, "--format", "json"]
        done = exe.in_bed(self.directory, "--show", TOOLS + "=" + self.tools,
                          *(part for letter in self.drives for part in ("--drive", letter)), *argv, timeout=600)
        report = None
        if done.stdout.startswith(b"{"):
            report = json.loads(done.stdout)
            self.t.valid(report, argv)
        return check.Run(argv, done.returncode, done.stdout, done.stderr, report)

    def copy(self, target):
        """All but the further drives."""
        plant.copy(os.path.join(self.below, "drive_c"), target)
        plant.copy(self.root + "/.", target)

    def copy_drive(self, letter, target):
        plant.copy(bed.drive(self.directory, letter), os.path.join(target, letter.upper() + ":"))

    def own(self):
        """What is there beside Wine's own, or instead of it."""
        seen = described(self.root)
        for letter in self.drives:
            top = "/%s:" % letter.upper()
            seen.update({top + path: what for path, what in
                         described(bed.drive(self.directory, letter)).items()})
        return {path: what for path, what in seen.items() if path.split("/")[1:2] != [TOOLS]}

    def contents(self):
        """All, with the layers of C: as the overlay shows them."""
        seen = described(os.path.join(self.below, "drive_c"))
        for path, what in self.own().items():
            if what[0] == stat.S_IFCHR:  # what is gone of the lower layer
                for other in [p for p in seen if p == path or p.startswith(path + "/")]:
                    del seen[other]
            else:
                seen[path] = what
        return seen
