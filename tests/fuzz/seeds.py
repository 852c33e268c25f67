#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the fuzz targets start from, made of what the tests use:

    seeds.py TARGET DIR [COMMAND...]    DIR is made anew; then COMMAND takes over

Random parts come from the target's name, so a test that fails, fails again; only keys,
which OpenSSL makes, differ. A target without a function here has no seeds and is
skipped (77), as is one whose tools are not installed.
"""
import base64
import gzip
import hashlib
import io
import json
import os
import random
import re
import secrets
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import packagedb  # noqa: E402
import packs as patterns  # noqa: E402
import plant  # noqa: E402


def code(text):
    return text.encode() if isinstance(text, str) else text


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
        for entry in re.split(r"^(?=  ?- name:|- name:)", text[key.end():], flags=re.M)[1:]:
            yield "%s:\n%s" % (key.group(1), entry)
    yield "secrets: []\nartefacts:\n- name: a\n  name: a\n"
    yield "a: &x [*x]\n"


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
        for path in (artefact["paths"] + artefact.get("keep", []) + artefact.get("members", []))[:2]:
            yield "%s\n%s" % (path, artefact["match"][0])
    for pattern, path in [("**/a/**/b", "a/c/a/b"), ("[!a-c]x", "dx"), ("a*b*c", "aXbXc"),
                          ("[]a]", "]"), ("a/**", "a"), ("\\*?", "*x"), ("**", "a/b"),
                          ("*/b", "a/b"), ("[a-]", "-"), ("**/*", "a/b")]:
        yield "%s\n%s" % (pattern, path)


# ---- bytes of a guest ----

KINDS = "dpkg-status dpkg-sums sqlite ndb bdb apk pacman header".split()


def packages():
    def kind(name, data, log=None):
        log = log or b""
        size = struct.pack(">H", len(log) // 8) if name == "sqlite" else b""
        return bytes([KINDS.index(name)]) + size + data + log
    digest = "0123456789abcdef0123456789abcdef"
    yield kind("dpkg-status", b"Package: a\nConffiles:\n /etc/a %s obsolete\n /etc/b c %s\nStatus: x\n" % (
        (code(digest),) * 2))
    yield kind("dpkg-sums", code("%s  usr/bin/a b\n%s  usr/x\n" % (digest, digest)))
    with tempfile.TemporaryDirectory() as work:
        packagedb.make_apk(work)
        packagedb.make_pacman(work)
        yield kind("apk", read(work, "apk", "installed"))
        yield kind("pacman", read(work, "pacman", "mtree"))
        if packagedb.missing():
            return
        built = sum([packagedb.sample(os.path.join(work, "w"), n, 3, 2) for n in (8, 1)], [])
        first = os.path.join(work, "sqlite")
        os.makedirs(first)
        packagedb.rpm(first, "-i", "--justdb", "--nodeps", "--force", "--noscripts", *built)
        blobs = packagedb.blobs(first)
        for _, blob in blobs:
            yield kind("header", blob)
        for size in (512, 4096):
            for data, log in rpm_tables(os.path.join(work, str(size)), blobs, size):
                yield kind("sqlite", data, log)
        for name, convert in packagedb.FORMS[1:]:
            shutil.copytree(first, os.path.join(work, name))
            convert(os.path.join(work, name))
            yield kind(name, read(work, name, "Packages.db" if name == "ndb" else "Packages"))


def rpm_tables(path, blobs, size):
    """The one table that is read, half in the log; and all of it without one."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma page_size = %d" % size)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma wal_autocheckpoint = 0")
    db.execute("create table 'Packages' (hnum integer primary key autoincrement, blob blob not null)")
    for number, blob in enumerate(blobs):
        if number == len(blobs) // 2:
            db.execute("pragma wal_checkpoint(full)")
        db.execute("insert into Packages values (?, ?)", (number * 300 + 1, blob[1]))
    yield read(path), read(path + "-wal")
    db.close()
    yield read(path), None


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


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
    plain = b"openssh-key-v1\0" + struct.pack(">I", 4) + b"none" + secrets.token_bytes(200)
    yield frame("OPENSSH PRIVATE KEY", plain)
    yield frame("OPENSSH PRIVATE KEY", plain.replace(b"none", b"aes2"))
    yield frame("RSA PRIVATE KEY", secrets.token_bytes(200), "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n")
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
            yield bytes([number, at, min(len(secret or ""), 255), 0]) + code(text)
    number = [rule.get("judge") for rule in rules].index("private-key")
    for key in keys():
        yield bytes([number, 0, 0, 0]) + code(key)
        yield bytes([number, 0, 0, 1]) + code(key.replace("\n", "\\n"))


