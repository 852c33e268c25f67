# SPDX-License-Identifier: MIT
"""trees.py DIRECTORY FILES: a guest whose /tmp holds so many files, half of them
empty and half of one block: four tenths in flat folders of a tenth each, four in
folders of a thousand, two along a path of 200 folders."""
import os
import sys

BLOCK = b"x" * 4000


def fill(folder, count, data):
    os.mkdir(folder)
    at = os.open(folder, os.O_RDONLY)
    for number in range(count):
        file = os.open("file%d" % number, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=at)
        if data:
            os.write(file, data)
        os.close(file)
    os.close(at)


def main(top, files):
    os.makedirs(top + "/etc")
    with open(top + "/etc/os-release", "w", encoding="ascii") as file:
        file.write("ID=debian\n")
    os.mkdir(top + "/tmp")
    for number in range(4):
        fill("%s/tmp/flat%d" % (top, number), files // 10, BLOCK if number % 2 else b"")
    for number in range(files * 4 // 10 // 1000):
        fill("%s/tmp/wide%d" % (top, number), 1000, BLOCK if number % 2 else b"")
    path = top + "/tmp"
    for number in range(200):
        path += "/deep%d" % number
        fill(path, files * 2 // 10 // 200, BLOCK if number % 2 else b"")


main(sys.argv[1], int(sys.argv[2]))
