# SPDX-License-Identifier: MIT
"""Where a value stands decides how sure it is, the report says why, and explain adds it
up without a byte of the secret. An id and its secret are one finding with two places, the
same secret in forty files is one secret with forty places."""
import io
import json
import os
import re
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check
import plant

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../patterns/judge/weights.yaml")
REPORT_ALL = ("policy: all-told\ntitle: t\nclasses: {personal: report, identity: report, "
              "service: report, trace: report, business: report}\n")

# path, form of the line, the least confidence (None: no finding), reasons that are told
CASES = (
    ("/srv/app/conf/app.yaml", "password: %s\n", "medium", {"+config-file", "+bare", "+key-password"}),
    ("/srv/app/login.py", "password = '%s'\n", "medium", {"+source-code", "+quoted"}),
    ("/srv/app/login2.py", "password = %s\n", None, None),
    ("/srv/app/lib.js", "password: %s,\n", None, None),
    ("/srv/app/tests/conf.ini", "password = %s\n", "medium", {"-test-file", "+config-file"}),
    ("/srv/app/node_modules/a/b.js", "password = '%s'\n", "low", {"-library"}),
    ("/srv/app/package-lock.json", '{"token": "%s"}\n', None, None),
    ("/srv/app/app.ini", "# password = %s\n", "low", {"-comment"}),
    ("/srv/app/app.conf", "password_file = %s\n", None, None),
    ("/srv/app/salt.conf", "token_salt = %s\n", "low", {"-key-weak", "+key-secret"}),
)


def value():
    """Two words and digits: neither strong nor random."""
    return plant.pick("lower", 1).upper() + "arden" + plant.pick("digit", 4)


def build(t):
    g = plant.Guest(t.path("guest"))
    secrets = {}
    for path, form, _, _ in CASES:
        secrets[path] = value()
        g.write(path, form % secrets[path])
    secrets["tar"] = value()
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w") as tar:
        for name, form in (("app/a.py", "password = '%s'\n"), ("app/b.py", "password = %s\n")):
            data = (form % secrets["tar"]).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    g.write("/srv/old.tar", inside.getvalue())
    return g, secrets


def adds_up(t, told, finding):
    """Every reason with its weight, and the sum."""
    lines = told.out.decode().splitlines()
    weights = [int(m.group(1)) for m in (re.match(r" *([+-]\d+)  ([a-z-]+)  ", line) for line in lines) if m]
    last = re.match(r" *(-?\d+)  (low|medium|high): ", lines[-1])
    t.ok(told.code == 0 and last, "explain: %s" % told)
    t.equal(len(weights), len(finding["because"]), "a line for each reason of %s" % finding["path"])
    t.equal((sum(weights), last.group(2)), (int(last.group(1)), finding["confidence"]),
            "what it comes to for %s" % finding["path"])
    t.ok(b"other weights" not in told.out, "the report's own weights: %s" % told)
    for reason in finding["because"]:
        t.ok(any(reason[1:] + " " in line for line in lines), "%s stands in %s" % (reason, told))


def decides(t, report, findings):
    levels = ("low", "medium", "high")
    for path, _, least, reasons in CASES:
        mine = [f for f in findings if f["path"] == path]
        if least is None:
            t.equal(mine, [], "nothing in " + path)
            continue
        if not t.equal(len(mine), 1, "findings in " + path):
            continue
        confidence = mine[0]["confidence"]
        t.ok(confidence == "low" if least == "low" else levels.index(confidence) > 0,
             "%s is %s: %s" % (path, confidence, mine[0]["because"]))
        t.ok(reasons <= set(mine[0]["because"]), "%s: %s" % (path, mine[0]["because"]))
    t.equal([f["member"] for f in findings if f["path"] == "/srv/old.tar"], ["app/a.py"],
            "a member counts by its own name")
    t.equal(len({f["id"] for f in findings}), len(findings), "each has an id of its own")
    again = {f["id"] for f in report.findings("secret")}
    t.equal(again, {f["id"] for f in findings}, "the next report has the same ids")


def refuses(t, report, finding):
    for words in (("--finding", finding["id"]), ("--report", report), (),
                  ("x", "--finding", finding["id"], "--report", report),
                  ("--finding", "0" * 12, "--report", report),
                  ("--finding", finding["id"], "--report", t.path("nothing.json")),
                  ("--finding", finding["id"], "--report", t.path("text.json"))):
        run = t.run("explain", *words, json_report=False)
        t.equal(run.code, 2, "explain %s" % (words,))
        if t.path("nothing.json") in words:
            t.ok(b"nothing.json: there is no such file" in run.err, "what is wrong: %s" % run)