def examine():
    texts = list(samples()) + list(keys())
    yield from texts
    yield "\n".join(texts[::9])
    for text in texts[::7]:
        yield b"\xff\xfe" + text.encode("utf-16-le")
        yield b"\xfe\xff" + text.encode("utf-16-be")
        yield b"\x7fELF\0\1\2" + bytes(range(256)) + code(text)
    yield code(texts[0]) + b"\xe4\n" + code(texts[1])


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
            yield bytes([how]) + code(token)
        for way in ways:
            yield b"\0key: \"" + way(code(token)) + b"\"\n"
    for outer in ways:
        for inner in ways[:8:2]:
            yield b"\x08data=" + outer(inner(code(tokens[0]))) + b"\n"


def mounts():
    yield ("\n1 0 8:1 / / rw,relatime - ext4 /dev/vda1 rw\n2 1 0:5 / /proc rw - proc proc rw\n"
           "3 1 8:17 / /srv\\040a rw shared:7 master:1 - xfs /dev/vdb1 rw\n"
           "4 1 8:1 /home /mnt rw - ext4 /dev/vda1 rw\n5 1 0:40 / /net rw - nfs4 host:/x rw\n"
           "6 3 8:2 / /srv\\040a rw - ext4 /dev/vda2 rw\n7 1 0:41 /@ /var rw - btrfs /dev/vda3 rw\n")
    yield "mnt/guest\n20 1 8:1 / / rw - ext4 /dev/vda1 rw\n21 20 8:2 / /mnt/guest rw - ext4 /dev/vda2 rw\n" \
          "22 21 8:3 / /mnt/guest/boot rw - ext4 /dev/vda3 rw\n23 20 8:4 / /mnt rw - ext4 /dev/vda4 rw\n"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        yield "\n" + "".join(file.readlines()[:12])


# ---- what workers say ----

FOUND, MEMBER, TROUBLE, DONE, ALIVE = range(1, 6)


def reply(kind, rule=0, confidence=2, seen=0, trouble=0, codings=0, lead=0, offset=0, length=9, member=b""):
    fields = (0, kind, 0, 0, rule, confidence, seen, trouble, 3, 4, codings, lead, offset, length)
    return b"\3" + struct.pack("<12IQQ", *fields) + bytes(range(32)) + member + b"\0"


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
        return fields + struct.pack(">HH", offset, length).replace(b"\n", b"\x0b") + code(path) + b"\0" + code(member) + b"\n"
    yield b"\x50" + told(0, "home/a/f") + told(0, "home/a/f", offset=5, length=30) + told(0, "srv/x", rule=9, seen=1)
    yield b"\x51" + told(0, "srv/t.tar", member="etc/shadow!b\xff") + told(2, "srv/t.tar", member="a remark of some words")
    yield b"\x04" + told(4, "srv/x") + told(5, "srv") + told(0, "srv/x/y") + told(4, "srv/x") + told(1, "lost", member="why")
    yield b"\x36" + b"".join(told(0, "srv/many/%d" % n, rule=n, codings=n % 9, lead=n % 5, links=n % 7 == 0,
                                  offset=n * 3, confidence=n % 3) for n in range(60) if n != 10)
    yield b"\x07" + told(0, "home/a/node_modules/a/__pycache__/m.cpython-311.pyc", seen=16) + told(3, "")


