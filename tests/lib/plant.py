# SPDX-License-Identifier: MIT
"""Planting: random secrets at known places, and a small guest that has one of
everything. Nothing here is a credential; every secret is made when a test runs.

    root = plant.guest(t.dir("guest"))
    root.secrets        # [bytes], none may be left or printed
"""
import base64
import binascii
import gzip
import json
import os
import random
import re
import shutil
import string
import subprocess

WORDS = "amber basil cedar delta ember fjord grove haven indigo jasper".split()
ALNUM = string.ascii_letters + string.digits
SETS = {
    "alnum": ALNUM, "hex": "0123456789abcdef", "HEX": "0123456789ABCDEF",
    "upper": string.ascii_uppercase, "lower": string.ascii_lowercase,
    "digit": string.digits, "b64": ALNUM + "+/", "b64url": ALNUM + "-_",
}
PART = re.compile(r"\{(alnum|hex|HEX|upper|lower|digit|b64|b64url|word):(?:[<>]?=)?(\d+)\}|\{crc32b62\}")


def pick(kind, count):
    if kind == "word":
        return "".join(random.choice(WORDS) for _ in range(count))[:max(count, 1)]
    while True:
        text = "".join(random.choice(SETS[kind]) for _ in range(count))
        # Letters only, which one value in a few hundred is, may be words to a judge.
        if kind != "alnum" or count < 6 or any(c.isdigit() for c in text):
            return text


def crc32b62(text):
    """The six characters that end a GitHub token."""
    value = binascii.crc32(text.encode()) & 0xffffffff
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    out = ""
    while value:
        value, rest = divmod(value, 62)
        out = digits[rest] + out
    return out.rjust(6, "0")


def expand(template):
    """(text, [random parts]) of a sample template of a pack; its marks are for rules check."""
    template = re.sub(r"\{one:([^}]*)\}", lambda one: random.choice(one.group(1).split("|")), template)
    template = re.sub(r"\{must:([^}]*)\}", r"\1", template.replace("{edge}", ""))
    out, parts, at = "", [], 0
    for hit in PART.finditer(template):
        out += template[at:hit.start()]
        if hit.group(1):
            part = pick(hit.group(1), int(hit.group(2)))
            if parts and not template[at:hit.start()]:
                parts[-1] += part
            else:
                parts.append(part)
        else:
            part = crc32b62(re.search(r"[A-Za-z0-9]*$", out).group())
            if parts:
                parts[-1] += part
        out += part
        at = hit.end()
    return out + template[at:], parts


def token(count=24):
    return pick("alnum", count)


def github():
    body = pick("alnum", 30)
    return "gh" + "p_" + body + crc32b62(body)


def jwt():
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    return ".".join([part(b'{"alg":"HS256","typ":"JWT"}'),
                     part(json.dumps({"sub": token(), "iat": 1700000000}).encode()),
                     part(random.randbytes(32))])


def private_key(kind="ec"):
    """A real key, made now, in PKCS#8."""
    more = {"ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "ed25519": ["ED25519"],
            "rsa": ["RSA"]}[kind]
    return subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm"] + more,
                          capture_output=True, text=True, check=False).stdout or \
        subprocess.run(["openssl", "genpkey", "-algorithm"] + more,
                       capture_output=True, text=True, check=True).stdout


def raw(data):
    """Bytes, of a text in UTF-8."""
    return data.encode() if isinstance(data, str) else data


class Guest:
    def __init__(self, root):
        os.makedirs(root, exist_ok=True)
        self.root = root
        self.secrets = []   # bytes, each at least 6 long
        self.where = {}     # secret -> path in the guest
        self.decoys = {}    # path -> bytes that must stay

    def path(self, name):
        return os.path.join(self.root, name.lstrip("/"))

    def secret(self, text, path):
        text = raw(text)
        if text not in self.where:
            self.secrets.append(text)
        self.where[text] = path
        return text

    def write(self, path, data=b"", mode=0o644, uid=0, gid=None):
        full = self.path(path)
        self.mkdir(os.path.dirname(path), uid=uid)
        with open(full, "wb") as file:
            file.write(raw(data))
        os.chmod(full, mode)
        self.chown(full, uid, gid)
        return full

    def mkdir(self, path, mode=0o755, uid=0):
        """Makes what is missing on the way, owned by uid."""
        at = self.root
        for name in path.strip("/").split("/"):
            at = os.path.join(at, name)
            if not os.path.lexists(at):
                os.mkdir(at, mode)
                self.chown(at, uid)
        return at

    def chown(self, full, uid, gid=None):
        if os.geteuid() == 0:
            os.lchown(full, uid, uid if gid is None else gid)

    def decoy(self, path, data, **how):
        data = raw(data)
        self.write(path, data, **how)
        self.decoys[path] = data

    def decoys_hurt(self):
        hurt = []
        for path, data in self.decoys.items():
            try:
                with open(self.path(path), "rb") as file:
                    same = file.read() == data
            except OSError:
                same = False
            if not same:
                hurt.append(path)
        return hurt

    def keyfile(self, path, kind="ec", mode=0o600, uid=0):
        key = private_key(kind)
        for line in key.splitlines()[1:-1]:
            # The first line of a key's body is its format, the same for all keys.
            if len(line) >= 24:
                self.secret(line[-24:], path)
        self.write(path, key, mode=mode, uid=uid)
        return key


