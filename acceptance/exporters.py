#!/usr/bin/env python3
"""Ten real exporters, with the real programs that they watch, scraped by the server under test and by a reference
Prometheus at once: the same targets, the same series, the same metadata."""

import json
import os
import time

import programs
from real_exporters import start_all

INTERVAL_SECONDS = 5
CONFIG_HEAD = "global: {scrape_interval: %ds, scrape_timeout: 4s}\nscrape_configs:\n" % INTERVAL_SECONDS
# Of the edges of the time that is compared: one server may just have scraped what the other will in a moment.
EDGE_SECONDS = 3 * INTERVAL_SECONDS
# A series that one server saw so seldom, the other may have missed.
FLEETING_SCRAPES = 3
# Labels of discovered targets that the releases after the packaged Prometheus have.
NEWER_LABELS = {"__always_scrape_classic_histograms__", "__convert_classic_histograms_to_nhcb__",
                "__scrape_native_histograms__"}


def config(targets):
    """A configuration that scrapes all of them; a target is {job, address, path, params}."""
    jobs = []
    for target in targets:
        job = {"job_name": target["job"], "static_configs": [{"targets": [target["address"]], "labels": {"kind": "real"}}]}
        if "path" in target:
            job["metrics_path"] = target["path"]
        if "params" in target:
            job["params"] = target["params"]
        jobs.append("  - " + json.dumps(job) + "\n")
    return CONFIG_HEAD + "".join(jobs)


def targets_of(server):
    """What the API tells of each target, but for moments and durations."""
    told = {}
    for target in server.api("targets")["activeTargets"]:
        fields = ("discoveredLabels", "labels", "scrapePool", "scrapeUrl", "globalUrl", "health", "lastError",
                  "scrapeInterval", "scrapeTimeout")
        told[target["scrapePool"]] = {field: target.get(field) for field in fields}
        # It names the machine as the server sees it.
        told[target["scrapePool"]].pop("globalUrl")
        for name in NEWER_LABELS:
            told[target["scrapePool"]]["discoveredLabels"].pop(name, None)
    return told


def series_of(server, job, start, end):
    found = server.api("series", **{"match[]": '{job="%s"}' % job, "start": "%.3f" % start, "end": "%.3f" % end})
    return {programs.labels_key(labels) for labels in found}


def explained(server, key, start, end):
    """Why the other server may not have a series: it was there in a few scrapes alone, as states of connections are."""
    selector = "{%s}" % ",".join("%s=%s" % (name, json.dumps(value)) for name, value in key)
    values = server.matrix("%s[%ds]" % (selector, end - start), end).get(key, [])
    count = sum(1 for _, value in values if value != "NaN")
    return "seen in %d of %d scrapes" % (count, (end - start) / INTERVAL_SECONDS), count <= FLEETING_SCRAPES


def compare_series(tally, job, tested, reference, span):
    ours, others = series_of(tested, job, *span), series_of(reference, job, *span)
    bad, notes = [], []
    for server, keys in ((tested, ours - others), (reference, others - ours)):
        for key in sorted(keys):
            why, good = explained(server, key, *span)
            (notes if good else bad).append("only %s has %s: %s" % (server.name, programs.labels_text(key), why))
    tally.check("%s: the same %d series" % (job, len(others)), not bad, "\n".join(bad[:20]))
    for note in notes:
        print("      note: " + note)


def metadata_of(server, job):
    """Type, help and unit of each metric of a job."""
    told = server.api("targets/metadata", match_target='{job="%s"}' % job)
    return {entry["metric"]: (entry["type"], entry["help"], entry["unit"]) for entry in told}


def all_metadata(server):
    return {name: sorted(json.dumps(entry, sort_keys=True) for entry in entries)
            for name, entries in server.api("metadata").items()}


def different(mine, theirs):
    """In words what two dictionaries or sets do not share."""
    keys = (set(mine), set(theirs))
    lines = ["only here: %s" % key for key in sorted(keys[0] - keys[1])]
    lines += ["only there: %s" % key for key in sorted(keys[1] - keys[0])]
    if isinstance(mine, dict):
        lines += ["%s: %s, there %s" % (key, mine[key], theirs[key])
                  for key in sorted(keys[0] & keys[1]) if mine[key] != theirs[key]]
    return "\n".join(lines[:20])


def main():
    options = programs.argument_parser(
        __doc__, ("--minutes", {"type": float, "default": 10, "help": "how long all is scraped"})).parse_args()
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    targets = start_all(os.path.abspath(options.peers), folder)
    path = folder.write("prometheus.yml", config(targets))
    began = time.time()
    tested = programs.Server("lapwing", options.lapwing, folder, path).start()
    reference = programs.Server("reference", peers.prometheus, folder, path).start()
    time.sleep(options.minutes * 60)
    end = time.time()
    mine, theirs = targets_of(tested), targets_of(reference)
    tally.check("the same %d targets" % len(theirs), mine == theirs, different(mine, theirs))
    for job in sorted(theirs):
        tally.check("%s is up" % job, theirs[job]["health"] == mine.get(job, {}).get("health") == "up",
                    theirs[job]["lastError"])
        span = (began + EDGE_SECONDS, end - EDGE_SECONDS)
        compare_series(tally, job, tested, reference, span)
        ours, others = metadata_of(tested, job), metadata_of(reference, job)
        tally.check("%s: the same metadata of %d metrics" % (job, len(others)), ours == others, different(ours, others))
        counted = 'count(last_over_time({job="%s"}[%ds]))' % (job, options.minutes * 60)
        values = [server.api("query", query=counted, time="%.3f" % end)["result"] for server in (tested, reference)]
        counts = [float(value[0]["value"][1]) if value else 0 for value in values]
        tally.check("%s: %d series have samples, there %d" % (job, *counts), counts[0] > 0 and abs(counts[0] - counts[1]) <= 0.01 * counts[1])
    ours, others = all_metadata(tested), all_metadata(reference)
    tally.check("the same metadata of all %d metrics" % len(others), ours == others, different(ours, others))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
