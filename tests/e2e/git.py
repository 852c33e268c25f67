# SPDX-License-Identifier: MIT
"""Git repositories as git itself makes them: a secret that is gone from HEAD but not
from the history is found once, with commit, path and line, however its object is kept;
the repository stays as it is."""
import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import gitpack
import plant
from varint import varint


class Repository:
    """A repository of the guest; every commit is a minute later than the one before."""
    clock = 1700000000

    def __init__(self, guest, path, *options, bare=False):
        self.guest, self.path = guest, path
        self.full = guest.path(path)
        self.store = path if bare else path + "/.git"
        if options:
            os.makedirs(os.path.dirname(self.full), exist_ok=True)
            self.run(*options, folder=os.path.dirname(self.full))

    def run(self, *args, folder=None, **options):
        Repository.clock += 60
        date = "%d +0000" % Repository.clock
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C",
               "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        for key, value in (("NAME", "A"), ("EMAIL", "a@example.org")):
            env["GIT_AUTHOR_" + key] = env["GIT_COMMITTER_" + key] = value
        settings = ["-c", "gc.auto=0", "-c", "protocol.file.allow=always", "-c", "safe.directory=*"]
        return subprocess.run(["git", *settings, *args], cwd=folder or self.full, env=env,
                              check=True, capture_output=True, **options).stdout

    def write(self, name, data):
        full = os.path.join(self.full, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())

    def commit(self, message="a change", **files):
        """Files by name, __ for a slash; None removes one. The commit's id."""
        for name, data in files.items():
            name = name.replace("__", "/")
            if data is None:
                os.unlink(os.path.join(self.full, name))
            else:
                self.write(name, data)
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", message)
        return self.run("rev-parse", "HEAD").decode().strip()


def init(guest, path, *options):
    return Repository(guest, path, "init", "-q", "-b", "main", *options, path.rsplit("/", 1)[-1])


def lines(count, *more):
    return "".join("line %d of many\n" % i for i in range(count)) + "".join(m + "\n" for m in more)


class Wanted:
    """What has to be found: (repository, member) -> (secret, line)."""

    def __init__(self):
        self.rows = {}

    def token(self, store, place, line):
        """A fresh one; place is called with it and gives the member."""
        token = plant.github()
        self.rows[(store, place(token))] = (token, line)


def in_packed(guest, wanted):
    repository = init(guest, "/srv/packed")
    repository.commit(list_txt=lines(500), sub__dir__app_conf="port = 1\n")

    def place(token):
        repository.commit(list_txt=lines(501))
        first = repository.commit(list_txt=lines(502, token), sub__dir__app_conf="port = 2\n")
        for i in range(3):
            repository.commit(list_txt=lines(510 + i))
        return first[:12] + ":list_txt"
    wanted.token(repository.store, place, 503)
    key = plant.private_key("ed25519")
    commit = repository.commit(sub__dir__key_pem=key)
    newest = repository.commit("the key is still there")
    repository.commit(sub__dir__key_pem=None)
    repository.run("gc", "-q", "--aggressive")
    chains = repository.run("verify-pack", "-v", *(
        os.path.join(".git/objects/pack", name)
        for name in os.listdir(os.path.join(repository.full, ".git/objects/pack"))
        if name.endswith(".idx")))
    assert b"chain length" in chains, "git made no delta"
    assert commit != newest
    wanted.rows[(repository.store, newest[:12] + ":sub/dir/key_pem")] = (key.splitlines()[1], 2)
    return repository


