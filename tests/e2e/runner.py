# SPDX-License-Identifier: MIT
"""The script that runs imgsan, as Cloud Assistant keeps it on the disk, and keys of
builders in an authorized_keys that the policy keeps."""
import os
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import json
import subprocess

import check
import plant

SCRIPTS = "/usr/local/share/aliyun-assist/work/script"
TRAP = "trap 'rm -f -- \"$0\"' EXIT\n"


def base(t, name):
    g = plant.bare(t.dir(name), "root")
    return g


def run_script(t, g, name, head):
    """Exit code and report of a clean that a script of the tree runs, as `sh -c PATH`."""
    report = t.path(name + ".json")
    place = SCRIPTS + "/" + name
    g.write(place, "#!/bin/sh\n%s'%s' clean --root '%s' --yes --only alibaba-assist-scripts "
            "--format json --report '%s'\n" % (head, t.imgsan, g.root, report), mode=0o755)
    done = subprocess.run(["sh", "-c", g.path(place)], capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=120)
    with open(report, encoding="utf-8") as file:
        return done.returncode, json.load(file), place


def said(report, place):
    return [(f["kind"], f["severity"]) for f in report["left"]["findings"] if f["path"] == place]


def scripts(t):
    g = base(t, "scripts")
    old = SCRIPTS + "/t-old.sh"
    g.write(old, "#!/bin/sh\nlogin %s\n" % plant.token(), mode=0o755)
    code, report, place = run_script(t, g, "t-plain.sh", "")
    t.equal(code, 1, "a script that stays is a finding")
    t.ok(not os.path.exists(g.path(old)), "older scripts go")
    t.ok(os.path.exists(g.path(place)), "the running one stays")
    t.equal(said(report, place), [("posture", "high")], "what is said about it")
    os.unlink(g.path(place))
    code, report, place = run_script(t, g, "t-trap.sh", TRAP)
    t.equal(code, 0, "a script that removes itself is none: %s" % said(report, place))
    t.equal(said(report, place), [("note", "info")], "what is said about it")
    t.ok(not os.path.exists(g.path(place)), "and it is gone when it has ended")
    code, report, place = run_script(t, g, "t-agent.sh", "# oos-secret\n")
    t.equal((code, said(report, place)), (0, [("note", "info")]), "one that the agent removes")
    t.ok(os.path.exists(g.path(place)), "there is no agent here to do it")


def policy(t):
    path = t.path("keep-keys.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write("policy: keep-keys\ntitle: The deployment's keys stay\nclasses:\n" + "".join(
            "  %s: remove\n" % name for name in ("personal", "identity", "service", "trace"))
            + "  business: report\nitems:\n  - {name: ssh-authorized-keys, action: keep}\n")
    os.chmod(path, 0o600)
    return path


def builders_keys(t):
    g = base(t, "keys")
    keys = [plant.pick("b64", 360) for _ in range(4)]
    lines = ["ssh-rsa AAAA%s deploy@example.invalid" % keys[0],
             'no-pty ssh-rsa AAAA%s packer_%s-%s' % (keys[1], plant.pick("hex", 8), plant.pick("hex", 4)),
             "ssh-rsa AAAA%s== vagrant insecure public key" % keys[2],
             "# the last one", "ssh-rsa AAAA%s ops@example.invalid" % keys[3], ""]
    place = "/root/.ssh/authorized_keys"
    g.write(place, "\n".join(lines), mode=0o600)
    run = t.run("clean", "--root", g.root, "--yes", "--policy", policy(t))
    t.ok(run.code in (0, 1), "clean: %s" % run)
    with open(g.path(place), encoding="ascii") as file:
        now = file.read().split("\n")
    t.equal([n for n, line in enumerate(now) if line != lines[n]], [1, 2], "changed lines")
    t.ok(keys[1] not in now[1] and now[1].startswith("no-pty ssh-rsa ") and
         now[1].split()[-1] == lines[1].split()[-1], "Packer's key is gone from its line")
    t.ok(keys[2] not in now[2] and now[2].endswith("vagrant insecure public key"),
         "Vagrant's key is gone from its line")
    mode = stat.S_IMODE(os.stat(g.path(place)).st_mode)
    t.equal(mode, 0o600, "mode")
    again = t.run("clean", "--root", g.root, "--yes", "--policy", policy(t))
    t.equal([s["path"] for s in again.steps() if s["path"] == place], [], "a second time")


def test(t):
    scripts(t)
    builders_keys(t)


check.main(test)
