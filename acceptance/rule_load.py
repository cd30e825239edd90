#!/usr/bin/env python3
"""Ten thousand recording rules over a hundred thousand series, in the server and in a real Prometheus that scrape the same
targets in the same run: the processor time that evaluating them takes, and what they record.

Both run without rules first: what that costs is taken off."""

import json
import os
import time

import listener
import programs

EXPRESSIONS = [
    "sum(rate(%(counter)s[1m]))",
    "sum by (zone) (rate(%(counter)s[1m]))",
    "sum by (zone, instance) (increase(%(counter)s[2m]))",
    "rate(%(counter)s{zone=\"z1\"}[1m])",
    "avg by (zone) (%(gauge)s)",
    "max(%(gauge)s)",
    "quantile by (zone) (0.9, %(gauge)s)",
    "%(gauge)s{zone=~\"z[12]\"} * 8",
    "sum(%(gauge)s) / count(%(gauge)s)",
    "sum by (zone) (rate(%(counter)s[1m])) / on (zone) sum by (zone) (%(gauge)s)",
]
# Of a gauge that stands still both must record the same.
STILL = {4, 5, 6, 7, 8}


class Farm:
    """Targets, each with the same metrics: counters that grow with time, gauges that stand still."""

    def __init__(self, metrics):
        lines = []
        for number in range(metrics):
            name = "m%d" % number
            for kind, metric in names(number).items():
                value = "NOW" if kind == "counter" else "%d" % (number * 37 % 1000)
                lines.append('# TYPE %s %s\n%s{zone="ZONE",path="/v1/%s"} %s\n' % (metric, kind, metric, name, value))
        text = "".join(lines)
        began = time.time()

        def scraped(path):
            target = int(path.strip("/").split("/")[0])
            passed = "%d" % (1 + (time.time() - began) * (target + 1))
            return 200, text.replace("ZONE", "z%d" % (target % 5)).replace("NOW", passed)

        self.address = listener.Listener(scraped=scraped).address


def names(number):
    return {"counter": "requests_%d_total" % number, "gauge": "load_%d" % number}


def rules(count, metrics, per_group):
    groups = []
    for first in range(0, count, per_group):
        made = []
        for number in range(first, min(first + per_group, count)):
            kind = number % len(EXPRESSIONS)
            expression = EXPRESSIONS[kind] % names(number // len(EXPRESSIONS) % metrics)
            made.append({"record": "rule%d:number%d" % (kind, number), "expr": expression})
        groups.append({"name": "g%d" % first, "rules": made})
    return json.dumps({"groups": groups})


def config(farm, targets, interval, rule_file):
    jobs = [{"job_name": "farm-%d" % target, "scrape_interval": "15s", "scrape_timeout": "15s", "metrics_path": "/%d/metrics" % target,
             "static_configs": [{"targets": [farm.address], "labels": {"instance": "i%d" % target}}]} for target in range(targets)]
    return json.dumps({"global": {"evaluation_interval": "%ds" % interval}, "rule_files": rule_file, "scrape_configs": jobs})


def cpu(server):
    with open("/proc/%d/stat" % server.program.process.pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(server):
    with open("/proc/%d/status" % server.program.process.pid, encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def measure(servers, seconds):
    """Processor seconds that each server takes in a span."""
    before = {server.name: cpu(server) for server in servers}
    time.sleep(seconds)
    return {server.name: cpu(server) - before[server.name] for server in servers}


def number(server, query):
    found = server.api("query", query=query)["result"]
    return float(found[0]["value"][1]) if found else 0.0


def main():
    arguments = programs.argument_parser(
        __doc__, ("--rules", {"type": int, "default": 10000}), ("--series", {"type": int, "default": 100000}),
        ("--targets", {"type": int, "default": 50}), ("--interval", {"type": int, "default": 30}),
        ("--rounds", {"type": int, "default": 4}), ("--per-group", {"type": int, "default": 100})).parse_args()
    folder, tally = programs.Folder(arguments.keep), programs.Tally()
    metrics = arguments.series // arguments.targets // 2
    farm = Farm(metrics)
    plain = config(farm, arguments.targets, arguments.interval, [])
    rule_file = folder.write("rules.yml", rules(arguments.rules, metrics, arguments.per_group))
    servers = []
    for name, binary in (("lapwing", arguments.lapwing),
                         ("real", os.path.join(arguments.peers, "usr/bin/prometheus"))):
        servers.append(programs.Server(name, binary, folder, folder.write(name + ".yml", plain), ["--web.enable-lifecycle"]).start())
    series = metrics * arguments.targets * 2
    for server in servers:
        there = lambda: number(server, 'count({__name__=~"requests_.*|load_.*"})') >= series
        tally.check("%s has all %d series" % (server.name, series), programs.wait_until("series", there, 90))
    # The ranges of the rules are full before anything is measured.
    time.sleep(60)
    span = arguments.interval * arguments.rounds
    without = measure(servers, span)
    for server in servers:
        folder.write(server.name + ".yml", config(farm, arguments.targets, arguments.interval, [rule_file]))
        status, body = programs.request(server.url + "/-/reload", method="POST")
        if status != 200:
            raise programs.Failure("%s does not take the rules: %s" % (server.name, body))
    time.sleep(2 * arguments.interval)
    with_rules = measure(servers, span)
    own, real = ((with_rules[name] - without[name]) / arguments.rounds for name in ("lapwing", "real"))
    for server, seconds in zip(servers, (own, real)):
        print("%s: %.2f s of processor time an evaluation of %d rules over %d series, %.2f s per %d s without; %.0f MiB resident"
              % (server.name, seconds, arguments.rules, series, without[server.name] / arguments.rounds, arguments.interval,
                 resident(server)))
        lines = programs.request(server.url + "/metrics")[1].splitlines()
        for what, metric in (("missed iterations", "prometheus_rule_group_iterations_missed_total"),
                             ("failures", "prometheus_rule_evaluation_failures_total")):
            count = sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(metric))
            tally.check("%s has no %s of rules" % (server.name, what), count == 0, count)
    recorded = 'sort_desc(count by (kind) (label_replace({__name__=~"rule[0-9]:number.*"}, "kind", "$1", "__name__", "(rule[0-9]).*")))'
    counts = []
    for server in servers:
        found = server.api("query", query=recorded)["result"]
        counts.append({one["metric"]["kind"]: one["value"][1] for one in found})
    tally.check("both record as many series of each kind: %s" % counts[0], counts[0] == counts[1] and len(counts[0]) == len(EXPRESSIONS), counts)
    for kind in sorted(STILL):
        values = []
        for server in servers:
            found = server.api("query", query='{__name__=~"rule%d:number.*"}' % kind)["result"]
            values.append({programs.labels_key(one["metric"]): one["value"][1] for one in found})
        tally.check("both record the same of a gauge that stands still: %s" % EXPRESSIONS[kind], values[0] == values[1] and values[0],
                    list(set(values[0].items()) ^ set(values[1].items()))[:3])
    tally.check("evaluation takes at most 0.3 of the real one's processor time: %.3f" % (own / real), own <= 0.3 * real)
    for server in servers:
        server.program.stop()
    return tally.finish()


programs.run(main)