def in_loose(guest, wanted):
    repository = init(guest, "/srv/loose")

    def place(token):
        return repository.commit(a__b__c="x\n" + token + "\n")[:12] + ":a/b/c"
    wanted.token(repository.store, place, 2)
    repository.commit(a__b__c="x\n")

    def message(token):
        return repository.commit("subject\n\ntoken " + token)[:12] + " (message)"
    wanted.token(repository.store, message, 3)

    def tag(token):
        repository.run("tag", "-a", "-m", "use " + token, "v1")
        return repository.run("rev-parse", "v1").decode()[:12] + " (message of a tag)"
    wanted.token(repository.store, tag, 1)

    def stash(token):
        repository.write("a/b/c", token)
        repository.run("stash")
        return repository.run("rev-parse", "stash").decode()[:12] + ":a/b/c"
    wanted.token(repository.store, stash, 1)

    def alone(token):
        blob = repository.run("hash-object", "-w", "--stdin", input=token.encode())
        return "blob %s (in no commit)" % blob.decode()[:12]
    wanted.token(repository.store, alone, 1)

    def amended(token):
        gone = repository.commit(amended=token)
        repository.write("amended", "nothing")
        repository.run("commit", "-q", "-a", "--amend", "-m", "without")
        return gone[:12] + ":amended"
    wanted.token(repository.store, amended, 1)

    def zipped(token):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("in/app.conf", "a\nb\n" + token)
        commit = repository.commit(backup_zip=inner.getvalue())
        repository.commit(backup_zip=None)
        return commit[:12] + ":backup_zip!in/app.conf"
    wanted.token(repository.store, zipped, 3)

    token = plant.github()
    for i in range(9):  # many versions: the newest is told
        last = repository.commit(many="%d\n" % i * i + token)
    repository.commit(many="")
    wanted.rows[(repository.store, last[:12] + ":many")] = (token, 9)
    return repository


def in_bare(guest, wanted):
    source = init(guest, "/srv/source")

    def place(token):
        return source.commit(x=token)[:12] + ":x"
    wanted.token("/srv/bare.git", place, 1)
    source.commit(x="")
    bare = Repository(guest, "/srv/bare.git", "clone", "-q", "--bare", "--no-local",
                      source.full, "bare.git", bare=True)
    shutil.rmtree(source.full)
    return bare


def in_submodule(guest, wanted):
    origin = init(guest, "/srv/origin")

    def place(token):
        return origin.commit(lib_c=token)[:12] + ":lib_c"
    wanted.token("/srv/super/.git/modules/lib", place, 1)
    origin.commit(lib_c="")
    outer = init(guest, "/srv/super")
    outer.commit(readme="nothing")
    outer.run("submodule", "add", "-q", "file://" + origin.full, "lib")
    outer.commit("with a module")
    shutil.rmtree(origin.full)
    return outer


def with_alternates(guest, wanted):
    """What lies in the pool is told of the pool, and once."""
    pool = init(guest, "/srv/pool")

    def place(token):
        return pool.commit(pooled=token)[:12] + ":pooled"
    wanted.token(pool.store, place, 1)
    pool.commit(pooled="")
    borrowers = []
    for name in ("one", "two"):
        path = "/srv/borrower-" + name
        borrower = Repository(guest, path, "clone", "-q", "-s", pool.full, path[5:])
        with open(os.path.join(borrower.full, ".git/objects/info/alternates"), "w",
                  encoding="ascii") as file:
            file.write("../../../pool/.git/objects\n" if name == "one"
                       else "/srv/pool/.git/objects\n")
        borrowers.append(borrower)
    only = borrowers[0]

    def own(token):
        return only.commit(own=token)[:12] + ":own"
    wanted.token(only.store, own, 1)
    only.commit(own="")
    return pool


def in_sha256(guest, wanted):
    try:
        repository = init(guest, "/srv/sha256", "--object-format=sha256")
    except subprocess.CalledProcessError:
        return False

    def place(token):
        return repository.commit(d__x=token)[:12] + ":d/x"
    for i in range(2):
        wanted.token(repository.store, place, 1)
        repository.commit(d__x="%d" % i)
        if not i:
            repository.run("gc", "-q")
    return True


def plain(guest, wanted):
    """Stored, not packed: the bytes of the secret stand in the object files."""
    repository = init(guest, "/srv/stored")
    for key in ("core.compression", "core.looseCompression", "pack.compression"):
        repository.run("config", key, "0")

    def place(token):
        return repository.commit(x=lines(200, token))[:12] + ":x"
    for i in range(2):
        wanted.token(repository.store, place, 201)
        repository.commit(x="%d" % i)
        if not i:
            repository.run("gc", "-q")


