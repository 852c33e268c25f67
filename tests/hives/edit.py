# SPDX-License-Identifier: MIT
"""agent/regf alone: every edit on hives of every form, against a model of it, and against
the same edits by libhivex; nothing of what went is left, nothing else changed. The result is
read by three: ours (lib/hive.py), libhivex and chntpw's."""
import errno
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import hive
import plant


def edit(t, data, *lines):
    """(results, the new hive or None)."""
    source, out = t.path("in.hive"), t.path("out.hive")
    with open(source, "wb") as file:
        file.write(data)
    if os.path.exists(out):
        os.unlink(out)
    tool = os.path.join(os.path.dirname(t.imgsan), "tests", "hive_edit")
    done = subprocess.run([tool, source, out], input="".join("\t".join(p) + "\n" for p in lines).encode("utf-8"),
                          capture_output=True, check=False, timeout=60)
    told = done.stdout.decode().splitlines()
    t.ok(told and told[-1].startswith("end "), "hive_edit ended with %d: %s" % (done.returncode, done.stderr[-300:]))
    new = None
    if os.path.exists(out):
        with open(out, "rb") as file:
            new = file.read()
    return told[:-1], new


def sound(t, data, what):
    """The reader of a hive that Windows would like and that holds nothing but itself."""
    try:
        reader = hive.Reader(data)
    except (AssertionError, KeyError) as fault:
        t.ok(False, "%s is damaged: %r" % (what, fault))
        return None
    t.equal((reader.faults, reader.rests, reader.lost), ([], [], []), what)
    return reader


def hidden(data, canary):
    return canary.encode() in data or canary.encode("utf-16-le") in data


# ---- other readers ----

def by_hivex(path):
    """What libhivex says of a hive, without where in the file it stands."""
    out = subprocess.run(["hivexml", path], capture_output=True, check=False)
    return out.returncode, re.sub(rb"<byte_run[^>]*/>|</?byte_runs>", b"", out.stdout)


def by_reged(path):
    """The values that chntpw's library knows (of long data in pieces it shows the first bytes of
    the list, and those are places, so such lines are left out)."""
    out = path + ".reg"
    done = subprocess.run(["reged", "-x", path, "P", "\\", out], capture_output=True, check=False)
    text = b""
    if os.path.exists(out):
        with open(out, "rb") as file:
            text = file.read()
        os.unlink(out)
    return done.returncode, re.sub(rb'"[^"\r]*"=hex[^:]*:64,62,(?:[^\r]*\\\r\n)*[^\r]*\r\n', b"", text)


def others(t, data, model, what):
    """A hive written anew from the model, without what went, says the same to both."""
    if not shutil.which("hivexml") or not shutil.which("reged"):
        t.note("skipped: hivexml or reged is not here")
        return
    paths = []
    for name, content in (("got", data), ("wanted", model)):
        paths.append(t.path(name + ".hive"))
        with open(paths[-1], "wb") as file:
            file.write(content)
    for reader in (by_hivex, by_reged):
        got, wanted = reader(paths[0]), reader(paths[1])
        t.ok(got[0] == wanted[0] and got[1], "%s can not read %s" % (reader.__name__, what))
        t.ok(got[1] == wanted[1], "%s reads something else in %s" % (reader.__name__, what))


# ---- edits on a model ----

def tree(t, canaries):
    def secret():
        canaries.append(plant.token(24))
        return canaries[-1]

    other = bytearray(hive.OWNER)
    other[-1] = 7
    return {
        "Vendor": {
            "Agent": {"values": {"Token": hive.text(secret()), "Keep": hive.text("stays"), "": hive.text(secret()),
                                 "Small": (3, b"ab"), "Number": hive.number(77),
                                 "Big": (3, secret().encode() * 2000), "": hive.text(secret()),
                                 "BigStays": (3, bytes(range(256)) * 150), "Nothing": (0, b"")},
                      "Sub": {"values": {"x": hive.text("y")}}},
            secret(): {"values": {"v": hive.text(secret()), "long": (7, secret().encode("utf-16-le") * 1500)},
                       hive.CLASS: secret(), hive.SECURITY: bytes(other),
                       "Deep": {secret(): {"values": {"n": hive.number(3)}, "\u738b" + secret()[:9]: {}}}},
            "\u00c4rger \u738b": {"values": {"\u738b" + "name": hive.text("\u738b")}, hive.CLASS: "cls"}},
        "Many": {"k%04d" % i: {"values": {"n": hive.number(i)}} for i in range(1300)},
        "Empty": {}}


