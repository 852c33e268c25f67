# SPDX-License-Identifier: MIT
"""Files that are redacted and then read by a parser that is not ours.

    FILES = [("INI", "app.ini", PARSER, "password = «@»\\n"), ...]
    formats.run(t, FILES, DECOYS, ["INI"])

A template's secrets stand between « and »: each is redacted whole, and nothing else may
change. In a secret @ stands for ten random characters, {alnum:12} and the like for what
they are in sample templates, and one that begins with = is the base64 of the rest (=~: folded). At the
end a table tells which parser read which format. What is not installed is skipped, but
a failure where all that `dev` installs for tests is there."""
import base64
import configparser
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

import plant

ROOT_ONLY = "skipped: needs root"
DEV = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dev")


class Refused(ValueError):
    """A parser does not take a file."""


class Parser:
    """parse(data, scratch) gives lists, dicts and texts; `needs` are programs, or
    modules of Python when they begin with a dot."""

    def __init__(self, name, parse, *needs, root=False):
        self.name, self.parse, self.needs, self.root = name, parse, needs, root

    def missing(self):
        for need in self.needs:
            found = importlib.util.find_spec(need[1:]) if need[0] == "." else program(need)
            if not found:
                return need
        return None


def program(name):
    """The system's own before others; some is for root, and not in everybody's PATH."""
    return shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin:" + os.environ.get("PATH", ""))


def written(scratch, name, data):
    path = os.path.join(scratch, name)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, 0o600)
    return path


def called(scratch, argv, data=b"", codes=(0,), **env):
    """What a program says. Its home is the scratch directory."""
    done = subprocess.run([program(argv[0])] + list(argv[1:]), input=data, capture_output=True,
                          check=False, timeout=120, cwd=scratch,
                          env={**os.environ, "HOME": scratch, "LC_ALL": "C.UTF-8", **env})
    if done.returncode not in codes:
        raise Refused((done.stdout + done.stderr).decode(errors="replace")[-400:])
    return done.stdout.decode()


def tool(*argv, ext="", read=str.splitlines, name=None, **env):
    """A program that reads the file as its standard input, or where FILE is said."""
    def parse(data, scratch):
        path = written(scratch, "parsed" + ext, data)
        return read(called(scratch, [a.replace("FILE", path) for a in argv], data, **env))
    return Parser(name or " ".join(argv[:2]), parse, argv[0])


def module(name, call):
    """A module of Python; call(module, data) gives the document."""
    return Parser(name, lambda data, _: call(importlib.import_module(name), data), "." + name)


def augeas(lens):
    """The tree that a lens of Augeas makes, one line for each node."""
    def parse(data, scratch):
        root = os.path.join(scratch, "augeas")
        os.makedirs(root, exist_ok=True)
        written(root, "parsed", data)
        said = called(scratch, ["augtool", "-r", root, "-A", "-t", lens + " incl /parsed",
                                "print /files/parsed\nprint /augeas//error"])
        if not said.startswith("/files/parsed\n") or "/error" in said:
            raise Refused(said[-400:])
        return said.splitlines()
    return Parser("Augeas " + lens, parse, "augtool")


def ini(data, _):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string(data.decode())
    return {name: dict(parser[name]) for name in parser.sections()}


def element(node):
    return [node.tag, node.attrib, node.text or "", node.tail or "", [element(n) for n in node]]


INI = Parser("configparser", ini)
XML = Parser("expat", lambda data, _: element(xml.etree.ElementTree.fromstring(data)))


def both(first, second):
    """Two parsers: a server that checks its own settings but shows nothing, and one that shows."""
    return Parser("%s, %s" % (first.name, second.name),
                  lambda data, scratch: [first.parse(data, scratch), second.parse(data, scratch)],
                  *(first.needs + second.needs), root=first.root or second.root)


def needed_is_there():
    """Whether all that `dev` installs for tests is installed, by the word of dpkg."""
    with open(DEV, encoding="utf-8") as file:
        packages = re.search(r'TEST_NEEDS=\(\s*\[apt-get\]="([^"]*)"', file.read()).group(1).split()
    if not shutil.which("dpkg-query"):
        return False
    said = subprocess.run(["dpkg-query", "-W", "-f", "${Status}\n"] + packages, capture_output=True,
                          text=True, check=False)
    return said.stdout.count("install ok installed") == len(packages)


# ---- a planted file ----

def drawn(text, parts):
    def one(_):
        parts.append(plant.pick("alnum", 9) + plant.pick("digit", 1))
        return parts[-1]
    text, more = plant.expand(text)
    parts += more
    return re.sub("@", one, text)


def encoded(text, parts):
    """The base64 of a secret; with ~ in front in lines as LDIF folds them."""
    whole = base64.b64encode(drawn(text.lstrip("~"), parts).encode()).decode()
    parts.append(whole)
    return "\n ".join(whole[n:n + 40] for n in range(0, len(whole), 40)) if text[0] == "~" else whole


class Plan:
    """A file as it was planted, where in it the secrets stand, and what is random in each."""

    def __init__(self, number, entry):
        self.format, name, self.parser, template = entry
        self.path = name if name[0] == "/" else "/srv/app/%d/%s" % (number, name)
        self.text, self.ranges, self.parts = b"", [], []
        for n, piece in enumerate(template.replace("»", "«").split("«")):
            parts = []
            if n % 2:
                coded = piece.startswith("=")
                piece = encoded(piece[1:], parts) if coded else drawn(piece, parts)
                self.ranges.append((len(self.text), len(self.text) + len(piece.encode()), coded))
                self.parts.append(parts)
            self.text += piece.encode()

    def name(self):
        return "%s, %s" % (self.format, os.path.basename(self.path))


