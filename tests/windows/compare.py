# SPDX-License-Identifier: MIT
"""Two reports of one guest, by imgsan.exe and by the program for Linux, field by field.

    compare.same(t, windows_run, linux_run, "scan")"""
# Whose numbers differ from run to run, or from machine to machine.
UNSTABLE = {"seen"}


def rows(report, key):
    """As lines that can be compared, each field by name."""
    part = (report.get("left") or report)[key] if key == "findings" else report[key]
    return sorted(repr(sorted((name, value) for name, value in row.items() if name not in UNSTABLE))
                  for row in part)


def same(t, windows_run, linux_run, what, whole=("verdict", "counts", "left_out", "omitted")):
    """whole: what else of the reports has to be the same."""
    t.equal(windows_run.code, linux_run.code, "exit code of %s: %s" % (what, windows_run))
    if not t.ok(windows_run.report and linux_run.report, "%s: no report: %s\n%s" % (
            what, windows_run, linux_run)):
        return
    for key in ("findings", "steps"):
        one, other = rows(windows_run.report, key), rows(linux_run.report, key)
        t.note("%s: %d %s" % (what, len(one), key))
        for line in sorted(set(one) ^ set(other))[:20]:
            t.ok(False, "%s: only %s: %s" % (what, "Windows" if line in one else "Linux", line))
        t.equal(len(one), len(other), "%s: number of %s" % (what, key))
    for key in whole:
        t.equal(windows_run.report[key], linux_run.report[key], "%s: %s" % (what, key))