def apply(model, line):
    key = model
    path = line[1].split("\\") if line[1] else []
    for part in path[:-1] if line[0] == "drop" else path:
        key = key[next(k for k in key if isinstance(k, str) and k != "values" and k.lower() == part.lower())]
    if line[0] == "drop":
        del key[next(k for k in key if isinstance(k, str) and k.lower() == path[-1].lower())]
    elif line[0] == "empty":
        for name in [k for k in key if isinstance(k, str)]:
            del key[name]
    else:
        name = next(k for k in key["values"] if k.lower() == line[2].lower())
        if line[0] == "remove":
            del key["values"][name]
        else:
            key["values"][name] = (key["values"][name][0], bytes.fromhex(line[3]))


def forms():
    for kind in (b"lf", b"lh", b"li"):
        for minor in (3, 5, 6):
            yield {"kind": kind, "minor": minor}


def removed(t):
    for form in forms():
        canaries = []
        litter = plant.token(24)
        model = tree(t, canaries)
        data = hive.make(model, litter=litter.encode(), **form) + litter.encode()
        named = next(k for k in model["Vendor"] if k in canaries)
        lines = [("remove", "vendor\\AGENT", "token"), ("remove", "Vendor\\Agent", ""),
                 ("remove", "Vendor\\Agent", "Big"), ("drop", "Vendor\\" + named)]
        lines += [("drop", "Many\\k%04d" % i) for i in random.sample(range(1300), 60)]
        lines += [("drop", "Many\\k%04d" % i) for i in range(511, 1022)] if form["minor"] == 5 else []
        lines = list(dict.fromkeys(lines))
        told, new = edit(t, data, *lines)
        t.equal(sorted(set(told)), ["0"], "results of %r" % form)
        for line in lines:
            apply(model, line)
        what = "a hive of %r" % form
        reader = sound(t, new, what)
        if not reader:
            continue
        wanted = hive.make(model, **form)
        t.ok(reader.keys == hive.Reader(wanted).keys, what + ": keys, classes, times, descriptors, values")
        left = [c for c in canaries + [litter] if hidden(new, c)]
        t.equal(left, [], what + ": canaries")
        t.equal(len(new), len(data), what + ": its length")
        others(t, new, wanted, what)
        again, same = edit(t, new)
        t.ok(same == new and not again, what + ": a second sweep changes nothing")


def written(t):
    canaries = []
    model = tree(t, canaries)
    data = hive.make(model)
    big = (b"z" * 24 * 2000).hex()
    lines = [("write", "Vendor\\Agent", "Token", b"t".hex()), ("write", "Vendor\\Agent", "Small", (b"w" * 3000).hex()),
             ("write", "Vendor\\Agent", "Number", b"\1\2\3\4".hex()), ("write", "Vendor\\Agent", "Big", big),
             ("write", "Vendor\\Agent", "", ""), ("write", "Vendor\\Agent", "Nothing", (b"n" * 16344).hex()),
             ("write", "Vendor\\Agent\\Sub", "x", (b"m" * 12000).hex())]
    told, new = edit(t, data, *lines)
    t.equal(told, ["0"] * len(lines), "results of writing")
    for line in lines:
        apply(model, line)
    reader = sound(t, new, "what was written to")
    wanted = hive.make(model)
    t.ok(reader and reader.keys == hive.Reader(wanted).keys, "what was written")
    others(t, new, wanted, "what was written to")
    gone = canaries[0], canaries[1], canaries[2], canaries[3]
    t.equal([c for c in gone if hidden(new, c)], [], "what was written over")
    told, _ = edit(t, new, ("read", "Vendor\\Agent", "Small"), ("read", "Vendor\\agent", "BIG"),
                   ("write", "Vendor\\Agent", "Token", "00" * 16345))
    t.equal(told, ["3 %s 0" % (b"w" * 3000).hex(), "3 %s 0" % big, str(-errno.EFBIG)], "read again")


def emptied(t):
    canaries = []
    model = tree(t, canaries)
    told, new = edit(t, hive.make(model), ("empty", "vendor"), ("empty", "Many"), ("empty", "Empty"))
    t.equal(told, ["0"] * 3, "results of emptying")
    reader = sound(t, new, "what was emptied")
    t.equal(sorted(reader.keys), ["", "Empty", "Many", "Vendor"], "what stays")
    t.equal([c for c in canaries if hidden(new, c)], [], "what was emptied")
    told, new = edit(t, hive.make(model), ("empty", ""))
    t.equal((told, sorted(sound(t, new, "an empty hive").keys)), (["0"], [""]), "the root")


def missing(t):
    model = tree(t, [])
    data = hive.make(model)
    told, new = edit(t, data, ("remove", "Vendor\\Agent", "Toke"), ("remove", "Vendor\\No", "x"), ("drop", "No"),
                     ("drop", "Vendor\\Agent\\Sub\\x"), ("drop", ""), ("remove", "Empty", ""),
                     ("write", "Vendor", "a", "00"))
    gone = str(-errno.ENOENT)
    t.equal(told, [gone] * 4 + [str(-errno.EINVAL), gone, gone], "what is not there")
    t.ok(new == data, "nothing was changed")


