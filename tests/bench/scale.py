# SPDX-License-Identifier: MIT
"""scale.py PROGRAM [--files N,N,...] [--gigabytes N,N,...] [--real GIGABYTES]: time and
memory of scan against the number of files and the size of one file. Wanted: time in
proportion (per file, per byte of data), memory within 10 %.

A file of more than --real gigabytes is sparse: so much text, in pieces, and holes. WORK is
the directory for the trees; everything is removed afterwards."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))

import pss

GB = 1 << 30
PIECES = 64
LINE = b"a line of a file that holds nothing, some words long\n"


def guest(top):
    os.makedirs(top + "/etc")
    os.makedirs(top + "/srv")
    with open(top + "/etc/os-release", "w", encoding="ascii") as file:
        file.write("ID=debian\n")
    return top


def many(top, count):
    """Small files in folders of 500; their number is what is measured."""
    for number in range(count):
        folder = "%s/srv/data/%05d" % (top, number // 500)
        if number % 500 == 0:
            os.makedirs(folder)
        at = os.open("%s/%d.txt" % (folder, number), os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(at, LINE * 4)
        os.close(at)
    return count


def big(top, gigabytes, real):
    """One file; its bytes of data are what is measured."""
    size, data = int(gigabytes * GB), int(min(gigabytes, real) * GB)
    block = LINE * (data // PIECES // len(LINE) + 1)
    with open(top + "/srv/big", "wb", buffering=0) as file:
        for piece in range(PIECES):
            file.seek(size // PIECES * piece & -4096)
            file.write(block[:data // PIECES])
        file.truncate(size)
    return data


def watched(program, top):
    seen = pss.watch([program, "scan", "--root", top], every=0.02)
    if seen.code not in (0, 1):
        sys.exit("scan ended with %d" % seen.code)
    return seen.kb


def timed(program, top, rounds):
    """Seconds of wall and of processor time; of the round with the least."""
    best = None
    for _ in range(rounds):
        before, start = os.times(), time.monotonic()
        subprocess.run([program, "scan", "--root", top], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        wall, after = time.monotonic() - start, os.times()
        cpu = (after.children_user - before.children_user +
               after.children_system - before.children_system)
        if best is None or cpu < best[1]:
            best = (wall, cpu)
    return best


def series(program, work, title, unit, sizes, make):
    """Fixed costs are taken off: what a scan of an empty guest takes."""
    top = guest(os.path.join(work, "tree"))
    none = timed(program, top, 3)
    shutil.rmtree(top)
    first = None
    worst_time, worst_memory = 1.0, 1.0
    for size in sizes:
        amount = make(guest(top), size)
        wall, cpu = timed(program, top, 3)
        memory = max(watched(program, top) for _ in range(3))
        shutil.rmtree(top)
        each = (max(cpu - none[1], 0.001) / amount)
        first = first or (each, memory)
        ratios = each / first[0], memory / first[1]
        worst_time, worst_memory = max(worst_time, ratios[0]), max(worst_memory, ratios[1])
        print("  %9s %s: %7.2f s (%.2f cpu), %.2f x as much for each; %d kB, %.2f x" %
              (size, title, wall, cpu, ratios[0], memory, ratios[1]))
        sys.stdout.flush()
    print("%s: %s ratio %.2f, wanted at most 1.2; memory %.2f, wanted at most 1.10" %
          (title, unit, worst_time, worst_memory))


def numbers(text):
    return [float(n) if "." in n else int(n) for n in text.split(",") if n]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--files", type=numbers, default=[10000, 100000, 1000000])
    parser.add_argument("--gigabytes", type=numbers, default=[1, 4, 50])
    parser.add_argument("--real", type=float, default=4)
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix="imgsan-scale-", dir=os.environ.get("WORK", "/var/tmp"))
    program = os.path.abspath(args.program)
    try:
        series(program, work, "files", "time", args.files, many)
        series(program, work, "GB in one file", "time", args.gigabytes,
               lambda top, size: big(top, size, args.real))
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
