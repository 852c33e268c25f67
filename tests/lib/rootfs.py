# SPDX-License-Identifier: MIT
"""Real Debian root file systems, built once by mmdebstrap and kept as tars.

    root = rootfs.unpack(directory)               # needs root
    root = rootfs.unpack(directory, rootfs.BOOT)  # one that boots

A tar lies outside the tree, in a file named after the command that made it.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

SUITE = "bookworm"
STOCK = ("systemd,systemd-sysv,openssh-server,cloud-init,rsyslog,"
         "nginx-light,redis-server,git,python3,vim,sudo")
# With a kernel, a network and what the program is linked against.
BOOT = STOCK + (",linux-image-cloud-amd64,udev,dbus,ifupdown,isc-dhcp-client,cron,"
                "libpcre2-8-0,libarchive13,libmagic1,libssl3,libyaml-0-2,libjansson4")


def command(packages):
    return ["mmdebstrap", "--mode=root", "--variant=important",
            "--include=" + packages, SUITE]


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = os.path.join(base, "imgsan")
    os.makedirs(directory, mode=0o700, exist_ok=True)
    return directory


def sources():
    """The machine's own Debian sources, so that its mirror is the one in use."""
    got = subprocess.run(
        ["apt-get", "indextargets", "--format",
         "$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)",
         "Identifier: Packages"], capture_output=True, text=True, check=False)
    lines = sorted({line.split(" ", 1)[1] for line in got.stdout.splitlines()
                    if line.startswith("Debian ")})
    return [line for line in lines if line.split()[2].startswith(SUITE)]


def build(packages=STOCK):
    """The path of the tar; made when it is not there yet."""
    key = hashlib.sha256(" ".join(command(packages)).encode()).hexdigest()[:16]
    tar = os.path.join(cache(), "rootfs-%s.tar" % key)
    if os.path.exists(tar):
        return tar
    if not shutil.which("mmdebstrap") or os.geteuid() != 0:
        print("skipped: the Debian root needs mmdebstrap and root")
        sys.exit(77)
    lines = sources()
    # Written beside its place and renamed: a killed run leaves no half a tar.
    new = tempfile.mktemp(dir=cache(), prefix="new-", suffix=".tar")
    try:
        subprocess.run(command(packages) + [new] + (["-"] if lines else []),
                       input="\n".join(lines) + "\n", text=True, check=True)
        os.rename(new, tar)
    finally:
        if os.path.exists(new):
            os.unlink(new)
    return tar


def unpack(directory, packages=STOCK):
    tar = build(packages)
    os.makedirs(directory, exist_ok=True)
    subprocess.run(["tar", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                    "--exclude=./dev/*", "-C", directory, "-xpf", tar], check=True)
    return directory


if __name__ == "__main__":
    print(build())