def own_weights(t, g, report, finding):
    """A pack of one's own has other weights, for the scan and for explain."""
    with open(WEIGHTS, encoding="utf-8") as file:
        text = file.read()
    os.mkdir(t.path("pack"), 0o700)
    with open(t.path("pack/weights.yaml"), "w", encoding="utf-8") as file:
        file.write(re.sub(r"(?m)^  config-file: .*", "  config-file: -900", text))
    os.chmod(t.path("pack/weights.yaml"), 0o600)
    told = t.run("explain", "--finding", finding["id"], "--report", report, "--pack", t.path("pack"),
                 json_report=False)
    t.ok(b"-900  config-file" in told.out and b"  no finding: low from" in told.out, "other weights: %s" % told)
    t.ok(b"other weights than these: there it is %s." % finding["confidence"].encode() in told.out,
         "that they differ from the report's is told: %s" % told)
    run = t.run("scan", "--root", g.root, "--pack", t.path("pack"))
    t.equal([f for f in run.findings("secret") if f["path"] == finding["path"]], [], "outweighed")


def pair_lines(apart):
    """A key id and, so many lines below it, its secret; and both values."""
    key, secret = "AKIA" + plant.pick("upper", 16), plant.pick("alnum", 36) + "aQ7z"
    return "AWS_ACCESS_KEY_ID=%s\n%sAWS_SECRET_ACCESS_KEY=%s\n" % (key, "#\n" * (apart - 1), secret), key, secret


# the file; what stands under the name of the id, and where
NAMES = (
    ("db_user = %s\ndb_password = %s\n", "login-name", 1),
    ("%s: 1\ndb_password = %s\n", None, 0),
    ("db_user = %s\n" + "#\n" * 5 + "db_password = %s\n", None, 0),
    ('{"client_id": "%s",\n "client_secret": "%s"}\n', "oauth-client-id", 1),
    ("#\nDATABASE_URL=postgres://%s:%s@db.internal/app\n", "url-login-name", 2),
    ("db_user = %s\n# password\n%s\n", None, 0),
)


def beside(t):
    """What is no secret by itself is told only beside one, and never changed."""
    g = plant.Guest(t.path("names"))
    names = ["reporting-" + plant.pick("lower", 6) for _ in NAMES]
    for number, (form, _, _) in enumerate(NAMES):
        g.write("/srv/app/%d.conf" % number, form % (names[number], plant.pick("alnum", 18) + "7Qx"))
    run = t.run("clean", "--root", g.root, "--yes")
    told = {s["path"]: s["secrets"] for s in run.steps("done")}
    for number, (_, rule, line) in enumerate(NAMES):
        path = "/srv/app/%d.conf" % number
        ids = [(p["name"], p["line"]) for s in told.get(path, []) for p in s["places"] if p["role"] == "id"]
        t.equal(ids, [(rule, line)] if rule else [], "the id told of " + path)
        with open(g.path(path), encoding="utf-8") as file:
            t.ok(names[number] in file.read(), "the name stays: " + path)
        t.ok(names[number] not in json.dumps(run.report), "the name is not told: " + path)


