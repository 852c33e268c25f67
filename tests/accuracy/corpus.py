# SPDX-License-Identifier: MIT
"""A labelled corpus, made of the templates in templates/*.txt.

    for sample in corpus.make(seed, copies):    # see Sample

A family of samples begins with a line  === NAME FORMAT PATH [like=KIND]  and goes to the
next. In it (and in PATH)

    @[!NAME:PLACE]   is a secret, spelled as the place asks for (values.PLACES)
    @[?NAME:MORE]    may be told or not: what is found on its line does not count
    @[NAME:MORE]     is no secret (values.Draw.fill_NAME); app, user, host stay within a file
    @[one|two|]      is one of these
    @{2-5  ...  @}   lines that come so many times

`like` says for what kind of secret a family without any may be taken. Each line that
holds no secret is one that nothing may be found on. Every family belongs to one half of
the corpus: what is tuned is tuned on `tune`, and believed on `report`.
"""
import glob
import os
import re
import zlib
from dataclasses import dataclass, field

import values

HERE = os.path.dirname(os.path.abspath(__file__))
PLACE = re.compile(r"@\[([!?]?)([A-Za-z0-9]+)(?::([^\]|]*))?\]|@\[([^\]]*\|[^\]]*)\]")
# What is secret of a key block: the first and last line are the same for all.
KEY_BODY = re.compile(rb"KEY-----(?:\s|\\n)*(.*?)(?:\s|\\n)*-----END", re.S)


@dataclass
class Family:
    name: str
    form: str
    path: str
    like: str
    lines: list = field(default_factory=list)

    @property
    def half(self):
        return ("tune", "report")[zlib.crc32(self.name.encode()) & 1]


@dataclass
class Label:
    line: int    # from 1
    last: int    # the last line of it
    kind: str
    offset: int  # bytes
    length: int


@dataclass
class Sample:
    family: Family
    path: str    # in the root, absolute
    data: bytes
    labels: list
    either: set  # lines


def families():
    found = []
    for path in sorted(glob.glob(os.path.join(HERE, "templates", "*.txt"))):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.startswith("=== "):
                    parts = line.split()
                    like = [p[5:] for p in parts[4:]]
                    if len(parts) < 4 or len(like) > 1:
                        raise ValueError("%s:%d: what is this" % (path, number))
                    found.append(Family(*parts[1:4], like[0] if like else ""))
                elif found:
                    found[-1].lines.append(line)
    names = [family.name for family in found]
    if len(set(names)) != len(names):
        raise ValueError("twice: %s" % {n for n in names if names.count(n) > 1})
    return found


def repeated(lines, draw):
    """The lines, those between @{ and @} as often as drawn; one within another too."""
    out, at = [], 0
    while at < len(lines):
        if not lines[at].startswith("@{"):
            out.append(lines[at])
            at += 1
            continue
        low, _, high = lines[at][2:].strip().partition("-")
        end, deep = at + 1, 1
        while True:
            deep += lines[end].startswith("@{") - lines[end].startswith("@}")
            if not deep:
                break
            end += 1
        for _ in range(draw.number(int(low), int(high or low))):
            out += repeated(lines[at + 1:end], draw)
        at = end + 1
    return out


def filled(text, draw):
    """(bytes, labels, lines that do not count) of a template's text."""
    out, labels, either, at = b"", [], set(), 0
    for hit in PLACE.finditer(text):
        out += text[at:hit.start()].encode()
        at = hit.end()
        if hit.group(4) is not None:
            out += draw.of(hit.group(4).split("|")).encode()
        elif hit.group(1) == "!":
            kind, value = draw.secret(hit.group(2), hit.group(3) or "")
            # A key block is set in as far as its first line.
            inset = re.match(rb"[ \t]*", out[out.rfind(b"\n") + 1:]).group()
            value = value.replace(b"\n", b"\n" + inset)
            line = out.count(b"\n") + 1
            start, end = KEY_BODY.search(value).span(1) if kind == "private-key" else (0, len(value))
            labels.append(Label(line, line + value.count(b"\n"), kind, len(out) + start, end - start))
            out += value
        else:
            if hit.group(1) == "?":
                either.add(out.count(b"\n") + 1)
            out += draw.filler(hit.group(2), hit.group(3) or "").encode()
    return out + text[at:].encode(), labels, either


def make(seed, copies):
    """All samples; the same seed gives the same but for private keys."""
    draw = values.Draw(seed)
    for place, family in enumerate(families()):
        for number in range(copies):
            draw.begin("%s %d" % (family.name, number))
            path, *_ = filled(family.path, draw)
            data, labels, either = filled("".join(repeated(family.lines, draw)), draw)
            # The name of the family would tell a judge of paths too much.
            yield Sample(family, "/srv/%d/%d%s" % (place, number, path.decode()), data, labels, either)


def write(samples, root):
    for sample in samples:
        full = root + sample.path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(sample.data)