def hash_of_password():
    return "$6$%s$%s" % (pick("alnum", 16), pick("alnum", 86))


def accounts(g, users):
    """users: (name, uid, home, shell); real-looking password hashes for all."""
    lines, shadow, group = [], [], []
    for name, uid, home, shell in users:
        lines.append("%s:x:%d:%d:%s:%s:%s" % (name, uid, uid, name, home, shell))
        group.append("%s:x:%d:" % (name, uid))
        hashed = hash_of_password()
        g.secret(hashed.split("$")[3], "/etc/shadow")
        shadow.append("%s:%s:19700:0:99999:7:::" % (name, hashed))
    lines.append("daemon:x:2:2:daemon:/usr/sbin:/usr/sbin/nologin")
    shadow.append("daemon:*:19700:0:99999:7:::")
    for suffix in ("", "-"):
        g.write("/etc/passwd" + suffix, "\n".join(lines) + "\n")
        g.write("/etc/group" + suffix, "\n".join(group) + "\ndaemon:x:2:\n")
        g.write("/etc/shadow" + suffix, "\n".join(shadow) + "\n", mode=0o640)


USERS = {"root": (0, "/root", "/bin/bash"), "alice": (1000, "/home/alice", "/bin/bash"),
         "svc": (990, "/srv/svc", "/bin/sh")}


def bare(root, *users):
    """The least that is a Linux guest, with some of the accounts above."""
    g = Guest(root)
    os.chmod(root, 0o755)
    g.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    if users:
        accounts(g, [(name, *USERS[name]) for name in users])
    return g


WINDOWS_HOMES = ("/Users/ann", "/Users/J\u00f6rg M\u00fcller", "/Windows/ServiceProfiles/LocalService")


def windows(root):
    """The least that is a Windows guest: its folders, profiles of people and of a service."""
    g = Guest(root)
    os.chmod(root, 0o755)
    for folder in ("/Windows/System32/config/systemprofile", "/Windows/SysWOW64", "/ProgramData",
                   "/Program Files", "/Program Files (x86)", "/Users/Default", "/Users/Public",
                   *WINDOWS_HOMES):
        g.mkdir(folder)
    return g


def guest(root):
    """A small Linux guest with something for every stage and every action."""
    g = bare(root, *USERS)
    machine_id(g)
    home(g, "/root", 0)
    home(g, "/home/alice", 1000)
    home(g, "/srv/svc", 990)
    logs(g)
    credentials(g)
    settings(g)
    decoys(g)
    return g


def machine_id(g):
    value = random.randbytes(16).hex()
    g.secret(value, "/etc/machine-id")
    g.write("/etc/machine-id", value + "\n", mode=0o444)
    g.mkdir("/var/lib/dbus")
    os.symlink("/etc/machine-id", g.path("/var/lib/dbus/machine-id"))
    g.write("/var/lib/systemd/random-seed", random.randbytes(512), mode=0o600)
    journal = "/var/log/journal/%s" % value
    g.write(journal + "/system.journal", b"LPKSHHRH" + g.secret(token(), journal), mode=0o640)
    g.keyfile("/etc/ssh/ssh_host_ed25519_key", "ed25519")
    g.write("/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA root@guest\n")
    cloud_init(g)


def cloud_init(g):
    """What makes host keys, the network and sudo's rule come back on a clone."""
    g.write("/etc/cloud/cloud.cfg",
            "ssh_deletekeys: true\ncloud_init_modules:\n - ssh\n - users-groups\n")
    g.write("/usr/bin/cloud-init", "#!/bin/sh\n", mode=0o755)
    g.write("/usr/lib/systemd/system-generators/cloud-init-generator", "#!/bin/sh\n", mode=0o755)


def home(g, place, uid):
    def put(name, text, mode=0o600):
        g.write(place + name, text, mode=mode, uid=uid)

    def s(text, name):
        return g.secret(text, place + name).decode()

    g.mkdir(place, mode=0o700, uid=uid)
    put("/.bash_history", "ls\nmysql -u root -p%s\n" % s(token(8), "/.bash_history"))
    put("/.python_history", "x = '%s'\n" % s(token(), "/.python_history"))
    g.keyfile(place + "/.ssh/id_ed25519", "ed25519", uid=uid)
    g.keyfile(place + "/work/deploy.txt", "ec", uid=uid)
    put("/.aws/credentials", "[default]\naws_access_key_id = AK%s\naws_secret_access_key = %s\n" % (
        "IA" + s(pick("upper", 16), "/.aws/credentials"), s(pick("alnum", 40), "/.aws/credentials")))
    put("/.netrc", "machine example.invalid login me password %s\n" % s(token(8), "/.netrc"))
    put("/project/notes.txt", "Remember the milk.\ntoken: %s\nand the rest stays.\n" % s(
        github(), "/project/notes.txt"), mode=0o644)
    put("/project/app.json", '{"user": "app", "password": "%s", "port": 8080}\n' % s(
        token(12), "/project/app.json"))
    put("/project/url.conf", "upstream = https://me:%s@example.invalid/x\n" % s(
        token(14), "/project/url.conf"))