# ---- settings of a guest ----

def lines():
    for text in start_files():
        yield text
    yield 'alice ALL=(ALL) NOPASSWD: ALL\n%wheel, bob ALL=ALL \\\n  x\nDefaults:"a b" !tty\n#1000 ALL=ALL\n'
    yield "User_Alias A = b, c\n@include x\nDefaults env_reset # c\\\n"
    yield "root:!$6$%s:19000:0:::::\nx:*:1\n:\n#a:b\nlocked:!!:\n" % plant.pick("alnum", 30)
    yield "a//b/./c/../d"
    for rule in patterns.rules():
        yield rule["match"][0]


def start_files():
    yield "export HISTFILE=$HOME/.keep/log HISTSIZE=5; PS1='\\u@\\h ' && . ~/.x\n"
    yield 'XDG_STATE_HOME=${XDG_STATE_HOME:-"$HOME/.local/state"}\nHISTFILE="${A:-${B:-/deep}}/h-$$"\n'
    yield "set -gx HISTFILE ~/h; setenv LESSHISTFILE `date +%Y`$(hostname -s (x))\nif x; then\n y=1 \\\n z=2\nfi\n"


def cleaners():
    with open(os.path.join(HERE, "cleaners_fuzz.c"), encoding="utf-8") as file:
        places = re.search(r"places\[\] = \{(.*?)\};", file.read(), re.S).group(1)
    number = {path: i for i, path in enumerate(re.findall(r'"(.*?)"', places))}

    def files(gone, **texts):
        out = bytes([gone])
        for path, text in texts.items():
            out += bytes([0xff, number[path]]) + code(text)
        return out
    hashed = plant.hash_of_password()
    passwd = {"/etc/passwd": "root:x:0:0:r:/root:/bin/bash\nalice:x:1000:1000:,,,:/home/alice:/bin/zsh\n"
                             "svc:x:990:990::/srv/svc:/bin/sh\ndaemon:x:2:2::/usr/sbin:/usr/sbin/nologin\n",
              "/etc/shadow": "root:%s:19700:0:99999:7:::\nalice:!%s:19700::::::\nsvc:*:1:\n" % (hashed, hashed),
              "/etc/group": "root:x:0:\nwheel:x:10:alice,svc\nalice:x:1000:\n",
              "/etc/gshadow": "root:*::\nwheel:!:alice:alice,svc\nalice:%s::\n" % hashed,
              "/etc/subuid": "alice:100000:65536\nsvc:165536:65536\n"}
    yield files(1, **passwd)
    yield files(0, **passwd)
    yield files(1, **passwd, **{
        "/etc/sudoers": "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nalice ALL=ALL\n%wheel ALL=(ALL) NOPASSWD: ALL\n",
        "/etc/sudoers.d/90-cloud-init-users": "# User rules for alice\nalice ALL=(ALL) NOPASSWD:ALL\n",
        "/etc/sudoers.d/more": "User_Alias ADMINS = alice, svc\nADMINS, bob ALL = \\\n ALL\n",
        "/etc/doas.conf": "permit nopass alice as root\npermit keepenv :wheel\n",
        "/etc/polkit-1/rules.d/50-x.rules": 'polkit.addRule(function(a, s) { if (s.user == "alice") return polkit.Result.YES; });\n'})
    for text in start_files():
        yield files(0, **passwd, **{"/home/alice/.bashrc": text, "/root/.bashrc": text, "/etc/profile": text,
                                    "/home/alice/.zshrc": "HISTFILE=~/.h\n", "/etc/csh.cshrc": text,
                                    "/home/alice/.config/fish/config.fish": text,
                                    "/home/alice/.gdbinit": "set history filename ~/.g\nset history save on\n",
                                    "/etc/postgresql-common/psqlrc": "\\set HISTFILE ~/.p- :DBNAME\n"})
    unit = "[Unit]\nConditionPathExists=!/etc/ssh/x\nAssertPathExists=|/y\n[Service]\nUser=alice\n" \
           "EnvironmentFile=-/etc/sysconfig/sshd\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStart=/usr/sbin/sshd -D \\\n -f x\n" \
           "[Install]\nWantedBy=multi-user.target\nAlso=y.service\n"
    yield files(1, **passwd, **{
        "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nHostKey /etc/ssh/ssh_host_rsa_key\n"
                                "PasswordAuthentication no\nPermitRootLogin prohibit-password\nMatch User a\n PasswordAuthentication yes\n",
        "/etc/ssh/sshd_config.d/50-x.conf": "AuthorizedKeysFile %h/.ssh/keys none\nAllowUsers alice root@10.*\nUsePAM yes\n",
        "/home/alice/.ssh/authorized_keys": 'command="x",no-pty ssh-ed25519 AAAAC3Nz x\n# c\nssh-rsa AAAA\n',
        "/etc/systemd/system/sshd.service": unit,
        "/etc/systemd/system/multi-user.target.wants/sshd.service": unit,
        "/usr/lib/systemd/system/multi-user.target": "[Unit]\nRequires=basic.target\nWants=sshd.service x@a.service sshd-keygen@rsa.service\n",
        "/usr/lib/systemd/system/sshd-keygen@.service": unit,
        "/etc/systemd/system/x@.service": unit,
        "/etc/systemd/system/getty@tty1.service.d/autologin.conf": "[Service]\nExecStart=-/sbin/agetty --autologin alice %I\n",
        "/etc/inittab": "1:2345:respawn:/sbin/agetty -a alice tty1\n", "/etc/sysconfig/sshd": "AUTOCREATE_SERVER_KEYS=NODSA\n",
        "/etc/init.d/sshd": "#!/bin/sh\nssh-keygen -A\n"})
    yield files(0, **{
        "/etc/cloud/cloud.cfg": "users: [default]\nssh_deletekeys: true\nssh_genkeytypes: [rsa, ed25519]\n"
                                "cloud_init_modules:\n - ssh\n - [users-groups, once]\ndatasource_list: [ NoCloud, None ]\n",
        "/etc/cloud/cloud.cfg.d/99-x.cfg": "network: {config: disabled}\npassword: %s\nchpasswd: {expire: False}\n" % plant.token(),
        "/etc/default/grub": 'GRUB_CMDLINE_LINUX="cloud-init=disabled resume=/dev/sda2 ip=ibft"\n',
        "/etc/os-release": 'ID=debian\nPRETTY_NAME="Debian 12"\n', "/etc/machine-id": plant.pick("hex", 32) + "\n"})
    card = ":".join(plant.pick("hex", 2) for _ in range(6))
    yield files(0, **{
        "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nHWADDR=%s\nUUID=%s\nIPADDR=10.0.0.2\n" % (card, plant.pick("hex", 32)),
        "/etc/NetworkManager/system-connections/a.nmconnection": "[connection]\ninterface-name=eth0\n[ethernet]\nmac-address=%s\n[ipv4]\naddress1=10.0.0.2/8\n" % card,
        "/etc/systemd/network/10-x.network": "[Match]\nMACAddress=%s\n[Network]\nAddress=10.0.0.2/8\n" % card,
        "/etc/netplan/01-x.yaml": "network:\n  ethernets:\n    eth0:\n      match: {macaddress: '%s'}\n      addresses: [10.0.0.2/8]\n" % card,
        "/etc/network/interfaces": "iface eth0 inet static\n  hwaddress %s\n" % card})
    yield files(0, **{
        "/etc/iscsi/initiatorname.iscsi": "InitiatorName=iqn.1993-08.org.debian:01:%s\n" % plant.pick("hex", 12),
        "/etc/fstab": "UUID=1 / ext4 x 0 1\n/swapfile none swap sw 0 0\n/dev/mapper/s none swap sw\nLABEL=a\\040b swap swap x\n",
        "/etc/crypttab": "s /dev/sda3 /dev/urandom swap,cipher=x\n", "/etc/snapper/configs/root": 'SUBVOLUME="/"\nFSTYPE="btrfs"\n',
        "/etc/systemd/system/swapfile.swap": "[Swap]\nWhat=/swapfile\n",
        "/etc/lvm/backup/vg0": 'vg0 {\n logical_volumes {\n  snap {\n   status = ["READ"]\n   segment1 {\n type = "snapshot"\n merging_store = "x"\n}}}}\n',
        "/etc/dracut.conf": 'install_items+=" /etc/luks.key /x "\nadd_dracutmodules+=" crypt-ssh "\n',
        "/etc/mkinitcpio.conf": "FILES=(/crypto_keyfile.bin\n '/x')\nHOOKS=(base dropbear)\n",
        "/etc/cryptsetup-initramfs/conf-hook": 'KEYFILE_PATTERN="/etc/keys/*.key"\n'})


