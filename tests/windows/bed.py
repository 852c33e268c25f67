# SPDX-License-Identifier: MIT
"""The test bed: one Windows program under Wine, where it can hurt nothing.

    bed.py [--in DIR | --room MB] [--show NAME=DIR]... [--drive LETTER]... [--stand-in DLL]... PROGRAM [ARGUMENT]...
    bed.py --template                     # makes the template, or tells where it is

Wine joins what is in a prefix to the machine it runs on: the user's folders are links into
HOME, drive Z: is /, the recycle bin is the desktop's, and a link that is deleted takes its
target with it. So nothing of that is there, twice over:

- The program runs in namespaces of its own, on a root that is made for it: /usr and /etc and
  what is shown, all read-only; a few harmless devices; no network, no other processes, no
  capability. Only /bed (prefix and HOME) and /tmp can be written, and they end with the run.
- The prefix has no z:, no link but c:, folders instead of the user's links; it is looked at
  before each start, and where something is wrong there is no start.

--show NAME=DIR: a folder of the machine, to be read only, as C:\\NAME. A PROGRAM that lies in
one is started from there. --in DIR: prefix and HOME are kept in DIR, for a test that puts
files into them before or reads them afterwards (in DIR/own/drive_c, which is C:\\). --drive d:
there is a D:, which is DIR/drive_d, a file system of its own beside C:. --room MB: nothing is
kept, and C: has no more room than that.

--stand-in DLL: a DLL of ours that Wine takes for its own one of that name, by its override.

The prefix is a template, made once and kept outside the tree, under a layer of the run's own:
what is changed or added goes there. To Wine all of it is one volume, as C: has to be.

The exit code is the program's, as far as Linux can tell it (8 bits); 77 and the reason where
there is no Wine, or namespaces are not allowed.
"""
import argparse
import ctypes
import fcntl
import hashlib
import inspect
import os
import shutil
import signal
import subprocess
import sys
import tempfile

BED, PREFIX, HOME, DRIVE = "/bed", "/bed/prefix", "/bed/home", "/bed/prefix/drive_c"
FOLDERS = ("Desktop", "Documents", "Downloads", "Music", "Pictures", "Videos")
DEVICES = ("null", "zero", "full", "random", "urandom")
ENVIRONMENT = {
    "HOME": HOME, "WINEPREFIX": PREFIX, "WINEARCH": "win64", "WINEDEBUG": "-all",
    # No debugger, no dialogs about what is not installed, no entries in the menus of a desktop.
    "WINEDLLOVERRIDES": "winedbg.exe=d;winemenubuilder.exe=d;mscoree=d;mshtml=d",
    "LC_ALL": "C.UTF-8", "USER": "root", "TMPDIR": "/tmp", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
}

# Cleaners that ask what Wine does not have, and say that they could not examine it.
LACKING = "event-logs,local-accounts,orphaned-profiles,shadow-copies"

libc = ctypes.CDLL(None, use_errno=True)
NEWUSER = 0x10000000
# Of mounts, the host's name, IPC, processes, network.
NAMESPACES = 0x20000 | 0x4000000 | 0x8000000 | 0x20000000 | 0x40000000
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, PRIVATE, MNT_DETACH = 1, 2, 4, 32, 4096, 16384, 1 << 18, 2
SYS_PIVOT_ROOT, SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 155, 442, -100, 0x8000
SET_PDEATHSIG, CAPBSET_DROP, SET_NO_NEW_PRIVS = 1, 24, 38
FAULT = 125  # the bed itself failed


class Skipped(Exception):
    """What this machine can not do."""


# ---- the template ----

def wine():
    if os.uname().machine != "x86_64":
        raise Skipped("Wine runs the program only on x86-64")
    found = shutil.which("wine") or shutil.which("wine64")
    if not found or not shutil.which("wineserver"):
        raise Skipped("Wine is not installed")
    return found


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = os.path.join(base, "imgsan")
    os.makedirs(directory, mode=0o700, exist_ok=True)
    return directory