def by_name(guest, wanted):
    """Rules that ask for certain files: by the path in the repository, and from the
    root of the guest."""
    repository = init(guest, "/srv/dots")

    def pgpass(token):
        return repository.commit(**{"home__.pgpass": "db:5432:app:me:%s\n" % token})[:12] + \
            ":home/.pgpass"
    wanted.token(repository.store, pgpass, 1)
    repository.commit(**{"home__.pgpass": None})
    repository.run("gc", "-q")

    def later(token):  # loose
        return repository.commit(**{"home__pgpass": "db:5432:app:me:%s\n" % token})[:12] + \
            ":home/pgpass"
    wanted.token(repository.store, later, 1)
    repository.commit(**{"home__pgpass": None})
    etc = init(guest, "/etc/davfs2")

    def davfs2(token):
        return etc.commit(secrets="/mnt/dav me %s\n" % token)[:12] + ":secrets"
    wanted.token(etc.store, davfs2, 1)
    etc.commit(secrets=None)


def decoys(guest):
    repository = init(guest, "/srv/decoy")
    repository.commit(a=lines(300), readme="set password = <your password>\n")
    # A form that only a file of another name has.
    repository.commit(a=lines(301), notes="db:5432:app:me:%s\n" % plant.token())
    repository.run("gc", "-q")
    repository.commit(a=lines(302))
    init(guest, "/srv/empty")
    # Names like those of objects, content like none.
    guest.decoy("/srv/cas/objects/ab/" + plant.pick("hex", 38), "not an object\n")


