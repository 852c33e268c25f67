# SPDX-License-Identifier: MIT
"""Package databases made by other programs than ours: rpmbuild and rpm write
SQLite, db_load writes Berkeley DB, and SUSE's form, which Debian's rpm can not
write, is made here from the same headers.

    packagedb.build(work, spec)             # [*.rpm]
    packagedb.to_bdb(folder); to_ndb(folder)    # instead of folder/rpmdb.sqlite
    python3 packagedb.py DIR                # one of each, and what is in them
"""
import base64
import glob
import gzip
import hashlib
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib

NEEDS = ("rpm", "rpmbuild")
DB_LOAD = shutil.which("db5.3_load") or shutil.which("db_load")


def missing():
    return [name for name in NEEDS if not shutil.which(name)]


def build(work, spec):
    os.makedirs(work, exist_ok=True)
    path = os.path.join(work, "test.spec")
    with open(path, "w", encoding="utf-8") as file:
        file.write(spec)
    # All of it in `work`: Debian's rpm has its database in the caller's home.
    places = [word for name in ("_topdir", "_tmppath", "_dbpath")
              for word in ("--define", "%s %s" % (name, work))]
    subprocess.run(["rpmbuild", "-bb", "--quiet"] + places + [path], check=True, capture_output=True)
    return sorted(glob.glob(os.path.join(work, "RPMS", "*", "*.rpm")))


def blobs(folder):
    db = sqlite3.connect(os.path.join(folder, "rpmdb.sqlite"))
    rows = db.execute("select hnum, blob from Packages order by hnum").fetchall()
    db.close()
    return rows


def drop_sqlite(folder):
    for path in glob.glob(os.path.join(folder, "rpmdb.sqlite*")):
        os.unlink(path)


def to_bdb(folder, page=4096):
    """On pages that are large enough a header needs no others."""
    headers = blobs(folder)
    lines = ["VERSION=3", "format=bytevalue", "type=hash", "db_pagesize=%d" % page, "HEADER=END"]
    pairs = [(0, struct.pack("<I", len(headers)))] + headers
    for number, blob in pairs:
        lines += [" " + struct.pack("<I", number).hex(), " " + blob.hex()]
    subprocess.run([DB_LOAD, os.path.join(folder, "Packages")], check=True,
                   input="\n".join(lines + ["DATA=END", ""]), text=True)
    drop_sqlite(folder)


