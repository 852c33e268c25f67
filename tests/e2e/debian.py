# SPDX-License-Identifier: MIT
"""A real Debian root, planted with a random canary for every artefact and every
rule and with decoys beside them. After clean a reader that is not imgsan's finds
none but those that are reported; packages and decoys are as they were."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import base64
import gzip
import json
import random
import subprocess

import archives
import check
import containers
import plant
import reader
import rootfs

try:
    import packs
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

HOMES = {"root": "/root", "alice": "/home/alice", "bob": "/srv/bob", "jenkins": "/var/lib/jenkins"}
UIDS = {"/root": 0, "/home/alice": 1000, "/srv/bob": 1001, "/var/lib/jenkins": 998}


class Planted(plant.Guest):
    """A guest that also keeps what each file held when it was planted."""

    def __init__(self, root):
        super().__init__(root)
        self.was = {}
        self.parts = {}  # of a sample: other rules may tell of an id beside a secret

    def put(self, path, data, secret, uid=0):
        if os.path.lexists(self.path(path)):
            return False
        self.write(path, data, mode=0o640, uid=uid)
        self.secret(secret, path)
        self.was[path] = data
        return True


def users(g):
    with open(g.path("/etc/passwd"), "a", encoding="ascii") as passwd, \
            open(g.path("/etc/shadow"), "a", encoding="ascii") as shadow:
        for name, home in HOMES.items():
            if name == "root":
                continue
            uid = UIDS[home]
            passwd.write("%s:x:%d:%d::%s:/bin/bash\n" % (name, uid, uid, home))
            hashed = "$y$j9T$%s$%s" % (plant.pick("alnum", 22), plant.pick("alnum", 43))
            shadow.write("%s:%s:19700:0:99999:7:::\n" % (name, hashed))
            g.secret(hashed.split("$")[-1], "/etc/shadow")
            g.mkdir(home, uid=uid)
    with open(g.path("/etc/shadow"), encoding="ascii") as file:
        g.was["/etc/shadow"] = file.read().encode()


def artefacts(t, g):
    entries = [entry for entry in packs.artefacts() if not entry.get("members")]
    kept = packs.kept()
    planted = set()
    for entry in entries:
        for path in entry["match"] if entry["name"] in kept else ():
            if not os.path.lexists(g.path(path)):
                g.decoy(path, b"kept by the profile\n")
                planted.add(entry["name"])
        for number, path in enumerate(sorted(entry["match"], key=len, reverse=True)):
            for home in list(UIDS) if path.startswith("~/") and number == 0 else [
                    random.choice(list(UIDS))]:
                place = packs.place(path, home)
                secret = plant.token().encode()
                if os.path.isdir(g.path(place)):
                    place += "/canary"
                try:
                    g.put(place, b"canary " + secret + b"\n", secret, UIDS[home] if path[0] == "~" else 0)
                except (NotADirectoryError, FileExistsError):
                    pass
                if os.path.lexists(g.path(place)):  # a canary, or what Debian itself has there
                    planted.add(entry["name"])
    t.equal(sorted({entry["name"] for entry in entries} - planted), [], "artefacts that nothing stands for")
    for entry in entries:
        for path in entry["nomatch"]:
            place = packs.place(path, "/srv/bob")
            if any(packs.covers(other, path) or packs.covers(other, place) for other in entries):
                continue
            if os.path.lexists(g.path(place)) or place.startswith("/etc/ssh/ssh_host_"):
                continue
            try:
                g.decoy(place, b"decoy of " + entry["name"].encode() + b"\n")
            except (NotADirectoryError, FileExistsError):
                pass


def rules(g):
    """A canary for every sample, in a place that no artefact takes."""
    entries = packs.secrets()
    for entry in entries:
        for number, template in enumerate(entry["match"]):
            text, secret, parts = packs.sample(entry, template)
            if entry.get("paths"):
                path = packs.example(entry["paths"][number % len(entry["paths"])])
            else:
                path = "/srv/planted/%s-%d.conf" % (entry["name"], number)
            # A short word can stand in any list of words.
            if len(secret) >= (12 if secret.isalpha() else 6) and "{" not in path:
                whole = text if packs.is_whole(entry) else "# %d\n%s\n# end\n" % (number, text)
                if g.put(path, whole.encode(), secret.encode()):
                    g.parts[path] = [part.encode() for part in parts if len(part) > 3]
        for number, template in enumerate(entry["nomatch"]):
            text = plant.expand(template)[0]
            # What is no key of this kind may still be a password of that one.
            if not any(packs.find(other["pattern"], text) is not None
                       for other in entries if other is not entry):
                g.decoy("/srv/decoys/%s-%d.txt" % (entry["name"], number), text)


def special(g):
    """Forms and places that no sample has."""
    for home, uid in UIDS.items():
        g.keyfile(home + "/.ssh/work", "ed25519", uid=uid)
        g.keyfile(home + "/documents/no key here.txt", "rsa", uid=uid)
    secret = plant.token().encode()
    g.put("/var/log/app.log.3.gz", gzip.compress(b"log " + secret), secret)
    secret = plant.token().encode()
    g.put("/home/alice/.bash_history.b64", base64.b64encode(b"history " + secret), secret)
    secret = plant.token(14)
    g.put("/srv/planted/utf16.conf", ("password = %s\r\n" % secret).encode("utf-16"), secret.encode())
    secret = plant.token(12).encode()
    inner = gzip.compress(b'{"password": "%s"}\n' % secret)
    g.put("/srv/planted/backup.json.gz", inner, secret)
    name = "/tmp/" + plant.token()
    g.write(name, b"")
    g.secret(os.path.basename(name), name)
    machine = open(g.path("/etc/machine-id"), encoding="ascii").read().strip()
    if len(machine) != 32:
        machine = plant.pick("hex", 32)
        with open(g.path("/etc/machine-id"), "w", encoding="ascii") as file:
            file.write(machine + "\n")
    g.secret(machine, "/etc/machine-id")


def packaged(t, g):
    """What an administrator wrote into files of packages."""
    for path in ("/usr/share/base-files/profile", "/var/lib/dpkg/info/base-files.postinst"):
        t.ok(os.path.exists(g.path(path)), "%s is there" % path)
        secret = g.secret(plant.token(14), path)
        with open(g.path(path), "ab") as file:
            file.write(b"curl -u admin:%s https://api.internal/\n" % secret)


def encoded(g):
    """Tokens and keys that stand encoded in text, and in archives: by no sample."""
    def token(path):
        return g.secret(plant.github(), path)

    def key(path):
        text = plant.private_key()
        for line in text.splitlines()[1:-1]:
            if len(line) >= 24:
                g.secret(line[-24:], path)
        return text.encode()

    place = "/srv/planted/encoded/"
    g.write(place + "secret.yaml", b"kind: Secret\ndata:\n  token: %s\n  tls.key: %s\n" % (
        base64.b64encode(token(place + "secret.yaml")), base64.b64encode(key(place + "secret.yaml"))))
    g.write(place + "wrapped.txt", base64.encodebytes(b"made by hand\n" * 9 + token(place + "wrapped.txt")))
    g.write(place + "key-utf16.pem", key(place + "key-utf16.pem").decode().encode("utf-16"))
    g.write(place + "big-endian.txt", b"\xfe\xff" + ("see %s\n" % token(
        place + "big-endian.txt").decode()).encode("utf-16-be"))
    g.write(place + "hex.txt", b"dump: %s\n" % token(place + "hex.txt").hex().encode())
    g.write("/home/alice/run.ps1.txt", b"powershell -EncodedCommand %s\n" % base64.b64encode(
        ("$t = '%s'" % token("/home/alice/run.ps1.txt").decode()).encode("utf-16-le")), uid=1000)
    files = {"app/key.pem": key(place + "app.tar.gz"), "app/notes": b"see " + token(place + "app.tar.gz")}
    g.write(place + "app.tar.gz", gzip.compress(archives.tar(files)))
    g.write(place + "app.zip", archives.zipped({"notes": b"see " + token(place + "app.zip")}))
    db = containers.database(g.path(place + "app.db"))
    containers.rows(db, {"one": b"see " + token(place + "app.db")}, bytes)
    db.close()


def stock(t, root):
    """What Debian ships is no finding, and all of it can be examined."""
    run = t.run("scan", "--root", root)
    found = run.findings("secret", "posture")
    t.equal([(f["name"], f["path"], f["line"]) for f in found if f["severity"] != "info"], [],
            "findings of weight in a stock root")
    t.equal([(f["path"], f["member"], f["text"]) for f in run.findings("unexamined")], [],
            "not examined in a stock root")
    t.ok(len(found) <= 60, "%d findings without weight in a stock root" % len(found))
    t.note("a stock root: %d findings, none of weight" % len(found))


def dpkg_verify(root):
    done = subprocess.run(["dpkg", "--root=" + root, "-V"], capture_output=True, text=True, check=False)
    return sorted(done.stdout.splitlines())


def told_places(run):
    """{path: [(offset, length, line)]} of what the report says is still there."""
    told = {}
    for finding in run.findings():
        told.setdefault(finding["path"], []).append(
            (finding.get("offset"), finding.get("length"), finding.get("line")))
    return told


def covered_by(told, path):
    return path in told or any(path.startswith(p.rstrip("/") + "/") for p in told if p)


def check_left(t, g, run):
    """Nothing is left but what is told."""
    told = told_places(run)
    left = reader.search(g.root, g.secrets)
    untold = []
    for secret, hits in left.items():
        for hit in hits:
            path = os.fsdecode(hit.path)
            if not covered_by(told, path):
                untold.append((path, hit.how, g.where[secret]))
    t.note("%d canaries, %d still there and told" % (len(g.secrets), len(left)))
    for path, how, planted in sorted(set(untold)):
        t.ok(False, "left and not told: %s (%s), planted in %s" % (path, how, planted))


def check_told(t, g, run):
    """What is told as a secret in a file that we planted is one, but for doubts."""
    true = 0
    for finding in run.findings("secret"):
        path = finding["path"]
        data = g.was.get(path)
        doubt = finding["confidence"] == "low"
        if data is None or doubt or finding.get("member") or not finding.get("length"):
            continue
        piece = data[finding["offset"]:finding["offset"] + finding["length"]]
        inside = [s for s in g.secrets + g.parts.get(path, [])
                  if s in piece or (len(piece) >= 6 and piece in s)]
        plain = any(s in data for s in g.secrets)
        if plain:
            t.ok(inside, "told at %s:%d+%d, but it is not there" % (
                path, finding["offset"], finding["length"]))
            t.equal(finding.get("line"), data[:finding["offset"]].count(b"\n") + 1,
                    "line of the finding in " + path)
        true += bool(inside)
    t.ok(true > 50, "%d told secrets are where they are told" % true)
    t.note("%d told secrets are where they are told" % true)


SEVERITIES = ("critical", "high", "medium", "low", "info")
STAY = "FINDINGS THAT STAY"


def sections(text):
    """{title: [line]}; a title stands behind an empty line, in capitals."""
    found = {}
    for block in text.split("\n\n"):
        title, _, body = block.partition("\n")
        if title[:4].isupper():
            found[title] = body.splitlines()
    return found


def named(lines):
    """{severity: text} of the rows and lists of a section; names do not break."""
    found, severity = {}, None
    for line in lines:
        severity = line.split()[0] if line[2:3] != " " else severity
        found[severity] = found.get(severity, "") + " " + line
    return found


def is_named(finding, by_severity):
    """Whether a row, or a list of names or of families ("aws-* (3)"), has it."""
    name = finding["name"]
    words = by_severity.get(finding["severity"], "").replace(",", " ").split()
    return name in words or name.split("-")[0] + "-*" in words


def check_reading(t, run, shown):
    """Three screens of 80 columns that name, worst first, all that needs a human."""
    text = shown.out.decode("ascii")
    lines = text.splitlines()
    t.equal(lines[0], lines[-1], "the verdict stands first and last")
    t.equal([line for line in lines[1:-1] if len(line) > 80], [], "rows wider than 80 columns")
    rows = sum(max(1, -(-len(line) // 80)) for line in lines)
    t.ok(rows <= 72, "the report takes %d rows" % rows)
    t.ok(len(text) <= 6000, "the report has %d bytes" % len(text))
    found = sections(text)
    for title, body in found.items():
        grades = [line.split()[0] for line in body
                  if line[:2] == "  " and line.split()[0] in SEVERITIES]
        t.equal(grades, sorted(grades, key=SEVERITIES.index), "worst first in " + title)
    stay = named([line for title in found for line in found[title] if title.startswith(STAY)])
    unseen = named([line for title in found for line in found[title]
                    if title.startswith("COULD NOT BE EXAMINED")])
    for finding in run.findings("secret", "posture"):
        if finding["severity"] != "info":
            t.ok(is_named(finding, stay), "stays and is not named: %s" % finding["name"])
    for finding in run.findings("unexamined"):
        t.ok(is_named(finding, unseen), "not examined and not named: %s" % finding["path"])
    titles = [title.split("  ")[0] for title in found]
    t.ok(titles and titles[0].startswith(STAY), "first is what stays: %s" % titles)
    for needed in ("TO PROVISION AGAIN ON THE CLONE", "TO REVOKE OR RENEW", "NEXT STEPS"):
        t.ok(any(title.startswith(needed) for title in titles), "no section " + needed)
    t.note("%d rows, %d bytes" % (rows, len(text)))


def run_clean(t, g):
    """The run and, of the same run, the text that it prints."""
    path = t.path("clean.json")
    shown = t.run("clean", "--root", g.root, "--yes", "--report", path, json_report=False)
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    t.valid(report, shown.argv)
    return check.Run(shown.argv, shown.code, shown.out, shown.err, report), shown


def check_all_rows(t, g, run):
    """With -v every place that stays is told."""
    text = t.run("scan", "--root", g.root, "-v", "--max-output", "0", json_report=False).out.decode()
    # A long path loses its middle.
    gone = [f["path"] for f in run.findings("secret", "posture")
            if len(f["path"]) < 160 and f["path"] not in text]
    t.equal(gone, [], "not told with -v")


def test(t):
    g = Planted(rootfs.unpack(t.path("debian")))
    stock(t, g.root)
    users(g)
    artefacts(t, g)
    rules(g)
    special(g)
    packaged(t, g)
    encoded(g)
    t.ok(len(g.secrets) > 150, "%d canaries" % len(g.secrets))
    t.ok(len(g.decoys) > 40, "%d decoys" % len(g.decoys))
    before = dpkg_verify(g.root)
    scan = t.run("scan", "--root", g.root, "--policy", plant.report_all(t))
    t.ok(scan.code in (1, 5), "scan: %s" % scan)
    check_told(t, g, scan)
    found = reader.search(g.root, g.secrets)
    t.equal([g.where[s] for s in g.secrets if s not in found][:5], [], "the reader sees all canaries")
    plain = t.run("scan", "--root", g.root)
    check_reading(t, plain, t.run("scan", "--root", g.root, json_report=False))
    check_all_rows(t, g, plain)
    clean, shown = run_clean(t, g)
    check_reading(t, clean, shown)
    t.ok(clean.code in (0, 1, 5), "clean: %s" % clean)
    t.equal([(s["path"], s.get("error")) for s in clean.steps("failed")], [], "failed steps")
    check_left(t, g, clean)
    t.equal(g.decoys_hurt(), [], "decoys")
    after = dpkg_verify(g.root)
    t.equal([line for line in after if line not in before], [], "dpkg -V")
    again = t.run("clean", "--root", g.root, "--yes")
    t.equal([(s["action"], s["path"]) for s in again.steps()], [], "a second run")


check.main(test, root=True)
