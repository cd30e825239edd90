#!/usr/bin/env python3
"""Two hours of a node's life: targets are scraped, rules evaluated, logs pushed and dashboards looked at, all at once and at the pace
of a real day; the configuration is read again every now and then, and the server is stopped or killed and started. Afterwards:
memory did not grow, the log has no error, no data is missing, and how long queries took."""

import itertools
import json
import statistics
import subprocess
import threading
import time

import programs

RULES, RULES_PER_GROUP = 50, 10
LOGS_EVERY_SECONDS, QUERIES_EVERY_SECONDS, LOOK_EVERY_SECONDS = 10, 10, 5
# No line of the logs is shorter.
LINE_BYTES_MIN = 60
# Of the load that is meant to be there; a round is missing at the end.
LOAD_MIN = 0.97
# Until then caches fill: the first chunks of all series are full after half an hour, and dashboards look at an hour.
WARM_SECONDS = 3700
SPAN_SECONDS = 600
# Queries, pushes and lines that are not written yet take memory and give it back; what stays is seen when they have rested for a while.
REST_MINUTES, REST_SECONDS = 3, 12
# Of what is resident; more in an hour is a leak.
GROWTH_MAX = 0.05
RULE_KINDS = [
    "sum by (mode) (rate(node_cpu_seconds_total[5m]))", "count(up == 1)", "max by (instance) (node_load1)",
    "sum by (instance) (rate(node_network_receive_bytes_total[5m]))", "avg(node_memory_MemAvailable_bytes)",
]
DASHBOARD = [
    "sum by (mode) (rate(node_cpu_seconds_total[5m]))", "sum by (instance) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m]))",
    "topk(5, node_load1)", "node_load5", "avg by (instance) (node_memory_MemAvailable_bytes)",
    "sum(rate(node_network_receive_bytes_total[5m]))", "sum(rate(node_network_transmit_bytes_total[5m]))",
    "sum by (device) (rate(node_disk_read_bytes_total[5m]))", "max(node_filesystem_avail_bytes)", "count(up == 1)",
    "quantile(0.9, node_load1)", "sum by (instance) (rate(node_context_switches_total[5m]))",
    "scrape_duration_seconds", "sum(scrape_samples_scraped)", "rule:0", "max_over_time(node_load1[10m])",
]
LOG_DASHBOARD = [
    '{job=~".+"} |= "error"', 'sum by (job) (count_over_time({job=~".+"}[1m]))', 'sum(rate({job="nginx"} | json | status >= 500 [1m]))',
    'sum by (level) (count_over_time({job=~".+"} | detected_level != "" [5m]))',
]