# ---- formats whose targets may not be there yet ----

def git():
    """A form (git_fuzz.c), then: packs and loose objects as git itself writes them,
    objects to be packed there, deltas."""
    for kind, text in ((b"blob", b"token: " + code(plant.github())), (b"commit", b"tree " + b"0" * 40 + b"\n\nx\n"),
                       (b"tree", b"100644 a.txt\0" + bytes(20) + b"40000 d\0" + bytes(20))):
        yield b"\2" + kind + b" %d\0" % len(text) + text
        yield b"\3" + b"".join(bytes([kinds, len(text), 0]) + text for kinds in (2, 6, 7, 0x86))
    yield b"\4" + bytes([64, 32, 0x91, 8, 8, 4]) + b"abcd" + bytes([0xb0, 20, 0])
    if not shutil.which("git"):
        return
    with tempfile.TemporaryDirectory() as work:
        def run(*args):
            subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.invalid", *args], cwd=work,
                           check=True, capture_output=True,
                           env={**os.environ, "HOME": work, "GIT_CONFIG_NOSYSTEM": "1"})
        run("init", "-q")
        for number in range(4):
            with open(os.path.join(work, "a.txt"), "w", encoding="utf-8") as file:
                file.write("line\n" * 60 + "token: %s\n" % plant.github() + "more %d\n" % number * 30)
            run("add", "-A")
            run("commit", "-q", "-m", "change %d" % number)
        run("tag", "-a", "-m", "a tag", "v1")
        objects = os.path.join(work, ".git", "objects")
        yield from (b"\1" + data for data in all_below(objects))
        run("repack", "-adfq", "--depth=10")
        yield from (b"\0" + data for data in all_below(os.path.join(objects, "pack")) if data[:4] == b"PACK")


