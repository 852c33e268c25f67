# SPDX-License-Identifier: MIT
"""Secrets that stand encoded in text files: clean overwrites them where they stand,
the files keep their form and all their other bytes, and a second clean has nothing
to do."""
import base64
import gzip
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

SECRET_YAML = """apiVersion: v1
kind: Secret
metadata:
  name: app
data:
  greeting: %s
  %s: %s
  farewell: %s
"""


def b64(data):
    return base64.b64encode(plant.raw(data)).decode()


def body(key):
    return "".join(key.splitlines()[1:-1])


class Planted:
    """path -> how it was written, and how its plain text is read again."""

    def __init__(self, g):
        self.g = g
        self.files = {}

    def add(self, path, data, read, secret):
        data = plant.raw(data)
        self.g.write(path, data, mode=0o600)
        self.files[path] = (data, read, secret.encode())


def decoded_value(name):
    """The value of a line `name: base64`, decoded."""
    def read(data):
        for line in data.decode().splitlines():
            if line.strip().startswith(name + ":"):
                return base64.b64decode(line.split(":", 1)[1].strip(), validate=True)
        raise ValueError(name)
    return read


def plant_all(p):
    key = plant.private_key()
    p.add("/etc/app/key.yaml",
          SECRET_YAML % (b64("good morning"), "tls.key", b64(key), b64("good evening")),
          decoded_value("tls.key"), body(key)[-24:])
    token = plant.github()
    p.add("/etc/app/token.yaml",
          SECRET_YAML % (b64("good morning"), "env", b64("A=1\nTOKEN=%s\nB=2\n" % token),
                         b64("good evening")),
          decoded_value("env"), token)
    password = plant.pick("alnum", 20) + "7"
    p.add("/etc/app/password.yaml",
          SECRET_YAML % (b64("good morning"), "password", b64(password), b64("good evening")),
          decoded_value("password"), password)
    auth = b64("ci:" + plant.pick("alnum", 24))
    config = '{"auths": {"registry.internal": {"auth": "%s"}}}' % auth
    p.add("/etc/app/docker.json", config,
          lambda data: json.loads(data)["auths"]["registry.internal"]["auth"].encode(), auth)
    p.add("/etc/app/pull.yaml",
          SECRET_YAML % (b64("hello"), ".dockerconfigjson", b64(config), b64("bye")),
          decoded_value(".dockerconfigjson"), auth)
    key = plant.private_key()
    p.add("/etc/app/account.json", json.dumps({"id": "app", "private_key": key, "x": [1, 2]}),
          lambda data: data if json.loads(data)["x"] == [1, 2] else b"", body(key)[-24:])
    token = plant.github()
    wrapped = base64.encodebytes(("some words first, then %s and more words\n" % token * 2)
                                 .encode()).decode()
    p.add("/etc/app/wrapped.txt", "to whom it may concern:\n" + wrapped,
          lambda data: base64.b64decode(data.split(b"\n", 1)[1]), token)
    for name, mark in (("utf-16-le", True), ("utf-16-be", True), ("utf-16-le", False),
                       ("utf-16-be", False)):
        token = plant.github()
        text = "[app]\r\nname = some name\r\ntoken = %s\r\nlast = line\r\n" % token
        p.add("/etc/app/%s-%s.ini" % (name, "bom" if mark else "bare"),
              (("\ufeff" if mark else "") + text).encode(name),
              lambda data, name=name: data.decode(name).encode(), token)


def reported(g):
    """What is only told: path -> codings, member."""
    token = plant.github()
    g.write("/etc/app/wide.txt", ("\ufeffthe token is %s\n" % token).encode("utf-32-le"))
    token = plant.github()
    release = b64(b64(gzip.compress(json.dumps({"n": 1, "notes": "key %s" % token}).encode())))
    g.write("/etc/app/release.yaml", "data:\n  release: %s\n" % release)
    return {"/etc/app/wide.txt": (["utf-32le"], None),
            "/etc/app/release.yaml": ([], "base64@2!base64@1!content")}


def decoys(g):
    g.decoy("/etc/app/plain.yaml",
            SECRET_YAML % (b64("good morning"), "motd", b64("all the words of the day"), b64("x")))
    g.decoy("/etc/app/digest.txt", "%s  file\n" % plant.pick("hex", 64))
    g.decoy("/etc/app/image.txt", b64(random.randbytes(3000)) + "\n")
    g.decoy("/etc/app/words.ini", "[a]\r\nb = c\r\nhello = world\r\n".encode("utf-16"))
    g.decoy("/etc/app/url.txt", "GET /a%20b?c=%5Bd%5D HTTP/1.1\n" * 20)


def different(old, new):
    return [i for i in range(len(old)) if old[i] != new[i]]


def neighbours_stay(t, path, old, new, read, secret):
    t.equal(len(new), len(old), path + " kept its size")
    try:
        was, now = read(old), read(new)
    except ValueError as error:
        t.ok(False, "%s can not be read any more: %s" % (path, error))
        return
    at = was.find(secret)
    t.ok(at >= 0, "%s holds what was planted" % path)
    t.ok(secret not in now, "%s holds it no more" % path)
    t.equal(len(now), len(was), path + " kept its plain size")
    changed = different(was, now)
    if not changed:
        t.ok(False, path + " was not changed")
        return
    t.ok(all(was[i:i + 1].isalnum() or was[i:i + 1] in b"+/=-_\\" for i in changed),
         "%s changed only in its secret" % path)
    kept = was[:min(changed)] == now[:min(changed)] and \
        was[max(changed) + 1:] == now[max(changed) + 1:]
    t.ok(kept, "%s: what stands round the secret stayed" % path)


def test(t):
    g = plant.Guest(t.path("guest"))
    p = Planted(g)
    plant_all(p)
    decoys(g)
    told = reported(g)
    run = t.run("scan", "--root", g.root)
    places = {f["path"]: f for f in run.report["findings"]}
    for path, (codings, member) in told.items():
        finding = places.get(path, {})
        t.equal(finding.get("codings", []), codings, path + ": codings")
        t.equal(finding.get("member"), member, path + ": member")
    run = t.run("clean", "--yes", "--root", g.root)
    t.ok(run.code in (0, 1), "clean: %s" % run)
    for path, (old, read, secret) in p.files.items():
        with open(g.path(path), "rb") as file:
            neighbours_stay(t, path, old, file.read(), read, secret)
    t.equal(g.decoys_hurt(), [], "decoys")
    after = t.run("clean", "--yes", "--root", g.root)
    t.equal([s["path"] for s in after.report["steps"] if s["path"].startswith("/etc/app")], [],
            "a second clean has nothing to do")
    t.equal(sorted({f["path"] for f in after.report["findings"]}), sorted(told),
            "what stays is what can not be overwritten")


check.main(test)