def to_ndb(folder):
    """A page of 254 slots behind a head of two, then the blobs."""
    headers = blobs(folder)
    pages = (len(headers) + 2) * 16 // 4096 + 1
    slots, body = b"", b""
    for number, blob in headers:
        at = pages * 4096 + len(body)
        data = b"BlbS" + struct.pack("<III", number, 1, len(blob)) + blob
        data += b"\0" * (-(len(data) + 12) % 16)
        data += struct.pack("<II", zlib.adler32(data), len(blob)) + b"BlbE"
        slots += b"Slot" + struct.pack("<III", number, at // 16, len(data) // 16)
        body += data
    head = b"RpmP" + struct.pack("<IIII", 0, 1, pages, len(headers) + 1) + b"\0" * 12
    free = pages * 256 - 2 - len(headers)
    with open(os.path.join(folder, "Packages.db"), "wb") as file:
        file.write(head + slots + (b"Slot" + b"\0" * 12) * free + body)
    drop_sqlite(folder)


FORMS = [("sqlite", None), ("ndb", to_ndb)] + ([("bdb", to_bdb)] if DB_LOAD else [])


def rpm(folder, *args):
    return subprocess.run(["rpm", "--dbpath", folder] + list(args), check=True,
                          capture_output=True, text=True).stdout


# ---- one of each, for unit tests ----

SPEC = """Name: alpha{algorithm}
Version: 1
Release: 1
Summary: x
License: MIT
BuildArch: noarch
%define _source_filedigest_algorithm {algorithm}
%define _binary_filedigest_algorithm {algorithm}
%description
x
{subpackages}
%install
mkdir -p %{{buildroot}}/etc %{{buildroot}}/usr/share/alpha %{{buildroot}}/var/log
echo conf > %{{buildroot}}/etc/alpha.conf
echo 'a b' > "%{{buildroot}}/usr/share/alpha/a b"
ln -s /etc/alpha.conf %{{buildroot}}/usr/share/alpha/link
touch %{{buildroot}}/var/log/alpha.log
for i in $(seq {files}); do echo $i > %{{buildroot}}/usr/share/alpha/$i; done
for i in $(seq {packages}); do mkdir -p %{{buildroot}}/opt/p$i; echo p$i > %{{buildroot}}/opt/p$i/it; done
%files
%config(noreplace) /etc/alpha.conf
/usr/share/alpha
%ghost /var/log/alpha.log
"""
SUB = "%package p{0}\nSummary: x\n%description p{0}\nx\n%files p{0}\n/opt/p{0}\n"


def sample(work, algorithm, files, packages):
    spec = SPEC.format(algorithm=algorithm, files=files, packages=packages, subpackages="".join(
        SUB.format(i + 1) for i in range(packages)))
    return build(os.path.join(work, str(algorithm)), spec)


def expect(directory, name, lines):
    with open(os.path.join(directory, name + ".expected"), "w", encoding="utf-8") as file:
        file.writelines(sorted(set(lines)))


def expected_of(folder):
    """What rpm itself says of its database."""
    form = "[%{FILENAMES}\\t%{FILEDIGESTS}\\t%{FILEMTIMES}\\n]"
    backend = "bdb_ro" if os.path.exists(os.path.join(folder, "Packages")) else "sqlite"
    lines = rpm(folder, "-qa", "--define", "_db_backend " + backend, "--qf", form).splitlines()
    return [line + "\n" for line in lines if line.split("\t")[1]]


def make_rpm(directory, work):
    made = {8: sample(work, 8, 300, 30), 1: sample(work, 1, 3, 0), 10: sample(work, 10, 3, 0)}
    first = os.path.join(directory, "sqlite")
    os.makedirs(first)
    packages = [path for number in sorted(made) for path in made[number]]
    rpm(first, "-i", "--justdb", "--nodeps", "--force", "--noscripts", *packages)
    expect(directory, "sqlite", expected_of(first))
    for name, convert in FORMS[1:] + ([("wide", lambda to: to_bdb(to, 65536))] if DB_LOAD else []):
        folder = os.path.join(directory, name)
        shutil.copytree(first, folder)
        convert(folder)
        shutil.copy(first + ".expected", folder + ".expected")
    if DB_LOAD:  # a second opinion on what was made here
        expect(directory, "bdb", expected_of(os.path.join(directory, "bdb")))
    make_log(directory, blobs(os.path.join(directory, "sqlite")))


def make_log(directory, headers):
    """A database of which all but a first part is in the log, and behind that a
    transaction that was never committed."""
    live, kept = os.path.join(directory, "live"), os.path.join(directory, "log")
    os.makedirs(live)
    os.makedirs(kept)
    path = os.path.join(live, "rpmdb.sqlite")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma wal_autocheckpoint = 0")
    db.execute("create table 'Packages' (hnum integer primary key autoincrement, blob blob not null)")
    db.execute("insert into Packages values (1, ?)", headers[0][1:])
    db.execute("pragma wal_checkpoint(full)")
    for number, blob in headers[1:]:
        db.execute("insert into Packages values (?, ?)", (number, blob))
    db.execute("pragma cache_size = 2")
    db.execute("begin")
    db.execute("delete from Packages")
    for number in range(100):
        db.execute("insert into Packages values (?, ?)", (5000 + number, headers[0][1] * 4))
    for name in os.listdir(live):
        shutil.copy(os.path.join(live, name), kept)
    db.close()
    shutil.rmtree(live)
    shutil.copy(os.path.join(directory, "sqlite.expected"), os.path.join(directory, "log.expected"))


FILES = {"usr/share/a b": b"one", "etc/x.conf": b"two", "usr/bin/tool": b"three", "top": b"four",
         "usr/share/\u00fc\\n": b"five"}


def make_apk(directory):
    os.makedirs(os.path.join(directory, "apk"))
    text, lines = "C:Q1x=\nP:test\nV:1\nt:1700000001\n", []
    for path, data in FILES.items():
        digest = hashlib.sha1(data).digest()
        text += "F:%s\nM:0:0:755\nR:%s\na:0:0:644\nZ:Q1%s\n" % (
            os.path.dirname(path), os.path.basename(path), base64.b64encode(digest).decode())
        lines.append("/%s\t%s\t1700000001\n" % (path, digest.hex()))
    digest = hashlib.sha256(b"six").digest()
    text += "\nP:next\nF:new\nR:six\nZ:Q2%s\nR:none\nF:var\nZ:Q1AAAA\n" % base64.b64encode(digest).decode()
    lines.append("/new/six\t%s\t0\n" % digest.hex())
    with open(os.path.join(directory, "apk", "installed"), "w", encoding="utf-8") as file:
        file.write(text)
    expect(directory, "apk", lines)


def make_pacman(directory):
    os.makedirs(os.path.join(directory, "pacman"))
    text, lines = "#mtree\n/set type=file uid=0 gid=0 mode=644\n./usr time=1.0 mode=755 type=dir\n", []
    for path, data in FILES.items():
        plain = "".join(chr(b) if 32 < b < 127 and b != 92 else "\\%03o" % b for b in path.encode())
        sums = hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest()
        text += "./%s time=5.0 size=%d md5digest=%s sha256digest=%s\n" % ((plain, len(data)) + sums)
        lines += ["/%s\t%s\t5\n" % (path, digest) for digest in sums]
    text += "./usr/link time=1.0 mode=777 type=link link=a\\040b\n"
    with gzip.open(os.path.join(directory, "pacman", "mtree"), "wt", encoding="utf-8") as file:
        file.write(text)
    expect(directory, "pacman", lines)


def main(directory):
    make_apk(directory)
    make_pacman(directory)
    if missing():
        print("skipped: not installed: " + ", ".join(missing()))
        return
    work = os.path.join(directory, "work")
    make_rpm(directory, work)
    shutil.rmtree(work)


if __name__ == "__main__":
    main(sys.argv[1])
