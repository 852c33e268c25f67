# SPDX-License-Identifier: MIT
"""The whole way: a Debian that has lived is cleaned while it runs, powered off, and
its disk is copied twice. Both clones boot, let us in, have no failed unit that
was not failed before, and share no identity with each other or with the original.
Once with cloud-init (NoCloud), once without (host keys by the one-shot unit)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import json
import re
import subprocess

import check
import machine
import plant
import rootfs

IDENTITIES = {
    "machine-id": "cat /etc/machine-id",
    "host keys": "cat /etc/ssh/ssh_host_*_key.pub | cut -d' ' -f2",
    "random seed": "sha256sum </var/lib/systemd/random-seed",
}


def life(root):
    """What people leave on a machine."""
    g = plant.Guest(root)
    with open(g.path("/etc/passwd"), "a", encoding="ascii") as file:
        file.write("alice:x:1000:1000::/home/alice:/bin/bash\n")
    with open(g.path("/etc/group"), "a", encoding="ascii") as file:
        file.write("alice:x:1000:\n")
    with open(g.path("/etc/shadow"), "a", encoding="ascii") as file:
        file.write("alice:%s:19700:0:99999:7:::\n" % plant.hash_of_password())
    plant.home(g, "/root", 0)
    plant.home(g, "/home/alice", 1000)
    plant.credentials(g)
    g.write("/etc/fstab", "/dev/vda / ext4 defaults 0 1\n")
    return g


def without_cloud_init(t, g):
    """The same machine as somebody sets it up by hand."""
    done = subprocess.run(["chroot", g.root, "dpkg", "--purge", "cloud-init"],
                          capture_output=True, check=False)
    t.ok(done.returncode == 0, "cloud-init purged: %s" % done.stderr)
    g.write("/etc/network/interfaces.d/eth0", "auto eth0\niface eth0 inet dhcp\n")
    g.write("/root/.ssh/authorized_keys", machine.login_key(t)[1] + "\n", mode=0o600)


def identities(vm):
    return {name: vm.get(command) for name, command in IDENTITIES.items()}


def failed_units(vm):
    return set(vm.get("systemctl --failed --plain --no-legend | cut -d' ' -f1").split())


def clean_inside(t, vm, options):
    """Runs the program as a pipeline does, without a terminal, and powers off. All in
    one session: our key goes as well."""
    vm.put(t.imgsan, "/tmp/imgsan")
    done = vm.ssh("cd /tmp; ./imgsan clean --yes %s --report /run/report.json; echo clean: $?;"
                  "./imgsan verify %s --max-output 0; echo verify: $?;"
                  "cat /run/report.json; systemctl poweroff" % (options, options), timeout=1200)
    said, _, report = done.stdout.partition("\n{")
    codes = dict(line.split(": ") for line in said.splitlines() if re.match("(clean|verify): .$", line))
    again = [s["path"] for s in json.loads("{" + report).get("left", {}).get("steps", [])]
    t.ok(codes == {"clean": "0", "verify": "0"}, "%s: %s, there again: %s\n%s" % (
        vm.name, codes, again, said))
    t.ok(vm.ends(), "%s powers off" % vm.name)


def first_life(t, name, image, seed, options):
    """(identities, failed units) of the original, which is clean and off afterwards."""
    with machine.Machine(t, name, image, seed) as vm:
        if not t.ok(vm.wait(), "%s boots" % name):
            return None
        t.ok(vm.get("systemctl is-active multi-user.target") == "active", "%s is up" % name)
        was = identities(vm), failed_units(vm)
        clean_inside(t, vm, options)
    return was


def clone(t, vm, was):
    """Identities of a clone that has to be as good as the original."""
    if not t.ok(vm.wait(), "%s boots and lets us in" % vm.name):
        return {}
    t.equal(vm.get("systemctl is-active multi-user.target"), "active", vm.name + ": multi-user")
    t.equal(sorted(failed_units(vm) - was[1]), [], vm.name + ": units that failed only now")
    for unit in ("ssh", "nginx", "rsyslog", "redis-server", "systemd-journald"):
        t.equal(vm.get("systemctl is-active " + unit), "active", "%s: %s" % (vm.name, unit))
    t.ok(int(vm.get("journalctl -b -q | wc -l") or 0) > 50, vm.name + ": the journal is written")
    return identities(vm)


def lives(t, name, root, options, cloud):
    def seed(which):
        return machine.seed(t, which, "i-" + which) if cloud else None

    image = machine.disk(t, root, name + ".img")
    was = first_life(t, name, image, seed(name), options)
    if not was:
        return
    one, two = name + "-clone1", name + "-clone2"
    machine.copy(image, t.path(one))
    machine.copy(image, t.path(two))
    with machine.Machine(t, one, t.path(one), seed(one)) as first, \
            machine.Machine(t, two, t.path(two), seed(two)) as second:
        a, b = clone(t, first, was), clone(t, second, was)
        first.poweroff()
        second.poweroff()
    for what in IDENTITIES:
        values = [was[0][what], a.get(what), b.get(what)]
        t.ok(all(values), "%s: %s is there: %s" % (name, what, values))
        t.equal(len(set(values)), 3, "%s: %s differs everywhere" % (name, what))


def test(t):
    lacking = machine.missing()
    if lacking:
        t.note("skipped: %s not installed" % ", ".join(lacking))
        sys.exit(77)
    root = rootfs.unpack(t.path("root"), rootfs.BOOT)
    g = life(root)
    lives(t, "cloud", root, "", cloud=True)
    without_cloud_init(t, g)
    lives(t, "plain", root, "--install-firstboot-unit --treat ssh-authorized-keys=keep",
          cloud=False)


check.main(test, root=True)