def template():
    """The folder of the template of this Wine and of make(); made when it is not there."""
    version = subprocess.run([wine(), "--version"], capture_output=True, check=True,
                             env=dict(os.environ, WINEDEBUG="-all")).stdout
    how = inspect.getsource(make) + repr(ENVIRONMENT)
    key = hashlib.sha256(version + how.encode()).hexdigest()[:16]
    place = os.path.join(cache(), "wine-" + key)
    with open(os.path.join(cache(), "wine.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(place):
            new = tempfile.mkdtemp(dir=cache(), prefix="new-")
            try:
                make(new)
                os.rename(new, place)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    return place


def make(new):
    """A prefix that says it is Windows 10, with nothing in it that leads outside."""
    prefix = os.path.join(new, "prefix")
    for name in ("prefix", "home"):
        os.mkdir(os.path.join(new, name))
    for command in (["wineboot", "-i"], ["winecfg", "-v", "win10"]):
        code = inside(Bed(directory=new, making=True), command)
        if code != 0:
            raise Skipped("%s gave %d" % (command[0], code)) if code == 77 else \
                OSError("%s gave %d" % (command[0], code))
    devices = os.path.join(prefix, "dosdevices")
    for name in os.listdir(devices):
        if name != "c:":
            os.unlink(os.path.join(devices, name))
    for place in list(links(os.path.join(prefix, "drive_c"))):
        os.unlink(place)
        os.mkdir(place)
    shutil.rmtree(os.path.join(prefix, "wineserver"), ignore_errors=True)
    # Wine never brings it up to date by itself: another Wine has another template.
    with open(os.path.join(prefix, ".update-timestamp"), "w", encoding="ascii") as file:
        file.write("disable\n")
    refuse(prefix)


def links(top):
    if os.path.islink(top):
        yield top
        return
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            place = os.path.join(folder, name)
            if os.path.islink(place):
                yield place


def target(letter):
    """What the link of a drive says. Only C: lies in the prefix."""
    return "../drive_c" if letter == "c" else "../../drive_" + letter


def faults(prefix, drives=""):
    """What is wrong with a prefix, a line each; none: it may be started."""
    devices = os.path.join(prefix, "dosdevices")
    wanted = {letter + ":": target(letter) for letter in "c" + drives}
    found = ["dosdevices/%s is there" % name for name in os.listdir(devices) if name not in wanted]
    for name, leads in wanted.items():
        if os.readlink(os.path.join(devices, name)) != leads:
            found.append("%s is not %s" % (name, leads))
        found += ["%s is a link" % place for place in links(os.path.join(devices, leads))]
    drive = os.path.join(prefix, "drive_c")
    for name in FOLDERS:
        place = os.path.join(drive, "users", "root", name)
        if not os.path.isdir(place):
            found.append("%s is no folder" % place)
    with open(os.path.join(prefix, "system.reg"), encoding="utf-8", errors="replace") as file:
        if '"CurrentMajorVersionNumber"=dword:0000000a' not in file.read():
            found.append("it is not Windows 10")
    return found


def refuse(prefix, drives=""):
    found = faults(prefix, drives)
    if found:
        raise OSError("not started: " + "; ".join(found))


def drive(directory, letter):
    """What is a further drive of a bed."""
    return os.path.join(directory, "drive_" + letter)


def prepare(directory):
    """The folders of a bed; gives what is C:\\, to put files into."""
    folders = [os.path.join(directory, name) for name in ("own/drive_c", "work", "prefix")]
    for place in folders:
        os.makedirs(place, exist_ok=True)
    return folders[0]


# ---- the machine that the program sees ----

class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def sure(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, "%s: %s" % (what, os.strerror(code)))


def mount(source, target, kind=None, flags=0, data=None):
    sure(libc.mount(os.fsencode(source), os.fsencode(target), kind and kind.encode(),
                    ctypes.c_ulong(flags), data and data.encode()), "mount on " + target)


def seal(target, flags):
    """Also what is mounted below it (Linux 5.12)."""
    attributes = Attributes(set=flags)
    sure(libc.syscall(ctypes.c_long(SYS_MOUNT_SETATTR), ctypes.c_int(AT_FDCWD),
                      os.fsencode(target), ctypes.c_uint(AT_RECURSIVE), ctypes.byref(attributes),
                      ctypes.c_size_t(ctypes.sizeof(attributes))), "mount_setattr of " + target)


def show(source, target, flags=RDONLY | NOSUID | NODEV):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        with open(target, "wb"):
            pass
    mount(source, target, flags=BIND | REC)
    seal(target, flags)


def memory(target, mode):
    os.makedirs(target, exist_ok=True)
    mount("none", target, "tmpfs", NOSUID | NODEV, "mode=" + mode)


def unshare():
    """A plain user becomes root of a user namespace, and is nobody more outside."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(NAMESPACES if uid == 0 else NAMESPACES | NEWUSER) < 0:
        raise Skipped("no namespaces: " + os.strerror(ctypes.get_errno()))
    if uid != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", "0 %d 1" % uid),
                           ("gid_map", "0 %d 1" % gid)):
            with open("/proc/self/" + name, "w", encoding="ascii") as file:
                file.write(text)
    mount("none", "/", flags=REC | PRIVATE)


def system(root):
    """What Wine needs of the machine."""
    for name in ("usr", "etc", "opt", "bin", "sbin", "lib", "lib32", "lib64"):
        source = "/" + name
        if os.path.islink(source):
            os.symlink(os.readlink(source), root + source)
        elif os.path.isdir(source):
            show(source, root + source)
    os.mkdir(root + "/dev")
    for name in DEVICES:
        show("/dev/" + name, root + "/dev/" + name, NOSUID)
    os.mkdir(root + "/proc")
    mount("proc", root + "/proc", "proc", RDONLY | NOSUID | NODEV)
    memory(root + "/tmp", "1777")


class Bed:
    """directory: where prefix and HOME are kept, or None. shown: {name: folder}. drives: the
    letters of further drives. stand_ins: DLLs. room: of a bed without directory, in MB.
    making: the template itself is made. hook(root): changes the bed; for the guard test alone."""

    def __init__(self, directory=None, shown=(), drives="", making=False, hook=None, stand_ins=(), room=None):
        self.directory, self.shown, self.making = directory, dict(shown), making
        self.room = room
        self.stand_ins = list(stand_ins)
        self.made = None if making else template()
        self.drives, self.hook = drives, hook

    def furnish(self, root):
        if self.directory:
            os.mkdir(root + BED)
            mount(self.directory, root + BED, flags=BIND)
            seal(root + BED, NOSUID | NODEV)
        else:
            memory(root + BED, "0755" + (",size=%dm" % self.room if self.room else ""))
        if self.making:
            return
        prepare(root + BED)
        if not os.path.isdir(root + HOME):
            subprocess.run(["cp", "-a", "--", os.path.join(self.made, "home"), root + BED], check=True)
        # xino: a file has the device of its directory, as a C: has to be one volume.
        mount("overlay", root + PREFIX, "overlay", NOSUID | NODEV,
              "xino=on,lowerdir=%s/prefix,upperdir=%s/own,workdir=%s/work" % (self.made, root + BED, root + BED))
        for letter in self.drives:
            place = os.path.join(root + PREFIX, "dosdevices", letter + ":")
            os.makedirs(drive(root + BED, letter), exist_ok=True)
            if not os.path.islink(place):
                os.symlink(target(letter), place)
        refuse(root + PREFIX, self.drives)
        for name, source in self.shown.items():
            show(source, os.path.join(root + DRIVE, name))
        for source in self.stand_ins:
            shutil.copyfile(source, os.path.join(root + DRIVE, "windows/system32", os.path.basename(source)))
        if self.hook:
            self.hook(root)

    def enter(self):
        """Makes the root and goes into it, for good. It is mounted on /sys, which nobody needs
        here: so no folder has to be made for it, and taken away again."""
        root = "/sys"
        memory(root, "0755")
        system(root)
        self.furnish(root)
        mount("none", root, flags=REMOUNT | BIND | RDONLY | NOSUID | NODEV)
        os.chdir(root)
        sure(libc.syscall(ctypes.c_long(SYS_PIVOT_ROOT), b".", b"."), "pivot_root")
        sure(libc.umount2(b".", MNT_DETACH), "leaving the old root")
        os.chdir(PREFIX if self.making else DRIVE)
        for capability in range(64):
            libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)
        sure(libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")

    def place(self, program):
        """The program's name inside."""
        for name, folder in sorted(self.shown.items(), key=lambda item: -len(item[1])):
            if program.startswith(folder + "/"):
                return "C:\\%s\\%s" % (name, program[len(folder) + 1:].replace("/", "\\"))
        return program

    def command(self, argv):
        if self.making:
            return argv
        return [wine(), self.place(argv[0])] + argv[1:]

    def environment(self):
        names = [os.path.basename(source)[:-len(".dll")] for source in self.stand_ins]
        overrides = [ENVIRONMENT["WINEDLLOVERRIDES"]] + [name + "=n" for name in names]
        return dict(ENVIRONMENT, WINEDLLOVERRIDES=";".join(overrides))

    def start(self, argv):
        """As the first process of the namespace: when it ends, all others do."""
        self.enter()
        quiet = subprocess.DEVNULL if self.making else None
        code = subprocess.call(self.command(argv), env=self.environment(), stdout=quiet, stderr=quiet)
        if self.directory:  # the registry is written when the server ends
            subprocess.call(["wineserver", "-w" if self.making else "-k"], env=ENVIRONMENT)
        return code if code >= 0 else 128 - code


def child(action):
    """Runs it in a process that ends when we do; its exit code."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = FAULT
    try:
        libc.prctl(SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        code = action()
    except Skipped as reason:
        print("skipped: %s" % reason)
        code = 77
    except (OSError, subprocess.SubprocessError) as error:
        print("bed: %s" % error, file=sys.stderr)
    finally:
        sys.stdout.flush()
        os._exit(code)


def inside(bed, argv):
    def apart():
        unshare()
        return child(lambda: bed.start(argv))
    sys.stdout.flush()
    return child(apart)


def output(action):
    """(exit code, what was said) of what is run in a process of its own."""
    with tempfile.TemporaryFile() as file:
        def run():
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            return action()
        code = child(run)
        file.seek(0)
        return code, file.read().decode(errors="replace")


def need():
    """Ends a test as skipped where there can be no bed."""
    def apart():
        template()
        unshare()
        return 0
    code, said = output(apart)
    if code:
        sys.stdout.write(said)
        sys.exit(code)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--template", action="store_true")
    parser.add_argument("--in", dest="directory")
    parser.add_argument("--room", type=int)
    parser.add_argument("--show", action="append", default=[])
    parser.add_argument("--drive", action="append", default=[], choices=list("defghij"))
    parser.add_argument("--stand-in", action="append", default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    try:
        if args.template:
            print(template())
            return 0
        shown = dict(item.split("=", 1) for item in args.show)
        return inside(Bed(args.directory, shown, "".join(args.drive), stand_ins=args.stand_in,
                          room=args.room), args.command)
    except Skipped as reason:
        print("skipped: %s" % reason)
        return 77


if __name__ == "__main__":
    sys.exit(main())
