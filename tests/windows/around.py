# SPDX-License-Identifier: MIT
"""around.py before|after FOLDER: what lies around the test bed stays as it is.

Before the first test under Wine a guard folder is made in FOLDER, the build folder, which
every program sees as C:\\build; after the last it is compared, with the template and with
the places of the real HOME that Wine puts things into or has links to."""
import os
import pickle
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import tree

import bed
import guard

AT_HOME = bed.FOLDERS + ("Public", "Templates", ".wine", ".config/menus", ".local/share/Trash",
                         ".local/share/applications", ".local/share/desktop-directories",
                         ".local/share/icons", ".local/share/mime")


def look(place):
    home = os.path.expanduser("~")
    places = [place, bed.template()] + [os.path.join(home, name) for name in AT_HOME]
    # Whoever looks at a file moves its time of access.
    return {at: {path: {key: value for key, value in seen.items() if key != "atime"}
                 for path, seen in tree.snapshot(at).items()} if os.path.isdir(at) else None
            for at in places}


def main(when, folder):
    place, kept = os.path.join(folder, "guard"), os.path.join(folder, "around")
    if when == "before":
        shutil.rmtree(place, ignore_errors=True)
        guard.victims(place)
        with open(kept, "wb") as file:
            pickle.dump(look(place), file)
        return 0
    with open(kept, "rb") as file:
        before = pickle.load(file)
    after = look(place)
    changed = 0
    for at, seen in before.items():
        for line in tree.differences(seen or {}, after[at] or {}):
            print("%s: %s" % (at, line))
            changed = 1
    return changed


if __name__ == "__main__":
    bed.need()
    sys.exit(main(*sys.argv[1:]))
