# SPDX-License-Identifier: MIT
"""Thousands of cut and flipped archives of every kind in one tree: the scan ends, no
process that examined one dies or hangs, and what lies beside them is found."""
import collections
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import archives
import check
import plant


def cut(chance, data):
    return data[:chance.randrange(len(data))]


def flipped(chance, data):
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        # Most of what is fragile stands in front or at the end.
        at = chance.choice((chance.randrange(len(out)), chance.randrange(min(len(out), 600)),
                            len(out) - 1 - chance.randrange(min(len(out), 200))))
        out[at] ^= 1 << chance.randrange(8)
    return bytes(out)


def filled(chance, data):
    """A field that says the most or nothing at all."""
    out = bytearray(data)
    size = chance.choice((2, 4, 8))
    at = chance.randrange(max(1, min(len(out), 2000) - size))
    out[at:at + size] = chance.choice((b"\xff", b"\0", b"\x7f")) * size
    return bytes(out)


def dropped(chance, data):
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randrange(1, 40):]


DAMAGE = (cut, flipped, filled, dropped)


def whole_ones(chance):
    """{kind: bytes}: every archive, every compression, some in each other."""
    files = {"a/first.txt": b"some words\n" * 30, "b.bin": chance.randbytes(1500),
             "c/last.txt": b"%d\n" * 200}
    found = {kind: make(files) for kind, make in archives.makers().items()}
    for name, pack in archives.packers().items():
        found["text." + name] = pack(b"words and %d\n" % chance.randrange(10**9) * 100 +
                                     chance.randbytes(2000))
        found["tar." + name] = pack(archives.tar(files))
    found["tar-of-zip"] = archives.tar({"in.zip": archives.zipped(files), "z": b"z"})
    found["zip-of-7z"] = archives.zipped({"in.7z": found.get("7z", b"none"), "z": b"z"})
    return found


def test(t):
    g = plant.bare(t.dir("guest"))
    t.note("seed %d" % t.seed)
    chance = random.Random(t.seed)
    beside, count = set(), 0
    for kind, data in sorted(whole_ones(chance).items()):
        # A disk image is large and mostly empty.
        many = (10 if len(data) > 100000 else 40) * (10 if t.long else 1)
        for damage in DAMAGE:
            for number in range(many):
                g.write("/srv/%s/%s-%d" % (kind, damage.__name__, number), damage(chance, data))
                count += 1
        path = "/srv/%s/beside" % kind
        g.decoy(path, archives.tar({"token.txt": b"key %s\n" % plant.github().encode()}))
        beside.add(path)
    run = t.run("scan", "--root", g.root)
    t.equal(run.code, 5, "exit code")
    t.ok(run.report and run.report["complete"], "the scan is complete")
    words = collections.Counter(f["text"] for f in run.findings("unexamined"))
    for text, times in sorted(words.items()):
        t.note("%5d %s" % (times, text))
        t.ok("The process" not in text, text)
    t.note("of %d damaged files" % count)
    t.ok(count > 4000, "%d damaged files" % count)
    t.ok(sum(words.values()) > count // 3, "few were told")
    told = collections.Counter((f["path"], f["text"]) for f in run.findings("unexamined"))
    t.equal([key for key, times in told.items() if times > 1], [], "told more than once")
    t.equal({f["path"] for f in run.findings("secret") if f["member"] == "token.txt"}, beside,
            "what lies beside")


check.main(test)
