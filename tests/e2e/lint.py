# SPDX-License-Identifier: MIT
"""`rules check DIR` says what is wrong and what is doubtful about rules whose samples
hold; `list --providers` and `explain` say whose credentials rules find."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check

GOOD = """
secrets:
  - name: zq-token
    title: A token of the tests
    why: none
    advice: none
    source: this test
    provider: Zed|Quux
    kind: access token
    class: personal
    severity: high
    confidence: high
    keywords: [zq-]
    pattern: '(?<![a-z0-9-])(?<secret>zq-[a-z0-9]{24})(?![a-z0-9])'
    match:
      - 'x zq-{hex:24} y'
      - 'x zq-z{hex:23} y'
    nomatch:
      - 'x zq-{hex:23}'
      - 'x zq-{hex:23}zz'
      - 'x zq-{hex:25}'
      - 'x zq-{hex:12}%{hex:11}'
      - 'x azq-{hex:24}'
"""


def check_pack(t, name, *changes):
    folder = t.dir(name)
    text = GOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = os.path.join(folder, "own.yaml")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o600)
    return t.run("rules", "check", folder, json_report=False)


def checked(t, name, *changes):
    run = check_pack(t, name, *changes)
    lines = [line for line in (run.out + run.err).decode().splitlines() if "zq-" in line]
    return run.code, lines


def doubts(t):
    t.equal(checked(t, "good"), (0, []), "a rule without a doubt")
    code, lines = checked(t, "keyword", ("[zq-]", "[zq-, zx-]"))
    t.equal((code, len(lines)), (0, 1), "one more keyword: %s" % lines)
    t.ok('no match sample has the keyword "zx-"' in lines[0], "which one: %s" % lines)
    code, lines = checked(t, "samples", ("      - 'x zq-{hex:23}zz'\n", ""), ("      - 'x zq-{hex:23}'\n", ""),
                          ("      - 'x zq-{hex:25}'\n", ""), ("      - 'x azq-{hex:24}'\n", ""),
                          ("      - 'x zq-{hex:12}%{hex:11}'\n", "      - 'x'\n"),
                          ("      - 'x zq-z{hex:23} y'\n", ""), ("(?![a-z0-9])", ""))
    t.equal((code, len(lines)), (0, 1), "samples that prove little: %s" % lines)
    t.ok("small changes" in lines[0], "how much: %s" % lines)
    again = GOOD[GOOD.index("  - name"):].replace("zq-token", "zq-again")
    code, lines = checked(t, "overlap", ("\n      - 'x azq-{hex:24}'\n", "\n      - 'x azq-{hex:24}'\n" + again))
    t.equal((code, len(lines)), (0, 1), "two rules for one token: %s" % lines)
    t.ok("finds the same as zq-again" in lines[0], "which: %s" % lines)


def own_alone(t):
    """Of the rules inside it speaks only where one of them finds the same."""
    run = check_pack(t, "alone")
    lines = run.out.decode().splitlines()
    t.ok(run.code == 0 and len(lines) == 1 and " 7 samples" in lines[0], "only rules of one's own are tried: %s" % run)
    lines = check_pack(t, "known", ("zq-token", "zq-known"), ("[zq-]", "[glpat-]"), ("zq-[a-z0-9]{24}", "glpat-[a-z0-9]{20}"),
                       ("'x zq-{hex:24} y'", "'x glpat-{hex:20} y'"),
                       ("'x zq-z{hex:23} y'", "'x glpat-z{hex:19} y'")).out.decode().splitlines()
    same = [line for line in lines if "rule zq-known: finds the same as gitlab" in line]
    t.ok(len(same) == 1, "one inside that finds the same is told: %s" % lines)
    t.ok(all(": rule zq-known: " in line for line in lines[:-2]), "and nothing of others: %s" % lines)


def backtracking(t):
    code, lines = checked(t, "slow", ("[a-z0-9]{24})", "(?:[a-z0-9]+)+[a-z0-9])"), ("(?![a-z0-9])", " y"))
    t.equal(code, 2, "a pattern without end: %s" % lines)
    t.ok(any("too long" in line for line in lines), "what is wrong: %s" % lines)


def providers(t):
    checked(t, "provider")
    folder = t.path("provider")
    page = t.run("list", "--providers", "--pack", folder, json_report=False)
    t.equal(page.code, 0, "list --providers")
    t.ok(b"| Zed\\|Quux | access token | `zq-token` |" in page.out.splitlines(), "the row: %s" % page)
    explained = t.run("explain", "zq-token", "--pack", folder, json_report=False).out
    for line in (b"provider  Zed|Quux", b"kind      access token"):
        t.ok(line in explained.splitlines(), "explain says %s: %s" % (line, explained))


def test(t):
    for part in (doubts, own_alone, backtracking, providers):
        part(t)


check.main(test)
