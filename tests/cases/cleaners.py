# SPDX-License-Identifier: MIT
"""Every cleaner against the small guests in tests/cases/<cleaner>/*.yaml, several in a
file with --- between them:

    case: what it shows
    options: [--treat, machine-id=report]     added to the command line
    values: {id: "{hex:32}"}                  made anew in each run, {id} stands for it
    secrets: {psk: "{alnum:20}"}              likewise, and never in a report or a plan
    before: {PATH: TEXT or {text, mode, link, dir, uid}}
    decoys: {PATH: ...}                       like the real thing: no step, no finding
    after: {PATH: null or TEXT or {text, mode, link}}     all else stays as it is
    findings: [{contains, path, name, severity, kind}]    and no others
    code: 0
    root: true                                owners matter: not for a plain user

A second clean has nothing to do and says the same."""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant
import tree

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
KEYS = {"case", "options", "values", "secrets", "before", "decoys", "after", "findings", "code", "root"}
PASSWD = "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n"
BASE = {
    "/etc/os-release": "ID=debian\nVERSION_ID=12\n",
    "/etc/passwd": PASSWD,
    "/root": {"dir": True, "mode": 0o700},
    "/home/alice": {"dir": True, "mode": 0o700},
}


class Case:
    """A case with the values of this run filled in."""

    def __init__(self, cleaner, what):
        unknown = set(what) - KEYS
        if unknown:
            raise ValueError("%s: unknown keys %s" % (cleaner, sorted(unknown)))
        self.cleaner, self.title = cleaner, "%s: %s" % (cleaner, what["case"])
        self.values = {name: plant.expand(text)[0]
                       for key in ("values", "secrets") for name, text in what.get(key, {}).items()}
        self.secrets = [self.values[name].encode() for name in what.get("secrets", {})]
        self.options = what.get("options", [])
        self.decoys = self.files(what.get("decoys", {}))
        self.before = {**self.files(what.get("before", {})), **self.decoys}
        self.after = self.files(what.get("after", {}))
        self.findings = [{key: self.fill(text) for key, text in each.items()}
                         for each in what.get("findings", [])]
        self.code = what.get("code", 0)
        self.wants_root = what.get("root", False)
        self.acts = bool(self.after or self.findings)

    def fill(self, text):
        for name, value in self.values.items():
            text = text.replace("{%s}" % name, value)
        return plant.expand(text)[0]

    def files(self, what):
        made = {}
        for path, entry in what.items():
            entry = {"text": entry} if isinstance(entry, str) else entry
            if entry and "text" in entry:
                entry = dict(entry, text=self.fill(entry["text"]))
            made[self.fill(path)] = entry
        return made


def read(cleaner):
    cases = []
    for path in sorted(glob.glob(os.path.join(HERE, cleaner, "*.yaml"))):
        with open(path, encoding="utf-8") as file:
            cases += [Case(cleaner, what) for what in yaml.safe_load_all(file)]
    return cases


def put(g, path, entry):
    uid = entry.get("uid", 1000 if path.startswith("/home/alice") else 0)
    if entry.get("dir"):
        g.mkdir(path, mode=entry.get("mode", 0o755), uid=uid)
    elif "link" in entry:
        g.mkdir(os.path.dirname(path), uid=uid)
        os.symlink(entry["link"], g.path(path))
        g.chown(g.path(path), uid)
    else:
        mode = entry.get("mode", 0o644)
        # Root writes to what nobody may write; a plain user can not.
        g.write(path, entry["text"], mode=mode if check.is_root() else mode | 0o200, uid=uid)


def lies_at(path, places):
    return any(path == place or path.startswith(place + "/") for place in places)


def changed(before, after):
    """Paths whose content or dress differ; times and link counts aside."""
    ignore = tree.TIMES + ("inode", "links")
    return [line for path in sorted(before.keys() | after.keys())
            for line in tree.differences({path: before[path]} if path in before else {},
                                         {path: after[path]} if path in after else {}, ignore)]


