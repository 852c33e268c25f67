# SPDX-License-Identifier: MIT
"""What the reader of hives makes of them: hives written by tests/lib/hive.py, hives written
by libhivex, and damaged ones, each compared with what was put there or at least survived.

    registry_read.py REGISTRY_DUMP"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import hive

CONFIG = "Windows/System32/config/"
SID = "S-1-5-21-1-2-3-1001"
PROFILES = {"S-1-5-18": "%systemroot%\\system32\\config\\systemprofile", SID: "C:\\Users\\ann",
            SID + ".bak": "C:\\Users\\ann"}
WRITTEN = (hive.WRITTEN - 116444736000000000) * 100


def require(condition, text):
    if not condition:
        sys.exit("FAIL: " + text)


class Tree:
    def __init__(self, top):
        self.top = top

    def write(self, path, data):
        full = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(data)
        return full


def dump(program, top):
    out = subprocess.run([program, top], capture_output=True, timeout=60, check=False)
    require(out.returncode == 0, "registry_dump says %d: %r" % (out.returncode, out.stderr))
    return [line.split(b"\t") for line in out.stdout.split(b"\n") if line]


def expected(place, members):
    """The lines that a tree of hive.py stands for."""
    yield [b"key", place.encode("utf-8", "surrogatepass"), b"%d" % WRITTEN]
    for name, (kind, data) in members.get("values", {}).items():
        yield [b"value", (place + "\\\\" + name).encode("utf-8", "surrogatepass"), b"%d" % kind,
               data.hex().encode()]
    for name, below in members.items():
        if name == "values":
            continue
        if below.get("link"):
            yield [b"fault", (place + "\\" + name).encode(), b"40"]  # ELOOP
        else:
            yield from expected(place + "\\" + name, below)


def trees():
    deep = {"values": {"end": hive.text("x")}}
    for i in range(300):
        deep = {"d%d" % i: deep}
    yield "plain", {"A": {"values": {"": hive.text("default"), "n": hive.number(7), "e": (1, b""), "back\\slash":
                                     hive.text("v"), "exp": hive.text("%X%", expand=True),
                                     "multi": hive.texts(["one", "two"]), "bin": (3, os.urandom(40))},
                          "slash/name": {}, "A B": {}}, "LINK": {"link": True}}
    yield "names", {"\u00e9t\u00e9": {"values": {"\u738b": hive.text("\u738b\U0001f511")}}, "\u738b": {},
                    "n" * 255: {"values": {"v" * 1000: hive.number(1)}}}
    yield "many", {"k%04d" % i: {"values": {"v": hive.number(i)}} for i in range(1500)}
    yield "deep", deep
    yield "big", {"B": {"values": {"x%d" % n: (3, os.urandom(n)) for n in
                                   (16343, 16344, 16345, 2 * 16344, 2 * 16344 + 1, 100000)}}}


def own_hives(c):
    for name, tree in trees():
        for kind in (b"lf", b"lh", b"li"):
            top = Tree(c.work(name + kind.decode()))
            top.write(CONFIG + "SYSTEM", hive.make(tree, kind))
            wanted = sorted(expected("HKLM\\SYSTEM", tree))
            got = sorted(line for line in dump(c.program, top.top) if line[0] != b"hive")
            require(got == wanted, "%s as %s: %d lines instead of %d, first %r" % (
                name, kind, len(got), len(wanted), [x for x in got if x not in wanted][:3]))


def places(c):
    """Which file stands for which place; the set of today."""
    top = Tree(c.work("places"))
    system = {"Select": {"values": {"Current": hive.number(2)}}, "ControlSet001": {"Old": {}},
              "ControlSet002": {"New": {}}}
    for path, data in ((CONFIG + "SOFTWARE", hive.software(PROFILES)), (CONFIG + "SYSTEM", hive.make(system)),
                       (CONFIG + "DEFAULT", hive.make({"Environment": {}})), (CONFIG + "SAM", hive.make({"S": {}})),
                       ("Users/ann/NTUSER.DAT", hive.make({"Software": {}})),
                       ("Users/ann/AppData/Local/Microsoft/Windows/UsrClass.dat", hive.make({"Local Settings": {}})),
                       ("Users/Default/NTUSER.DAT", hive.make({"Software": {}})), ("Users/none/x", b"x")):
        top.write(path, data)
    lines = dump(c.program, top.top)
    got = {line[1].decode(): "/" + line[2].decode().lstrip("/") for line in lines if line[0] == b"hive"}
    wanted = {"HKLM\\SOFTWARE": CONFIG + "SOFTWARE", "HKLM\\SYSTEM": CONFIG + "SYSTEM", "HKLM\\SAM": CONFIG + "SAM",
              "HKU\\.DEFAULT": CONFIG + "DEFAULT", "HKU\\" + SID: "Users/ann/NTUSER.DAT",
              "HKU\\" + SID + "_Classes": "Users/ann/AppData/Local/Microsoft/Windows/UsrClass.dat",
              "HKU\\/Users/Default": "Users/Default/NTUSER.DAT"}
    require(got == {k: "/" + v for k, v in wanted.items()}, "hives: %r" % got)
    keys = [line[1] for line in lines if line[0] == b"key"]
    require(b"CurrentControlSet\\New" in keys and b"CurrentControlSet\\Old" not in keys, "not the set of today")


def of_hivex(c):
    """Written by another's hands, and read by them to compare."""
    if not shutil.which("hivexregedit"):
        print("skipped: hivexregedit is not there")
        return
    top = Tree(c.work("hivex"))
    full = top.write(CONFIG + "SOFTWARE", hive.make({}))
    wanted, text = {}, "Windows Registry Editor Version 5.00\n\n"
    for i in range(200):
        key, value = "Vendor\\k%d\\sub %d" % (i % 40, i), os.urandom(random.randrange(5, 300))
        text += "[\\%s]\n\"v%d\"=hex(3):%s\n\n" % (key, i, value.hex(","))
        wanted["HKLM\\SOFTWARE\\%s\\\\v%d" % (key, i)] = value.hex()
    # One key whose parents hivexregedit makes first.
    parents = "".join("[\\Vendor\\k%d]\n\n" % i for i in range(40))
    text = text.replace("\n\n", "\n\n[\\Vendor]\n\n" + parents, 1)
    reg = top.write("in.reg", text.encode())
    done = subprocess.run(["hivexregedit", "--merge", full, reg], capture_output=True, check=False)
    require(done.returncode == 0, "hivexregedit: %r" % done.stderr)
    got = {line[1].decode(): line[3].decode() for line in dump(c.program, top.top) if line[0] == b"value"}
    require(got == wanted, "of libhivex: %d values instead of %d" % (len(got), len(wanted)))


