# SPDX-License-Identifier: MIT
"""clean refuses to take the last way in to a clone, before it changes anything; with
--allow-lockout it goes on. Also: what an account leaves, and a plan that is refused."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import pty
import subprocess

import check
import plant
import tree

KEY = "ssh-ed25519 AAAA%s me@here\n"


def server(t, name):
    """Somebody can log in by a key and by a password; nothing brings them back."""
    g = plant.bare(t.dir(name), "root", "alice")
    g.write("/usr/sbin/sshd", "elf", mode=0o755)
    g.write("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n")
    g.write("/root/.ssh/authorized_keys", KEY % plant.pick("alnum", 60), mode=0o600)
    return g


def policy(t, text):
    path = t.path("policy.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write("policy: mine\ntitle: Mine\nclasses: {personal: remove, identity: remove, "
                   "service: redact, trace: remove, business: report}\n" + text)
    return path


def told(run):
    return [(f["kind"], f["severity"]) for f in run.findings() if f["name"] == "last-way-in"]


def refused(t, run, g, before, what):
    t.equal(run.code, 5, what + ": the code of %s" % run)
    t.equal(tree.differences(before, tree.snapshot(g.root), ("atime",))[:5], [], what + ": the tree")
    t.equal(run.report["verdict"], "REFUSED", what + ": the verdict")
    t.ok(not run.report["complete"], what + ": not complete")
    t.equal(run.steps("done", "failed", "skipped"), [], what + ": nothing was tried")
    t.ok("ssh key of" in run.report["summary"] and "--allow-lockout" in run.report["summary"] and
         "nothing was changed" in run.report["summary"], what + ": " + run.report["summary"])


def refuses(t):
    g = server(t, "refuses")
    before = tree.snapshot(g.root)
    scan = t.run("scan", "--root", g.root, "--plan", t.path("plan.json"))
    t.equal((scan.code, told(scan)), (1, [("posture", "critical")]), "scan tells of it")
    run = t.run("clean", "--root", g.root, "--yes")
    refused(t, run, g, before, "clean")
    t.equal(told(run), [("posture", "critical")], "clean tells of it")
    planned = t.run("clean", "--root", g.root, "--yes", "--plan", t.path("plan.json"))
    refused(t, planned, g, before, "clean --plan")
    skipped = t.run("clean", "--root", g.root, "--yes", "--skip", "last-way-in", "--fail-on", "critical")
    refused(t, skipped, g, before, "clean --skip last-way-in")
    text = t.run("clean", "--root", g.root, "--yes", json_report=False)
    lines = text.out.decode("ascii").splitlines()
    t.ok(lines[0] == lines[-1] and lines[0].startswith("imgsan clean: REFUSED - "), "verdict: %s" % text)
    t.equal(t.run("verify", "--root", g.root).code, 1, "verify of what is still dirty")


def terminal(t):
    """The question on a terminal does not stand for the option: it is not even asked."""
    g = server(t, "terminal")
    before = tree.snapshot(g.root)
    master, slave = pty.openpty()
    os.write(master, b"y\ny\n")
    done = subprocess.run([t.imgsan, "clean", "--root", g.root], stdin=slave, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    os.close(slave)
    os.close(master)
    t.equal(done.returncode, 5, "on a terminal: %s" % done.stdout[-500:])
    t.ok(b"[y/N]" not in done.stdout and b"REFUSED" in done.stdout, "nothing is asked")
    t.equal(tree.differences(before, tree.snapshot(g.root), ("atime",))[:5], [], "nothing is changed")


def allowed(t):
    """Let through once, later looks end as they would without it."""
    g = server(t, "allowed")
    run = t.run("clean", "--root", g.root, "--yes", "--allow-lockout")
    t.equal((run.code, told(run)), (0, [("note", "info")]), "clean --allow-lockout: %s" % run)
    t.ok(not os.path.exists(g.path("/root/.ssh/authorized_keys")), "the key is gone")
    for more in ((), ("--allow-lockout",)):
        for command in (("scan",), ("verify",), ("clean", "--yes")):
            again = t.run(*command, "--root", g.root, *more)
            t.equal((again.code, again.steps(), told(again)), (0, [], [("note", "info")]),
                    "afterwards: %s" % again)


def keeps_one(t):
    """One way that stays is enough: a key by an allowance, a password by the policy,
    another item that is not selected, an agent."""
    ways = (
        ("key", "allow:\n  - {name: ssh-authorized-keys, path: ~/.ssh/authorized_keys, reason: ours}\n", ()),
        ("password", "items: [{name: accounts, action: keep}]\n", ()),
        ("selection", "", ("--skip", "ssh-authorized-keys")),
    )
    for name, text, options in ways:
        g = server(t, "keeps-" + name)
        run = t.run("clean", "--root", g.root, "--yes", "--policy", policy(t, text), *options)
        t.ok(run.code in (0, 1) and not told(run) and run.steps("done"), "%s: %s" % (name, run))
    g = server(t, "keeps-agent")
    g.write("/usr/lib/systemd/system/aliyun.service", "[Service]\n")
    g.mkdir("/etc/systemd/system/multi-user.target.wants")
    os.symlink("/usr/lib/systemd/system/aliyun.service",
               g.path("/etc/systemd/system/multi-user.target.wants/aliyun.service"))
    run = t.run("clean", "--root", g.root, "--yes")
    t.ok(run.code == 0 and not told(run), "an agent: %s" % run)


def one_after_the_other(t):
    """The keys in one run, the passwords in the next: the second is refused."""
    g = server(t, "halves")
    first = t.run("clean", "--root", g.root, "--yes", "--only", "ssh-authorized-keys")
    t.equal(first.code, 0, "the keys: %s" % first)
    second = t.run("clean", "--root", g.root, "--yes", "--only", "accounts")
    t.equal((second.code, second.report["verdict"]), (5, "REFUSED"), "the passwords: %s" % second)
    third = t.run("clean", "--root", g.root, "--yes", "--only", "accounts", "--allow-lockout")
    t.equal(third.code, 0, "the passwords, allowed: %s" % third)


def bare(t):
    """Trees without anything to log in to are not spoken of."""
    for name, passwd in (("empty", None), ("container", "root:x:0:0::/root:/bin/sh\n")):
        g = plant.Guest(t.dir(name))
        g.write("/etc/os-release", "ID=alpine\n")
        if passwd:
            g.write("/etc/passwd", passwd)
            g.write("/etc/shadow", "root:*:1::::::\n")
        run = t.run("clean", "--root", g.root, "--yes")
        t.equal((run.code, run.findings()), (0, []), "%s: %s" % (name, run))


def account(t):
    """All that is an account's goes, by a reviewed plan, too; without its name given
    again the home stays."""
    if not check.is_root():
        t.note("skipped, needs root: an account and its home")
        return
    g = server(t, "account")
    plant.accounts(g, [("root", 0, "/root", "/bin/bash"), ("alice", 1000, "/home/alice", "/bin/bash"),
                       ("builder", 1234, "/home/builder", "/bin/bash")])
    g.write("/home/builder/work/config.ini", "password = %s\n" % plant.token(12), uid=1234)
    g.write("/etc/sudoers.d/builder", "builder ALL=(ALL) NOPASSWD: ALL\n", mode=0o440)
    g.decoy("/home/alice/builder/notes", "stay\n", uid=1000)
    g.decoy("/etc/sudoers.d/alice", "alice ALL=(ALL) ALL\n", mode=0o440)
    keep = ("--allow-lockout", "--remove-account", "builder")
    scan = t.run("scan", "--root", g.root, "--plan", t.path("account.json"), *keep)
    t.equal([f["path"] for f in scan.findings("secret", "posture")], [], "nothing in the home is told")
    copy = t.path("account-copy")
    plant.copy(g.root, copy)
    run = t.run("clean", "--root", g.root, "--yes", *keep)
    t.equal(run.code, 0, "clean: %s" % run)
    t.ok(not os.path.exists(g.path("/home/builder")) and
         not os.path.exists(g.path("/etc/sudoers.d/builder")), "home and rule are gone")
    for name in ("passwd", "shadow", "group"):
        with open(g.path("/etc/" + name), encoding="ascii") as file:
            t.ok("builder" not in file.read(), "no builder in " + name)
    t.equal(g.decoys_hurt(), [], "decoys")
    t.equal(oct(os.stat(g.path("/etc/shadow")).st_mode & 0o777), "0o640", "mode of shadow")
    # The plan is of another tree, whose files have other numbers; the guard is asked first.
    g.root = copy
    t.run("scan", "--root", copy, "--plan", t.path("account.json"), *keep)
    run = t.run("clean", "--root", copy, "--yes", "--plan", t.path("account.json"), "--allow-lockout")
    t.ok(os.path.exists(g.path("/home/builder")), "the guard keeps the home: %s" % run)


def test(t):
    refuses(t)
    terminal(t)
    allowed(t)
    keeps_one(t)
    one_after_the_other(t)
    bare(t)
    account(t)


check.main(test)
