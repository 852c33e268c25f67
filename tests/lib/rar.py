# SPDX-License-Identifier: MIT
"""Stored RAR archives, versions 4 and 5: no free program writes them. From
WinRAR's technote.txt (both versions)."""
import os
import random
import struct
import zlib

from varint import varint


def _block4(kind, flags, body, more=b""):
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xffff) + head + more


def rar4(members):
    """{name: bytes} as bytes."""
    out = b"Rar!\x1a\x07\x00" + _block4(0x73, 0, bytes(6))
    for name, data in members.items():
        name = name.encode()
        fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x58210000, 20,
                             0x30, len(name), 0o100644)
        out += _block4(0x74, 0x8000, fields + name, data)
    return out + _block4(0x7b, 0x4000, b"")


def _block5(body):
    head = varint(len(body)) + body
    return struct.pack("<I", zlib.crc32(head)) + head


def rar5(members):
    out = b"Rar!\x1a\x07\x01\x00" + _block5(varint(1) + varint(0) + varint(0))
    for name, data in members.items():
        name = name.encode()
        # flags: has a data area; of the file: has a CRC; stored; host Unix
        body = b"".join(map(varint, (2, 2, len(data), 4, len(data), 0o100644)))
        body += struct.pack("<I", zlib.crc32(data)) + varint(0) + varint(1) + varint(len(name)) + name
        out += _block5(body) + data
    return out + _block5(varint(5) + varint(0) + varint(0))


def rar5_sealed():
    """The names are encrypted as well."""
    return b"Rar!\x1a\x07\x01\x00" + _block5(b"".join(map(varint, (4, 0, 0, 0))) + bytes([15]) +
                                              random.randbytes(16)) + random.randbytes(200)
