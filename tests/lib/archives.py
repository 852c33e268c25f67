# SPDX-License-Identifier: MIT
"""Archives and compressed streams of every kind, made here or by the programs that
are installed. A maker takes {name: bytes} (a packer: bytes) and gives bytes.

    for name, make in archives.makers().items(): ...
    for name, pack in archives.packers().items(): ...
"""
import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zipfile
import zlib

import plant
import rar


# ---- compressed streams ----

def lzip(data):
    """lzip's own manual, "File format": the stream of lzma with another frame."""
    body = lzma.compress(data, format=lzma.FORMAT_ALONE)[13:]
    trailer = struct.pack("<IQQ", zlib.crc32(data), len(data), len(body) + 26)
    return b"LZIP\1" + bytes([23]) + body + trailer


def compress(data):
    """A code for each byte; codes grow as the reader's table does, whose entries
    nobody uses."""
    out, bits, used, size = 0, 0, 256, 9
    for byte in data:
        out |= byte << bits
        bits += size
        used += 1
        size += used == 1 << size and size < 16
    return b"\x1f\x9d\x90" + out.to_bytes((bits + 7) // 8, "little")


def piped(*command):
    return lambda data: subprocess.run(command, input=data, capture_output=True,
                                       check=True).stdout


def packers():
    found = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "lz": lzip,
             "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
             "Z": compress}
    for name, command in (("zst", ("zstd", "-q", "-c")), ("lz4", ("lz4", "-c")),
                          ("lz4-old", ("lz4", "-l", "-c"))):
        if shutil.which(command[0]):
            found[name] = piped(*command)
    return found


# ---- archives ----

def tar(files, form=tarfile.GNU_FORMAT, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def old_tar(files):
    """Before POSIX: nothing behind the name of a link."""
    out = b""
    for name, data in files.items():
        head = struct.pack("100s8s8s8s12s12s8s", name.encode(), b"0000644\0", b"0000000\0",
                           b"0000000\0", b"%011o " % len(data), b"%011o " % 0, b" " * 8)
        head = head.ljust(512, b"\0")
        head = head[:148] + b"%06o\0 " % sum(head) + head[156:]
        out += head + data + bytes(-len(data) % 512)
    return out + bytes(1024)


def zipped(files, method=zipfile.ZIP_DEFLATED, stream=False, big=False):
    class Pipe(io.BytesIO):
        """Can not go back, so that sizes stand behind the data."""
        def seekable(self):
            return not stream

        def seek(self, *args):
            if stream:
                raise OSError("a pipe")
            return super().seek(*args)

    out = Pipe()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            with archive.open(zipfile.ZipInfo(name) if big else name, "w",
                              force_zip64=big) as file:
                file.write(data)
    return out.getvalue()


def odc(files):
    out = b""
    for name, data in list(files.items()) + [("TRAILER!!!", b"")]:
        out += b"070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o%s\0%s" % (
            0, 0, 0o100644, 0, 0, 1, 0, 0, len(name) + 1, len(data), name.encode(), data)
    return out


def old_cpio(files):
    out = b""
    for name, data in list(files.items()) + [("TRAILER!!!", b"")]:
        path = name.encode() + b"\0"
        out += struct.pack("<13H", 0o070707, 0, 0, 0o100644, 0, 0, 1, 0, 0, 0, len(path),
                           len(data) >> 16, len(data) & 0xffff)
        out += path + bytes(len(path) % 2) + data + bytes(len(data) % 2)
    return out


def ar(files):
    out = b"!<arch>\n"
    for name, data in files.items():
        out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (os.path.basename(name).encode() + b"/", 0, 0, 0,
                                                    b"100644", len(data))
        out += data + b"\n" * (len(data) % 2)
    return out


def deb(files):
    return ar({"debian-binary": b"2.0\n", "control.tar.xz": tar({"control": b"Package: x\n"},
                                                                mode="w:xz"),
               "data.tar.xz": tar(files, mode="w:xz")})


def rpm(files, pack=gzip.compress, scriptlet=b"true"):
    """A lead, an empty signature, a header with the script that runs after the
    installation, the payload."""
    lead = struct.pack(">4sBBHH66sHH16x", b"\xed\xab\xee\xdb", 3, 0, 0, 1, b"x-1-1", 1, 5)
    empty = b"\x8e\xad\xe8\x01" + struct.pack(">4xII", 0, 0)
    store = scriptlet + b"\0"
    header = b"\x8e\xad\xe8\x01" + struct.pack(">4xIIIIII", 1, len(store), 1024, 6, 0, 1)
    return lead + empty + header + store + pack(plant.cpio(files))


def cab(files):
    """[MS-CAB], one folder without compression."""
    whole = b"".join(files.values())
    blocks = [whole[at:at + 32768] for at in range(0, len(whole), 32768)]
    entries, at = b"", 0
    for name, data in files.items():
        entries += struct.pack("<IIHHHH", len(data), at, 0, 0x21, 0, 0x20) + name.encode() + b"\0"
        at += len(data)
    start = 36 + 8 + len(entries)
    body = b"".join(struct.pack("<IHH", 0, len(b), len(b)) + b for b in blocks)
    return struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, start + len(body), 0, 44, 0, 3, 1, 1,
                       len(files), 0, 0, 0) + \
        struct.pack("<IHH", start, len(blocks), 0) + entries + body


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xa001 if crc & 1 else 0)
    return crc


