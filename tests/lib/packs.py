# SPDX-License-Identifier: MIT
"""The packs of the tree, read without imgsan: what shall be found, and samples of
it. What a glob means is written down here a second time on purpose."""
import fnmatch
import functools
import glob
import os
import re

import yaml

import plant

PATTERNS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "patterns")


# Of thousands of patterns, each asked of thousands of texts, `re` keeps too few.
remembered = functools.lru_cache(maxsize=None)


@remembered
def documents():
    found = []
    for path in sorted(glob.glob(os.path.join(PATTERNS, "**", "*.yaml"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            found.append(yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {})
    return found


def load(key):
    """All entries of a kind, "artefacts" or "secrets"."""
    return [entry for document in documents() for entry in document.get(key) or []]


def artefacts(system="linux"):
    """Those that are for guests of this system, "windows" or "linux"."""
    return [a for a in load("artefacts") if system in (a.get("os") or ["linux"])]


def rules():
    """Those that have samples."""
    return [rule for rule in load("secrets") if "reader" not in rule]


def secrets():
    """Those that find something by themselves."""
    return [rule for rule in rules() if not rule.get("partner")]


def kept():
    """Names that the default profile keeps without a word."""
    with open(os.path.join(PATTERNS, "policy", "default.yaml"), encoding="utf-8") as file:
        items = yaml.safe_load(file).get("items") or []
    return {item["name"] for item in items if item["action"] == "keep"}


@remembered
def expression(pattern):
    """A glob of a pack as a regular expression for whole paths of bytes."""
    out, at = "", 0
    pattern = pattern.replace("~/", "HOME/") if pattern.startswith("~/") else pattern
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**/", at):
            out, at = out + "(?:[^/]+/)*", at + 3
            continue
        if pattern.startswith("**", at):
            out, at = out + ".*", at + 2
            continue
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[":
            end = pattern.index("]", at + 2)
            inner = pattern[at + 1:end]
            out += "[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]"
            at = end
        elif char == "\\":
            at += 1
            out += re.escape(pattern[at])
        else:
            out += re.escape(char)
        at += 1
    return re.compile(out.replace("HOME/", "~/", 1) if pattern.startswith("HOME/") else out)


def covers(artefact, path):
    """May this artefact take `path` ("~/..." below a home, else absolute), or a
    directory above it? Wide on purpose: for choosing what is surely a decoy."""
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(2, len(parts) + 1)]
    globs = [expression(p) for p in artefact.get("paths", [])]
    return any(g.fullmatch(a) for g in globs for a in above)


def key_parts(text, today):
    """The components of a place or a glob of the registry, and the value's name or None."""
    key, mark, value = text.upper().partition("\\\\")
    parts = [today if n == 2 and part == "CURRENTCONTROLSET" else part for n, part in enumerate(key.split("\\"))]
    return parts, value if mark else None


def key_fits(globs, parts):
    if not globs:
        return not parts
    if globs[0] == "**":
        return any(key_fits(globs[1:], parts[n:]) for n in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], globs[0]) and key_fits(globs[1:], parts[1:])


def covers_key(artefact, place):
    """Likewise, of a place in the registry: it, or a key above it."""
    parts, value = key_parts(place, "CONTROLSET000")
    for glob in artefact.get("registry", []):
        globs, name = key_parts(glob, "CONTROLSET???")
        if name is not None:
            if value is not None and fnmatch.fnmatchcase(value, name) and key_fits(globs, parts):
                return True
        elif any(key_fits(globs, parts[:n]) for n in range(3, len(parts) + 1)):
            return True
    return False


def place(path, home):
    return home + path[1:] if path.startswith("~/") else path


def example(pattern):
    """A path that a simple glob of a rule matches."""
    path = pattern.replace("**/", "srv/imgsan/").replace("**", "srv/imgsan")
    path = re.sub(r"\[!?(.).*?\]", r"\1", path)
    return path.replace("*", "some").replace("?", "x")


@remembered
def compiled(pattern):
    """A rule's pattern, as far as Python reads it as well; else None."""
    try:
        return re.compile(re.sub(r"\(\?<(?=[a-z])", "(?P<", pattern).replace(
            "(?(<quote>)", "(?(quote)"))
    except re.error:
        return None


def find(pattern, text):
    """A rule's match; None where it does not match, False where Python can not tell."""
    pattern = compiled(pattern)
    return pattern.search(text) if pattern else False


def is_whole(entry):
    """Is the rule about files that hold nothing else?"""
    return "\\A" in entry["pattern"]


def sample(entry, template):
    """(text, secret, parts) of a match template: parts are all that is random in it, the
    secret is the longest of what the rule is after."""
    text, parts = plant.expand(template)
    hit = find(entry["pattern"], text)
    start, end = hit.span("secret") if hit else (0, len(text))
    inside = [p for p in parts if p in text[start:end]] or parts
    return text, max(inside, key=len) if inside else None, parts
