#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the fuzz targets start from, made of what the tests use:

    seeds.py TARGET DIR [COMMAND...]    DIR is made anew; then COMMAND takes over

Random parts come from the target's name, so a test that fails, fails again; only keys,
which OpenSSL makes, differ. A target without a function here has no seeds and is
skipped (77), as is one whose tools are not installed.
"""
import base64
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import packs as patterns  # noqa: E402
import plant  # noqa: E402
from plant import raw  # noqa: E402
from seeds_files import container, database, git, keystore, packages  # noqa: E402
from seeds_guests import cleaners, lines, mounts  # noqa: E402
from seeds_windows import answers, ntfs, regf, registry  # noqa: E402


def yaml_files():
    for folder, _, names in sorted(os.walk(patterns.PATTERNS)):
        for name in sorted(names):
            if name.endswith(".yaml"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    yield name[:-5], file.read()


# ---- packs, policy, plan, globs ----

def packs():
    """Each entry as a pack of its own."""
    for name, text in yaml_files():
        if text.lstrip("#\n ").startswith("policy") or "\npolicy" in text:
            yield text
            continue
        key = re.search(r"^(secrets|artefacts):", text, re.M)
        if not key:  # the weights: one entry
            yield text
            continue
        for entry in re.split(r"^(?=  ?- name:|- name:)", text[key.end():], flags=re.M)[1:]:
            yield "%s:\n%s" % (key.group(1), entry)
    yield "secrets: []\nartefacts:\n- name: a\n  name: a\n"
    yield "a: &x [*x]\n"


def toml():
    yield 'title = "a"\n[extend]\nuseDefault = true\ndisabledRules = ["b", \'c\',]\n'
    yield "[[rules]]\nid = 'a'\nregex = \'\'\'x''y{2}\'\'\'\nentropy = 3.5e0\n[[rules.allowlists]]\nstopwords = []\n"
    yield 'a.b.c = 1\na."d e" = 0xff\n[x.y]\nz = {p = 1, q.r = [1, [2, {}]]}\n[[x.l]]\n[x.l.m]\nn = +1_000\n'
    yield 's = """\n a\\\n   b\\u00e9\\U0001F600\\"""" # c\r\nt = 1979-05-27T07:32:00.5-07:00\nu = 07:32:00\n'
    yield "n = nan\ni = -inf\no = 0o17\nb = 0b1\nd = 1979-05-27 07:32:00\ne = 1.5E-3\nm = -0\nt = false\n"


def gitleaks():
    rule = "[[rules]]\nid = 'zq'\nregex = 'zq-[a-z0-9]{16}'\nkeywords = ['ZQ-']\nentropy = 2.5\n"
    yield rule + "path = '\\.conf'\ntags = ['a', 'b']\ndescription = 'd'\nsecretGroup = 0\n"
    yield rule + "[[rules.allowlists]]\ncondition = 'AND'\npaths = ['a']\nregexTarget = 'line'\nregexes = ['# l']\n"
    yield rule + "[rules.allowlist]\nstopwords = ['abc']\ncommits = ['0']\n[[allowlists]]\ntargetRules = ['zq']\nregexes = ['x']\n"
    yield ("[[rules]]\nid = 'u'\nregex = 'user=(\\w+)'\nskipReport = true\n" + rule +
           "[[rules.required]]\nid = 'u'\nwithinLines = 1\nwithinColumns = 80\n")
    yield "[[rules]]\nid = 'p'\npath = '(?i)conf$'\n[[rules]]\nid = 'g'\nregex = '(?:(kay)|(jay))=(?P<n>\\pL+)\\z|\\v'\nsecretGroup = 3\n"


def policy():
    for name, text in yaml_files():
        if re.search(r"^policy:", text, re.M):
            yield "accounts=report\nx=remove\n@alice\n\n" + text
    yield """
