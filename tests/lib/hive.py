# SPDX-License-Identifier: MIT
"""Hives of the Windows registry, written from scratch:

    hive.make({"Microsoft": {"X": {"values": {"Name": hive.text("v")}}}})

A key is a dict of subkeys; "values" holds its values, "link" makes it a link. Keys of many
members get the list of lists that Windows makes of more than 511, data of more than 16344
bytes lies in pieces."""
import struct

BIG = 511
PIECE = 16344  # bytes of a value in one cell
NONE = 0xffffffff
WRITTEN = 0x01d0000000000000  # FILETIME of every key
CLASS, SECURITY = ("class",), ("security",)  # of a key, beside its subkeys and "values"
OWNER = bytes.fromhex("01000480140000002400000000000000340000000102000000000005200000002002000001020000"
                      "0000000520000000200200000200080001000000")


def text(value, expand=False):
    return (2 if expand else 1, value.encode("utf-16-le", "surrogatepass") + b"\0\0")


def texts(values):
    return (7, b"".join(v.encode("utf-16-le", "surrogatepass") + b"\0\0" for v in values) + b"\0\0")


def number(value):
    return (4, struct.pack("<I", value))


def checksum(block):
    check = 0
    for (word,) in struct.iter_unpack("<I", block[:508]):
        check ^= word
    return {0: 1, 0xffffffff: 0xfffffffe}.get(check, check)


class Hive:
    """`litter`: what lies in each cell behind its content, and in a free one behind it."""

    def __init__(self, kind=b"lh", litter=b"", minor=5):
        self.cells = bytearray()
        self.end = 0  # of the bin at hand
        self.kind, self.litter, self.minor = kind, litter, minor
        self.securities = {}

    def fill(self, size):
        return (self.litter * size)[:size].ljust(size, b"\0")

    def free(self):
        """What is left of the bin."""
        left = self.end - len(self.cells)
        if left:
            self.cells += struct.pack("<i", left) + self.fill(left - 4)

    def raw(self, data, used=True):
        """Its place; the head counts, and eight bytes are the grain."""
        size = (len(data) + 4 + 7) & ~7
        if len(self.cells) + size > self.end:
            self.free()
            at, whole = len(self.cells), (size + 32 + 4095) & ~4095
            self.cells += b"hbin" + struct.pack("<IIQQI", at, whole, 0, 0x01d0000000000000, 0)
            self.end = at + whole
        at = len(self.cells)
        self.cells += struct.pack("<i", -size if used else size) + data + self.fill(size - 4 - len(data))
        return at

    def cell(self, data):
        at = self.raw(data + self.litter)
        if self.litter:
            self.raw(self.litter, used=False)
        return at

    def name(self, text_):
        try:
            return text_.encode("latin-1"), True
        except UnicodeEncodeError:
            return text_.encode("utf-16-le", "surrogatepass"), False

    def data(self, data):
        if len(data) <= PIECE or self.minor < 4:
            return self.cell(data)
        # Without litter: libhivex takes all of a cell for data.
        pieces = [self.raw(data[i:i + PIECE]) for i in range(0, len(data), PIECE)]
        listed = self.cell(b"".join(struct.pack("<I", p) for p in pieces))
        return self.cell(b"db" + struct.pack("<HI", len(pieces), listed))

    def value(self, name, kind, data):
        raw, latin = self.name(name)
        if len(data) <= 4:
            size, place = len(data) | 1 << 31, struct.unpack("<I", data.ljust(4, b"\0"))[0]
        else:
            size, place = len(data), self.data(data)
        return self.cell(b"vk" + struct.pack("<HIIIHH", len(raw), size, place, kind, latin, 0) + raw)

    def list(self, places):
        """places: [(key, its name)]"""
        if len(places) > BIG:
            parts = [self.list(places[i:i + BIG]) for i in range(0, len(places), BIG)]
            return self.cell(b"ri" + struct.pack("<H", len(parts)) +
                             b"".join(struct.pack("<I", p) for p in parts))
        out = self.kind + struct.pack("<H", len(places))
        for place, name in places:
            out += struct.pack("<I", place)
            if self.kind == b"lf":
                out += name.encode("latin-1", "replace")[:4].ljust(4, b"\0")
            elif self.kind == b"lh":
                value = 0
                for c in name.upper():
                    value = (value * 37 + ord(c)) & 0xffffffff
                out += struct.pack("<I", value)
        return self.cell(out)

    def security(self, descriptor):
        """The place of its cell; the ring is closed at the end."""
        if descriptor not in self.securities:
            self.securities[descriptor] = [self.cell(b"sk" + bytes(14) + struct.pack("<I", len(descriptor)) +
                                                     descriptor), 0]
        self.securities[descriptor][1] += 1
        return self.securities[descriptor][0]

    def close_ring(self):
        ring = list(self.securities.values())
        for i, (place, count) in enumerate(ring):
            struct.pack_into("<III", self.cells, place + 8, ring[(i + 1) % len(ring)][0], ring[i - 1][0], count)

    def key(self, name, members, parent, root=False):
        raw, latin = self.name(name)
        flags = (0x2c if root else 0) | (0x20 if latin else 0) | (0x10 if members.get("link") else 0)
        at = self.cell(bytes(76 + len(raw)))  # filled in below
        security = self.security(members.get(SECURITY, OWNER))
        class_ = members.get(CLASS, "").encode("utf-16-le")
        subs = [(self.key(k, v, at), k) for k, v in
                sorted(((k, v) for k, v in members.items() if isinstance(k, str) and k not in ("values", "link")),
                       key=lambda kv: kv[0].upper())]
        values = [self.value(n, *v) for n, v in members.get("values", {}).items()]
        listed = self.list(subs) if subs else NONE
        kept = self.cell(b"".join(struct.pack("<I", v) for v in values)) if values else NONE
        classed = self.cell(class_) if class_ else NONE
        nk = b"nk" + struct.pack("<HQIIIIIIIIIIIIIIIHH", flags, WRITTEN, 0, parent, len(subs), 0,
                                 listed, NONE, len(values), kept, security, classed, 0, 0, 0, 0, 0, len(raw),
                                 len(class_)) + raw
        self.cells[at + 4:at + 4 + len(nk)] = nk
        return at

    def make(self, tree):
        root = self.key("ROOT", tree, 0, root=True)
        self.close_ring()
        self.free()
        base = b"regf" + struct.pack("<IIQIIIIIII", 1, 1, 0x01d0000000000000, 1, self.minor, 0, 1, root,
                                     len(self.cells), 1)
        base = base.ljust(508, b"\0")
        base += struct.pack("<I", checksum(base)) + self.fill(200 if self.litter else 0)
        return base.ljust(4096, b"\0") + bytes(self.cells)


