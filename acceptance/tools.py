#!/usr/bin/env python3
"""`lapwing tsdb list`, `dump`, `dump-openmetrics` and `analyze` beside promtool, over the same data directories.

Every folder below `--data` that holds blocks or a log is copied twice, as the tools repair and lock what they read, and
what one tool prints is held against what the other prints. promtool lists what counts the same in an order that differs
from run to run, so the lists of `analyze` are compared count by count; of the last count, which the limit may cut, only
how many lines there are. Series that stand in a log alone it dumps in no order, of histograms it leaves some out, and
ends of series it takes for numbers (release 3.5): lines of a directory with a log are compared as a set, and lines with
histograms or NaN not at all.
"""

import os
import re
import shutil
import subprocess

import programs

COMMANDS = [
    ["list"], ["list", "-r"], ["dump"], ["dump", "--min-time=1700010000000", "--max-time=1700012000000"],
    ["dump", "--match={__name__=~\"n.*\"}", "--match=up"], ["dump-openmetrics"], ["dump-openmetrics", "--match=up"],
    ["dump", "--match={"],
]
# Of `analyze`: options, without the block.
ANALYSES = [[], ["--limit=3"], ["--limit=1000"], ["--extended"], ["--match=up"], ["--match={__name__=~\"n.*\"}", "--extended"]]
# What promtool 3.5 does not read: a log of a later release, a log with a torn end.
LEFT_OUT = ["wal/start-timestamps/data", "wal/torn/data"]
COUNTED = re.compile(r"(\d+) (.*)")


def directories(folder):
    """The data directories below a folder."""
    found = []
    for path, names, _ in os.walk(folder):
        has_log = "wal" in names and any(name.isdigit() for name in os.listdir(os.path.join(path, "wal")))
        if has_log or any(len(name) == 26 for name in names):
            found.append(path)
            names.clear()
    return sorted(found)


def blocks_of(directory):
    return sorted(name for name in os.listdir(directory) if len(name) == 26)


def run(command, *arguments):
    """Exit status and standard output."""
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                          check=False)
    return done.returncode, done.stdout


def with_sets(text):
    """The lines, runs of one count in a list as a set; where the list is cut, the last run as its length."""
    lines, groups = text.splitlines() + [""], []
    for line in lines:
        counted = COUNTED.fullmatch(line)
        if counted and groups and isinstance(groups[-1], dict) and counted[1] in groups[-1]:
            groups[-1][counted[1]].append(counted[2])
        elif counted:
            groups.append({counted[1]: [counted[2]]})
        elif line and groups and isinstance(groups[-1], dict):
            # The second line of a label's value.
            groups[-1] = {count: names[:-1] + [names[-1] + "\n" + line] for count, names in groups[-1].items()}
        else:
            if groups and isinstance(groups[-1], dict):
                groups[-1] = {count: len(names) for count, names in groups[-1].items()}
            groups.append(line)
    return [{c: sorted(n) if isinstance(n, list) else n for c, n in g.items()} if isinstance(g, dict) else g
            for g in groups]


def samples(text):
    """The lines without what promtool 3.5 leaves out, or should: histograms and what follows them, ends of series."""
    odd = ("} {count:", "nh_mixed", "} NaN ")
    return [line for line in text.splitlines() if not any(text in line for text in odd)]


def first_difference(ours, theirs):
    for number, (a, b) in enumerate(zip(ours + [None], theirs + [None])):
        if a != b:
            return "at %d: %r, promtool: %r" % (number, a, b)
    return ""


def compare(tally, what, ours, theirs, shape):
    statuses, (left, right) = (ours[0], theirs[0]), (shape(ours[1]), shape(theirs[1]))
    detail = "status %d, promtool: %d" % statuses if statuses[0] != statuses[1] else first_difference(left, right)
    tally.check("%s: %d bytes" % (what, len(theirs[1])), statuses[0] == statuses[1] and left == right, detail)


def main():
    options = programs.argument_parser(__doc__, ("--data", {"required": True, "metavar": "DIR"})).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    peers = programs.Peers(options.peers)
    tools = [("lapwing", [os.path.abspath(options.lapwing), "tsdb"]), ("promtool", [peers.promtool, "tsdb"])]
    for number, directory in enumerate(directories(options.data)):
        name = os.path.relpath(directory, options.data)
        if name in LEFT_OUT:
            continue
        copies = {}
        for tool, _ in tools:
            copies[tool] = shutil.copytree(directory, folder.join("%s-%d" % (tool, number)))
            # promtool reads no directory without one.
            os.makedirs(os.path.join(copies[tool], "wal"), exist_ok=True)
        has_log = bool(os.listdir(os.path.join(copies["promtool"], "wal")))
        shape = (lambda text: sorted(samples(text))) if has_log else samples
        for command in COMMANDS:
            answers = [run(program, *command, copies[tool]) for tool, program in tools]
            compare(tally, "%s: %s" % (name, " ".join(command)), *answers, shape)
        for block in blocks_of(directory):
            for analysis in ANALYSES:
                answers = [run(program, "analyze", *analysis, copies[tool], block) for tool, program in tools]
                compare(tally, "%s: analyze %s %s" % (name, " ".join(analysis), block), *answers, with_sets)
        answers = [run(program, "analyze", copies[tool], "01AAAAAAAAAAAAAAAAAAAAAAAA") for tool, program in tools]
        compare(tally, "%s: analyze a block that is not there" % name, *answers, str.splitlines)
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
