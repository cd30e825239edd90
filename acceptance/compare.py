#!/usr/bin/env python3
"""Scrapes a real node_exporter and a real Prometheus for some minutes, with the server under test and with a reference
Prometheus, and compares what both answer: promtool's queries, the API, and the fixed queries of `queries.py`."""

import itertools
import json
import math
import re
import threading
import time

import programs
import queries

CONFIG = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ["%(node)s"]
        labels: {group: machines}
  - job_name: prometheus
    static_configs:
      - targets: ["%(target)s"]
"""
# The target has traffic, so that its counters and histograms move: (requests a second, path).
TRAFFIC = [(8, "/api/v1/query?query=vector(1)"), (4, "/api/v1/labels"), (1, "/-/healthy")]
SETTLE_SECONDS = 2 * queries.WINDOW - 4
# How far the reference is asked around a moment: two scrapes, in quarters of one.
AROUND_SECONDS, AROUND_STEP = 2.0, 0.25
RANGE_STEPS_MAX = 240


def drive_traffic(url, stop):
    """Asks the target at steady rates until told to stop."""
    started, done = time.monotonic(), [0] * len(TRAFFIC)
    while not stop.wait(0.02):
        for i, (rate, path) in enumerate(TRAFFIC):
            if done[i] < (time.monotonic() - started) * rate:
                done[i] += 1
                try:
                    programs.request(url + path, timeout=5)
                except OSError:
                    pass


# ---- answers -----------------------------------------------------------------------------------------------------------

def by_labels(data):
    """The samples of an answer: {labels: [(time, value text)]}, in the order of the answer."""
    kind, result = data["resultType"], data["result"]
    if kind in ("scalar", "string"):
        return {(): [tuple(result)]}
    field = "values" if kind == "matrix" else "value"
    return {programs.labels_key(series["metric"]): [tuple(v) for v in (series[field] if kind == "matrix" else [series[field]])]
            for series in result}


def ask(server, query, moment):
    """The answer to a query at `moment` = (start, end, step); an instant query is asked at the end."""
    start, end, step = moment
    text = query.text.replace("{at}", "%.3f" % (end - 10))
    if query.kind == "instant":
        return server.answer("query", query=text, time="%.3f" % end)
    return server.answer("query_range", query=text, start="%.3f" % start, end="%.3f" % end, step=step)


def surroundings(reference, query, moment):
    """What the reference answers around the moments asked for: {labels: {time: value}}."""
    start, end, _ = moment
    start = end if query.kind == "instant" else start
    data = reference.api("query_range", query=query.text.replace("{at}", "%.3f" % (end - 10)),
                         start="%.3f" % (start - AROUND_SECONDS), end="%.3f" % (end + AROUND_SECONDS), step=AROUND_STEP)
    return {key: {float(t): float(v) for t, v in values} for key, values in by_labels(data).items()}


def envelope(around, key, t):
    """The values of one series around `t`."""
    values = around.get(key, {})
    quarters = int(AROUND_SECONDS / AROUND_STEP)
    moments = (round(t + i * AROUND_STEP, 3) for i in range(-quarters, quarters + 1))
    return [values[m] for m in moments if m in values]


def within(value, bounds, margin):
    """Whether a value lies among `bounds`, give or take the margin."""
    if math.isnan(value):
        return any(math.isnan(b) for b in bounds)
    bounds = [b for b in bounds if not math.isnan(b)]
    if not bounds:
        return False
    low, high = min(bounds), max(bounds)
    slack = margin * max(abs(low), abs(high)) if math.isfinite(low + high) else 0
    return low - slack <= value <= high + slack


def differences(query, tested, wanted, around):
    """Yields in words what differs between two answers."""
    if tested.get("status") != "success" or wanted.get("status") != "success":
        yield "status %s (%s), the reference %s (%s)" % (
            tested.get("status"), tested.get("error"), wanted.get("status"), wanted.get("error"))
        return
    if tested["data"]["resultType"] != wanted["data"]["resultType"]:
        yield "type %s, the reference %s" % (tested["data"]["resultType"], wanted["data"]["resultType"])
        return
    mine, theirs = by_labels(tested["data"]), by_labels(wanted["data"])
    for word, keys in (("has not", theirs.keys() - mine.keys()), ("has beside", mine.keys() - theirs.keys())):
        if keys:
            yield "%s %s (%d series)" % (word, programs.labels_text(min(keys)), len(keys))
    if query.ordered and list(mine) != list(theirs):
        yield "another order: %s" % ", ".join(map(programs.labels_text, mine))
    for key in mine.keys() & theirs.keys():
        if [t for t, _ in mine[key]] != [t for t, _ in theirs[key]]:
            yield "%s has %d points, the reference %d, or at other times" % (
                programs.labels_text(key), len(mine[key]), len(theirs[key]))
            continue
        for (t, value), (_, reference) in zip(mine[key], theirs[key]):
            if value == reference or (around is not None and within(float(value), envelope(around, key, t), query.margin)):
                continue
            near = [] if around is None else envelope(around, key, t)
            yield "%s at %s: %s, the reference %s%s" % (
                programs.labels_text(key), t, value, reference, ", around it %s … %s" % (min(near), max(near)) if near else "")
            break


def compare_queries(tally, tested, reference, instant_moment, range_moment):
    """Asks every query of both and prints a line for each."""
    for query in queries.INSTANT + queries.RANGE:
        moment = instant_moment if query.kind == "instant" else range_moment
        mine, theirs = ask(tested, query, moment), ask(reference, query, moment)
        around = surroundings(reference, query, moment) if query.margin is not None else None
        found = list(itertools.islice(differences(query, mine, theirs, around), 4))
        count = len(by_labels(theirs["data"])) if "data" in theirs else 0
        rule = "exact" if query.margin is None else "timing ±%g%%: %s" % (query.margin * 100, query.why)
        tally.check("%-7s %4d series  %s   [%s]" % (query.kind, count, query.text, rule), not found, "\n".join(found))
        for field in ("warnings", "infos"):
            if mine.get(field) != theirs.get(field):
                print("      note: %s %s, the reference %s" % (field, mine.get(field), theirs.get(field)))


# ---- promtool ----------------------------------------------------------------------------------------------------------

def vector_form(text):
    """promtool's lines without values and times."""
    return sorted(re.sub(r"(=> )?\S+ @\[[0-9.]+\]", "VALUE", line) for line in text.splitlines())


