# SPDX-License-Identifier: MIT
"""A root that RPM knows, once for each form of its database: what packages brought
stays to the byte, what people and programs left behind goes."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import glob
import shutil
import subprocess

import check
import packagedb
import plant
import reader

FOLDER = "/var/lib/rpm"

SPEC = """Name: vendor
Version: 9
Release: 1
Summary: x
License: MIT
BuildArch: noarch
AutoReqProv: no
%global __os_install_post %{nil}
%global debug_package %{nil}
%description
x
%install
cp -a {tree}/. %{buildroot}
%files
/usr
%config(noreplace) /etc/vendor
%config(noreplace) /etc/ssh
/etc/os-release
%ghost /var/log/vendor.log
"""


def vendor_files():
    """What the package ships: {path: text}. It looks like secrets and is none of this
    machine's."""
    example = plant.token(16)
    return {
        "/etc/os-release": 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n'
                           'PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n',
        "/etc/ssh/sshd_config": "PermitRootLogin no\nPasswordAuthentication no\n",
        "/etc/vendor/server.conf": "[db]\nuser = app\npassword = %s\n" % plant.token(16),
        "/etc/vendor/other.conf": "[db]\nuser = app\npassword = %s\n" % plant.token(16),
        "/usr/lib/systemd/system/sshd.service": "[Service]\nExecStart=/usr/sbin/sshd -D\n",
        "/usr/lib/systemd/system/sshd-keygen@.service":
            "[Service]\nType=oneshot\nExecStart=/usr/libexec/openssh/sshd-keygen %i\n",
        "/usr/lib64/libvendor.so.1": "\x7fELF\x02\x01\x01\0 selftest\n%s\0tail" % plant.private_key(),
        "/usr/share/vendor/tests/key.pem": plant.private_key("ed25519"),
        "/usr/share/doc/vendor/README": "export API_TOKEN=%s\npassword: %s\n" % (plant.github(), example),
        "/usr/share/doc/vendor/a b.txt": "https://me:%s@example.invalid/x\n" % plant.token(14),
        "/usr/share/vendor/settings.ini": "[main]\nsecret_key = %s\n" % plant.token(32),
    }


def build(t):
    """The package, and what is in it."""
    files = vendor_files()
    tree = plant.Guest(t.path("tree"))
    for path, text in files.items():
        tree.write(path, text)
    tree.write("/var/log/vendor.log")
    made = packagedb.build(t.path("build"), SPEC.replace("{tree}", tree.root))
    return made, files


def rpm(g, backend, *args):
    return subprocess.run(["rpm", "--root", g.root, "--dbpath", FOLDER, "--define", "_db_backend " + backend]
                          + list(args), capture_output=True, text=True, check=False)


def install(g, packages):
    g.mkdir(FOLDER)
    done = rpm(g, "sqlite", "-i", "--nodeps", "--noscripts", *packages)
    if done.returncode:
        raise RuntimeError(done.stderr)


def changed(g, path, text):
    """A file of the package that the machine's owner has edited."""
    with open(g.path(path), "a", encoding="utf-8") as file:
        file.write(text)


def timeless(lines):
    """Lines of rpm -V without the T: the edited file may be as old as the package, to
    the second, and is younger once it is redacted."""
    return [line[:7] + "." + line[8:] for line in lines or ()]


def populate(g):
    plant.accounts(g, [("root", 0, "/root", "/bin/bash"), ("alice", 1000, "/home/alice", "/bin/bash")])
    g.keyfile("/etc/ssh/ssh_host_ed25519_key", "ed25519")
    plant.home(g, "/root", 0)
    plant.home(g, "/home/alice", 1000)
    plant.logs(g)
    plant.credentials(g)
    secret = plant.token(16)
    g.secret(secret, "/etc/vendor/other.conf")
    changed(g, "/etc/vendor/other.conf", "[more]\npassword = %s\n" % secret)
    secret = plant.token(16)
    g.secret(secret, "/usr/share/vendor/local.ini")
    g.write("/usr/share/vendor/local.ini", "[main]\npassword = %s\n" % secret)


