#!/usr/bin/env python3
"""Asks the server and a reference Prometheus random queries over the same blocks, and compares what they answer.

The reference takes random data by remote write and gives them away as blocks; each server reads a copy. Values may
differ by 1e-9 of their size; labels, errors, warnings and infos with their places must be the same. The seed makes
data and queries, and is printed: a run is repeated with it. `--only N` asks query N alone and shows both answers.
"""

import collections
import json
import os
import random
import re
import shutil

import programs
import random_data
import random_expressions
import remote_write

FEATURES = "promql-experimental-functions,promql-per-step-stats,native-histograms"
RELATIVE = 1e-9
SHOWN_MAX = 40
# What 3.14, which the server follows, says otherwise than the packaged reference; applied to both.
WORDING = [
    # It names no metric where names are dropped at once.
    (r'(bucket label "le" is missing or has a malformed value of "[^"]*") for metric name "[^"]*"', r"\1"),
    (r'(input to histogram_(?:quantile|fraction) has NaN observations, .*?) for metric name "[^"]*"', r"\1"),
    (r'(vector contains a mix of classic and native histograms) for metric name "[^"]*"', r"\1"),
    # It tells which buckets were fixed.
    (r"(input to histogram_quantile needed to be fixed for monotonicity).*? (\(\d+:\d+\))", r"\1 \2"),
    # Which two of several series meet depends on the order in which hashes are walked.
    (r"(found duplicate series for the match group ).*(;many-to-many)", r"\1\2"),
    (r"(found duplicate series for info metric: ).*", r"\1"),
]


# What 3.14 tells, and the reference does not.
NEW_REMARKS = ("PromQL warning: sort is ineffective for range queries", "PromQL warning: conflicting counter resets during histogram")
# Queries that 3.14 and the reference answer otherwise; docs/operating/promql.md says how.
KNOWN = [
    ("histogram_fraction of classic histograms", r"histogram_fraction\(.*latency_seconds_bucket"),
    ("dates of what is no time", r"\b(hour|minute|month|year|day_of_week|day_of_month|day_of_year|days_in_month)\("),
    ("info where series come and go", r"\binfo\("),
    ("rates of histograms near zero", r"\b(rate|increase)\(\(*native_"),
    ("digits of sums of histograms as labels", r"\bcount_values\b.*\b(sum|avg)(_over_time)?\b.*\bnative_"),
    ("a NaN makes mad_over_time NaN", r"\bmad_over_time\(.*\bodd\b"),
    ("last digits of computed values as labels", r"\bcount_values\b.*(\b(a?sinh?|a?cosh?|a?tanh?|exp|ln|log2|log10)\(|\^)"),
    ("differences of histograms are gauges", r"\b(rate|increase)\(.*native_\w+.* - "),
]
# How often the reference is asked again where it differs: of equal elements it chooses some by chance.
ASKED_AGAIN_MAX = 8


def fill(reference, data):
    for batch in data.batches():
        remote_write.send(reference.url, batch)


def snapshot(server):
    """The folder of a snapshot of all of a server's data."""
    status, body = programs.request(server.url + "/api/v1/admin/tsdb/snapshot", {}, method="POST")
    if status != 200:
        raise programs.Failure("no snapshot: %d %s" % (status, body))
    return os.path.join(server.data, "snapshots", json.loads(body)["data"]["name"])


def worded(text):
    for pattern, replacement in WORDING:
        text = re.sub(pattern, replacement, text)
    return text


def same_number(a, b):
    if a == b:
        return True
    x, y = float(a), float(b)
    if x != x or y != y:
        return x != x and y != y
    return x == y or abs(x - y) <= RELATIVE * max(abs(x), abs(y))