def make(tree, kind=b"lh", **more):
    return Hive(kind, **more).make(tree)


def dirty(hive):
    """The first number of the sequence is ahead, as while Windows writes."""
    block = bytearray(hive)
    struct.pack_into("<I", block, 4, struct.unpack_from("<I", block, 8)[0] + 1)
    struct.pack_into("<I", block, 508, checksum(block))
    return bytes(block)


def log(hive, pages, sequence=0):
    """A log of the newer form, of one entry: the first block and pages of the hive."""
    block = bytearray(hive[:512])
    struct.pack_into("<I", block, 28, 6)
    struct.pack_into("<I", block, 508, checksum(block))
    data = b"".join(pages)
    size = (40 + 8 * len(pages) + len(data) + 511) & ~511
    entry = b"HvLE" + struct.pack("<IIIII", size, 0, sequence, len(hive) - 4096, len(pages)) + bytes(16)
    entry += b"".join(struct.pack("<II", 4096 * i, len(p)) for i, p in enumerate(pages)) + data
    return bytes(block) + entry.ljust(size, b"\0")


class Reader:
    """All that a hive holds, read by nothing that imgsan has, and every byte accounted for.

    keys     {path: (flags, time, class, security descriptor, {value: (type, data)})}
    faults   what Windows would not like
    rests    bytes that belong to nothing and are no zeros
    lost     cells in use that nothing names"""

    def __init__(self, data):
        self.data, self.faults = data, []
        self.root, self.size = struct.unpack_from("<II", data, 36)
        self.minor = struct.unpack_from("<I", data, 24)[0]
        if checksum(data) != struct.unpack_from("<I", data, 508)[0]:
            self.faults.append("checksum")
        if data[4:8] != data[8:12]:
            self.faults.append("dirty")
        self.taken, self.references, self.keys = {}, {}, {}
        self.lengths = dict(self.tiles())
        self.key(self.root, "")
        self.ring()
        self.rest()

    def number(self, at):
        return struct.unpack_from("<I", self.data, 4096 + at)[0]

    def tiles(self):
        at = 0
        while at < self.size:
            sign, place, size = struct.unpack_from("<4sII", self.data, 4096 + at)
            assert sign == b"hbin" and place == at and size % 4096 == 0 and size, "bin at %x" % at
            end, free = at + size, False
            at += 32
            while at < end:
                length = struct.unpack_from("<i", self.data, 4096 + at)[0]
                assert length % 8 == 0 and length and abs(length) <= end - at, "cell at %x" % at
                if length > 0 and free:
                    self.faults.append("two free cells side by side at %x" % at)
                free = length > 0
                yield at, length
                at += abs(length)
            assert at == end

    def cell(self, place, used):
        length = -self.lengths[place] - 4
        assert 0 <= used <= length, "%x: %d of %d" % (place, used, length)
        assert place not in self.taken, "%x is taken twice" % place
        self.taken[place] = used
        return self.data[4100 + place:4100 + place + used]

    @staticmethod
    def text(raw, latin):
        return raw.decode("latin-1" if latin else "utf-16-le", "surrogatepass")

    def value_data(self, size, place, vk):
        if size >> 31:
            return self.data[4096 + vk + 12:][:size & 0x7fffffff]
        if not size:
            return b""
        if size > PIECE and self.minor > 3 and -self.lengths[place] - 4 < size:
            sign, count, listed = struct.unpack("<2sHI", self.cell(place, 8))
            assert sign == b"db"
            out = b""
            for (piece,) in struct.iter_unpack("<I", self.cell(listed, 4 * count)):
                out += self.cell(piece, min(PIECE, size - len(out)))
            assert len(out) == size
            return out
        return self.cell(place, size)

    def subkeys(self, place):
        sign, count = struct.unpack_from("<2sH", self.data, 4100 + place)
        assert count
        stride = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}[sign]
        listed = self.cell(place, 4 + count * stride)
        for i in range(count):
            member = struct.unpack_from("<I", listed, 4 + i * stride)[0]
            yield from self.subkeys(member) if sign == b"ri" else (member,)

    def key(self, place, path):
        (sign, flags, time, _, _, subs, _, listed, _, values, kept, security, classed, *_, name_len,
         class_len) = struct.unpack_from("<2sHQIIIIIIIIIIIIIIIHH", self.data, 4100 + place)
        assert sign == b"nk"
        name = self.text(self.cell(place, 76 + name_len)[76:], flags & 0x20)
        if place != self.root:
            path = path + "\\" + name if path else name
        self.references[security] = self.references.get(security, 0) + 1
        told = {}
        for (vk,) in struct.iter_unpack("<I", self.cell(kept, 4 * values) if values else b""):
            sign, length, size, data, kind, latin = struct.unpack_from("<2sHIIIH", self.data, 4100 + vk)
            assert sign == b"vk"
            value = self.text(self.cell(vk, 20 + length)[20:], latin & 1)
            told[value] = (kind, self.value_data(size, data, vk))
        self.keys[path] = (flags, time, self.cell(classed, class_len) if class_len else b"",
                           self.data[4096 + security + 24:][:self.number(security + 20)], told)
        below = list(self.subkeys(listed)) if subs else []
        assert len(below) == subs
        for member in below:
            self.key(member, path)

    def ring(self):
        start = at = self.number(self.root + 4 + 44)
        seen = {}
        while at not in seen:
            seen[at] = self.number(at + 16)
            self.cell(at, 20 + self.number(at + 20))
            assert self.number(self.number(at + 8) + 12) == at, "ring"
            at = self.number(at + 8)
        assert at == start
        if seen != self.references:
            self.faults.append("references %r, wanted %r" % (seen, self.references))

    def rest(self):
        self.rests = [b for b in (self.data[512:4040], self.data[4096 + self.size:]) if any(b)]
        self.lost = [p for p, n in self.lengths.items() if n < 0 and p not in self.taken]
        for place, length in self.lengths.items():
            left = self.data[4100 + place + self.taken.get(place, 0):4096 + place + abs(length)]
            if any(left):
                self.rests.append(left)


def software(profiles, product="Windows Server 2022 Standard", build="20348", root="C:\\Windows", **more):
    """The hive SOFTWARE with these profiles: {sid: path}."""
    version = {"ProductName": text(product), "CurrentBuildNumber": text(build), "SystemRoot": text(root),
               "UBR": number(169), "DisplayVersion": text("21H2")}
    return make({"Microsoft": {"Windows NT": {"CurrentVersion": {
        "values": version,
        "ProfileList": dict({sid: {"values": {"ProfileImagePath": text(path, expand=True), "State": number(0)}}
                             for sid, path in profiles.items()},
                            values={"ProfilesDirectory": text("%SystemDrive%\\Users", expand=True)})}}},
        "Other": {"k%04d" % i: {} for i in range(1200)}}, **more)
