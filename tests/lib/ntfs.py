# SPDX-License-Identifier: MIT
"""Real NTFS volumes in a file: made by mkntfs, mounted by ntfs-3g, read again by The Sleuth
Kit, which shares no code with either.

    with ntfs.Volume(t.path("c.img"), t.dir("c")) as c: ...     mounted
    c.entries()        {path: (kind, digest)} of what is there, streams as "FILE:STREAM"
"""
import hashlib
import os
import re
import shutil
import struct
import subprocess

TOOLS = ("mkntfs", "ntfs-3g", "fls", "icat", "ils", "fusermount", "getfattr")
JUNCTION = 0xa0000003


def missing():
    """Why there can be no volume here, or None."""
    for tool in TOOLS:
        if not shutil.which(tool):
            return "no %s" % tool
    if os.geteuid() != 0:
        return "needs root"
    if not os.path.exists("/dev/fuse"):
        return "no FUSE"
    return None


def quiet(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          check=False)


class Volume:
    """top: what its paths in the guest begin with, for a drive but the first ("/D:")."""

    def __init__(self, image, point, megabytes=96, options="streams_interface=windows,compression", top=""):
        self.image, self.point, self.options, self.top = image, point, options, top
        if not os.path.exists(image):
            with open(image, "wb") as file:
                file.truncate(megabytes << 20)
            subprocess.run(["mkntfs", "-F", "-Q", "-q", image], check=True, capture_output=True)

    def __enter__(self):
        self.mount()
        return self

    def __exit__(self, *_):
        self.unmount()

    def mount(self, more=""):
        os.makedirs(self.point, exist_ok=True)
        done = quiet("ntfs-3g", self.image, self.point, "-o", self.options + more)
        if not os.path.ismount(self.point):
            raise OSError("ntfs-3g: %s" % done.stdout.decode(errors="replace"))

    def unmount(self):
        if os.path.ismount(self.point):
            subprocess.run(["umount", self.point], check=True)
        # The driver writes until it ends; until then the image is not what it will be.
        for _ in range(100):
            if quiet("fuser", "-s", self.image).returncode != 0 if shutil.which("fuser") else True:
                break

    def path(self, name):
        return os.path.join(self.point, name.lstrip("/"))

    def write(self, name, data=b""):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)

    def reparse(self, name, tag, data):
        """Makes a directory that is a reparse point."""
        os.makedirs(self.path(name), exist_ok=True)
        os.setxattr(self.path(name), "system.ntfs_reparse_data",
                    struct.pack("<IHH", tag, len(data), 0) + data)

    def junction(self, name, target):
        wide, shown = ("\\??\\" + target).encode("utf-16-le"), target.encode("utf-16-le")
        self.reparse(name, JUNCTION, struct.pack("<HHHH", 0, len(wide), len(wide) + 2, len(shown)) +
                     wide + b"\0\0" + shown + b"\0\0")

    def set_dirty(self):
        """VOLUME_IS_DIRTY in $Volume and in its mirror."""
        with open(self.image, "r+b") as file:
            boot = file.read(512)
            cluster = struct.unpack_from("<H", boot, 11)[0] * boot[13]
            for table in struct.unpack_from("<QQ", boot, 48):
                at = table * cluster + 3 * 1024
                file.seek(at)
                record = bytearray(file.read(1024))
                offset = struct.unpack_from("<H", record, 20)[0]
                while struct.unpack_from("<I", record, offset)[0] != 0x70:
                    offset += struct.unpack_from("<I", record, offset + 4)[0]
                record[offset + struct.unpack_from("<H", record, offset + 20)[0] + 10] |= 1
                file.seek(at)
                file.write(record)

    # ---- without the driver ----

    LINE = re.compile(r"^(\S)/(\S) (\d+)-(\d+)-(\d+):\t(.*)$")

    def entries(self):
        """What The Sleuth Kit sees in the unmounted image; the system's own files are left out."""
        listing = subprocess.run(["fls", "-r", "-p", "-u", "-f", "ntfs", self.image], check=True,
                                 capture_output=True).stdout.decode("utf-8", "surrogateescape")
        found, self.places = {}, {}
        there = self.allocated()
        for line in listing.splitlines():
            hit = self.LINE.match(line)
            if not hit or hit.group(6).startswith("$") and not hit.group(6).upper().startswith("$RECYCLE"):
                continue
            if hit.group(3) not in there:  # left over behind the end of an index that is empty
                continue
            kind, number, attribute = hit.group(2), hit.group(3), "-".join(hit.group(3, 4, 5))
            digest = ""
            if hit.group(4) == "128":
                digest = hashlib.sha256(self.content(attribute)).hexdigest()
            path = self.top + "/" + hit.group(6).replace("/.:", ":")  # as fls writes streams of directories
            self.places[path] = attribute
            found[path] = (kind, digest, number)
        return found

    def allocated(self):
        """The numbers of the files that are there."""
        listing = subprocess.run(["ils", "-a", "-f", "ntfs", self.image], check=True, capture_output=True)
        return {line.split("|")[0] for line in listing.stdout.decode(errors="replace").splitlines()}

    def content(self, attribute):
        return subprocess.run(["icat", "-f", "ntfs", self.image, attribute], check=True,
                              capture_output=True).stdout
