# SPDX-License-Identifier: MIT
"""Key stores as OpenSSL and, where it is installed, keytool make them: those with keys
are told and go from homes, those of certificates stay without a word."""
import base64
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant


def openssl(folder, *args):
    subprocess.run(("openssl",) + args, cwd=folder, check=True, capture_output=True)


def pkcs12(folder):
    """{file: (rule, encrypted)}, and the files without keys."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=test")
    for name, password in (("usual.p12", "changeit"), ("none.pfx", ""), ("own.p12", plant.token())):
        openssl(folder, "pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", name,
                "-passout", "pass:" + password)
    openssl(folder, "pkcs12", "-export", "-nokeys", "-in", "cert.pem", "-out", "certs.p12",
            "-passout", "pass:changeit")
    openssl(folder, "pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER",
            "-out", "key.der")
    openssl(folder, "x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der")
    openssl(folder, "pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der")
    os.unlink(os.path.join(folder, "key.pem"))
    rule = "pkcs12-keystore"
    return {"usual.p12": (rule, False), "none.pfx": (rule, False), "own.p12": (rule, True),
            "key.der": ("der-private-key", False)}


def java(folder):
    def keytool(*args):
        subprocess.run(("keytool", "-J-Duser.language=en") + args, cwd=folder, check=True,
                       capture_output=True)

    stores, rules = {}, {"jks": "java-keystore", "jceks": "java-keystore", "pkcs12": "pkcs12-keystore"}
    for kind, rule in rules.items():
        for password in ("changeit", plant.token()):
            name = "%s-%s.%s" % ("usual" if password == "changeit" else "own", "key", kind)
            keytool("-genkeypair", "-alias", "a", "-keyalg", "EC", "-groupname", "secp256r1", "-dname",
                    "CN=test", "-storetype", kind, "-keystore", name, "-storepass", password,
                    "-keypass", password)
            stores[name] = (rule, password != "changeit")
        keytool("-importcert", "-noprompt", "-alias", "c", "-file", "cert.pem", "-storetype", kind,
                "-keystore", "trust." + kind, "-storepass", "changeit")
    return stores


def test(t):
    g = plant.bare(t.dir("guest"))
    g.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\njane:x:1000:1000::/home/jane:/bin/sh\n")
    home, etc = g.mkdir("/home/jane/keys"), g.mkdir("/etc/app")
    stores = pkcs12(home)
    if shutil.which("keytool"):
        stores.update(java(home))
    else:
        t.note("keytool is not installed: no Java stores")
    for name in os.listdir(home):
        shutil.copy(os.path.join(home, name), etc)
        g.chown(os.path.join(home, name), 1000)
    quiet = sorted(set(os.listdir(home)) - set(stores))
    with open(os.path.join(home, "usual.p12"), "rb") as file:
        g.write("/etc/app/cut.p12", file.read()[:500])

    run = t.run("scan", "--root", g.root)
    told = {f["path"]: (f["name"], "encrypted" in f["seen"]) for f in run.findings("secret")}
    t.equal(told, {"/etc/app/" + name: is_ for name, is_ in stores.items()}, "stores that stay")
    t.ok(all("whole key file" in f["text"] for f in run.findings("secret")), "why they stay")
    t.equal({(s["path"], s["action"]) for s in run.steps()},
            {("/home/jane/keys/" + name, "remove") for name in stores}, "stores that go")
    t.equal([f["path"] for f in run.findings("unexamined")], ["/etc/app/cut.p12"], "the damaged one")
    t.run("clean", "--yes", "--root", g.root)
    t.equal(sorted(os.listdir(home)), quiet, "what is left in the home")
    t.equal(sorted(os.listdir(etc)), sorted(list(stores) + quiet + ["cut.p12"]), "what is left in /etc")
    in_text(t, etc)


def in_text(t, folder):
    """Encoded in a text a key is told once: by its label, or without one as DER."""
    g = plant.Guest(t.dir("texts"))
    with open(os.path.join(folder, "key.der"), "rb") as file:
        body = base64.encodebytes(file.read()).decode()
    pem = "-----BEGIN {0}-----\n{1}-----END {0}-----\n".format("PRIVATE KEY", body)
    g.write("/srv/pem.conf", "a: 1\n" + pem)
    g.write("/srv/pem.json", json.dumps({"a": 1, "key": pem}))
    g.write("/srv/pem.py", "key = %r\n" % pem)
    g.write("/srv/der.yaml", "key: %s\n" % body.replace("\n", ""))
    run = t.run("scan", "--root", g.root)
    t.equal([(f["path"], f["member"], f["name"]) for f in run.findings("secret")],
            [("/srv/der.yaml", "base64@1", "der-private-key")], "a key without a label")
    t.ok("by hand" in run.findings("secret")[0]["text"], "what is to be done with it")
    t.equal(sorted(s["path"] for s in run.steps()), ["/srv/pem.conf", "/srv/pem.json", "/srv/pem.py"],
            "keys with a label")


check.main(test)