def same_value(a, b):
    """Two values in the API's form: a text is a number, anything else is compared as it is."""
    if isinstance(a, str) and isinstance(b, str):
        return same_number(a, b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
    return a == b


def by_labels(result):
    found = {}
    for series in result:
        key = programs.labels_key(series["metric"])
        if key in found:
            raise programs.Failure("two series have the labels " + programs.labels_text(key))
        found[key] = {name: value for name, value in series.items() if name != "metric"}
    return found


def difference(mine, theirs, ordered):
    """What differs between two answers, as a text; empty if nothing does."""
    if mine["status"] != theirs["status"]:
        return "status %s, want %s" % (told(mine), told(theirs))
    if mine["status"] != "success":
        same = mine["errorType"] == theirs["errorType"] and worded(mine["error"]) == worded(theirs["error"])
        return "" if same else "error %s, want %s" % (told(mine), told(theirs))
    for kind in ("warnings", "infos"):
        own, wanted = (sorted({worded(text) for text in answer.get(kind, []) if not text.startswith(NEW_REMARKS)})
                       for answer in (mine, theirs))
        if own != wanted:
            return "%s %s, want %s" % (kind, own, wanted)
    mine, theirs = mine["data"], theirs["data"]
    if mine["resultType"] != theirs["resultType"]:
        return "a %s, want a %s" % (mine["resultType"], theirs["resultType"])
    if mine["resultType"] in ("scalar", "string"):
        good = same_value(mine["result"], theirs["result"])
        return "" if good else "%s, want %s" % (mine["result"], theirs["result"])
    if ordered:
        own, wanted = ([series["value"][1] for series in answer["result"]] for answer in (mine, theirs))
        if not same_value(own, wanted):
            return "order %s, want %s" % (own[:8], wanted[:8])
    own, wanted = by_labels(mine["result"]), by_labels(theirs["result"])
    if own.keys() != wanted.keys():
        return "series missing %s, too many %s" % (
            sorted(map(programs.labels_text, wanted.keys() - own.keys()))[:3],
            sorted(map(programs.labels_text, own.keys() - wanted.keys()))[:3])
    for key, value in own.items():
        if not same_value(value, wanted[key]):
            return "%s %s" % (programs.labels_text(key), first_difference(value, wanted[key]))
    return ""


def first_difference(own, wanted):
    for kind in sorted(own.keys() | wanted.keys()):
        a, b = own.get(kind), wanted.get(kind)
        if kind in ("value", "histogram") or a is None or b is None or len(a) != len(b):
            if not same_value(a, b):
                return "%s %s, want %s" % (kind, json.dumps(a)[:400], json.dumps(b)[:400])
        else:
            for x, y in zip(a, b):
                if not same_value(x, y):
                    return "%s %s, want %s" % (kind, json.dumps(x)[:400], json.dumps(y)[:400])
    return ""


def told(answer):
    return "%s: %s" % (answer["errorType"], answer["error"]) if answer["status"] == "error" else answer["status"]


def statistics(mine, theirs):
    """What differs between the counts of samples."""
    if mine["status"] != "success" or theirs["status"] != "success":
        return ""
    own, wanted = (answer["data"]["stats"]["samples"] for answer in (mine, theirs))
    for name in ("totalQueryableSamples", "peakSamples", "totalQueryableSamplesPerStep"):
        if own.get(name) != wanted.get(name):
            return "%s %s, want %s" % (name, own.get(name), wanted.get(name))
    return ""


class Questions:
    """Random queries: where to ask, and with which parameters."""

    def __init__(self, seed):
        start, end = random_data.START, random_data.START + random_data.SECONDS
        self.random = random.Random("questions %d" % seed)
        self.generator = random_expressions.Generator(seed, start, end)
        self.start, self.end = start, end

    def next(self):
        r, parameters = self.random, {"query": self.generator.expression(), "stats": "all"}
        if r.random() < 0.5:
            parameters["time"] = "%.3f" % r.choice((r.randint(self.start, self.end + 300), r.uniform(self.start, self.end)))
            return "query", parameters
        step, steps = r.choice((15, 30, 60, 77, 300)), r.randint(1, 40)
        begin = r.randint(self.start - 600, self.end - 60)
        parameters.update(start=begin, end=begin + step * steps, step=step)
        return "query_range", parameters


def write_start(folder, peers, data):
    """Blocks with the data, made by the reference program."""
    config = folder.write("reference.yml", "global: {evaluation_interval: 1m}\n")
    flags = ["--web.enable-remote-write-receiver", "--web.enable-admin-api", "--enable-feature=native-histograms",
             "--storage.tsdb.retention.time=100y"]
    writer = programs.Server("writer", peers.prometheus, folder, config, flags).start()
    fill(writer, data)
    blocks = snapshot(writer)
    writer.program.stop()
    return config, blocks


def main():
    options = programs.argument_parser(
        __doc__, ("--queries", {"type": int, "default": 2000}),
        ("--seed", {"type": int, "default": random.SystemRandom().randrange(1 << 32)}),
        ("--data-seed", {"type": int, "help": "that of the data, if it is another one"}),
        ("--features", {"default": FEATURES}),
        ("--only", {"type": int, "metavar": "N", "help": "ask the query of this number alone and show the answers"}),
    ).parse_args()
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    print("seed %d" % options.seed, flush=True)
    data = random_data.Data(options.seed if options.data_seed is None else options.data_seed)
    config, blocks = write_start(folder, peers, data)
    servers = []
    for name, binary in (("tested", options.lapwing), ("reference", peers.prometheus)):
        shutil.copytree(blocks, folder.join(name + ".data"))
        flags = ["--storage.tsdb.retention.time=100y", "--enable-feature=" + options.features]
        servers.append(programs.Server(name, binary, folder, config, flags).launch())
    for server in servers:
        server.wait_ready()
    tested, reference = servers
    questions, failures, miscounts, known = Questions(options.seed), [], [], collections.Counter()
    answered = 0
    for number in range(options.queries):
        path, parameters = questions.next()
        if options.only not in (None, number):
            continue
        mine, theirs = tested.answer(path, **parameters), reference.answer(path, **parameters)
        answered += theirs["status"] == "success" and bool(theirs["data"]["result"])
        if options.only is not None:
            print(json.dumps(parameters), "\ntested    %s\nreference %s" % (json.dumps(mine), json.dumps(theirs)))
        ordered = path == "query" and parameters["query"].startswith("sort")
        found = difference(mine, theirs, ordered)
        for _ in range(ASKED_AGAIN_MAX if found and re.search(r"(topk|bottomk|limitk)", parameters["query"]) else 0):
            theirs = reference.answer(path, **parameters)
            found = found and difference(mine, theirs, ordered)
        reason = next((reason for reason, pattern in KNOWN if found and re.search(pattern, parameters["query"])), None)
        if reason is not None:
            known[reason] += 1
            continue
        place = "%d %s %s" % (number, path, json.dumps({k: v for k, v in parameters.items() if k != "stats"}))
        if found:
            failures.append("%s\n   %s" % (place, found))
        elif statistics(mine, theirs):
            miscounts.append("%s\n   %s" % (place, statistics(mine, theirs)))
    for reason, times in sorted(known.items()):
        print("%d differ as the versions do: %s" % (times, reason))
    asked = options.queries if options.only is None else 1
    tally.check("%d random queries, %d of them with a result: same answers" % (asked, answered), not failures,
                "%d differ\n%s" % (len(failures), "\n".join(failures[:SHOWN_MAX])))
    tally.check("same counts of samples", not miscounts, "%d differ\n%s" % (len(miscounts), "\n".join(miscounts[:SHOWN_MAX])))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
