# SPDX-License-Identifier: MIT
"""Seeds of what a Windows disk holds: hives, the first records of a volume."""
import struct

import hive

SIDS = {"S-1-5-18": "%systemroot%\\system32\\config\\systemprofile", "S-1-5-21-1-2-3-1001": "C:\\Users\\Zo\u00eb"}


def registry():
    for kind in (b"lf", b"lh", b"li"):
        yield hive.make({"Microsoft": {"Windows NT": {"CurrentVersion": {
            "values": {"ProductName": hive.text("Windows"), "UBR": hive.number(7), "": hive.text("d")},
            "ProfileList": {sid: {"values": {"ProfileImagePath": hive.text(path, expand=True)}}
                            for sid, path in SIDS.items()}}}},
            "\u738b": {"values": {"\u00e9": hive.text("x" * 600), "\u738b": (3, b"\0" * 9)}}}, kind)
    yield hive.make({"k%03d" % i: {"values": {"v": hive.number(i)}} for i in range(1100)})
    yield hive.software(SIDS)[:9000]
    yield hive.make({"B": {"values": {"big": (3, b"x" * 40000), "m": hive.texts(["a", "b"])}}, "L": {"link": True}})


def regf():
    """The last byte is what is done with it; a log is a hive with entries behind its first block."""
    for seed in registry():
        for last in (0, 15, 60, 78, 65, 69, 71, 31):
            yield seed[:-1] + bytes([last])
    small = hive.make({"k": {}})
    yield hive.log(small, [small[4096:]], sequence=1).ljust(8192, b"\0")
    other = hive.OWNER[:-1] + b"\7"
    for minor in (3, 5):
        yield hive.make({"Microsoft": {"values": {"v": (3, b"long" * 10000), "": hive.text("d")}, hive.CLASS: "class",
                                       "A": {hive.SECURITY: other, "B": {hive.SECURITY: other + b"\1\2\3\4"}}},
                         "\u738b": {"values": {"\u00e9": hive.text("x" * 600)}}}, litter=b"litter", minor=minor)


def ntfs():
    """A boot sector, and in the second cluster a table whose fourth record is $Volume."""
    for size, clusters in ((1024, -10), (4096, 1)):
        boot = bytearray(512)
        boot[3:11] = b"NTFS    "
        struct.pack_into("<HB", boot, 11, 512, 8)
        struct.pack_into("<QQb", boot, 48, 1, 2, clusters)
        record = bytearray(size)
        count = size // 512 + 1
        struct.pack_into("<4sHHQHHHH", record, 0, b"FILE", 48, count, 0, 1, 1, 72, 1)
        name = struct.pack("<IIBBHHHIHH", 0x60, 32, 0, 0, 0, 0, 4, 6, 24, 0) + b"v\0o\0l\0\0\0"
        info = struct.pack("<IIBBHHHIHH", 0x70, 40, 0, 0, 0, 0, 5, 12, 24, 0) + struct.pack("<QBBHI", 0, 3, 1, 1, 0)
        end = struct.pack("<II", 0xffffffff, 0)
        record[72:72 + len(name) + len(info) + 8] = name + info + end
        for i in range(1, count):  # the last bytes of each sector stand in the array
            record[48 + 2 * i:50 + 2 * i] = record[i * 512 - 2:i * 512]
            record[i * 512 - 2:i * 512] = b"\1\0"
        record[48:50] = b"\1\0"
        yield bytes(boot).ljust(4096, b"\0") + bytes(3 * size) + bytes(record)


def answers():
    """Answer files, one in UTF-16, and a log."""
    component = ('<component name="a" processorArchitecture="amd64" publicKeyToken="b" language="neutral" '
                 'versionScope="nonSxS">%s</component>')
    account = "<LocalAccount><Name>a</Name><Password><Value>%s</Value><PlainText>true</PlainText></Password></LocalAccount>"
    for body in (account % "x", account % "<![CDATA[y]]>", "<AutoLogon><Password>&#120;</Password></AutoLogon>",
                 "<AdministratorPassword/><!-- c --><TimeZone b='1'>UTC</TimeZone>", "<CommandLine>a</CommandLine>"):
        text = ('<?xml version="1.0" encoding="utf-8"?>\n<unattend xmlns="urn:schemas-microsoft-com:unattend">'
                '<settings pass="windowsPE"/><settings pass="oobeSystem">' + component % body + "</settings></unattend>")
        yield text
    yield b"\xff\xfe" + text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield "".join("2026-03-20 15:23:14, %-10s SYSPRP %s\r\n" % line for line in (
        ("Info", "Beginning of a new sysprep run"), ("Error", "password=abc; 0x80310039"), ("Error", "dwRet = 31"),
        ("Error", "halting sysprep execution " + "x1" * 20)))