def damaged(guest, packed):
    """The last third of a pack is gone, a loose object is cut, one is no object."""
    full = guest.path("/srv/damaged/.git")
    os.makedirs(os.path.dirname(full))
    shutil.copytree(os.path.join(packed.full, ".git"), full)
    folder = os.path.join(full, "objects/pack")
    for name in os.listdir(folder):
        if name.endswith(".pack"):
            path = os.path.join(folder, name)
            os.chmod(path, 0o600)
            os.truncate(path, os.path.getsize(path) * 2 // 3)


def hostile(t):
    """Packs that no git makes: said, and what stands in front of it is found."""
    guest = plant.bare(t.dir("hostile"))
    blob, whole, mega = 3, 31 << 20, 1 << 20
    # 31 times the same megabyte: a hundred bytes
    bomb = varint(mega) + varint(whole) + b"\xc0\x10" * 31
    ids = [random.randbytes(20) for _ in range(2)]
    one = varint(5) + varint(1) + b"\x01x"
    packs = {
        "ring": [gitpack.packed(7, one, ids[0]), gitpack.packed(7, one, ids[1])],
        "before": [gitpack.packed(6, one, gitpack.distance(1 << 40))],
        "itself": [gitpack.packed(6, one, gitpack.distance(0))],
        "terabyte": [gitpack.packed(blob, b"12345"),
                     gitpack.packed(7, varint(5) + varint(1 << 40) + b"\x90\x05",
                                   hashlib.sha1(b"blob 5\x0012345").digest())],
        "claims": [gitpack.packed(blob, b"x")[:1] + b"\x78"],
    }
    base = gitpack.packed(blob, bytes(mega))
    packs["bomb"], back = [base], len(base)
    for _ in range(3000):
        packs["bomb"].append(gitpack.packed(6, bomb, gitpack.distance(back)))
        back += len(packs["bomb"][-1])
    wanted = []
    for name, objects in packs.items():
        objects.insert(0, gitpack.packed(blob, b"token " + plant.github().encode()))
        guest.write("/srv/hostile-%s/objects/pack/pack-%s.pack" % (name, plant.pick("hex", 40)),
                    gitpack.pack_of(len(objects), b"".join(objects)))
        wanted.append("/srv/hostile-" + name)
    for _ in range(200):  # more than fit one message, or the files one may have open
        guest.write("/srv/many/objects/pack/pack-%s.pack" % plant.pick("hex", 40),
                    gitpack.pack_of(1, gitpack.packed(blob, plant.github().encode())))
    run = t.run("scan", "--root", guest.root)
    t.ok(run.report["complete"], "the scan of hostile packs is complete")
    t.equal(len([f for f in history(run) if f["path"] == "/srv/many"]), 200, "many packs")
    t.equal(sorted(f["path"] for f in run.findings("unexamined")), sorted(wanted),
            "what could not be examined fully")
    t.equal(sorted(f["path"] for f in history(run) if f["path"] != "/srv/many"), sorted(wanted),
            "found in front of it")


def content_of(guest):
    """Every file below a folder with objects, by its digest."""
    seen = {}
    for folder, _, names in os.walk(guest.root):
        for name in names:
            path = os.path.join(folder, name)
            if "/.git/" in path or ".git/" in path:
                with open(path, "rb") as file:
                    seen[path] = hashlib.sha256(file.read()).hexdigest()
    return seen


def history(run):
    return [f for f in run.findings("secret") if "history" in f["seen"]]


def compare(t, run, wanted):
    rows = [f for f in history(run)
            if f["path"] not in ("/srv/damaged/.git", "/srv/examples/.git")]
    got = {(f["path"], f["member"]): f for f in rows}
    t.equal(sorted(set(wanted.rows) - set(got)), [], "not found in the histories")
    t.equal(sorted(set(got) - set(wanted.rows)), [], "found, but not planted")
    t.equal(len(rows), len(got), "each once")
    for place, (secret, line) in wanted.rows.items():
        if place in got:
            t.equal(got[place]["line"], line, "the line of %s in %s" % (place[1], place[0]))
            t.ok("git history" in got[place]["text"], "the remedy: %s" % got[place]["text"])
        t.ok(secret.encode() not in run.out + run.err, "a secret is told")


def as_git_says(t, guest, wanted):
    """The commit and path name the very bytes, to git as well."""
    for (store, member), (secret, line) in wanted.rows.items():
        if " " in member or "!" in member:
            continue
        shown = Repository(guest, store, bare=True).run("show", member).decode()
        t.ok(secret in shown.splitlines()[line - 1], "git show %s in %s" % (member, store))


def test(t):
    if not shutil.which("git"):
        print("skipped: no git here")
        sys.exit(77)
    guest = plant.bare(t.dir("guest"))
    wanted = Wanted()
    packed = in_packed(guest, wanted)
    in_loose(guest, wanted)
    in_bare(guest, wanted)
    in_submodule(guest, wanted)
    with_alternates(guest, wanted)
    sha256 = in_sha256(guest, wanted)
    plain(guest, wanted)
    by_name(guest, wanted)
    examples = init(guest, "/srv/examples")
    examples.commit(tests__data="password = " + plant.token() + "\n")
    decoys(guest)
    damaged(guest, packed)
    token = plant.github()  # in HEAD and in the work tree
    head = packed.commit(now_txt="a\n" + token + "\n")
    wanted.rows[(packed.store, head[:12] + ":now_txt")] = (token, 2)
    as_git_says(t, guest, wanted)
    before = content_of(guest)
    run = t.run("scan", "--root", guest.root)
    t.ok(run.report["complete"], "the scan is complete")
    compare(t, run, wanted)
    t.equal([(f["path"], f["member"]) for f in run.findings("unexamined")],
            [("/srv/damaged/.git", None)], "what could not be examined")
    t.equal([f["path"] for f in run.findings("secret") if "/decoy" in f["path"]], [], "decoys")
    told = {(f["severity"], f["text"]) for f in run.findings("secret") if "/examples" in f["path"]}
    t.equal(len(told), 1, "an example is one in the history as well: %r" % told)
    clean = t.run("clean", "--yes", "--root", guest.root)
    t.equal([s["path"] for s in clean.steps("done")], ["/srv/packed/now_txt"],
            "only the work tree is redacted")
    compare(t, clean, wanted)
    after = content_of(guest)
    t.equal([path for path in before if after.get(path) != before[path]], [],
            "files of repositories that changed")
    t.equal(guest.decoys_hurt(), [], "decoys")
    hostile(t)
    t.note("sha256 repositories: %s" % ("read" if sha256 else "this git can not make them"))


check.main(test)