def json_form(text):
    """promtool's JSON without values."""
    return sorted((programs.labels_key(s["metric"]), len(s.get("values", []))) for s in json.loads(text))


def json_text_form(text):
    """Whatever JSON promtool printed."""
    return json.loads(text)


def promtool_cases(start, end):
    """Yields what to run: (name, arguments before the address, arguments after it, form to compare)."""
    window = ["--start=%d" % start, "--end=%d" % end]
    moment = ["--time=%d" % end]
    yield "instant", ["query", "instant", *moment], ["up"], vector_form
    yield "instant, a function", ["query", "instant", *moment], ["rate(node_cpu_seconds_total[15s])"], vector_form
    yield "instant, JSON", ["query", "-o", "json", "instant", *moment], ["node_cpu_seconds_total"], json_form
    yield "range", ["query", "range", *window, "--step=1s"], ["node_load1"], vector_form
    yield "range, JSON", ["query", "-o", "json", "range", *window, "--step=2s"], ["sum by (job) (up)"], json_form
    yield "series", ["query", "series", *window, "--match=node_network_mtu_bytes", "--match=up"], [], vector_form
    yield "series, JSON", ["query", "-o", "json", "series", *window, "--match=node_uname_info"], [], json_text_form
    yield "labels", ["query", "labels", *window], ["job"], str.splitlines
    yield "labels, names", ["query", "labels", *window, "--match={job=\"node\"}"], ["__name__"], str.splitlines
    yield "labels, JSON", ["query", "-o", "json", "labels", *window], ["mode"], json_text_form


def compare_promtool(tally, peers, tested, reference, start, end):
    """Runs promtool's queries against both; the form of the answers must be the same."""
    for what in ("ready", "healthy"):
        status, out, err = peers.promtool_run("check", what, "--url=" + tested.url)
        tally.check("promtool check " + what, status == 0, out + err)
    for name, before, after, form in promtool_cases(start, end):
        runs = [peers.promtool_run(*before, server.url, *after) for server in (tested, reference)]
        (status, out, err), (_, wanted, _) = runs
        try:
            same = status == 0 and form(out) == form(wanted) and out.strip() != ""
        except ValueError:
            same = False
        tally.check("promtool query %s: %d lines" % (name, len(out.splitlines())), same,
                    "exit status %d\n%s%s\nthe reference:\n%s" % (status, out[:600], err[:300], wanted[:600]))


