#!/usr/bin/env python3
"""The recorded queries, asked of a server that received the recorded data through remote write.

The data are read from the recorded blocks through remote read, in windows of time, and every window is written to a fresh server
of each profile; then the recorded queries of that profile are asked. Those that are about blocks as such are listed below.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

import programs

CONFORMANCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "shared", "conformance", "prometheus")
# The last line of a replay that came to its end.
SUMMARY = re.compile(r"(\d+) passed, (\d+) failed")
WINDOW_MS = 10 * 60_000
# 2023-11-15 00:00 UTC, where the recorded data begin; they end before six hours are over.
START, END = 1_700_006_400_000 - WINDOW_MS, 1_700_006_400_000 + 6 * 3_600_000

# What cannot be the same by its nature, by the beginning of an id, and why.
RECEIVES = "the server takes remote write, the recorded one did not"
WHOLE_HEAD = "names and values are listed by blocks, and all that was written stands in one head"
BY_NATURE = {
    "tsdb_blocks-": "lists the blocks of the data directory",
    "features-": RECEIVES,
    "errors-317": RECEIVES,
    **dict.fromkeys(["labels-%03d" % number for number in (25, 26, 27, 29, 30, 37, 78)], WHOLE_HEAD),
    **dict.fromkeys(["search-%03d" % number for number in (3, 8, 9, 10, 12, 13, 20, 35, 42, 51, 60)], WHOLE_HEAD),
}


def load_tools(folder):
    """The modules of the recorded answers."""
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    import harness
    import wire
    return harness, wire


def read_window(base, wire, start, end):
    """The series of a window as remote read gives them: protobuf, which remote write takes as it is."""
    anything = wire.f_varint(1, 2) + wire.f_bytes(2, "__name__") + wire.f_bytes(3, ".*")
    query = wire.f_varint(1, start) + wire.f_varint(2, end) + wire.f_bytes(3, anything)
    body = wire.snappy_encode(wire.f_bytes(1, query))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
               "X-Prometheus-Remote-Read-Version": "0.1.0"}
    with urllib.request.urlopen(urllib.request.Request(base + "/api/v1/read", body, headers), timeout=60) as answer:
        response = wire.snappy_decode(answer.read())
    results = [result for field, _, result in wire.fields(response) if field == 1]
    return [series for result in results for field, _, series in wire.fields(result) if field == 1]


def write(base, wire, series):
    body = wire.snappy_encode(b"".join(wire.f_bytes(1, one) for one in series))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
               "X-Prometheus-Remote-Write-Version": "0.1.0"}
    with urllib.request.urlopen(urllib.request.Request(base + "/api/v1/write", body, headers), timeout=60) as answer:
        answer.read()


def windows_of(harness, wire, binary, conformance):
    """All data of the recorded blocks, window by window."""
    with tempfile.TemporaryDirectory() as folder:
        data, config = os.path.join(folder, "data"), os.path.join(folder, "prometheus.yml")
        shutil.copytree(os.path.join(conformance, "dataset", "blocks"), data)
        # Without labels of its own, which an answer to remote read would carry.
        with open(config, "w", encoding="utf-8") as file:
            file.write("global: {}\n")
        server = harness.Server(binary, config, data, "", ["--storage.tsdb.retention.time=100y"])
        try:
            starts = range(START, END, WINDOW_MS)
            windows = [read_window(server.base, wire, start, start + WINDOW_MS - 1) for start in starts]
        finally:
            server.stop()
    return [window for window in windows if window]


def records(folder, profiles):
    """The recorded queries by profile, of those that are asked of the blocks."""
    by_profile = {}
    for name in sorted(os.listdir(os.path.join(folder, "queries"))):
        with open(os.path.join(folder, "queries", name), encoding="utf-8") as file:
            for line in filter(str.strip, file):
                profile = json.loads(line).get("profile", "dataset")
                if profiles[profile]["data"] == "blocks":
                    by_profile.setdefault(profile, []).append(line)
    return by_profile


def replay(folder, base, lines):
    """Asks the queries; the ids of those that differ, and what is said of them."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        done = subprocess.run([sys.executable, "-B", os.path.join(folder, "replay.py"), "--base", base, file.name],
                              capture_output=True, text=True, check=False)
    differences = {}
    for line in done.stdout.splitlines():
        if line.startswith("FAIL "):
            number = line.split()[1]
            differences[number] = [line]
        elif line.startswith("     ") and differences:
            differences[number].append(line)
    summary = done.stdout.splitlines()[-1] if done.stdout else ""
    counts = SUMMARY.fullmatch(summary)
    # A replay that broke off has compared only some of them.
    if counts is None or int(counts[1]) + int(counts[2]) != len(lines) or int(counts[2]) != len(differences):
        raise programs.Failure("the replay ended with %r after %d queries: %s" % (summary, len(lines), done.stderr[-2000:]))
    return differences, summary


def main():
    parser = programs.argument_parser(__doc__, ("--conformance", {"default": CONFORMANCE, "metavar": "DIR"}))
    options = parser.parse_args()
    folder = os.path.abspath(options.conformance)
    harness, wire = load_tools(folder)
    with open(os.path.join(folder, "profiles.json"), encoding="utf-8") as file:
        profiles = json.load(file)
    tally = programs.Tally()
    windows = windows_of(harness, wire, options.lapwing, folder)
    print("%d windows, %d series in the largest" % (len(windows), max(map(len, windows))))
    for profile, lines in sorted(records(folder, profiles).items()):
        settings = profiles[profile]
        with tempfile.TemporaryDirectory() as data:
            config = os.path.join(folder, settings.get("config", "dataset/prometheus.yml"))
            flags = settings["flags"] + ["--web.enable-remote-write-receiver"]
            path = "/prom" if profile == "prefix" else ""
            server = harness.Server(options.lapwing, config, os.path.join(data, "data"), settings["features"], flags, None,
                                    path + "/-/ready")
            try:
                for window in windows:
                    write(server.base + path, wire, window)
                differences, summary = replay(folder, server.base, lines)
            finally:
                server.stop()
        known = {number for number in differences if number.startswith(tuple(BY_NATURE))}
        for number in sorted(set(differences) - known):
            print("\n".join(differences[number]))
        tally.check("profile %s: %s, %d of them by nature" % (profile, summary, len(known)), set(differences) == known)
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
