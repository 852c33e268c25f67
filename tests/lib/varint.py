# SPDX-License-Identifier: MIT
"""Numbers of any size, seven bits to the byte and the low ones first: sizes in deltas of
git, everything in RAR 5."""


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])