def states(c):
    """A hive whose last writes are in its logs only says so, and is read all the same."""
    whole = hive.make({"A": {}})
    torn = bytearray(whole)
    struct.pack_into("<I", torn, 4, 2)
    struct.pack_into("<I", torn, 508, struct.unpack_from("<I", torn, 508)[0] ^ 1 ^ 2)
    false_sum = bytearray(whole)
    false_sum[508] ^= 1
    for data, said in ((whole, b"whole"), (torn, b"a part of it stands in its logs only"),
                       (false_sum, b"the sum of its first block is false")):
        top = Tree(c.work("state%d" % len(said)))
        top.write(CONFIG + "SYSTEM", data)
        lines = dump(c.program, top.top)
        require(lines[0][0] == b"hive" and lines[0][3] == said, "state %r" % lines[0])
        require([b"key", b"HKLM\\SYSTEM\\A", b"%d" % WRITTEN] in lines, "not read")


def rings(c):
    """Keys that hold themselves, once and twice: an end comes, and it is a fault."""
    for times in (1, 2):
        data = bytearray(hive.make({"A": {"B%d" % i: {} for i in range(times)}}))
        at = data.index(b"nk", data.index(b"hbin"))
        cells = [i for i in range(len(data)) if data[i:i + 2] == b"nk"]
        name = {bytes(data[i + 76:i + 78]): i for i in cells}
        above = name[b"A\0"] if b"A\0" in name else next(i for k, i in name.items() if k[:1] == b"A")
        for i in range(times):
            below = name[b"B%d" % i]
            data[below + 20:below + 32] = data[above + 20:above + 32]  # its list is its parent's
        top = Tree(c.work("ring%d" % times))
        top.write(CONFIG + "SYSTEM", bytes(data))
        lines = dump(c.program, top.top)
        require(at and lines[-1][:2] == [b"fault", b"HKLM\\SYSTEM"], "no fault: %r" % lines[-1])


def damaged(c):
    """Bytes that nobody vouches for: no crash, no hang."""
    random.seed(7)
    whole = hive.make({"A": {"values": {"x": hive.text("y" * 40), "b": (3, os.urandom(40000))},
                             "k": {"k%d" % i: {} for i in range(600)}}})
    top = Tree(c.work("damaged"))
    for i in range(150):
        data = bytearray(whole)
        for _ in range(random.randrange(1, 30)):
            at = random.randrange(len(data)) if i % 2 else 4096 + random.randrange(3000)
            data[at:at + 4] = random.choice((b"\xff\xff\xff\xff", bytes(4), os.urandom(4), b"\0\0\0\x80"))
        top.write(CONFIG + "SYSTEM", bytes(data[:random.randrange(len(data))]) if i % 7 == 0 else bytes(data))
        dump(c.program, top.top)


class Context:
    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch

    def work(self, name):
        top = os.path.join(self.scratch, name)
        os.makedirs(top)
        return top


def main():
    with tempfile.TemporaryDirectory(prefix="imgsan-registry-") as scratch:
        c = Context(os.path.abspath(sys.argv[1]), scratch)
        for test in (own_hives, places, of_hivex, states, rings, damaged):
            test(c)
            print("ok:", test.__name__)


if __name__ == "__main__":
    main()