def check_tree(t, case, g, before):
    after = tree.snapshot(g.root)
    expected = {os.fsencode(path) for path in case.after}
    for path, entry in case.after.items():
        full = g.path(path)
        if entry is None:
            t.ok(not os.path.lexists(full), "%s: %s is left" % (case.title, path))
        elif "link" in entry:
            t.equal(os.path.islink(full) and os.readlink(full), entry["link"],
                    "%s: where %s leads" % (case.title, path))
        else:
            now = ""
            if os.path.isfile(full):
                with open(full, encoding="utf-8") as file:
                    now = file.read()
            t.equal(now, entry["text"], "%s: %s" % (case.title, path))
            old = before.get(os.fsencode(path), {})
            mode = entry.get("mode", old.get("mode"))
            if mode is not None:
                t.equal(after.get(os.fsencode(path), {}).get("mode"), mode,
                        "%s: mode of %s" % (case.title, path))
            for key in ("uid", "gid"):
                if old:
                    t.equal(after[os.fsencode(path)][key], old[key],
                            "%s: %s of %s" % (case.title, key, path))

    def other(snapshot):
        return {path: entry for path, entry in snapshot.items()
                if not lies_at(os.fsdecode(path), [os.fsdecode(e) for e in expected])}
    t.equal(changed(other(before), other(after)), [], case.title + ": the rest")


def fits(finding, wanted, cleaner):
    return (wanted.get("contains", "") in (finding.get("text") or "") and
            finding["name"] == wanted.get("name", cleaner) and
            all(finding[key] == wanted[key] for key in ("path", "severity", "kind")
                if key in wanted))


def check_findings(t, case, run):
    told = run.findings()
    for wanted in case.findings:
        hit = [f for f in told if fits(f, wanted, case.cleaner)]
        t.ok(hit, "%s: no finding %s in %s" % (case.title, wanted, brief(told)))
        told = [f for f in told if f not in hit]
    t.equal(brief(told), [], case.title + ": more findings")


def brief(findings):
    return ["%s %s %s: %s" % (f["name"], f["severity"], f["path"], f.get("text")) for f in findings]


def check_decoys(t, case, run):
    for path in case.decoys:
        said = [x["path"] for x in run.steps() + run.findings() if lies_at(x["path"], [path])]
        t.equal(said, [], "%s: the decoy %s" % (case.title, path))


def check_secrets(t, case, *runs, plan=None):
    seen = [run.out + run.err + json.dumps(run.report).encode() for run in runs]
    if plan and os.path.exists(plan):
        with open(plan, "rb") as file:
            seen.append(file.read())
    for secret in case.secrets:
        t.ok(not any(secret in text for text in seen), case.title + ": a secret is told")


def play(t, case):
    g = plant.Guest(t.dir("case"))
    os.chmod(g.root, 0o755)
    for path, entry in {**BASE, **case.before}.items():
        put(g, path, {"text": entry} if isinstance(entry, str) else entry)
    before = tree.snapshot(g.root)
    options = ["--root", g.root, "--only", case.cleaner] + case.options
    plan = t.path("plan.json")
    scan = t.run("scan", *options, "--plan", plan)
    t.equal(changed(before, tree.snapshot(g.root)), [], case.title + ": scan changes nothing")
    run = t.run("clean", "--yes", *options)
    t.equal(run.code, case.code, "%s: the code of %s" % (case.title, run))
    check_tree(t, case, g, before)
    check_findings(t, case, run)
    check_decoys(t, case, run)
    check_secrets(t, case, scan, run, plan=plan)
    again = t.run("clean", "--yes", *options)
    t.equal((again.code, again.steps()), (case.code, []), case.title + ", a second time")
    if os.path.exists(plan):
        os.unlink(plan)
    check.wipe(g.root)


def cleaners(t):
    listed = t.run("list", "--only", "cleaners", "--format", "json", json_report=False)
    return [item["name"] for item in json.loads(listed.out)["items"]]


def test(t):
    names, count = cleaners(t), 0
    for name in names:
        cases = read(name)
        t.ok(any(case.acts for case in cases), name + ": a case that acts")
        t.ok(any(case.decoys for case in cases), name + ": a case with a decoy")
        for case in cases:
            if case.wants_root and not check.is_root():
                t.note("skipped, needs root: " + case.title)
            else:
                play(t, case)
        count += len(cases)
    for folder in sorted(next(os.walk(HERE))[1]):
        t.ok(folder in names or folder.startswith("__"), "no cleaner is called " + folder)
    t.note("%d cleaners, %d cases" % (len(names), count))


check.main(test)
