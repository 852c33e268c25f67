# SPDX-License-Identifier: MIT
"""Configurations of gitleaks, key by key: what each key adds and what it sets aside.
A token of these tests is "zq-" and 20 random letters and digits; no rule of ours
knows it."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import gitpack
import plant

RULE = """
[[rules]]
id = "zq"
description = "A token of the tests"
regex = '''zq-[a-z0-9]{20}'''
keywords = ["zq-"]
"""
OWN = "aws-access-key-id"


def token(prefix="zq-"):
    while True:
        body = plant.pick("lower", 14) + plant.pick("digit", 6)
        if len(set(body)) > 11:
            return prefix + body


class Case:
    """A guest with some files and a configuration; what a scan finds in it."""
    number = 0

    def __init__(self, t, files):
        Case.number += 1
        self.t = t
        self.folder = t.dir("case-%d" % Case.number)
        self.guest = plant.bare(os.path.join(self.folder, "root"))
        for name, text in files.items():
            self.guest.write(name, text if isinstance(text, bytes) else text.encode())

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def scan(self, config, *more, command="scan"):
        args = ["--gitleaks-config", self.file("gitleaks.toml", config)] if config is not None else []
        return self.t.run(command, "--root", self.guest.root, "--policy", plant.report_all(self.t),
                          *args, *more)


def places(run, *kinds):
    """{(rule, path, line)} of what counts."""
    return {(f["name"], f["path"], f["line"]) for f in run.findings(*(kinds or ("secret", "posture")))}


def finds(t, config, files, wanted, text, *more):
    run = Case(t, files).scan(config, *more)
    t.ok(run.code in (0, 1), "%s: %s" % (text, run))
    got = {place for place in places(run) if place[1] in files}
    t.equal(got, set(wanted), text)
    return run


def told_idle(run):
    return " ".join(f["text"] for f in run.findings("note") if f["name"] == "gitleaks-config")


def refused(t, config, word, text):
    run = Case(t, {"/srv/a": "x"}).scan(config)
    t.equal(run.code, 2, text)
    t.ok(word.encode() in run.err and b"\x1b" not in run.err, "%s: says %r: %s" % (text, word, run))


# ---- one rule ----

def rule_keys(t):
    a, b = token(), token()
    text = "one %s\n\ntwo = '%s'\n" % (a, b)
    run = finds(t, RULE, {"/srv/a.txt": text}, [("zq", "/srv/a.txt", 1), ("zq", "/srv/a.txt", 3)],
                "regex and keywords")
    found = run.findings("secret")[0]
    t.equal(found["title"], "A token of the tests", "description is the title")
    for secret in (a, b):
        t.ok(secret.encode() not in run.out, "no secret is printed")
    finds(t, RULE.replace('"zq-"', '"ZQ-"'), {"/srv/a": text.upper()}, [], "the regex minds the case")
    finds(t, RULE.replace("'''zq-", "'''(?i)zq-"), {"/srv/a": "X " + a.upper()}, [("zq", "/srv/a", 1)],
          "a flag in the regex")
    title = 'title = "t"\ndescription = "d"\nminVersion = "v8.25.0"\n'
    finds(t, title + RULE, {"/srv/a": text}, [("zq", "/srv/a", 1), ("zq", "/srv/a", 3)], "title, minVersion")
    run = Case(t, {}).scan(RULE + 'tags = ["alpha", "beta"]\n')
    explain = t.run("explain", "zq", "--gitleaks-config",
                    Case(t, {}).file("c.toml", RULE + 'tags = ["alpha", "beta"]\n'), json_report=False)
    t.ok(b"alpha, beta" in explain.out, "tags are explained: %s" % explain)
    finds(t, "[[Rules]]\nID = 'zq'\nREGEX = 'zq-[a-z0-9]{20}'\n", {"/srv/a": text},
          [("zq", "/srv/a", 1), ("zq", "/srv/a", 3)], "keys in any case, and no keyword at all")


def types(t):
    """Their reader takes a text for a number or an array, and a number for a text."""
    a = plant.pick("lower", 9) + plant.pick("digit", 6)
    files = {"/srv/a": "kay=%s\n" % a, "/srv/b": "kay=%s\n" % ("a" * 15), "/srv/c": "jay=%s%s\n" % (a[::-1], a)}
    rule = "[[rules]]\nid = 7\nregex = '(k)ay=(\\w+)|jay=(\\w+)'\n"
    both = [("7", "/srv/a", 1), ("7", "/srv/c", 1)]
    run = finds(t, rule + "entropy = '2.5'\nsecretGroup = '2'\n", files, both[:1], "numbers in quotes")
    t.equal([f["length"] for f in run.findings("secret") if f["path"] == "/srv/a"], [15], "the group of that number")
    finds(t, rule + "entropy = '2.5'\nsecretGroup = ''\nkeywords = 'x=,jay='\n", files, both[1:], "an array in one text")
    finds(t, rule + "keywords = ''\nskipReport = 'true'\n", files, [], "a truth value in quotes")
    finds(t, rule + "keywords = ''\nskipReport = 0\n[[rules.allowlists]]\npaths = '/b$,/c$'\n", files, both[:1],
          "an array of expressions")
    for value in ("'-1'", "'2.0'", "'two'", "2.0", '"2\\u0000"'):
        refused(t, rule + "secretGroup = %s\n" % value, "secretGroup: is no whole number", "refused: " + value)


def keywords(t):
    word = RULE.replace('"zq-"', '"Flamingo"')
    line = "x %s\n" % token()
    finds(t, word, {"/srv/with": "flaMINGO\n" + "-\n" * 9000 + line, "/srv/behind": line + "\n" * 30000 + "flamingo",
                    "/srv/without": line, "/srv/far": "flamingo\n" + "-" * 700000 + "\n" + line},
          [("zq", "/srv/with", 9002), ("zq", "/srv/behind", 1)], "a keyword counts for what is near it")
    case = Case(t, {})
    for name, distance in (("in", 120000), ("out", 140000)):
        # Others may write it, so it is read piece by piece.
        case.guest.write("/srv/" + name, "-\n" * 250000 + line + "-\n" * (distance // 2) + "flamingo\n" * 9 +
                         "-\n" * 300000, mode=0o666)
    t.equal(places(case.scan(word)), {("zq", "/srv/in", 250001)}, "also in a large file")
    finds(t, RULE.replace('"zq-"', '"zq", "q!"'), {"/srv/a": line, "/srv/b": line.replace("zq-", "ZQ-")},
          [("zq", "/srv/a", 1)], "a keyword of two letters")
    finds(t, RULE.replace('"zq-"', '"q!"'), {"/srv/a": line, "/srv/b": "q!" + line},
          [("zq", "/srv/b", 1)], "and it has to be there")


def groups(t):
    a = plant.pick("lower", 9) + plant.pick("digit", 6)
    two = "[[rules]]\nid = 'g'\nregex = '(?:(kay)|(jay))=(\\w+)'\n%s"
    files = {"/srv/a": "first kay=%s\n" % a}
    def length(config):
        found = Case(t, files).scan(config).findings("secret")
        return [(f["column"], f["length"]) for f in found if f["name"] == "g"]
    t.equal(length(two % ""), [(7, 3)], "without secretGroup the first group that is not empty")
    t.equal(length(two % "secretGroup = 3\n"), [(11, len(a))], "secretGroup 3")
    t.equal(length(two % "secretGroup = 2\n"), [], "a group that takes no part is no secret")
    t.equal(length("[[rules]]\nid = 'g'\nregex = '''\\n?kay=(?P<it>[a-z0-9]+)\\n?'''\n"), [(11, len(a))],
            "a named group")
    t.equal(length("[[rules]]\nid = 'g'\nregex = '''kay=\\w+\\n'''\n"), [(7, 4 + len(a))],
            "ends of lines are no part of a secret")
    refused(t, two % "secretGroup = 4\n", "secretGroup", "a group that is not there")


def entropy(t):
    config = "[[rules]]\nid = 'e'\nregex = 'key=(\\w+)'\nentropy = %s\n"
    files = {"/srv/a": "key=abababab\nkey=abcdefgh\nkey=aaaaaaaa\n"}
    at = lambda *lines: [("e", "/srv/a", line) for line in lines]
    finds(t, config % "0", files, at(1, 2, 3), "entropy 0 asks nothing")
    finds(t, config % "0.5", files, at(1, 2), "entropy 0.5")
    finds(t, config % "1.0", files, at(2), "entropy 1.0 is not more than 1.0")
    finds(t, config % "3", files, [], "entropy as a whole number")


def paths(t):
    line = "x %s\n" % token()
    files = {"/srv/a.conf": line, "/srv/a.txt": line, "/etc/b.conf": line}
    finds(t, RULE + "path = '''\\.conf$'''\n", files, [("zq", "/srv/a.conf", 1), ("zq", "/etc/b.conf", 1)],
          "path and regex")
    only = "[[rules]]\nid = 'p'\ndescription = 'a vault'\npath = '''(?i)\\.CONF$'''\n"
    run = finds(t, only, files, [("p", "/srv/a.conf", 0), ("p", "/etc/b.conf", 0)], "path alone")
    t.equal({(f["kind"], f["secret"]) for f in run.findings() if f["name"] == "p"}, {("posture", None)},
            "what a path alone tells is no secret with a place")
    for more, wanted in ((["--only", "zq"], {"zq"}), (["--skip", "p"], {"zq"}), (["--only", "secrets"], {"zq", "p"})):
        t.equal({p[0] for p in places(Case(t, files).scan(RULE + only, *more))}, wanted, " ".join(more))
    finds(t, only + "[[rules.allowlists]]\npaths = ['^/etc/']\n", files, [("p", "/srv/a.conf", 0)],
          "path alone, and an allowlist")


def zipped(t):
    import io
    import zipfile
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("in/a.conf", "x %s\n" % token())
        file.writestr("in/b.txt", "x %s\n" % token())
    files = {"/srv/z.zip": out.getvalue()}
    run = Case(t, files).scan(RULE + "path = '''z\\.zip!in/.*\\.conf$'''\n[[rules]]\nid='p'\npath='b\\.txt$'\n")
    t.equal({(f["name"], f["member"]) for f in run.findings("secret", "posture")},
            {("zq", "in/a.conf"), ("p", "in/b.txt")}, "paths inside an archive")


def binaries(t):
    """Where a keyword is part of the token, it is also looked for in programs."""
    def program(text):
        return b"\x7fELF\0\1\2\3" * 300 + text.encode() + b"\0\1\2\3\4" * 300
    word = RULE.replace("'zq'", "'word'").replace('"zq"', '"word"').replace('"zq-"', '"flamingo"')
    run = finds(t, RULE + word.replace("zq-", "kk-"),
                {"/srv/a": program(token()), "/srv/b": program("flamingo " + token("kk-")),
                 "/srv/c": "flamingo " + token("kk-")},
                [("zq", "/srv/a", 1), ("word", "/srv/c", 1)], "a token in a program")
    t.equal([f["seen"] for f in run.findings("secret") if f["path"] == "/srv/a"], [["binary"]], "which is told")


def silent(t):
    files = {"/srv/a": "user=bob\nx %s\n" % token(), "/srv/b": "x %s\n" % token()}
    helper = "[[rules]]\nid = 'user'\nregex = 'user=\\w+'\nskipReport = true\n"
    finds(t, helper, files, [], "skipReport")
    finds(t, helper + RULE + "[[rules.required]]\nid = 'user'\n", files, [("zq", "/srv/a", 2)],
          "required: somewhere in the file")


def required(t):
    tok = token()
    files = {"/srv/near": "user=bob\n\nx %s\n" % tok, "/srv/far": "user=bob\n\n\nx %s\n" % tok,
             "/srv/left": "user=bob %s\n" % tok, "/srv/right": "%s %s user=bob\n" % (tok, " " * 40)}
    helper = "[[rules]]\nid = 'user'\nregex = 'user=\\w+'\n"
    def case(terms, wanted, text):
        finds(t, helper + RULE + "[[rules.required]]\nid = 'user'\n" + terms, files,
              [("zq", path, line) for path, line in wanted] +
              [("user", path, 1) for path in files], text)
    case("", [("/srv/near", 3), ("/srv/far", 4), ("/srv/left", 1), ("/srv/right", 1)], "required")
    case("withinLines = 2\n", [("/srv/near", 3), ("/srv/left", 1), ("/srv/right", 1)], "withinLines")
    case("withinLines = 0\n", [("/srv/left", 1), ("/srv/right", 1)], "withinLines 0")
    case("withinColumns = 20\n", [("/srv/near", 3), ("/srv/far", 4), ("/srv/left", 1)],
         "withinColumns, on whatever line")
    case("withinLines = 2\nwithinColumns = 20\n", [("/srv/near", 3), ("/srv/left", 1)],
         "withinLines and withinColumns, a rectangle")
    case("withinLines = 2\nwithinColumns = 1\n", [], "a narrow one")
    case("[[rules.required]]\nid = 'other'\n[[rules]]\nid = 'other'\nregex = 'nowhere'\n", [],
         "all that are required have to be there")
    finds(t, helper + RULE + "[[rules.required]]\nid = 'user'\n",
          {"/srv/a": "user=bob # gitleaks:allow\n%s\n" % tok}, [], "one that a comment sets aside is not there")
    refused(t, RULE + "[[rules.required]]\nid = 'nobody'\n", "required", "a required rule that is not there")
    refused(t, RULE + "[[rules.required]]\nwithinLines = 2\n", "required", "required without id")


# ---- what is set aside ----

def allowlists(t):
    a, b, c = token("zq-stop"[:3]), token(), token()
    files = {"/srv/a.txt": "x %s # fine\ny %s\n" % (a, b), "/srv/old/b.txt": "x %s\n" % c}
    one, two, three = ("zq", "/srv/a.txt", 1), ("zq", "/srv/a.txt", 2), ("zq", "/srv/old/b.txt", 1)
    def case(terms, wanted, text, head="[[rules.allowlists]]"):
        finds(t, RULE + head + "\ndescription = 'why'\n" + terms, files, wanted, text)
    for head, kind in (("[[rules.allowlists]]", "of a rule"), ("[[allowlists]]", "of all"),
                       ("[rules.allowlist]", "of a rule, as it used to be"),
                       ("[allowlist]", "of all, as it used to be"), ("[[rules.allowlist]]", "of a rule, as some write")):
        case("regexes = ['%s']\n" % a, [two, three], "regexes " + kind, head)
        case("regexTarget = 'secret'\nregexes = ['^zq-', 'nothing']\n", [], "target secret " + kind, head)
        case("regexTarget = 'match'\nregexes = ['%s$']\n" % b, [one, three], "target match " + kind, head)
        case("regexTarget = 'line'\nregexes = ['# fine']\n", [two, three], "target line " + kind, head)
        case("stopwords = ['%s']\n" % b[5:12].upper(), [one, three], "stopwords " + kind, head)
        case("paths = ['''/old/''']\n", [one, two], "paths " + kind, head)
        case("condition = 'AND'\npaths = ['/old/']\nregexes = ['%s']\n" % a, [one, two, three],
             "and: not both " + kind, head)
        case("condition = '&&'\npaths = ['a\\.txt']\nregexes = ['%s']\n" % a, [two, three],
             "and: path and regex " + kind, head)
        case("condition = 'and'\nstopwords = ['zq']\nregexes = ['%s']\n" % a, [two, three],
             "and: word and regex " + kind, head)
        case("condition = 'and'\npaths = ['/old/']\n", [one, two], "and: a path alone " + kind, head)
        case("condition = '||'\npaths = ['/old/']\nregexes = ['%s']\n" % a, [two], "or " + kind, head)
        case("commits = ['%s']\n" % ("0" * 40), [one, two, three], "a commit of nothing here " + kind, head)
    more = RULE + "[[rules]]\nid = 'other'\nregex = 'y (zq)'\n"
    finds(t, more + "[[allowlists]]\ntargetRules = ['zq']\nregexes = ['zq']\n", files,
          [("other", "/srv/a.txt", 2)], "targetRules")
    twice = "[[rules.allowlists]]\nregexes = ['%s']\n" % a + "[[rules.allowlists]]\npaths = ['/old/']\n"
    finds(t, RULE + twice, files, [two], "two allowlists of a rule")


def commits(t):
    """In a history: by commit, path and a line of .gitleaksignore."""
    secrets = [token(), token(), token()]
    def build(case):
        repo = gitpack.Repository()
        commit = repo.commit({"a.txt": repo.add("blob", b"one\nx %s\n" % secrets[0].encode()),
                              "b.txt": repo.add("blob", b"x %s\n" % secrets[1].encode())})
        folder = case.guest.path("/srv/r.git")
        os.makedirs(folder)
        repo.write(folder)
        return commit
    def scan(config, ignore=None):
        case = Case(t, {})
        commit = build(case)
        more = ["--gitleaks-ignore", case.file("ignore", ignore % {"commit": commit})] if ignore else []
        run = case.scan(config % {"commit": commit}, *more)
        return {f["member"].split(":", 1)[1] for f in run.findings("secret")}
    t.equal(scan(RULE), {"a.txt", "b.txt"}, "a history")
    t.equal(scan(RULE + "[[rules.allowlists]]\ncommits = ['%(commit)s']\n"), set(), "commits")
    t.equal(scan(RULE + "[[allowlists]]\ncondition = 'and'\ncommits = ['%(commit)s']\npaths = ['^a']\n"),
            {"b.txt"}, "commits and paths")
    t.equal(scan(RULE, "%(commit)s:a.txt:zq:2\n"), {"b.txt"}, "a line with a commit")
    t.equal(scan(RULE, "b.txt:zq:1\n" + "0" * 40 + ":a.txt:zq:2\n"), {"a.txt"}, "and without")


def ignored(t):
    files = {"/srv/a": "x %s\ny %s\n" % (token(), token()), "/srv/b": "x %s\n" % token()}
    ignore = "# comment\n\n/srv/a:zq:2\n  srv\\b:zq:1  \n/srv/a:other:1\n"
    case = Case(t, files)
    case.file(".gitleaksignore", ignore)
    t.equal(places(case.scan(RULE)), {("zq", "/srv/a", 1)}, ".gitleaksignore beside the configuration")
    case = Case(t, files)
    run = case.scan(RULE, "--gitleaks-ignore", case.file("other", "/srv/a:zq:1\nKEY=nonsense\na:b:c:d:nonsense\n"))
    t.equal(places(run), {("zq", "/srv/a", 2), ("zq", "/srv/b", 1)}, "--gitleaks-ignore")
    told = told_idle(run)
    t.ok("other:2)" in told and "other:3)" in told, "where a line is that nobody knows is told: %s" % told)
    t.ok(b"nonsense" not in run.out + run.err + json.dumps(run.report).encode(),
         "and not what it says: it may be a secret")
    key = "AK" "IA" + plant.pick("upper", 14) + "Q2"
    case = Case(t, {"/srv/k": "id %s\n" % key})
    before = places(case.scan(None))
    name = next(iter(before))[0]
    t.equal(places(case.scan(None, "--gitleaks-ignore", case.file("i", "/srv/k:%s:1\n" % name))), set(),
            "rules of ours, without a configuration")
    run = case.scan(None, "--gitleaks-ignore", os.path.join(case.folder, "nothing"))
    t.equal(run.code, 2, "a file that is named has to be there")


def inline(t):
    files = {"/srv/a": "x %s # gitleaks:allow\ny %s\nz %s // imgsan:allow\n" % (token(), token(), token())}
    run = finds(t, RULE, files, [("zq", "/srv/a", 2)], "gitleaks:allow, imgsan:allow")
    notes = [(f["path"], f["line"]) for f in run.findings("note") if f["name"] == "inline-allow"]
    t.equal(notes, [("/srv/a", 1), ("/srv/a", 3)], "where they are is told")
    finds(t, RULE, files, [("zq", "/srv/a", n) for n in (1, 2, 3)], "--no-inline-allow", "--no-inline-allow")


# ---- what it extends ----

def extends(t):
    line = "x %s\ny kk-%s\n=0= =1= =2=\n" % (token(), plant.pick("digit", 9))
    files = {"/srv/a": line}
    other = "[[rules]]\nid = 'kk'\nregex = 'kk-\\d{9}'\nentropy = 9\n[[allowlists]]\nregexes = ['%s']\n" % line[2:25]
    case = Case(t, files)
    base = case.file("base.toml", other + RULE)
    def scan(config):
        return places(case.scan(config))
    t.equal(scan("[extend]\npath = '%s'\n" % base), set(), "extend.path with its allowlists")
    head = "[extend]\npath = '%s'\n" % base
    t.equal(scan(head + "[[rules]]\nid = 'kk'\nentropy = 1\n"), {("kk", "/srv/a", 2)},
            "a rule adds to the one that it extends")
    t.equal(scan(head + "disabledRules = ['kk', 'zq']\n[[rules]]\nid = 'kk'\nregex = 'kk-'\n"),
            {("kk", "/srv/a", 2)}, "disabledRules")
    run = case.scan(head + "disabledRules = ['kk', 'nobody']\n")
    t.ok("disabledRules: nobody" in told_idle(run) and "kk" not in told_idle(run), "one that is not there is told")
    deep = [base]
    for i in range(3):
        deep.append(case.file("deep-%d.toml" % i, "[extend]\npath = '%s'\n[[rules]]\nid = 'n%d'\nregex = '%s'\n"
                              % (deep[-1], i, "=%d=" % i)))
    t.equal(scan("[extend]\npath = '%s'\n[[rules]]\nid='kk'\nentropy=1\nregex = 'kk-\\d{9}'\n" % deep[1]),
            {("kk", "/srv/a", 2), ("n0", "/srv/a", 3)}, "two deep")
    run = case.scan("[extend]\npath = '%s'\n" % deep[3])
    t.equal({p[0] for p in places(run)}, {"n1", "n2"}, "and no deeper")
    t.ok(any("depth" in f["text"] for f in run.findings("note") if f["text"]), "which is told")
    refused(t, head + "useDefault = true\n", "exclude", "path and useDefault")


def defaults(t):
    key = "gh" "p_" + plant.pick("alnum", 30)
    key += plant.crc32b62(key[4:])
    files = {"/srv/a": "x %s\n" % key, "/srv/old/b": "x %s\n" % key, "/srv/c": "y %s\n" % token()}
    case = Case(t, files)
    ours = places(case.scan(None))
    t.equal({p[1] for p in ours}, {"/srv/a", "/srv/old/b"}, "our rules without a configuration")
    name = next(iter(ours))[0]
    t.equal(places(case.scan(RULE)), ours | {("zq", "/srv/c", 1)}, "they are always there")
    use = "[extend]\nuseDefault = true\n"
    t.equal(places(case.scan(RULE + "[[allowlists]]\npaths = ['/old/']\n")), ours | {("zq", "/srv/c", 1)},
            "allowlists are for the configuration's own rules")
    t.equal({p[1] for p in places(case.scan(use + "[[allowlists]]\npaths = ['/old/']\n"))}, {"/srv/a"},
            "and for ours with useDefault")
    t.equal(places(case.scan(use + "disabledRules = ['%s']\n" % name)), set(), "disabledRules of ours")
    run = case.scan(use + "disabledRules = ['nobody']\n[[rules]]\nid = 'generic-thing'\nentropy = 2\n"
                    "[[allowlists]]\ntargetRules = ['nobody-else']\nregexes = ['x']\n[surprise]\nx = 1\n")
    t.equal(places(run), ours, "what only gitleaks has has no effect")
    told = told_idle(run)
    for word in ("nobody", "generic-thing", "nobody-else", "surprise"):
        t.ok(word in told, "%s is told: %s" % (word, told))
    run = case.scan(use + "disabledRules = ['%s']\n[[rules]]\nid = '%s'\nentropy = 1\n" % (name, name),
                    "--treat", name + "=keep")
    t.equal((run.code, places(run)), (0, set()), "a policy may name what disabledRules takes away")
    t.ok("disabledRules takes away" in told_idle(run), "which is told: %s" % told_idle(run))
    t.equal({p[1] for p in places(case.scan(use + "[[rules]]\nid = '%s'\n[[rules.allowlists]]\npaths = ['/old/']\n"
                                            % name))}, {"/srv/a"}, "a rule adds to one of ours")
    t.equal(places(case.scan(use + "[[allowlists]]\ntargetRules = ['%s']\nregexes = ['.']\n" % name)), set(),
            "targetRules names one of ours")
    both = places(case.scan("[[rules]]\nid = '%s'\nregex = 'y (zq-\\w+)'\n" % name))
    t.equal(both, ours | {("gitleaks:" + name, "/srv/c", 1)}, "a rule with the name of one of ours")


def expressions(t):
    """RE2 says other things than PCRE2 in a few places."""
    files = {"/srv/a": "one\ntwo\n", "/srv/b": "one\x0btwo", "/srv/c": "größe 漢字 x",
             "/srv/u": 'pw="äöüäöü"', "/srv/l": 'lw="äöüäöü"'.encode("latin-1"),
             "/srv/d": "漢" * 5000 + "x\n" + "漢x" * 200000 + "\ngrün\n"}
    def case(regex, wanted, text):
        finds(t, "[[rules]]\nid = 'r'\nregex = '''%s'''\n" % regex, files, [("r", p, n) for p, n in wanted], text)
    case("^two", [], "^ is the beginning of the text")
    case("(?m)^two", [("/srv/a", 2)], "(?m)^")
    case("two$", [("/srv/b", 1)], "$ is the very end")
    case("(?m)two$", [("/srv/a", 2), ("/srv/b", 1)], "(?m)$")
    case("two\\n\\z", [("/srv/a", 2)], "\\z")
    case("one\\vtwo", [("/srv/b", 1)], "\\v is one character")
    case("one[\\v]two", [("/srv/b", 1)], "also in a class")
    case("\\Qo\\vt\\E|\\x6fne\\n", [("/srv/a", 1)], "\\Q...\\E")
    case("gr[öo]ße", [("/srv/c", 1)], "characters beyond ASCII")
    case("gr[ü]n", [("/srv/d", 3)], "and many of them before")
    for six in (".{6}", '[^"]{6}', "\\S{6}", "\\W{6}", "\\D{6}", "[\\s\\S]{6}", "[[:^alpha:]]{6}", "(?:.){6}",
                "......", "[^]]{6}"):
        case('pw="(%s)"' % six, [("/srv/u", 1)], "characters are counted: " + six)
    case('pw="[\\xe4\\xf6\\xfc]{6}"', [("/srv/u", 1)], "by their numbers")
    for twelve in (".{12}", '[^"]{12}', "[.\\D]{12}"):
        case('pw="(%s)"' % twelve, [], "and not bytes: " + twelve)
    for any_ in (".*", '[^"]+', "\\S+", "[\\S.]+?"):
        case('[pl]w="(%s)"' % any_, [("/srv/u", 1), ("/srv/l", 1)], "also of what is not UTF-8: " + any_)
    case("\\p{Han}{2} x", [("/srv/c", 1)], "classes of characters")
    case("(?P<a>on)(?P<b>e)\\n", [("/srv/a", 1)], "groups with names")
    case("a|one\\n", [("/srv/a", 1)], "alternatives")
    case("[[:alpha:]]+\\ntwo", [("/srv/a", 1)], "classes of POSIX")
    cut = Case(t, {"/srv/a": "key=äöüäöü\n"})
    t.run("clean", "--root", cut.guest.root, "--yes", "--only", "secrets", "--gitleaks-config",
          cut.file("c.toml", "[[rules]]\nid = 'r'\nregex = '''key=(.{3})'''\n"))
    with open(cut.guest.path("/srv/a"), encoding="utf-8") as file:
        text = file.read()
    t.ok(text.startswith("key=") and "ä" not in text[:7] and text.endswith("äöü\n"), "whole characters go: %r" % text)


def mistakes(t):
    for text, word in (("[[rules]]\nregex = 'x'\n", "id"), ("[[rules]]\nid = 'a'\n", "regex"),
                       ("[[rules]]\nid = 'a'\nregex = '('\n", "missing closing parenthesis"),
                       ("[[rules]]\nid = 'a'\nregex = 1979-05-27\n", "string"), ("rules = 1\n", "array"),
                       (RULE + "keywords = 'x'\n", "already"), (RULE.replace('["zq-"]', "1.5"), "keywords: is no string"),
                       (RULE + '"\\u001b[31m" = 1\n"\\u001b[31m" = 2\n', "\\x1b[31m"),
                       (RULE + '[[allowlists]]\ntargetRules = ["\\u001b[31m"]\nregexes = ["x"]\n', "\\x1b[31m"), (RULE + "entropy = '3x'\n", "number"),
                       (RULE + "[[rules.allowlists]]\ndescription = 'x'\n", "allowlist"),
                       (RULE + "[[rules.allowlists]]\nregexes = ['(']\n", "an expression does not compile"),
                       (RULE + "[[rules.allowlists]]\nregexTarget = 'file'\nregexes = ['x']\n", "regexTarget"),
                       (RULE + "[[rules.allowlists]]\ncondition = 'xor'\nregexes = ['x']\n", "condition"),
                       (RULE + "[rules.allowlist]\npaths = ['x']\n[[rules.allowlists]]\npaths = ['x']\n", "allowlist"),
                       ("[allowlist]\npaths = ['x']\n[[allowlists]]\npaths = ['x']\n", "allowlist"),
                       (RULE + "[[allowlists]]\ntargetRules = ['nobody']\nregexes = ['x']\n", "nobody"),
                       ("[extend]\npath = '/nowhere/at/all.toml'\n", "nowhere"), ("a = [1, 2\n", "array"),
                       (RULE + "secretGroup = -1\n", "secretGroup")):
        refused(t, text, word, "refused: %r" % text)
    case = Case(t, {"/srv/a": "x"})
    path = case.file("open.toml", RULE)
    os.chmod(path, 0o666)
    run = t.run("scan", "--root", case.guest.root, "--gitleaks-config", path)
    t.equal(run.code, 2, "a configuration that others may write")


def backtracking(t):
    """RE2 does not backtrack, PCRE2 does: the check tells what that may end badly for."""
    bad = ("(x+x+)+y", "(?:a|aa)+$", "^key=(\\w+\\s?)+;", "k[0-9]{4}([a-z]+)*[A-Z]", "(?i)(?:\\s*[a-f]+|z)+\\z",
           "(([bc]{2})+)+!")
    good = ("zq-[a-z0-9]{20}", "x.*y", "(?:\\p{Han}|\\x{20ac}){2,9}", "a{", "[]x]+",
            "(?i)[\\w.-]{0,50}?(?:acme)(?:[ \\t\\w.-]{0,20})[\\s'\"]{0,3}(?:=|>|:{1,3}=)[=\\s'\"]{0,5}([a-z0-9]{32})")
    config = ""
    for kind, regexes in (("bad", bad), ("good", good)):
        for n, regex in enumerate(regexes):
            for keyword in ("k", "flamingo"):
                config += "[[rules]]\nid = '%s-%d-%s'\nregex = '''%s'''\nkeywords = ['%s']\n" % (
                    kind, n, keyword, regex, keyword)
    run = t.run("rules", "check", "--gitleaks-config", Case(t, {}).file("c.toml", config), json_report=False)
    told = {line.split()[2].rstrip(":") for line in run.out.decode().splitlines() if "takes too long" in line}
    t.equal(told, {"bad-%d-%s" % (n, keyword) for n in range(len(bad)) for keyword in ("k", "flamingo")},
            "what may take too long: %s" % run.err)


def cleaned(t):
    """What such a rule finds is overwritten as any other secret."""
    secret, kept = token(), token()
    case = Case(t, {"/srv/a": "x %s\nkeep %s # gitleaks:allow\n" % (secret, kept)})
    run = t.run("clean", "--root", case.guest.root, "--yes", "--gitleaks-config",
                case.file("c.toml", RULE), "--only", "secrets")
    t.equal(run.code, 0, "clean: %s" % run)
    with open(case.guest.path("/srv/a"), encoding="ascii") as file:
        text = file.read()
    t.ok(secret not in text and kept in text and text.startswith("x "), "the secret alone is gone")
    run = t.run("rules", "check", "--gitleaks-config", case.file("c.toml", RULE), json_report=False)
    t.equal(run.code, 0, "rules check takes it: %s" % run)
    listed = subprocess.run([t.imgsan, "list", "--gitleaks-config", case.file("c.toml", RULE)],
                            capture_output=True, check=False)
    t.ok(b" zq " in listed.stdout, "list has it")
    page = t.run("list", "--page", "--gitleaks-config", case.file("c.toml", RULE.replace(
        "A token", "A\\n\\n# token\\u001b[31m")), json_report=False).out
    t.ok(b"\x1b" not in page and b"\n# token" not in page and b"# token" in page, "a title is one line of text")


def test(t):
    for part in (rule_keys, types, keywords, groups, entropy, paths, zipped, binaries, silent, required, allowlists, commits,
                 ignored, inline, extends, defaults, expressions, backtracking, mistakes, cleaned):
        if not t.only or part.__name__ in t.only.split(","):
            part(t)


check.main(test)