def verify(g, form):
    """rpm's own opinion of its files; ndb can not be asked everywhere."""
    if form == "ndb":
        return None
    done = rpm(g, "bdb_ro" if form == "bdb" else "sqlite", "-Va", "--nodeps")
    return done.stdout.splitlines()


def run_form(t, form, convert, packages, files):
    g = plant.Guest(t.path(form))
    os.chmod(g.root, 0o755)
    install(g, packages)
    if convert:
        convert(g.path(FOLDER))
    populate(g)
    edited = ("/etc/vendor/other.conf",)
    for path, text in files.items():
        if path not in edited:
            g.decoys[path] = text.encode()
    database = {path: open(path, "rb").read() for path in glob.glob(g.path(FOLDER) + "/*")
                if not path.endswith("-shm")}
    before = verify(g, form)
    if before is not None:
        t.equal([line.split()[-1] for line in before], ["/etc/vendor/other.conf"], form + ": rpm -V before")
    clean = t.run("clean", "--root", g.root, "--yes")
    t.ok(clean.code in (0, 1), "%s: clean: %s" % (form, clean))
    t.equal([(s["path"], s.get("error")) for s in clean.steps("failed")], [], form + ": failed steps")
    t.equal([f["path"] for f in clean.findings("unexamined")], [], form + ": unexamined")
    t.equal(g.decoys_hurt(), [], form + ": decoys")
    told = {f["path"] for f in clean.findings()}
    left = sorted((g.where[s], h.path, h.how) for s, hits in reader.search(g.root, g.secrets).items()
                  for h in hits if os.fsdecode(h.path) not in told)
    t.equal(left, [], form + ": left and not told")
    for path in ("/etc/vendor/other.conf", "/usr/share/vendor/local.ini"):
        t.ok(any(s["path"] == path for s in clean.steps("done")), "%s: %s was not changed" % (form, path))
    t.equal(timeless(verify(g, form)), timeless(before), form + ": rpm -V")
    t.equal([path for path, data in database.items() if open(path, "rb").read() != data], [],
            form + ": the database")
    again = t.run("clean", "--root", g.root, "--yes")
    t.equal([(s["action"], s["path"]) for s in again.steps()], [], form + ": a second run")
    shutil.rmtree(g.root)


def without_database(t, packages, files):
    """The control: nobody says whose the files are, so examples count."""
    g = plant.Guest(t.path("control"))
    os.chmod(g.root, 0o755)
    install(g, packages)
    plant.accounts(g, [("root", 0, "/root", "/bin/bash")])
    owned = t.run("scan", "--root", g.root)
    touched = [s["path"] for s in owned.steps() if s["path"] in files]
    t.equal(touched, [], "steps at files of the package")
    for path in glob.glob(g.path(FOLDER) + "/*"):
        os.unlink(path)
    unowned = t.run("scan", "--root", g.root)
    t.ok([s for s in unowned.steps() if s["path"] in files], "without a database examples are secrets")
    g.write(FOLDER + "/rpmdb.sqlite", b"SQLite format 3\0" + b"\xff" * 5000)
    damaged = t.run("scan", "--root", g.root)
    t.equal([(f["name"], f["path"], f["severity"]) for f in damaged.findings("unexamined")],
            [("unexamined-file", FOLDER + "/rpmdb.sqlite", "medium"),
             ("unexamined-packages", FOLDER + "/rpmdb.sqlite", "low")], "a damaged database")
    t.equal(damaged.code, 5, "exit code for a damaged database")


def test(t):
    if packagedb.missing():
        print("skipped: not installed: " + ", ".join(packagedb.missing()))
        sys.exit(77)
    packages, files = build(t)
    for form, convert in packagedb.FORMS:
        run_form(t, form, convert, packages, files)
    without_database(t, packages, files)


check.main(test, root=True)