def all_below(top):
    for folder, _, names in sorted(os.walk(top)):
        for name in sorted(names):
            yield read(folder, name)


def database():
    """SQLite in several forms, and what stands beside a database."""
    with tempfile.TemporaryDirectory() as work:
        for name, pragmas in (("plain", []), ("small", ["page_size = 512"]), ("wide", ["encoding = 'UTF-16le'"]),
                              ("vacuum", ["auto_vacuum = full"])):
            path = os.path.join(work, name)
            db = sqlite3.connect(path, isolation_level=None)
            for pragma in pragmas:
                db.execute("pragma " + pragma)
            fill(db)
            db.execute("delete from logins where name like 'gone%'")
            db.close()
            yield read(path)
        path = os.path.join(work, "logged")
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma wal_autocheckpoint = 0")
        fill(db)
        yield read(path + "-wal")
        yield read(path)
        db.close()


def fill(db):
    db.execute("create table logins (name text, secret text, extra blob)")
    db.execute("create index by_name on logins(name)")
    db.execute("create table words (word text primary key, n integer) without rowid")
    for number in range(40):
        name = "gone%d" % number if number % 5 == 0 else "user%d" % number
        db.execute("insert into logins values (?, ?, ?)", (name, "password=" + plant.token(12), secrets.token_bytes(60)))
        db.execute("insert into words values (?, ?)", (name, number * 1000003))
    db.execute("insert into logins values ('long', ?, NULL)", (plant.github() + " word" * 900,))