class Soak:
    """The server and everything that is done to it."""

    def __init__(self, options, folder):
        self.options, self.stop = options, threading.Event()
        listen = "%s:%d" % (programs.LOOPBACK, programs.free_port())
        farm = programs.bench_command(options.lapwing, "scrape", "--listen=" + listen, "--series=%d" % options.series,
                                      "--interval=%d" % options.interval)
        config = subprocess.run(farm + ["--print-config=soak"], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
        folder.write("rules.yml", rules())
        self.farm = programs.Program("farm", farm, folder.join("farm.log"))
        self.server = programs.Server("soak", options.lapwing, folder, folder.write("soak.yml", config + "rule_files: [rules.yml]\n"),
                                      ["--web.enable-lifecycle"]).start()
        # Held while the server must be there: a push whose end nobody saw may be there or not.
        self.pushing, self.asking = threading.Lock(), threading.Lock()
        self.lines, self.bytes, self.failures, self.took = 0, 0, [], []
        # Bytes of lines that were made twice for the same stream and millisecond, which are kept once.
        self.repeated = 0
        # Of each life, when and how many bytes were resident; the same at rest, with how many were of no file, and in use.
        self.lives, self.rests = [[]], [[]]
        self.down = []

    def rounds(self, seconds):
        """Numbers at a pace that does not hang on how long a round takes; one that is late is made up for."""
        due = time.monotonic()
        for number in itertools.count():
            if self.stop.wait(max(0.0, due - time.monotonic())):
                return
            yield number
            due += seconds

    def push_logs(self):
        for number in self.rounds(LOGS_EVERY_SECONDS):
            with self.pushing:
                try:
                    report = programs.bench(
                        self.options.lapwing, "logs-push", "--url=%s/loki/api/v1/push" % self.server.url,
                        "--bytes=%d" % (self.options.log_mb * 1e6 * LOGS_EVERY_SECONDS), "--seed=%d" % number,
                        "--span=%d" % LOGS_EVERY_SECONDS, "--end=%d" % (time.time() * 1000))
                except programs.Failure as failure:
                    self.failures.append("push: %s" % failure)
                else:
                    lines = int(report["rows"]["all"]["lines"])
                    self.lines += lines
                    # As they are asked for, with a line feed each.
                    self.bytes += int(report["rows"]["all"]["line_bytes"]) + lines

    def look(self):
        """Looks at the dashboards."""
        for _ in self.rounds(QUERIES_EVERY_SECONDS):
            for path, queries in (("/api/v1/query_range", DASHBOARD), ("/loki/api/v1/query_range", LOG_DASHBOARD)):
                for query in queries:
                    with self.asking:
                        self.ask(path, query)

    def ask(self, path, query):
        began, end = time.monotonic(), int(time.time())
        try:
            status, body = programs.request(self.server.url + path, {"query": query, "start": end - 3600, "end": end, "step": 15}, timeout=120)
        except OSError as error:
            status, body = 0, str(error)
        self.took.append((time.monotonic() - began, query))
        if status != 200:
            self.failures.append("%s: %d %s" % (query, status, body[:200]))

    def watch_memory(self):
        while not self.stop.wait(LOOK_EVERY_SECONDS):
            life, size = self.lives[-1], self.resident()
            # It may be down for a moment.
            if size:
                life.append((time.monotonic(), size))

    def resident(self):
        try:
            return self.server.memory("VmRSS")
        except (OSError, StopIteration):
            return 0

    def metric(self, name):
        try:
            return self.server.metric(name)
        except (OSError, programs.Failure) as failure:
            self.failures.append("metric %s: %s" % (name, failure))
            return 0.0

    def rest(self):
        """What is resident and in use when nothing is pushed or asked; the load makes up for it."""
        with self.pushing, self.asking:
            status, body = programs.request(self.server.url + "/flush", {}, method="POST", timeout=60)
            if status not in (200, 204):
                self.failures.append("flush: %d %s" % (status, body))
            until, sizes = time.monotonic() + REST_SECONDS, []
            while time.monotonic() < until:
                time.sleep(1)
                sizes.append((self.resident(), self.server.memory("RssAnon")))
            # What is resident beyond what the allocator has handed out is free, or no memory of the allocator.
            self.rests[-1].append((time.monotonic(), *min(sizes), self.metric("lapwing_memory_allocated_bytes ")))

    def live(self):
        """Reloads and restarts until the time is over."""
        began = time.monotonic()
        minutes = 0
        while minutes < self.options.minutes:
            minutes += 1
            time.sleep(max(0.0, began + 60 * minutes - time.monotonic()))
            restart = minutes % self.options.restart_minutes == 0 and len(self.down) < self.options.restarts
            if restart and minutes < self.options.minutes:
                with self.pushing, self.asking:
                    self.down.append(self.restart(kill=len(self.down) % 2 == 1))
            elif minutes % self.options.reload_minutes == 0:
                status, body = programs.request(self.server.url + "/-/reload", method="POST")
                if status != 200:
                    self.failures.append("reload: %d %s" % (status, body))
            if minutes % REST_MINUTES == 0:
                self.rest()

    def count_repeated(self):
        self.repeated += int(self.metric("loki_duplicate_log_bytes_total{"))

    def restart(self, kill):
        self.count_repeated()
        began = time.time()
        if kill:
            self.server.program.kill()
        else:
            self.server.program.stop()
        self.lives.append([])
        self.rests.append([])
        self.server.start()
        return began, time.time()


def rules():
    made = [{"name": "g%d" % first, "rules": [{"record": "rule:%d" % number, "expr": RULE_KINDS[number % len(RULE_KINDS)]}
                                              for number in range(first, first + RULES_PER_GROUP)]}
            for first in range(0, RULES, RULES_PER_GROUP)]
    return json.dumps({"groups": made})


def course(life):
    """The least, average and most MiB of every ten minutes."""
    found = {}
    for at, size in life:
        found.setdefault(int((at - life[0][0]) // SPAN_SECONDS), []).append(size / 2**20)
    return ", ".join("%.0f/%.0f/%.0f" % (min(sizes), statistics.mean(sizes), max(sizes)) for _, sizes in sorted(found.items()))


def mebibytes(rests):
    return ", ".join("%.0f" % (size / 2**20) for _, size in rests)


def slope(life, rests):
    """MiB an hour by which the memory grows that stays, and how much that is on average, once caches are full."""
    late = [(at, size / 2**20) for at, size in rests if at - life[0][0] >= WARM_SECONDS]
    if len(late) < 3:
        return None
    return statistics.linear_regression(*zip(*late)).slope * 3600, statistics.mean(size for _, size in late)


def gaps(soak, began, ended):
    """Times between two scrapes of a target that are longer than they may be."""
    found, interval = [], soak.options.interval
    targets = soak.server.matrix("up[%ds]" % (ended - began), ended)
    if not targets:
        return ["no target has a sample"]
    for key, samples in targets.items():
        # Nothing is missing at the beginning and at the end either.
        times = [began] + [at / 1000 for at, _ in samples] + [ended]
        for before, after in zip(times, times[1:]):
            away = sum(end - start for start, end in soak.down if before <= end and start <= after)
            if after - before > (2 if away else 1) * interval + away + 1:
                found.append("%s: %.1f s at %.0f" % (programs.labels_text(key), after - before, before))
    return found


def main():
    options = programs.argument_parser(
        __doc__, ("--minutes", {"type": int, "default": 120}), ("--series", {"type": int, "default": 100_000}),
        ("--interval", {"type": int, "default": 15}), ("--log-mb", {"type": float, "default": 5.0, "help": "megabytes of lines a second"}),
        # What comes behind the last restart is long enough to show where memory goes.
        ("--restart-minutes", {"type": int, "default": 10}), ("--restarts", {"type": int, "default": 2}),
        ("--reload-minutes", {"type": int, "default": 10})).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    soak = Soak(options, folder)
    began = time.time()
    at_work = [threading.Thread(target=work, daemon=True) for work in (soak.push_logs, soak.look, soak.watch_memory)]
    for work in at_work:
        work.start()
    soak.live()
    soak.stop.set()
    for work in at_work:
        work.join()
    ended = time.time()
    judged = 0
    for number, (life, rests) in enumerate(zip(soak.lives, soak.rests)):
        print("life %d, MiB resident in each ten minutes: %s" % (number, course(life)))
        resident, anonymous, in_use = ([(at, sizes[kind]) for at, *sizes in rests] for kind in range(3))
        print("  at rest every %d minutes: %s" % (REST_MINUTES, mebibytes(resident)))
        print("  of that of no file: %s" % mebibytes(anonymous))
        print("  of that in use: %s" % mebibytes(in_use))
        grown = slope(life, resident)
        if grown:
            judged += 1
            print("life %d: %.0f MiB stay, and grow by %.1f MiB an hour" % (number, grown[1], grown[0]))
            print("  of that in use: %.0f MiB, which grow by %.1f MiB an hour" % tuple(reversed(slope(life, in_use))))
            tally.check("memory of life %d is flat" % number, grown[0] <= GROWTH_MAX * grown[1])
    tally.check("memory of %d lives of %d was looked at" % (judged, len(soak.lives)),
                judged or options.minutes * 60 <= WARM_SECONDS)
    took = sorted(soak.took)
    for name, share in (("median", 0.5), ("p99", 0.99), ("the longest", 1.0)):
        seconds, query = took[min(len(took) - 1, int(share * len(took)))]
        print("%d queries, %s: %.0f ms (%s)" % (len(took), name, seconds * 1000, query))
    tally.check("no request failed", not soak.failures, "\n".join(soak.failures[:10]))
    missing = gaps(soak, int(began) + 2 * options.interval, int(ended))
    tally.check("no scrape is missing", not missing, "\n".join(missing[:10]))
    status, body = programs.request(soak.server.url + "/loki/api/v1/query", {
        "query": 'sum(count_over_time({job=~".+"}[%ds]))' % (ended - began + 60), "time": "%d" % (ended + 1)}, timeout=300)
    result = json.loads(body)["data"]["result"] if status == 200 else body
    counted = int(float(result[0]["value"][1])) if status == 200 and result else 0
    seconds = ended - began
    tally.check("%.2f MB of lines were pushed a second" % (soak.bytes / 1e6 / seconds), soak.bytes >= LOAD_MIN * options.log_mb * 1e6 * seconds)
    asked_min = LOAD_MIN * seconds / QUERIES_EVERY_SECONDS * len(DASHBOARD + LOG_DASHBOARD)
    tally.check("%.1f queries were asked in %d s" % (len(took) / seconds * QUERIES_EVERY_SECONDS, QUERIES_EVERY_SECONDS), len(took) >= asked_min)
    soak.count_repeated()
    missing_max = soak.repeated // LINE_BYTES_MIN
    tally.check("all %d lines are there, but what was made twice (%d bytes)" % (soak.lines, soak.repeated),
                counted == soak.lines or 0 < soak.lines - counted <= missing_max, counted or result)
    complaints = programs.lines_with(soak.server.log, "level=error", " ERROR ", "panic")
    tally.check("the log has no error", not complaints, "".join(complaints[:10]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