def texts(a, b, path=""):
    """Pairs of texts that are not the same in two documents; another form is an error."""
    if type(a) is not type(b):
        raise Refused("%s: %r, was %r" % (path, type(b), type(a)))
    if isinstance(a, dict):
        a, b = [[k, v] for k, v in a.items()], [[k, v] for k, v in b.items()]
    if isinstance(a, (list, tuple)):
        if len(a) != len(b):
            raise Refused("%s: %d parts, were %d" % (path, len(b), len(a)))
        return [d for n, (x, y) in enumerate(zip(a, b)) for d in texts(x, y, "%s/%d" % (path, n))]
    if a != b and not isinstance(a, str):
        raise Refused("%s: %r, was %r" % (path, b, a))
    return [(a, b)] if a != b else []


FILLER = re.compile(r"[REDACTx\s\\]*=*")


def is_filler(text):
    """What may stand where a secret stood: as it is, or as what base64 of it decodes to,
    or as base64 of it."""
    if FILLER.fullmatch(text):
        return True
    try:
        return bool(FILLER.fullmatch(base64.b64encode(text.encode("latin1")).decode()) or
                    re.fullmatch(rb"[\w:]*?RE?D?A?C?T?E?D?x*", base64.b64decode(text, validate=True)))
    except ValueError:
        return False


def changed_part(was, new):
    """The middle of two texts, less what both begin and end with."""
    head = len(os.path.commonprefix([was, new]))
    tail = len(os.path.commonprefix([was[head:][::-1], new[head:][::-1]]))
    return new[head:len(new) - tail]


def bytes_of(t, plan, now):
    """Nothing of a secret is left, and nothing beside it is another."""
    t.equal(len(now), len(plan.text), plan.name() + ": size")
    inside = set()
    for start, end, coded in plan.ranges:
        inside.update(range(start, end))
        kept = [n for n in range(start, end)
                if now[n] == plan.text[n] and chr(now[n]) not in "REDACTx \n\\"]
        t.ok(not kept or coded and is_filler(now[start:end].decode()), "%s: bytes %s are left of %r" %
             (plan.name(), kept, plan.text[start:end][:3]))
    outside = [n for n in range(min(len(now), len(plan.text))) if now[n] != plan.text[n] and n not in inside]
    t.equal(outside, [], "%s: bytes changed outside" % plan.name())


def document_of(t, plan, now, scratch):
    """The parser's document is as it was but for the nodes that hold the secrets."""
    old = None
    try:
        old = plan.parser.parse(plan.text, scratch)
        pairs = texts(old, plan.parser.parse(now, scratch))
    except Exception as error:  # each parser has exceptions of its own
        return t.ok(False, "%s can not be parsed%s: %s" %
                    (plan.name(), " any more" if old else "", error))
    fine = True
    for was, new in pairs:
        holds = [n for n, parts in enumerate(plan.parts) if any(p in was for p in parts)]
        fine &= t.ok(len(holds) == 1, "%s: a text of another node, or of %d: %r" %
                     (plan.name(), len(holds), new))
        fine &= t.ok(is_filler(changed_part(was, new)) or is_filler(new),
                     "%s: %r in the document" % (plan.name(), new))
    for n, parts in enumerate(plan.parts):
        fine &= t.ok(any(p in was for was, _ in pairs for p in parts),
                     "%s: secret %d is another in the document" % (plan.name(), n + 1))
    return fine


def read_again(t, plan, now, scratch, strict):
    """The last word of the plan's line in the table."""
    absent = plan.parser.missing()
    if plan.parser.root and os.geteuid() != 0:
        return ROOT_ONLY
    if absent:
        t.ok(not strict, "%s: there is no %s" % (plan.name(), absent))
        return "skipped: no " + absent.lstrip(".")
    return "parsed" if document_of(t, plan, now, scratch) else "FAILED"


def run(t, files, decoys, wanted):
    """`wanted`: formats of which at least one file has to be parsed again."""
    guest = plant.bare(t.path("guest"))
    strict = needed_is_there()
    plans = [Plan(n, entry) for n, entry in enumerate(files)]
    for plan in plans:
        guest.write(plan.path, plan.text)
    for name, text in decoys.items():
        guest.decoy("/srv/app/" + name, text)
    clean = t.run("clean", "--yes", "--root", guest.root)
    t.ok(clean.code in (0, 1), "clean: %s" % clean)
    table = []
    for plan in plans:
        with open(guest.path(plan.path), "rb") as file:
            now = file.read()
        bytes_of(t, plan, now)
        table.append((plan.format, os.path.basename(plan.path), plan.parser.name,
                      read_again(t, plan, now, t.dir("parsers"), strict)))
    t.equal(guest.decoys_hurt(), [], "decoys")
    again = t.run("clean", "--yes", "--root", guest.root)
    t.equal([s["path"] for s in again.steps() if s["action"] == "redact"], [],
            "a second clean has nothing to do")
    fine = ("parsed", ROOT_ONLY) if strict else ("parsed", ROOT_ONLY, "skipped")
    parsed = {row[0] for row in table if row[3].startswith(fine)}
    t.equal(sorted(set(wanted) - parsed), [], "formats that nothing has parsed")
    for row in table:
        t.note("%-28s %-24s %-44s %s" % row)
