# SPDX-License-Identifier: MIT
"""--baseline and --hmac-key: what stayed once is not told again, what is new is, and
nothing stays that clean would take away. Comments in files that set a secret aside."""
import io
import json
import os
import random
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant


class Guest:
    def __init__(self, t, name):
        self.t, self.name = t, name
        self.guest = plant.bare(t.dir(name + "/root"))

    def scan(self, *more, command="scan"):
        return self.t.run(command, "--root", self.guest.root, "--policy", plant.report_all(self.t), *more)

    def file(self, name, data, mode=0o600):
        path = self.t.path(os.path.join(self.name, name))
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    def report(self, name, run):
        return self.file(name, json.dumps(run.report))


def secrets(run):
    return {(f["path"], f["line"]) for f in run.findings("secret")}


def notes(run, name):
    return [f for f in run.findings("note") if f["name"] == name]


def by_place(t):
    g = Guest(t, "place")
    g.guest.write("/srv/a", "x %s\n" % plant.github())
    g.guest.write("/srv/\xe9\x01 b".encode("latin-1").decode("utf-8", "surrogateescape"), "x %s\n" % plant.github())
    first = g.scan()
    t.equal(first.code, 1, "before: %s" % first)
    t.equal(first.report["secret_key"], None, "a random key has no name")
    base = g.report("base.json", first)
    again = g.scan("--baseline", base)
    t.equal((again.code, secrets(again)), (0, set()), "what is known counts for nothing")
    t.ok("2 findings" in notes(again, "baseline")[0]["text"], "how many are known is told")
    g.guest.write("/srv/c", "x %s\n" % plant.github())
    t.equal(secrets(g.scan("--baseline", base)), {("/srv/c", 1)}, "what is new is told")
    g.guest.write("/srv/a", "\nx %s\n" % plant.github())
    t.equal(secrets(g.scan("--baseline", base)), {("/srv/a", 2), ("/srv/c", 1)}, "another line is another place")


def by_key(t):
    g = Guest(t, "key")
    key, other = (g.file(name, random.randbytes(40)) for name in ("key", "other"))
    a, b = plant.github(), plant.github()
    g.guest.write("/srv/a", "x %s\n" % a)
    g.guest.write("/srv/b", "x %s\n" % b)
    first = g.scan("--hmac-key", key)
    base = g.report("base.json", first)
    ids = {f["path"]: f["secret"] for f in first.findings("secret")}
    t.ok(ids["/srv/a"] != ids["/srv/b"], "other secrets have other identities")
    g.guest.write("/srv/a", "\n\n   x %s\n" % a)
    g.guest.write("/srv/b", "x %s\n" % plant.github())
    g.guest.write("/srv/c", "x %s\n" % a)
    run = g.scan("--hmac-key", key, "--baseline", base)
    t.equal(run.report["secret_key"], first.report["secret_key"], "a key has a name")
    t.equal(secrets(run), {("/srv/b", 1), ("/srv/c", 1)},
            "the same secret on another line is known; another secret at the same place, or it elsewhere, is not")
    t.equal({f["secret"] for f in run.findings("secret") if f["path"] == "/srv/c"}, {ids["/srv/a"]},
            "the same secret has the same identity")
    run = g.scan("--hmac-key", other, "--baseline", base)
    t.ok(run.report["secret_key"] != first.report["secret_key"], "another key has another name")
    t.equal(secrets(run), {("/srv/a", 3), ("/srv/c", 1)}, "with another key the place is what counts")
    with open(key, "rb") as file:
        t.ok(file.read(8).hex() not in json.dumps(run.report), "no byte of a key is told")


def chained(t):
    """A report made with a baseline is the next baseline: it still holds what it did not tell."""
    g = Guest(t, "chained")
    for name in "abc":
        g.guest.write("/srv/" + name, "x %s\n" % plant.github())
        run = g.scan(*(("--baseline", base) if name > "a" else ()))
        t.equal({p for p, _ in secrets(run)}, {"/srv/" + name}, "only what is new is told")
        base = g.report("base-%s.json" % name, run)
    t.equal([f["path"] for f in run.report["known"]], ["/srv/a", "/srv/b"], "what the baseline knew is kept")
    why = t.run("explain", "--finding", run.report["known"][0]["id"], "--report", base, json_report=False)
    t.ok(b"/srv/a" in why.out, "and can be explained: %s" % why)
    os.unlink(g.guest.path("/srv/b"))
    run = g.scan("--baseline", base)
    t.equal((run.code, secrets(run)), (0, set()), "nothing comes back")
    t.equal([f["path"] for f in run.report["known"]], ["/srv/a", "/srv/c"], "what is gone leaves the baseline")
    whole = len(json.dumps(run.report, separators=(",", ":")))
    cut = json.loads(g.scan("--baseline", base, "--max-output", str(whole - 200)).out)
    t.equal((cut["omitted"], cut["known"]), (["steps", "left_out", "known"], []), "max-output may cut it")
    run = g.scan("--baseline", g.file("cut.json", json.dumps(cut)))
    t.equal((run.code, b"was cut" in run.err), (2, True), "and then it is no baseline: %s" % run)
    run = t.run("clean", "--root", g.guest.root, "--yes", "--policy", plant.report_all(t), "--baseline", base)
    t.equal([f["path"] for f in run.report["left"]["known"]], ["/srv/a", "/srv/c"], "what a clean leaves is known")
    base = g.report("cleaned.json", run)
    t.equal(secrets(g.scan("--baseline", base)), set(), "the report of a clean chains as well")