policy: mine
title: x
classes: {personal: remove, identity: remove, service: report, trace: keep, business: keep}
fail-on: high
redact-from: low
items:
- {name: accounts, action: keep}
allow:
- {name: '*', path: ~/.ssh/**, reason: x, expires: 2031-02-03}
- {name: accounts, path: /etc/[!a-c]*/x, reason: y}
remove-accounts: [alice, bob]
"""


def plan():
    """What imgsan itself writes, when there is one; it knows the names of the day."""
    program = os.environ.get("IMGSAN")
    artefact = patterns.artefacts()[0]["name"]
    target = {"device": "7", "inode": "18446744073709551615", "kind": "file", "size": "99",
              "links": "1", "mtime": "-5", "ctime": "9", "mount": "1", "owner": 0, "group": 0,
              "mode": 420}
    steps = [
        {"action": "remove", "path": "/tmp/a", "name": artefact, "why": "w", "target": target},
        {"action": "redact", "path": "/tmp/b%5c", "name": artefact, "why": "w", "target": target,
         "ranges": [[1, 5], [9, 2]]},
        {"action": "create", "path": "/c", "name": artefact, "why": "w", "content": "eA==", "mode": 288},
    ]
    yield json.dumps({"schema": "imgsan.plan/1", "root": "/x", "steps": steps})
    if program:
        with tempfile.TemporaryDirectory() as work:
            plant.guest(os.path.join(work, "guest"))
            path = os.path.join(work, "plan.json")
            subprocess.run([program, "scan", "--root", os.path.join(work, "guest"), "--plan", path],
                           capture_output=True, check=False)
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                yield text
                whole = json.loads(text)
                for step in whole["steps"]:
                    yield json.dumps({**whole, "steps": [step]})


def glob():
    for artefact in patterns.artefacts():
        for path in (artefact.get("paths", []) + artefact.get("registry", []) + artefact.get("keep", []) + artefact.get("members", []))[:2]:
            yield "%s\n%s" % (path, artefact["match"][0])
    for pattern, path in [("**/a/**/b", "a/c/a/b"), ("[!a-c]x", "dx"), ("a*b*c", "aXbXc"),
                          ("[]a]", "]"), ("a/**", "a"), ("\\*?", "*x"), ("**", "a/b"),
                          ("*/b", "a/b"), ("[a-]", "-"), ("**/*", "a/b")]:
        yield "%s\n%s" % (pattern, path)


# ---- texts with secrets ----

def samples():
    """Texts that rules are to find, and such that they are not."""
    for rule in patterns.rules():
        for template in rule["match"] + rule["nomatch"]:
            yield plant.expand(template)[0]


def keys():
    for kind in ("ec", "ed25519"):
        yield plant.private_key(kind)
    yield openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes-128-cbc",
                  "-pass", "pass:" + plant.token())
    yield openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout")
    plain = b"openssh-key-v1\0" + struct.pack(">I", 4) + b"none" + random.randbytes(200)
    yield frame("OPENSSH PRIVATE KEY", plain)
    yield frame("OPENSSH PRIVATE KEY", plain.replace(b"none", b"aes2"))
    yield frame("RSA PRIVATE KEY", random.randbytes(200), "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n")
    yield ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 1\nAAAA\n"
           "Private-Lines: 1\n%s\nPrivate-MAC: %s\n" % (plant.pick("b64", 48), plant.pick("hex", 64)))


def openssl(*args):
    return subprocess.run(["openssl", *args], capture_output=True, text=True, check=True).stdout


def frame(label, der, headers=""):
    body = base64.encodebytes(der).decode()
    return "-----BEGIN %s-----\n%s%s-----END %s-----\n" % (label, headers, body, label)


def judge():
    rules = patterns.rules()
    for number, rule in enumerate(rules):
        for template in rule["match"][:2]:
            text, secret, _ = patterns.sample(rule, template)
            at = min(text.find(secret), 255) if secret else 0
            yield bytes([*divmod(number, 256), at, min(len(secret or ""), 255), 0]) + raw(text)
    number = [rule.get("judge") for rule in rules].index("private-key")
    for key in keys():
        yield bytes([*divmod(number, 256), 0, 0, 0]) + raw(key)
        yield bytes([*divmod(number, 256), 0, 0, 1]) + raw(key.replace("\n", "\\n"))


def examine():
    texts = list(samples()) + list(keys())
    yield from texts
    yield "\n".join(texts[::9])
    for text in texts[::7]:
        yield b"\xff\xfe" + text.encode("utf-16-le")
        yield b"\xfe\xff" + text.encode("utf-16-be")
        yield b"\x7fELF\0\1\2" + bytes(range(256)) + raw(text)
    yield raw(texts[0]) + b"\xe4\n" + raw(texts[1])


def decode():
    """How it is read (decode_fuzz.c), then the same secrets written in other ways, and in
    two at a time."""
    tokens = [plant.github(), "aws_secret_access_key = " + plant.pick("alnum", 40),
              'password = "%s"' % plant.token(14), plant.private_key("ed25519")]
    ways = [
        lambda b: base64.b64encode(b),
        lambda b: base64.urlsafe_b64encode(b).rstrip(b"="),
        lambda b: base64.encodebytes(b),
        lambda b: b.hex().encode(),
        lambda b: b.hex().upper().encode(),
        lambda b: b"".join(b"%%%02X" % c for c in b),
        lambda b: b"".join(b"\\x%02x" % c for c in b),
        lambda b: b"".join(b"\\u%04x" % c for c in b),
        lambda b: b"\xff\xfe" + b.decode().encode("utf-16-le"),
        lambda b: b.decode().encode("utf-16-be"),
        lambda b: b.decode().encode("utf-32-le"),
    ]
    for token in tokens:
        for how in (1, 2, 6, 9):  # encoded there, once more
            yield bytes([how]) + raw(token)
        for way in ways:
            yield b"\0key: \"" + way(raw(token)) + b"\"\n"
    for outer in ways:
        for inner in ways[:8:2]:
            yield b"\x08data=" + outer(inner(raw(tokens[0]))) + b"\n"


# ---- what workers say ----

FOUND, MEMBER, TROUBLE, DONE, ALIVE = range(1, 6)


def reply(kind, rule=0, because=2, seen=0, trouble=0, codings=0, lead=0, offset=0, length=9, member=b""):
    fields = (0, kind, 0, 0, rule, seen, trouble, lead, 3, 4, codings, 0, offset, length, because)
    return b"\3" + struct.pack("<12IQQQ", *fields) + bytes(range(32)) + member + b"\0"


def wire():
    done = reply(DONE)
    yield b"\0" + done
    yield b"\2" + reply(FOUND) + reply(ALIVE) + done + reply(TROUBLE, trouble=3) + done + done
    yield b"\1" + reply(FOUND, seen=8, member=b"a!b") + done + reply(FOUND, codings=0x51, lead=2) + done
    yield b"\30" + reply(FOUND, rule=5, offset=1000) + done * 30
    yield b"\0" + reply(FOUND, offset=(1 << 20) - 8) + reply(FOUND, offset=2**64 - 4) + reply(MEMBER, member=b"x")
    yield b"\0" + reply(FOUND)[:70]

    def answer(done_, error, *records):
        body = b"".join(records)
        return b"\3" + struct.pack(">BBH", done_, error, len(body)) + body

    def record(path, algorithm=0, size=16):
        return struct.pack(">HB", len(path), algorithm) + path + bytes(size)
    yield b"\x80" + answer(0, 0, record(b"/a"), record(b"/b", 3, 32)) + answer(1, 0)
    yield b"\x80" + answer(1, 74)
    yield b"\x80" + answer(0, 0, record(b"a")) + answer(1, 4)


def settle():
    def told(kind, path, rule=1, confidence=2, seen=0, lead=0, codings=0, links=0, offset=0, length=9, member=""):
        fields = bytes([kind, rule, confidence, seen, lead, codings, links])
        # Two bytes of a number have no newline in them.
        return fields + struct.pack(">HH", offset, length).replace(b"\n", b"\x0b") + raw(path) + b"\0" + raw(member) + b"\n"
    yield b"\x50" + told(0, "home/a/f") + told(0, "home/a/f", offset=5, length=30) + told(0, "srv/x", rule=9, seen=1)
    yield b"\x51" + told(0, "srv/t.tar", member="etc/shadow!b\xff") + told(2, "srv/t.tar", member="a remark of some words")
    yield b"\x04" + told(4, "srv/x") + told(5, "srv") + told(0, "srv/x/y") + told(4, "srv/x") + told(1, "lost", member="why")
    yield b"\x36" + b"".join(told(0, "srv/many/%d" % n, rule=n, codings=n % 9, lead=n % 5, links=n % 7 == 0,
                                  offset=n * 3, confidence=n % 3) for n in range(60) if n != 10)
    yield b"\x07" + told(0, "home/a/node_modules/a/__pycache__/m.cpython-311.pyc", seen=16) + told(3, "")


TARGETS = {f.__name__: f for f in (packs, toml, gitleaks, policy, plan, glob, packages, judge, examine, decode, mounts, wire, settle, lines,
                                   cleaners, git, database, keystore, container, registry, regf,
                                   ntfs, answers)}


def write(target, folder):
    random.seed(target)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    count = 0
    for count, seed in enumerate(TARGETS[target](), 1):
        with open(os.path.join(folder, "%04d" % count), "wb") as file:
            file.write(raw(seed))
    return count


def main(target, folder, *command):
    made = write(target, folder) if target in TARGETS else 0
    if not made:
        print("skipped: no seeds for %s" % target)
        sys.exit(77)
    if command:
        sys.stdout.flush()
        os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