def pairs(t):
    """Near each other they are one finding, wherever they stand; and each goes as its policy says."""
    g = plant.Guest(t.path("pairs"))
    near, key, secret = pair_lines(5)
    far, far_key, far_secret = pair_lines(6)
    g.write("/srv/app/near.env", near)
    g.write("/srv/app/far.env", far)
    run = t.run("scan", "--root", g.root)
    told = {s["path"]: s["secrets"] for s in run.steps("planned")}
    one = told.get("/srv/app/near.env", [])
    if t.equal([s["name"] for s in one], ["aws-secret-access-key"], "one finding of a pair"):
        t.equal([(p["role"], p["name"], p["line"], p["length"]) for p in one[0]["places"]],
                [("secret", "aws-secret-access-key", 6, 40), ("id", "aws-access-key-id", 1, 20)], "its places")
        why = t.run("explain", "--finding", one[0]["id"], "--report", t.path("report-%d.json" % t.runs),
                    json_report=False)
        t.ok(b"its id at line 1: aws-access-key-id" in why.out, "explain names the id: %s" % why)
    t.equal([[p["role"] for p in s["places"]] for s in told.get("/srv/app/far.env", [])],
            [["secret"], ["secret"]], "six lines apart they are two")
    stays = t.run("scan", "--root", g.root, "--treat", "aws-access-key-id=report", "--treat",
                  "aws-secret-access-key=report", "-v", json_report=False)
    t.ok(b"near.env:6, its id at line 1\n" in stays.out, "the text tells both places: %s" % stays)
    t.ok(b"4 secrets" not in stays.out and b"3 secrets in 4 places" in stays.out, "three secrets: %s" % stays)
    alone = t.run("scan", "--root", g.root, "--treat", "aws-access-key-id=keep")
    t.equal([len(s["places"]) for step in alone.steps() for s in step["secrets"]], [1, 1],
            "nothing is said of an id that a policy keeps")
    beside(t)
    for value in (key, secret, far_key, far_secret):
        for run in (run, stays, alone):
            t.ok(value[4:].encode() not in run.out + run.err + json.dumps(run.report).encode(), "no byte is told")
    run = t.run("clean", "--root", g.root, "--yes")
    t.equal((run.code, len(run.findings("secret"))), (0, 0), "both are gone: %s" % run)
    for path in ("/srv/app/near.env", "/srv/app/far.env"):
        with open(g.path(path), encoding="utf-8") as file:
            left = file.read()
        t.ok(not any(v in left for v in (key, secret, far_key, far_secret)), "redacted: " + path)


def forty(t):
    """However many files a secret is in, it is one; another in two of them is a second."""
    g = plant.Guest(t.path("forty"))
    one, two = value(), value()
    for number in range(40):
        g.write("/srv/app/%d.yaml" % number, "password: %s\n" % one)
    g.write("/srv/app/b.yaml", "password: %s\n" % two)
    run = t.run("scan", "--root", g.root)
    t.equal((run.report["counts"]["secrets"], run.report["counts"]["places"]), (2, 41), "what goes is counted")
    t.ok("2 secrets in 41 places" in run.report["summary"], run.report["summary"])
    t.equal(len({s["secret"] for step in run.steps() for s in step["secrets"]}), 2, "they can be told apart")
    policy = t.path("policy.yaml")
    run = t.run("scan", "--root", g.root, "--policy", policy)
    counts = run.report["counts"]
    t.equal((counts["secrets"], counts["places"], sum(counts["findings"].values())), (2, 41, 2), "what stays, too")
    run = t.run("scan", "--root", g.root, "--policy", policy, "-v", json_report=False)
    t.ok(b"2 findings stay" in run.out and b"            2 secrets in 41 places\n" in run.out, "the text: %s" % run)


def test(t):
    g, secrets = build(t)
    policy = t.path("policy.yaml")
    with open(policy, "w", encoding="utf-8") as file:
        file.write(REPORT_ALL)
    os.chmod(policy, 0o600)
    with open(t.path("text.json"), "w", encoding="utf-8") as file:
        file.write("no report\n")
    os.chmod(t.path("text.json"), 0o600)
    run = t.run("scan", "--root", g.root, "--policy", policy)
    report = t.path("report-%d.json" % t.runs)
    findings = run.findings("secret")
    decides(t, t.run("scan", "--root", g.root, "--policy", policy), findings)
    said = b""
    for finding in findings:
        told = t.run("explain", "--finding", finding["id"], "--report", report, json_report=False)
        adds_up(t, told, finding)
        said += told.out + json.dumps(finding).encode()
    for secret in secrets.values():
        t.ok(secret.encode() not in said, "no secret is told")
    # What is redacted is told as well, with the step.
    run = t.run("scan", "--root", g.root)
    report = t.path("report-%d.json" % t.runs)
    taken = [(s["path"], f) for s in run.steps() for f in s["secrets"] if s["path"] == CASES[0][0]]
    if t.equal(len(taken), 1, "the step names its secret"):
        path, secret = taken[0]
        told = t.run("explain", "--finding", secret["id"], "--report", report, json_report=False)
        adds_up(t, told, dict(secret, path=path))
        t.ok(path.encode() in told.out, "explain names the place of a step: %s" % told)
    refuses(t, report, findings[0])
    config = [f for f in findings if f["path"] == CASES[0][0]]
    if config:
        own_weights(t, g, report, dict(config[0]))
    pairs(t)
    forty(t)


check.main(test)