def hostile(t):
    """What is not sound is refused; a link to another key is not followed."""
    data = hive.make({"A": {"B": {"values": {"v": hive.text("a value of some length")}}}})
    reader = hive.Reader(data)
    keys = [p for p in reader.taken if data[4100 + p:4102 + p] == b"nk"]
    lists = [p for p in reader.taken if data[4100 + p:4102 + p] == b"lh"]
    values = [p for p in reader.taken if data[4100 + p:4102 + p] == b"vk"]
    last = keys[-1]

    def changed(at, number):
        new = bytearray(data)
        new[4096 + at:4100 + at] = number.to_bytes(4, "little")
        return bytes(new)

    link = bytearray(data)
    link[4100 + keys[1] + 2] |= 0x10
    told, _ = edit(t, bytes(link), ("remove", "A\\B", "v"), ("drop", "A"))
    t.equal(told, [str(-errno.ELOOP)] * 2, "through a link")
    for what, bad, code in (
            ("a key that is its own parent", changed(lists[0] + 8, keys[0]), errno.EBADMSG),
            ("a list that two keys name", changed(last + 4 + 28, lists[0]), 0),  # it says that it has none
            ("more subkeys than listed", changed(keys[0] + 4 + 20, 2), errno.EBADMSG),
            ("a list of values that is none", changed(last + 4 + 40, 0x7ffffff8), errno.EBADMSG),
            ("a million values", changed(last + 4 + 36, 1000000), errno.EBADMSG),
            ("data that is longer than its cell", changed(values[0] + 4 + 4, 500), errno.EBADMSG),
            ("data in a free cell", changed(values[0] + 4 + 8, max(p for p, n in reader.lengths.items() if n > 0)),
             errno.EBADMSG),
            ("no descriptor", changed(last + 4 + 44, 0xffffffff), errno.EBADMSG),
            ("a cell that ends behind its bin", changed(last, 0x80000000), errno.EBADMSG),
            ("a cell of no bytes", changed(last, 0), errno.EBADMSG),
            ("a bin elsewhere", changed(4, 4096), errno.EBADMSG),
            ("cut off", data[:-1], errno.EBADMSG), ("no hive", b"x" * 9000, errno.EBADMSG),
            ("empty", b"", errno.EBADMSG),
            ("dirty", hive.dirty(data), errno.EBUSY),
            ("a wrong checksum", data[:508] + bytes(4) + data[512:], errno.EBUSY),
            ("an old version", hive.make({}, minor=2), errno.ENOTSUP)):
        source = t.path("bad.hive")
        with open(source, "wb") as file:
            file.write(bad)
        tool = os.path.join(os.path.dirname(t.imgsan), "tests", "hive_edit")
        done = subprocess.run([tool, source, t.path("bad.out")], stdin=subprocess.DEVNULL, capture_output=True,
                              check=False, timeout=60)
        t.equal(done.stdout.decode().split("\n")[-2], "end %d" % -code, what)


def as_libhivex(t):
    """libhivex takes the same away: what both leave is the same, and its bytes stay in the file
    until ours has gone over it."""
    if not shutil.which("hivexsh"):
        t.note("skipped: hivexsh is not here")
        return
    canaries = []
    model = tree(t, canaries)
    data = hive.make(model)
    named = next(k for k in model["Vendor"] if k in canaries)
    ours = edit(t, data, ("drop", "Vendor\\" + named), ("drop", "Many"))[1]
    path = t.path("theirs.hive")
    with open(path, "wb") as file:
        file.write(data)
    script = "cd \\Vendor\\%s\ndel\ncd \\Many\ndel\ncommit\n" % named  # the first has a value in pieces
    done = subprocess.run(["hivexsh", "-w", path], input=script.encode(), capture_output=True, check=False)
    t.equal((done.returncode, done.stderr), (0, b""), "hivexsh")
    with open(path, "rb") as file:
        theirs = file.read()
    went = [c for c in canaries if hidden(data, c) and not hidden(ours, c)]
    t.ok(len(went) > 3, "something went")
    t.ok(any(hidden(theirs, c) for c in went) and hive.Reader(theirs).lost,
         "libhivex leaves bytes and cells; where it does not, this is to be said no more")
    _, swept = edit(t, theirs)
    t.equal([c for c in went if hidden(swept, c)], [], "after a sweep of its hive")
    reader = sound(t, swept, "what libhivex wrote, swept")
    t.ok(reader.keys == sound(t, ours, "ours").keys, "libhivex leaves the same keys")


def test(t):
    for part in (removed, written, emptied, missing, hostile, as_libhivex):
        part(t)


check.main(test)