# ---- the API -----------------------------------------------------------------------------------------------------------

# Labels before relabelling that only releases of Prometheus after 3.5 show.
LATER_LABELS = {"__scrape_native_histograms__", "__always_scrape_classic_histograms__",
                "__convert_classic_histograms_to_nhcb__"}


def target_form(data):
    """What is comparable of the active targets."""
    for target in data["activeTargets"]:
        target["discoveredLabels"] = {k: v for k, v in target["discoveredLabels"].items() if k not in LATER_LABELS}
    fields = ("discoveredLabels", "labels", "scrapePool", "scrapeUrl", "globalUrl", "lastError", "health",
              "scrapeInterval", "scrapeTimeout")
    return sorted(([(f, target.get(f)) for f in fields] for target in data["activeTargets"]), key=str)


def sorted_sets(data):
    """Label sets, whatever their order."""
    return sorted(map(programs.labels_key, data))


def compare_api(tally, tested, reference, start, end):
    """Asks what has no samples in it; the answers must be the same."""
    window = {"start": "%d" % start, "end": "%d" % end}
    cases = [("labels", window, list), ("label/__name__/values", window, list), ("label/instance/values", window, list),
             ("label/device/values", {"match[]": 'node_network_mtu_bytes{device!="lo"}', **window}, list),
             ("series", {"match[]": ['{job="node"}'], **window}, sorted_sets),
             ("metadata", {}, dict), ("metadata", {"metric": "node_cpu_seconds_total"}, dict), ("targets", {}, target_form)]
    for path, parameters, form in cases:
        mine, theirs = (form(server.api(path, **parameters)) for server in (tested, reference))
        differing = [(a, b) for a, b in itertools.zip_longest(mine, theirs) if a != b][:2]
        if path == "metadata":
            differing = [(k, mine.get(k), theirs.get(k)) for k in sorted({*mine, *theirs}) if mine.get(k) != theirs.get(k)][:2]
        tally.check("GET /api/v1/%s %s: %d entries" % (path, parameters.get("match[]", ""), len(theirs)),
                    mine == theirs, "\n".join(map(str, differing)))


def main():
    options = programs.argument_parser(__doc__, ("--minutes", {"type": float, "default": 5.0})).parse_args()
    if not 0.5 <= options.minutes <= 60:
        raise programs.Failure("--minutes must lie between 0.5 and 60")
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    node = programs.start_node_exporter(peers, folder)
    target = programs.Server("target", peers.prometheus, folder, folder.write("target.yml", "scrape_configs: []\n")).start()
    stop, traffic = threading.Event(), None
    try:
        for _, path in [*TRAFFIC, (0, "/metrics")]:
            programs.request(target.url + path)
        traffic = threading.Thread(target=drive_traffic, args=(target.url, stop), daemon=True)
        traffic.start()
        config = folder.write("prometheus.yml", CONFIG % {"node": node, "target": target.address})
        tested = programs.Server("tested", options.lapwing, folder, config).launch()
        reference = programs.Server("reference", peers.prometheus, folder, config).launch()
        tested.wait_ready()
        reference.wait_ready()
        began = time.time()
        print("scraping for %g minutes" % options.minutes, flush=True)
        time.sleep(options.minutes * 60)
        end = math.floor(time.time() - AROUND_SECONDS - 1)
        start = math.ceil(began + SETTLE_SECONDS) if end - began > SETTLE_SECONDS + 2 else end - 2
        moments = (0, end, 0), (start, end, max(1, (end - start) // RANGE_STEPS_MAX))
        for server in (tested, reference):
            scrapes, good = (server.api("query", query=f % (end - start), time=end)["result"]
                             for f in ("sum(count_over_time(up[%ds]))", "sum(sum_over_time(up[%ds]))"))
            print("%s: %s scrapes in the %d s asked for, %s of them good" % (
                server.name, scrapes[0]["value"][1], end - start, good[0]["value"][1]))
        compare_promtool(tally, peers, tested, reference, end - 2, end)
        compare_api(tally, tested, reference, end - 2, end)
        compare_queries(tally, tested, reference, *moments)
        for server in (tested, target):
            status, seconds = server.program.stop()
            tally.check("%s stops with status 0 (%.1f s)" % (server.name, seconds), status == 0, server.program.log_tail())
    finally:
        stop.set()
        if traffic:
            traffic.join(10)
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