def lha(files):
    """Level 0, method lh0."""
    out = b""
    for name, data in files.items():
        path = name.encode()
        head = struct.pack("<5sIIIBBB", b"-lh0-", len(data), len(data), 0x210000, 0x20, 0,
                           len(path)) + path + struct.pack("<H", crc16(data))
        out += bytes([len(head), sum(head) & 0xff]) + head + data
    return out + b"\0"


def in_folder(command):
    """A program that packs what lies in its working directory into out."""
    def make(files):
        with tempfile.TemporaryDirectory(prefix="imgsan-archive-") as folder:
            os.mkdir(folder + "/in")
            for name, data in files.items():
                os.makedirs(os.path.dirname(os.path.join(folder, "in", name)), exist_ok=True)
                with open(os.path.join(folder, "in", name), "wb") as file:
                    file.write(data)
            subprocess.run(command, cwd=folder + "/in", check=True, capture_output=True)
            with open(folder + "/out.bin", "rb") as file:
                return file.read()
    return make


def sealed_7z(*more):
    return in_folder(["7z", "a", "-t7z", "-p" + plant.token(), *more, "../out.bin", "."])


def sealed_zip():
    return in_folder(["7z", "a", "-tzip", "-p" + plant.token(), "../out.bin", "."])


def makers():
    found = {
        "tar": tar, "tar-old": old_tar, "cpio": plant.cpio, "cpio-odc": odc,
        "cpio-old": old_cpio, "ar": ar, "deb": deb, "rpm": rpm, "rar4": rar.rar4, "rar5": rar.rar5,
        "cab": cab, "lha": lha, "zip": zipped,
        "tar-ustar": lambda files: tar(files, tarfile.USTAR_FORMAT),
        "tar-pax": lambda files: tar(files, tarfile.PAX_FORMAT),
        "zip-stored": lambda files: zipped(files, zipfile.ZIP_STORED),
        "zip-bzip2": lambda files: zipped(files, zipfile.ZIP_BZIP2),
        "zip-lzma": lambda files: zipped(files, zipfile.ZIP_LZMA),
        "zip-stream": lambda files: zipped(files, stream=True),
        "zip64": lambda files: zipped(files, big=True),
        "rpm-zstd": lambda files: rpm(files, packers().get("zst", gzip.compress)),
        "rpm-xz": lambda files: rpm(files, lzma.compress),
    }
    if shutil.which("7z"):
        found["7z"] = in_folder(["7z", "a", "-t7z", "../out.bin", "."])
        found["7z-stored"] = in_folder(["7z", "a", "-t7z", "-mx0", "../out.bin", "."])
    if shutil.which("genisoimage"):
        found["iso"] = in_folder(["genisoimage", "-quiet", "-R", "-o", "../out.bin", "."])
        found["iso-joliet"] = in_folder(["genisoimage", "-quiet", "-J", "-o", "../out.bin", "."])
    return found