def logs(g):
    def s(name, count=24):
        return g.secret(token(count), name)
    g.write("/var/log/syslog", b"boot " + s("/var/log/syslog") + b"\n", mode=0o640)
    g.write("/var/log/syslog.1", b"boot " + s("/var/log/syslog.1") + b"\n")
    g.write("/var/log/auth.log.2.gz", gzip.compress(b"in " + s("/var/log/auth.log.2.gz")))
    g.write("/var/log/app/app.log", b"run " + s("/var/log/app/app.log"))
    for place in ("/tmp", "/var/tmp"):
        g.mkdir(place)
        os.chmod(g.path(place), 0o1777)
        g.write(place + "/upload/a.txt", s(place))
        g.write(place + "/.hidden", s(place))
    g.write("/var/lib/dhcp/dhclient.eth0.leases", b"lease " + s("/var/lib/dhcp"))
    g.write("/var/lib/cloud/instances/i-1/user-data.txt", b"#cloud-config " + s("/var/lib/cloud"))


def credentials(g):
    def s(text, name):
        return g.secret(text, name).decode()
    g.write("/opt/app/config.ini", "[db]\nuser = app\npassword = %s\nhost = db\n" % s(
        token(8), "/opt/app/config.ini"), mode=0o640)
    g.write("/opt/app/settings.yml", "slack: xo" + "xb-%s-%s-%s\nid: 7\n" % (
        pick("digit", 12), pick("digit", 12), s(token(), "/opt/app/settings.yml")))
    bearer = jwt()
    s(bearer[-30:], "/opt/app/session.txt")  # the header of a JWT is no secret
    g.write("/opt/app/session.txt", "Authorization: Bearer %s\n" % bearer)


def settings(g):
    """What a cleaner changes in the configuration, or follows it to."""
    def s(name, count=24):
        return g.secret(token(count), name)
    g.write("/home/alice/.zshrc", "HISTFILE=$HOME/.keep/log\n", uid=1000)
    g.write("/home/alice/.keep/log", b"mysql -p" + s("/home/alice/.keep/log"), uid=1000)
    card = ":".join(pick("hex", 2) for _ in range(6))
    g.secret(card, "/etc/sysconfig/network-scripts/ifcfg-eth0")
    g.write("/etc/sysconfig/network-scripts/ifcfg-eth0",
            "DEVICE=eth0\nHWADDR=%s\nBOOTPROTO=dhcp\n" % card)
    g.write("/etc/iscsi/initiatorname.iscsi", b"InitiatorName=iqn.1993-08.org.debian:01:" + s(
        "/etc/iscsi/initiatorname.iscsi", 12) + b"\n", mode=0o600)
    g.write("/usr/lib/open-iscsi/startup-checks.sh", "grep -q GenerateName=yes\n", mode=0o755)


def decoys(g):
    """Like the real thing, and to stay as it is."""
    g.decoy("/opt/app/README.md", "Set `password = <your password>` in config.ini; see id_rsa docs.\n")
    g.decoy("/home/alice/notes/bash_history.md", "How .bash_history works.\n", uid=1000)
    g.decoy("/etc/ssh/sshd_config", "PermitRootLogin no\nPasswordAuthentication no\n")
    g.decoy("/home/alice/project/logo.bin", bytes(range(256)) * 16, uid=1000)
    g.decoy("/usr/share/doc/x/tokens.txt", "A token looks like gh" + "p_" + "x" * 36 + "\n")
    g.decoy("/etc/hosts", "127.0.0.1 localhost\n")


def cpio(members):
    """{name: bytes} as an archive of the kind that initial ramdisks are made of."""
    out = b""
    for number, (name, data) in enumerate([*members.items(), ("TRAILER!!!", b"")], 1):
        name = name.encode() + b"\0"
        fields = (number, 0o100600 if data else 0, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return out + bytes(-len(out) % 512)


def report_all(t):
    """A policy under which nothing goes, so that each secret is told with its place."""
    path = t.path("report-all.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write("policy: all\ntitle: Everything is told\nclasses:\n" + "".join(
            "  %s: report\n" % name for name in
            ("personal", "identity", "service", "trace", "business")))
    return path


def copy(source, target):
    """A faithful copy: modes, owners, times, links."""
    wanted = shutil.which("cp")
    subprocess.run([wanted, "-a", "--", source, target], check=True)