def clean(t):
    """A baseline keeps nothing from being cleaned."""
    g = Guest(t, "clean")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("in", "x %s\n" % plant.github())
    secret = plant.github()
    g.guest.write("/srv/z.zip", packed.getvalue())
    g.guest.write("/srv/a", "x %s\n" % secret)
    g.guest.write("/etc/ssl/private/k.zip", b"PK\3\4" + random.randbytes(80))
    base = g.report("base.json", g.scan())
    run = t.run("clean", "--root", g.guest.root, "--yes", "--only", "secrets", "--baseline", base)
    with open(g.guest.path("/srv/a"), encoding="ascii") as file:
        t.ok(secret not in file.read(), "what can be taken away is: %s" % run)
    t.equal(secrets(run), set(), "what stays is known")
    t.ok(run.findings("unexamined"), "what can not be examined is told")
    t.equal(run.code, 5, "and counts")
    after = g.report("after.json", run)
    t.equal(t.run("verify", "--root", g.guest.root, "--baseline", after, "--only", "secrets").code, 5, "verify takes it")


def refused(t):
    g = Guest(t, "refused")
    def told(option, path, word):
        run = g.scan(option, path)
        t.equal((run.code, word in run.err.decode()), (2, True), "%s %s: %s" % (option, word, run))
    told("--hmac-key", g.file("short", b"x" * 15), "shorter")
    told("--hmac-key", g.file("open", b"x" * 20, mode=0o666), "only you or root")
    told("--hmac-key", "/nowhere/key", "/nowhere/key")
    told("--baseline", g.file("base", "{}", mode=0o666), "only you or root")
    for text, word in (("{", "no JSON"), ("{}", "no JSON report"), ("[]", "no JSON report"),
                       ('{"schema": "imgsan.report/1", "findings": [{}]}', "unknown form"),
                       ('{"schema": "imgsan.report/1", "findings": [], "omitted": ["findings"]}', "was cut")):
        told("--baseline", g.file("base.json", text), word)


def inline(t):
    """A comment that sets a secret of ours aside; not in what is no text."""
    g = Guest(t, "inline")
    a, b = plant.github(), plant.github()
    g.guest.write("/srv/a", "x %s # imgsan:allow\ny %s\n" % (a, b))
    g.guest.write("/srv/k.pem", "-- imgsan:allow\n" + plant.private_key() + "\n")
    g.guest.write("/srv/bin", b"\x7fELF\0\1\2\3" * 300 + a.encode() + b" imgsan:allow" + b"\0\1\2\3\4" * 300)
    run = g.scan()
    t.equal({p for p in secrets(run) if p[0] != "/srv/bin"}, {("/srv/a", 2), ("/srv/k.pem", 3)},
            "a comment is for its own line")
    t.ok(any(p[0] == "/srv/bin" for p in secrets(run)), "a binary has no comments")
    note = notes(run, "inline-allow")
    t.equal([(f["path"], f["line"], f["severity"]) for f in note], [("/srv/a", 1, "info")], "what is set aside is told")
    t.equal(notes(g.scan("--only", "npm-token"), "inline-allow"), [], "not when it was not asked for")
    run = g.scan("--no-inline-allow")
    t.equal({p for p in secrets(run) if p[0] == "/srv/a"}, {("/srv/a", 1), ("/srv/a", 2)}, "--no-inline-allow")
    with open(plant.report_all(t), encoding="ascii") as file:
        strict = g.file("strict.yaml", file.read() + "inline-allow: ignore\n")
    t.equal({p for p in secrets(t.run("scan", "--root", g.guest.root, "--policy", strict)) if p[0] == "/srv/a"},
            {("/srv/a", 1), ("/srv/a", 2)}, "a policy may say so as well")
    run = t.run("clean", "--root", g.guest.root, "--yes", "--only", "secrets")
    with open(g.guest.path("/srv/a"), encoding="ascii") as file:
        text = file.read()
    t.ok(a in text and b not in text, "clean leaves it: %s" % run)
    text = t.run("verify", "--root", g.guest.root, "-v", json_report=False)
    t.ok(b"inline-allow" in text.out and b"/srv/a:1" in text.out, "the page tells where: %s" % text)


def test(t):
    for part in (by_place, by_key, chained, clean, refused, inline):
        if not t.only or part.__name__ in t.only.split(","):
            part(t)


check.main(test)
