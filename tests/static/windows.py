# SPDX-License-Identifier: MIT
"""imgsan.exe as a file: small, stripped, with no DLL but the system's, and with the
manifest and version that Windows reads. Nothing is run."""
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import check

MOST = 20 << 20  # bytes
OBJDUMP = "x86_64-w64-mingw32-objdump"

# In System32 of every Windows from Server 2012 R2 on, also without a desktop.
SYSTEM = """advapi32 bcrypt crypt32 gdi32 kernel32 msvcrt ncrypt netapi32 ntdll ole32 oleaut32 shell32
    shlwapi user32 userenv ws2_32 wtsapi32""".split()

# 7, 8, 8.1, and 10 with all after it (Microsoft: "Targeting your application for Windows").
SUPPORTED = {"{35138b9a-5d96-4fbd-8e2d-a2440225f93a}", "{4a2f28e3-53b9-4441-ba9c-d69d4a4a6e38}",
             "{1f676c76-80e1-4239-95bb-83d0f6d0da78}", "{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"}
RT_VERSION, RT_MANIFEST = 16, 24


class Image:
    """The resources of a PE32+ file (Microsoft: "PE Format")."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        header = struct.unpack_from("<I", self.bytes, 0x3c)[0]
        if self.bytes[header:header + 4] != b"PE\0\0":
            raise ValueError("no PE file")
        machine, sections, self.time = struct.unpack_from("<HHI", self.bytes, header + 4)
        size = struct.unpack_from("<H", self.bytes, header + 20)[0]
        optional = header + 24
        self.machine, self.magic = machine, struct.unpack_from("<H", self.bytes, optional)[0]
        self.characteristics = struct.unpack_from("<H", self.bytes, optional + 70)[0]
        self.resource_rva = struct.unpack_from("<I", self.bytes, optional + 112 + 8 * 2)[0]
        self.sections = [struct.unpack_from("<8sIIII", self.bytes, optional + size + 40 * i)
                         for i in range(sections)]

    def offset(self, rva):
        for _, virtual, start, raw, at in self.sections:
            if start <= rva < start + max(virtual, raw):
                return rva - start + at
        raise ValueError("nothing at 0x%x" % rva)

    def children(self, at):
        base = self.offset(self.resource_rva)
        named, numbered = struct.unpack_from("<HH", self.bytes, base + at + 12)
        for i in range(named + numbered):
            yield struct.unpack_from("<II", self.bytes, base + at + 16 + 8 * i)

    def resource(self, kind):
        """The one resource of this kind: number and bytes."""
        found = []
        for number, at in [x for x in self.children(0) if x[0] == kind]:
            for number, at in self.children(at & 0x7fffffff):
                for _, at in self.children(at & 0x7fffffff):
                    rva, size = struct.unpack_from(
                        "<II", self.bytes, self.offset(self.resource_rva) + at)
                    start = self.offset(rva)
                    found.append((number, self.bytes[start:start + size]))
        if len(found) != 1:
            raise ValueError("%d resources of type %d" % (len(found), kind))
        return found[0]


def imports(t, path):
    said = subprocess.run([OBJDUMP, "-p", path], capture_output=True, text=True, check=True).stdout
    names = [name.lower() for name in re.findall(r"DLL Name: (\S+)", said)]
    t.note("imports: %s" % " ".join(sorted(names)))
    t.ok("kernel32.dll" in names and "msvcrt.dll" in names, "imports are seen: %s" % names)
    t.equal(sorted(set(names) - {name + ".dll" for name in SYSTEM}), [], "DLLs of others")


def headers(t, path, image):
    t.ok(image.machine == 0x8664 and image.magic == 0x20b, "64 bits")
    t.equal(image.time, 0, "the time of linking")
    # Anywhere in 64 bits, at another place each time, data is not run.
    t.equal(image.characteristics & 0x160, 0x160, "DllCharacteristics")
    t.note("%s: %d bytes" % (path, len(image.bytes)))
    t.ok(len(image.bytes) < MOST, "%d bytes, at most %d" % (len(image.bytes), MOST))
    t.ok(b"/imgsan/static/" not in image.bytes, "no path of the cache it was built in")
    names = [name.rstrip(b"\0") for name, *_ in image.sections]
    t.ok(b".text" in names and not [name for name in names if re.match(rb"/\d|\.debug", name)],
         "no debug information: %s" % names)


def text_of(manifest, name):
    return [each.text for each in manifest.iter() if each.tag.endswith("}" + name)]


def manifest_of(t, image):
    number, content = image.resource(RT_MANIFEST)
    t.equal(number, 1, "the manifest's number: that of a program")
    manifest = ElementTree.fromstring(content)
    levels = [each.get("level") for each in manifest.iter() if each.tag.endswith("}requestedExecutionLevel")]
    t.equal(levels, ["asInvoker"], "rights asked for")
    t.equal(text_of(manifest, "longPathAware"), ["true"], "long paths")
    t.equal(text_of(manifest, "activeCodePage"), ["UTF-8"], "code page")
    t.equal({each.get("Id") for each in manifest.iter() if each.tag.endswith("}supportedOS")}, SUPPORTED,
            "versions of Windows")


def version_of(t, image):
    with open(os.path.join(HERE, "..", "..", "CMakeLists.txt"), encoding="utf-8") as file:
        version = re.search(r"project\(imgsan VERSION ([\d.]+)", file.read()).group(1)
    _, content = image.resource(RT_VERSION)
    fixed = content.index(struct.pack("<I", 0xfeef04bd))
    high, low = struct.unpack_from("<II", content, fixed + 8)
    t.equal([high >> 16, high & 0xffff, low >> 16, low & 0xffff],
            [int(part) for part in version.split(".")] + [0], "the version in numbers")
    text = content[content.index("StringFileInfo".encode("utf-16-le")):].decode("utf-16-le", "replace")
    for name, value in (("FileVersion", version), ("ProductVersion", version), ("ProductName", "imgsan"),
                        ("OriginalFilename", "imgsan.exe")):
        t.ok(re.search(re.escape(name) + "\0+" + re.escape(value) + "\0", text), "%s: %s" % (name, value))


def test(t):
    image = Image(t.imgsan)
    imports(t, t.imgsan)
    headers(t, t.imgsan, image)
    manifest_of(t, image)
    version_of(t, image)


check.main(test, static=True)
