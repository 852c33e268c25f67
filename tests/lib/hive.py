# SPDX-License-Identifier: MIT
"""Hives of the Windows registry, written from scratch:

    hive.make({"Microsoft": {"X": {"values": {"Name": hive.text("v")}}}})

A key is a dict of subkeys; "values" holds its values, "link" makes it a link. Keys of many
members get the list of lists that Windows makes of more than 511, data of more than 16344
bytes lies in pieces."""
import struct

BIG = 511
PIECE = 16344
WRITTEN = 0x01d0000000000000  # FILETIME of every key


def text(value, expand=False):
    return (2 if expand else 1, value.encode("utf-16-le", "surrogatepass") + b"\0\0")


def texts(values):
    return (7, b"".join(v.encode("utf-16-le", "surrogatepass") + b"\0\0" for v in values) + b"\0\0")


def number(value):
    return (4, struct.pack("<I", value))


class Hive:
    def __init__(self, kind=b"lh"):
        self.cells = bytearray(32)  # of the first bin, its head
        self.kind = kind

    def cell(self, data):
        """Its place; the head counts, and eight bytes are the grain."""
        at = len(self.cells)
        size = (len(data) + 4 + 7) & ~7
        self.cells += struct.pack("<i", -size) + data + bytes(size - 4 - len(data))
        return at

    def name(self, text_):
        try:
            return text_.encode("latin-1"), True
        except UnicodeEncodeError:
            return text_.encode("utf-16-le", "surrogatepass"), False

    def value(self, name, kind, data):
        raw, latin = self.name(name)
        if len(data) <= 4:
            size, place = len(data) | 1 << 31, struct.unpack("<I", data.ljust(4, b"\0"))[0]
        elif len(data) > PIECE:
            pieces = [self.cell(data[i:i + PIECE] + bytes(4)) for i in range(0, len(data), PIECE)]
            listed = self.cell(b"".join(struct.pack("<I", p) for p in pieces))
            size, place = len(data), self.cell(b"db" + struct.pack("<HI", len(pieces), listed))
        else:
            size, place = len(data), self.cell(data)
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

    def key(self, name, members, parent, root=False):
        raw, latin = self.name(name)
        flags = (0x2c if root else 0) | (0x20 if latin else 0) | (0x10 if members.get("link") else 0)
        at = self.cell(bytes(76 + len(raw)))  # filled in below
        subs = [(self.key(k, v, at), k) for k, v in
                sorted(((k, v) for k, v in members.items() if k not in ("values", "link")), key=lambda kv: kv[0].upper())]
        values = [self.value(n, *v) for n, v in members.get("values", {}).items()]
        none = 0xffffffff
        listed = self.list(subs) if subs else none
        kept = self.cell(b"".join(struct.pack("<I", v) for v in values)) if values else none
        nk = b"nk" + struct.pack("<HQIIIIIIIIIIIIIIIHH", flags, WRITTEN, 0, parent, len(subs), 0,
                                 listed, none, len(values), kept, self.sk, none, 0, 0, 0, 0, 0, len(raw), 0) + raw
        self.cells[at + 4:at + 4 + len(nk)] = nk
        return at

    def make(self, tree):
        owner = bytes.fromhex("01000480140000002400000000000000340000000102000000000005200000002002000001020000"
                              "0000000520000000200200000200080001000000")
        self.sk = 0
        self.sk = len(self.cells)
        self.cell(b"sk" + struct.pack("<HIIII", 0, self.sk, self.sk, 1, len(owner)) + owner)
        root = self.key("ROOT", tree, 0, root=True)
        size = (len(self.cells) + 4095) & ~4095
        free = size - len(self.cells)
        if free:
            self.cells += struct.pack("<i", free) + bytes(free - 4)
        self.cells[:32] = b"hbin" + struct.pack("<IIQQI", 0, size, 0, 0x01d0000000000000, 0)
        base = b"regf" + struct.pack("<IIQIIIIIII", 1, 1, 0x01d0000000000000, 1, 5, 0, 1, root, size, 1)
        base = base.ljust(508, b"\0")
        check = 0
        for (word,) in struct.iter_unpack("<I", base):
            check ^= word
        base += struct.pack("<I", {0: 1, 0xffffffff: 0xfffffffe}.get(check, check))
        return base.ljust(4096, b"\0") + bytes(self.cells)


def make(tree, kind=b"lh"):
    return Hive(kind).make(tree)


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
