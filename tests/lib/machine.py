# SPDX-License-Identifier: MIT
"""A virtual machine that boots a root file system and is talked to by ssh.

    disk = machine.disk(t, root)                     # an ext4 image of the tree
    with machine.Machine(t, "one", disk, seed) as vm:
        vm.wait()
        print(vm.ssh("uname -r").stdout)
        vm.poweroff()

It sees no network but the forwarded ssh port on 127.0.0.1. There is no boot loader:
the kernel and initrd of the tree are started directly.
"""
import glob
import os
import shutil
import socket
import subprocess
import time

NEEDS = ["qemu-system-x86_64", "ssh", "ssh-keygen", "bsdtar", "mke2fs"]
BOOT_SECONDS = 400  # tcg, with other tests beside it


def missing():
    return [name for name in NEEDS if not shutil.which(name)]


def login_key(t):
    """(private key file, public key line), made now."""
    path = t.path("login")
    if not os.path.exists(path):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "boot test",
                        "-f", path], check=True)
    with open(path + ".pub", encoding="ascii") as file:
        return path, file.read().strip()


def disk(t, root, name="disk.img", size="3G"):
    """The tree as an ext4 file system, and its kernel and initrd beside it."""
    image = t.path(name)
    for kind in ("vmlinuz", "initrd.img"):
        shutil.copy(sorted(glob.glob(os.path.join(root, "boot", kind + "-*")))[-1],
                    t.path(name + "." + kind))
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, image, size],
                   stdout=subprocess.DEVNULL, check=True)
    return image


def copy(source, target):
    subprocess.run(["cp", "--sparse=always", "--reflink=auto", source, target], check=True)
    for kind in ("vmlinuz", "initrd.img"):
        shutil.copy(source + "." + kind, target + "." + kind)
    return target


def seed(t, name, instance):
    """A NoCloud data source for one instance, with our key for root."""
    place = t.dir("seed-" + name)
    with open(os.path.join(place, "meta-data"), "w", encoding="ascii") as file:
        file.write("instance-id: %s\nlocal-hostname: %s\n" % (instance, name))
    with open(os.path.join(place, "user-data"), "w", encoding="ascii") as file:
        file.write("#cloud-config\ndisable_root: false\nusers:\n"
                   "  - name: root\n    ssh_authorized_keys:\n      - %s\n" % login_key(t)[1])
    path = t.path("seed-%s.iso" % name)
    subprocess.run(["bsdtar", "-c", "-f", path, "--format", "iso9660", "--options",
                    "volume-id=cidata", "-C", place, "meta-data", "user-data"], check=True)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machine:
    count = 0

    def __init__(self, t, name, image, seed_image=None):
        Machine.count += 1
        self.t, self.name, self.port = t, name, free_port()
        self.log = t.path(name + ".log")
        argv = ["qemu-system-x86_64", "-accel", "tcg", "-m", "1024", "-smp", "2",
                "-display", "none", "-no-reboot", "-serial", "file:" + self.log,
                "-kernel", image + ".vmlinuz", "-initrd", image + ".initrd.img",
                "-append", "root=/dev/vda ro console=ttyS0 net.ifnames=0",
                "-drive", "file=%s,if=virtio,format=raw,cache=unsafe" % image,
                "-nic", "user,model=virtio-net-pci,restrict=on,mac=52:54:00:00:00:%02x,"
                        "hostfwd=tcp:127.0.0.1:%d-:22" % (Machine.count, self.port)]
        if seed_image:
            argv += ["-drive", "file=%s,if=virtio,format=raw,readonly=on" % seed_image]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ssh(self, command, timeout=300):
        """Runs a command as root; host keys are not compared, the caller does that."""
        return subprocess.run(
            ["ssh", "-q", "-i", login_key(self.t)[0], "-p", str(self.port),
             "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "ConnectTimeout=10",
             "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
             "root@127.0.0.1", command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)

    def get(self, command):
        return self.ssh(command).stdout.strip()

    def wait(self):
        """True once a login works and the boot has come to its end."""
        end = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ssh("true", timeout=60).returncode == 0:
                    self.ssh("systemctl is-system-running --wait", timeout=BOOT_SECONDS)
                    return True
            except subprocess.TimeoutExpired:
                pass
            time.sleep(2)
        with open(self.log, encoding="utf-8", errors="replace") as file:
            self.t.note("%s:\n%s" % (self.name, file.read()[-3000:]))
        return False

    def put(self, source, target):
        """Copies a file into the machine."""
        with open(source, "rb") as file:
            subprocess.run(
                ["ssh", "-q", "-i", login_key(self.t)[0], "-p", str(self.port),
                 "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
                 "-o", "UserKnownHostsFile=/dev/null", "root@127.0.0.1",
                 "cat >%s && chmod 755 %s" % (target, target)], stdin=file, check=True)

    def ends(self):
        try:
            self.process.wait(120)
            return True
        except subprocess.TimeoutExpired:
            return False

    def poweroff(self):
        try:
            self.ssh("systemctl poweroff", timeout=60)
        except subprocess.TimeoutExpired:
            return False
        return self.ends()
