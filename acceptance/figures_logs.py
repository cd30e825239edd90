#!/usr/bin/env python3
"""What it costs to take, keep and search logs, beside `rg` and `zstd` over the same lines in the same run: line bytes per processor
second of the server, its memory, stored bytes, the time of searches and counts, and the time of a start after SIGKILL. A table
as Markdown with what is demanded, every figure as JSON.

The lines are made by `lapwing bench` on the same cores, once as a file and once as pushes (protobuf and snappy). Processor
time of the kernel for the server counts as the server's. Memory of queries is the peak since the pushes and merges were over.
Cold means that the page cache was dropped before, where that is permitted."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import time

import programs

SPAN_SECONDS = 6 * 3600
START_SECONDS_MAX, SETTLE_SECONDS_MAX, QUIET_SECONDS = 120, 900, 25
# A query is repeated until so much time has passed, at least so often.
REPEAT_SECONDS, REPEATS_MIN, REPEATS_MAX = 1.0, 3, 200
ABSENT = "quetzalcoatlus-migration"
WORDS = "error|fatal|critical"

# figure -> (how it reads, what is demanded as text, and as a check of the value)
DEMANDED = {
    "push_mb_per_core": ("line bytes pushed, MB per processor second", "90 (aim 150)", lambda v: v >= 90),
    "push_settled_mb_per_core": ("the same with all merges that follow", "", None),
    "push_mb_per_s": ("line bytes pushed, MB/s by the clock, sender beside it", "", None),
    "push_peak_mb": ("peak memory while pushing, MB", "300; 600 with 20,000 streams", None),
    "stored_to_zstd3": ("stored bytes of those of zstd -3", "1 (aim 0.8)", lambda v: v <= 1),
    "needle_warm_to_rg": ("needle, warm, of rg -F", "0.1 (aim 0.03)", lambda v: v <= 0.1),
    "needle_cold_to_rg_cold": ("needle, cold, of rg -F, cold", "0.1 (aim 0.03)", lambda v: v <= 0.1),
    "needle_cold_to_rg": ("needle, cold, of rg -F, warm", "reported", None),
    "absent_warm_to_rg": ("absent word, warm, of rg -F", "0.1 (aim 0.03)", lambda v: v <= 0.1),
    "absent_cold_to_rg_cold": ("absent word, cold, of rg -F, cold", "0.1 (aim 0.03)", lambda v: v <= 0.1),
    "absent_cold_to_rg": ("absent word, cold, of rg -F, warm", "reported", None),
    "regex_to_rg": ('|~ "(?i)(a|b|c)" counted, of rg -i -c', "1.5", lambda v: v <= 1.5),
    "count_ms_per_million": ("count over everything in 1 m steps, ms per million entries", "20 (aim 2)", lambda v: v <= 20),
    "json_mb_per_core": ("json and a condition, MB per processor second", "400", lambda v: v >= 400),
    "logfmt_mb_per_core": ("logfmt and a condition, MB per processor second", "400", lambda v: v >= 400),
    "query_peak_mb": ("peak memory of the queries, MB", "400", lambda v: v <= 400),
    "restart_s": ("start after SIGKILL behind 1 GB, s", "3", lambda v: v <= 3),
}


def tool(name):
    """The path of a program that lines are compared with."""
    path = shutil.which(name)
    if not path:
        package = {"rg": "ripgrep"}.get(name, name)
        raise programs.Failure("no program %s is installed, which every figure is compared with: the package is %s" % (name, package))
    return path


def seconds_of(arguments, runs=3):
    """The median time of a program over its input, the first run not counted, and what it printed."""
    taken, output = [], b""
    for _ in range(runs + 1):
        began = time.monotonic()
        done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
        taken.append(time.monotonic() - began)
        # rg and grep end with 1 where nothing was found.
        if done.returncode > 1:
            raise programs.Failure("%s ended with %d: %r" % (arguments[0], done.returncode, done.stderr[:300]))
        output = done.stdout
    return statistics.median(taken[1:] or taken), output


def status(server):
    with open("/proc/%d/status" % server.program.process.pid, encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file)
    return {name: int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM", "RssAnon")}


def processor_seconds(server):
    with open("/proc/%d/stat" % server.program.process.pid, encoding="utf-8") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def forget_peak(server):
    """Lets the peak of the memory begin anew; whether that is permitted."""
    try:
        with open("/proc/%d/clear_refs" % server.program.process.pid, "w", encoding="utf-8") as file:
            file.write("5")
    except OSError:
        return False
    return True


def drop_caches():
    """Drops the page cache; whether that is permitted."""
    os.sync()
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="utf-8") as file:
            file.write("3")
    except OSError:
        return False
    return True


def stored(server, name="parts"):
    folder = os.path.join(server.data, "logs", name)
    return sum(os.path.getsize(os.path.join(where, file)) for where, _, files in os.walk(folder) for file in files)


def settle(server):
    """Waits until nothing is merged any more."""
    programs.request(server.url + "/flush", {}, method="POST", timeout=120)
    began, before, since = time.monotonic(), None, time.monotonic()
    while time.monotonic() - began < SETTLE_SECONDS_MAX:
        now = (stored(server), round(processor_seconds(server)))
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > QUIET_SECONDS:
            return
        time.sleep(1)
    print("  parts are still merged after %d s" % SETTLE_SECONDS_MAX)


def corpus(options, streams, size, end):
    return ["--bytes=%d" % size, "--streams=%d" % streams, "--seed=%d" % options.seed, "--end=%d" % end, "--span=%d" % SPAN_SECONDS]


def push(options, server, streams, size, end):
    """What `lapwing bench logs-push` says of all lines."""
    report = programs.bench(
        options.pusher or options.lapwing, "logs-push", "--url=" + server.url + "/loki/api/v1/push", "--connections=%d" % options.connections,
        "--pid=%d" % server.program.process.pid, *corpus(options, streams, size, end))
    return report["rows"]["all"]


class Asked:
    """Queries of one server over all of the corpus."""

    def __init__(self, server, end):
        self.server, self.end = server, end // 1000 + 1

    def ask(self, path, **parameters):
        code, body = programs.request(self.server.url + "/loki/api/v1/" + path, parameters, timeout=300)
        if code != 200:
            raise programs.Failure("%s answers %d: %s" % (parameters["query"], code, body[:300]))
        return json.loads(body)["data"]["result"]

    def lines(self, query):
        result = self.ask("query_range", query=query, start=self.end - SPAN_SECONDS - 60, end=self.end, limit=1000)
        return sum(len(stream["values"]) for stream in result)

    def number(self, query):
        """The value of a query with one number at the end."""
        result = self.ask("query", query=query % ("[%ds]" % (SPAN_SECONDS + 60)), time=self.end)
        return int(float(result[0]["value"][1])) if result else 0

    def steps(self, query):
        result = self.ask("query_range", query=query, start=self.end - SPAN_SECONDS, end=self.end + 60, step="60")
        return sum(int(float(value)) for series in result for _, value in series["values"])

    def measure(self, how, query, cold):
        """Median seconds, processor seconds of one, seconds of the first one cold (or none), and the answer."""
        first = None
        if cold and drop_caches():
            began = time.monotonic()
            how(query)
            first = time.monotonic() - began
        answer = how(query)
        taken, processor, began = [], processor_seconds(self.server), time.monotonic()
        while len(taken) < REPEATS_MIN or (time.monotonic() - began < REPEAT_SECONDS and len(taken) < REPEATS_MAX):
            before = time.monotonic()
            how(query)
            taken.append(time.monotonic() - before)
        return statistics.median(taken), (processor_seconds(self.server) - processor) / len(taken), first, answer


def searches(asked, file, written, rg):
    """Figures of searches, beside rg over the file, and checks of the answers."""
    figures, differences = {}, []
    needle = written["needle"]

    def check(what, found, expected):
        if found != expected:
            differences.append("%s: %s, expected %s" % (what, found, expected))

    for name, text, how, query, expected in (
            ("needle", needle, asked.lines, '{job=~".+"} |= "%s"' % needle, 1),
            ("absent", ABSENT, asked.number, 'sum(count_over_time({job=~".+"} |= "' + ABSENT + '" %s))', 0)):
        rg_cold = seconds_of([rg, "-F", "-c", text, file], runs=0)[0] if drop_caches() else None
        of_rg, output = seconds_of([rg, "-F", "-c", text, file])
        check("rg " + name, int(output or 0), expected)
        warm, _, cold, answer = asked.measure(how, query, True)
        check(name, answer, expected)
        figures |= {name + "_warm_s": warm, name + "_cold_s": cold, name + "_rg_s": of_rg, name + "_warm_to_rg": warm / of_rg,
                    name + "_rg_cold_s": rg_cold, name + "_cold_to_rg": cold / of_rg if cold else None,
                    name + "_cold_to_rg_cold": cold / rg_cold if cold and rg_cold else None}
    of_rg, output = seconds_of([rg, "-i", "-c", WORDS, file])
    query = 'sum(count_over_time({job=~".+"} |~ "(?i)(' + WORDS + ')" %s))'
    taken, processor, _, answer = asked.measure(asked.number, query, False)
    check("regex", answer, int(output or 0))
    figures |= {"regex_s": taken, "regex_cpu_s": processor, "regex_rg_s": of_rg, "regex_to_rg": taken / of_rg}
    for name, kind, query, pattern in (
            ("json", "nginx", 'sum(count_over_time({job="nginx"} | json | status >= 500 %s))', '"status":5'),
            ("logfmt", "shop", 'sum(count_over_time({job="shop"} | logfmt | level="error" %s))', " level=error ")):
        taken, processor, _, answer = asked.measure(asked.number, query, False)
        _, output = seconds_of([rg, "-F", "-c", pattern, file], runs=0)
        check(name, answer, int(output or 0))
        size = written["rows"][kind]["line_bytes"]
        figures |= {name + "_s": taken, name + "_cpu_s": processor, name + "_mb_per_core": size / 1e6 / processor if processor else None,
                    name + "_mb_per_s": size / 1e6 / taken}
    query = 'sum(count_over_time({job=~".+"}[1m]))'
    taken, processor, _, answer = asked.measure(asked.steps, query, False)
    lines = written["rows"]["all"]["lines"]
    check("count", answer, lines)
    millions = lines / 1e6
    figures |= {"count_ms_per_million": taken * 1e3 / millions, "count_cpu_ms_per_million": processor * 1e3 / millions}
    return figures, differences


def zstd_bytes(zstd, file):
    """Bytes of zstd -3 over the file, and the seconds it took."""
    began = time.monotonic()
    with subprocess.Popen([zstd, "-3", "-q", "-c", file], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        size = sum(len(block) for block in iter(lambda: process.stdout.read(1 << 20), b""))
    return size, time.monotonic() - began


def server_of(options, folder, name):
    config = folder.write(name + ".yml", "scrape_configs: []\n")
    return programs.Server(name, options.lapwing, folder, config, flags=options.flag).start()


def restart(options, folder, size, end):
    """The seconds from a start to the right answer behind a SIGKILL right after a push, and what the log held."""
    server = server_of(options, folder, "restart")
    pushed = push(options, server, options.restart_streams, size, end)
    server.program.kill()
    log = stored(server, "wal")
    asked, began = Asked(server, end), time.monotonic()
    server.launch()
    while True:
        try:
            answer = asked.number('sum(count_over_time({job=~".+"} %s))')
        except (OSError, ValueError, KeyError, IndexError, programs.Failure, programs.http.client.HTTPException):
            answer = None
        if answer == pushed["lines"]:
            break
        if time.monotonic() - began > START_SECONDS_MAX or not server.program.running():
            raise programs.Failure("no right answer after the kill: %s of %d lines\n%s" % (answer, pushed["lines"], server.program.log_tail()))
        time.sleep(0.01)
    figures = {"restart_s": time.monotonic() - began, "restart_log_mb": log / 1e6, "restart_peak_mb": status(server)["VmHWM"] / 1e6}
    server.program.kill()
    shutil.rmtree(server.data, ignore_errors=True)
    return figures


def measure(options, folder, streams):
    """All figures at a number of streams, and where answers differ from those of rg."""
    rg, zstd, end = tool("rg"), tool("zstd"), int(time.time()) * 1000
    file = folder.join("lines")
    written = programs.bench(options.pusher or options.lapwing, "logs-write", "--file=" + file, *corpus(options, streams, options.bytes, end))
    of_all = written["rows"]["all"]
    server = server_of(options, folder, "streams-%d" % streams)
    pushed = push(options, server, streams, options.bytes, end)
    # Of some megabytes it may be less than the kernel counts.
    per_core = pushed["bytes_per_server_cpu_second"]
    figures = {"streams": streams, "lines": int(of_all["lines"]), "line_bytes": int(of_all["line_bytes"]),
               "push_mb_per_core": per_core and per_core / 1e6, "push_mb_per_s": pushed["bytes_per_second"] / 1e6,
               "push_sender_cpu_s": pushed["generator_cpu_seconds"], "push_server_cpu_s": pushed["server_cpu_seconds"],
               "push_peak_mb": pushed["resident_bytes_peak"] / 1e6}
    settle(server)
    figures["push_settled_mb_per_core"] = of_all["line_bytes"] / 1e6 / processor_seconds(server)
    figures["merge_peak_mb"] = status(server)["VmHWM"] / 1e6
    size, taken = zstd_bytes(zstd, file)
    figures |= {"stored_bytes": stored(server), "zstd3_bytes": size, "zstd3_s": taken, "stored_to_zstd3": stored(server) / size}
    forgotten = forget_peak(server)
    found, differences = searches(Asked(server, end), file, written, rg)
    figures |= found
    memory = status(server)
    figures |= {"query_peak_mb": memory["VmHWM"] / 1e6 if forgotten else None, "query_resident_mb": memory["RssAnon"] / 1e6}
    server.program.kill()
    shutil.rmtree(server.data, ignore_errors=True)
    os.remove(file)
    return figures, differences


def table(of_streams):
    """What was measured and what is demanded as Markdown."""
    lines = ["| figure | " + " | ".join("%d streams" % figures["streams"] for figures in of_streams) + " | demanded |",
             "|---|" + "--:|" * len(of_streams) + "---|"]
    for name, (text, demanded, holds) in DEMANDED.items():
        cells = []
        for figures in of_streams:
            value = figures.get(name)
            limit = {280: 300}.get(figures["streams"], 600)
            good = value is None or (value <= limit if name == "push_peak_mb" else holds is None or holds(value))
            cells.append("-" if value is None else "%.3g" % value if value < 100 else "%.0f" % value)
            cells[-1] += "" if good else " **missed**"
        lines.append("| %s | %s | %s |" % (text, " | ".join(cells), demanded))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lapwing", required=True, metavar="BIN", help="the server under test")
    parser.add_argument("--pusher", metavar="BIN", help="whose `bench` makes the lines; the server under test if it is left out")
    parser.add_argument("--bytes", type=int, default=2_000_000_000, help="bytes of lines")
    parser.add_argument("--streams", default="280,20000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--restart-bytes", type=int, default=1_000_000_000, help="pushed before the kill; 0 leaves it out")
    parser.add_argument("--restart-streams", type=int, default=280)
    parser.add_argument("--flag", action="append", default=[], help="one more flag for the server")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder in place")
    options = parser.parse_args()
    options.lapwing = os.path.abspath(options.lapwing)
    folder, all_figures, differ = programs.Folder(options.keep), [], []
    for streams in map(int, filter(None, options.streams.split(","))):
        figures, differences = measure(options, folder, streams)
        all_figures.append(figures)
        differ += differences
        print(json.dumps(figures), flush=True)
        for difference in differences:
            print("FAIL  " + difference, flush=True)
    if options.restart_bytes:
        found = restart(options, folder, options.restart_bytes, int(time.time()) * 1000)
        print(json.dumps(found), flush=True)
        for figures in all_figures[:1]:
            figures |= found
    print("\n%d bytes of lines over %d s\n\n%s\n" % (options.bytes, SPAN_SECONDS, table(all_figures)), flush=True)
    return 1 if differ else 0


if __name__ == "__main__":
    programs.run(main)