def keystore():
    """PKCS#12 by OpenSSL; Java's own form is put together here."""
    with tempfile.TemporaryDirectory() as work:
        key, cert = os.path.join(work, "k"), os.path.join(work, "c")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", cert, "-subj", "/CN=x"], check=True, capture_output=True)
        for more in ([], ["-nokeys"], ["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"],
                     ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]):
            done = subprocess.run(["openssl", "pkcs12", "-export", "-inkey", key, "-in", cert, "-name", "one", "-out",
                                   "-", "-passout", "pass:" + plant.token(8), *more], capture_output=True, check=False)
            if done.returncode == 0:
                yield done.stdout
        der = subprocess.run(["openssl", "x509", "-in", cert, "-outform", "DER"], capture_output=True, check=True).stdout
    for magic, version in ((0xfeedfeed, 2), (0xfeedfeed, 1), (0xcececece, 2)):
        yield java(magic, version, der)


def java(magic, version, der):
    def text(value):
        return struct.pack(">H", len(value)) + code(value)
    cert = (text("X.509") if version == 2 else b"") + struct.pack(">I", len(der)) + der
    sealed = secrets.token_bytes(150)
    entries = struct.pack(">I", 1) + text("mykey") + struct.pack(">QI", 1700000000000, len(sealed)) + sealed
    entries += struct.pack(">I", 1) + cert
    entries += struct.pack(">I", 2) + text("ca") + struct.pack(">Q", 1700000000000) + cert
    body = struct.pack(">III", magic, version, 2) + entries
    return body + hashlib.sha1(body).digest()


def container():
    """Each read like a file and like a stream (container_fuzz.c)."""
    for archive in archives():
        yield b"\0" + archive
        yield b"\1" + archive


def archives():
    """Small archives of every kind that Python can write, one in another, and ramdisks."""
    members = {"etc/shadow": "root:%s:1:\n" % plant.hash_of_password(), "a/notes.txt": "token: " + plant.github() + "\n",
               "empty": ""}
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            out.addfile(info, io.BytesIO(code(text)))
    tar = tar.getvalue()
    yield tar
    for how in ("gz", "bz2", "xz"):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:" + how) as out:
            info = tarfile.TarInfo("inner.tar")
            info.size = len(tar)
            out.addfile(info, io.BytesIO(tar))
        yield packed.getvalue()
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", how) as out:
            for name, text in members.items():
                out.writestr(name, text)
            out.writestr("inner.tar", tar)
        yield packed.getvalue()
    yield gzip.compress(code(members["a/notes.txt"]))
    cpio = plant.cpio({name: code(text) for name, text in members.items()})
    yield cpio
    yield cpio + gzip.compress(plant.cpio({"kernel/x/key": b"k" * 40}))
    yield b"!<arch>\n" + b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (b"a.txt/", 0, 0, 0, b"100644", 4) + b"text"
    for tool, args in (("zstd", ["-qc"]), ("lz4", ["-qc"])):
        if shutil.which(tool):
            yield subprocess.run([tool, *args], input=cpio, capture_output=True, check=True).stdout


TARGETS = {f.__name__: f for f in (packs, policy, plan, glob, packages, judge, examine, decode, mounts, wire, settle, lines,
                                   cleaners, git, database, keystore, container)}


def write(target, folder):
    dice = random.Random(target)
    secrets.choice, secrets.token_bytes = dice.choice, dice.randbytes
    secrets.token_hex = lambda n: dice.randbytes(n).hex()
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    count = 0
    for count, seed in enumerate(TARGETS[target](), 1):
        with open(os.path.join(folder, "%04d" % count), "wb") as file:
            file.write(code(seed))
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
