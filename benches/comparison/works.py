"""The work that servers are given. Each function returns {title, servers: {name: [figures of a turn]}, notes}."""

import json
import os
import subprocess
import time

import programs

from . import logs, progress, servers
from .servers import bench

# VictoriaMetrics writes what it has in memory every five seconds and loses it at a kill: it is given the time.
SETTLE_SECONDS = 12
BLOCKS_SECONDS_MAX = 180
# Servers answer these the same after a push, or nothing of theirs is compared.
GATE = ("count(node_load1)", "sum(count_over_time(node_load1[10m]))", "sum(node_boot_time_seconds)", 'count({job="node"})')


def answer(server, query, at):
    """The one value of an instant query; none while there is none."""
    data = server.api("query", query=query, time="%.3f" % at)
    return float(data["result"][0]["value"][1]) if data["result"] else None


def gate(server, at, expected):
    """Waits until a server that was filled knows its machines, then checks its answers against those of the first one."""
    if not programs.wait_until("all machines", lambda: answer(server, GATE[0], at), 60):
        raise programs.Failure(server.name + " does not know its machines")
    for query in GATE:
        # What is in memory alone may come a moment later.
        programs.wait_until(query, lambda: answer(server, query, at) == expected.setdefault(query, answer(server, query, at)), 15)
        found = answer(server, query, at)
        if found != expected[query]:
            raise programs.Failure("answers differ: %s is %s of %s, expected %s: nothing is compared" % (
                query, found, server.name, expected[query]))
    return expected[GATE[0]]


def in_turns(options, kinds, measure):
    """Each server once, then each again: what happens on the machine happens to all of them."""
    of = {kind.name: [] for kind in kinds}
    for turn in range(options.runs):
        for kind in kinds:
            progress.tell("turn %d of %d: %s" % (turn + 1, options.runs, kind.name))
            found = measure(kind, turn)
            of[kind.name].append(found)
            print(json.dumps({"server": kind.name, "turn": turn, **found}), flush=True)
    return of


# ---- remote write, and starts ------------------------------------------------------------------------------------------

def pushed(series, scrapes, interval_ms, with_starts=True, blocks=False):
    def work(options, folder):
        config, expected = folder.write("nothing.yml", "scrape_configs: []\n"), {}
        # VictoriaMetrics has no blocks to wait for.
        kinds = [kind for kind in servers.metrics(options) if not blocks or kind.name != "victoriametrics"]
        count = max(1000, int(series * options.scale))
        # The same times for all of them, so that the same is to be answered.
        end = int(time.time()) // 60 * 60 * 1000

        def measure(kind, turn):
            server = kind.server(folder, config, turn).start()
            report = bench(options, "metrics-push", "--url=%s/api/v1/write" % server.url, "--series=%d" % count,
                           "--scrapes=%d" % scrapes, "--interval=%d" % interval_ms, "--end=%d" % end, "--pid=%d" % server.pid)
            every, known = report["rows"]["all"], report["rows"].get("other scrapes", {})
            figures = {"samples per second": every["samples_per_second"],
                       "CPU seconds per million samples": every["server_cpu_seconds_per_million"],
                       "the same, all series known": known.get("server_cpu_seconds_per_million"),
                       "CPU seconds of the load per million": every["generator_cpu_seconds_per_million"]}
            time.sleep(SETTLE_SECONDS)
            machines = gate(server, end / 1000, expected)
            if blocks:
                programs.wait_until("blocks", lambda: of_blocks(server), BLOCKS_SECONDS_MAX)
                time.sleep(20)
                figures["bytes per sample in blocks"] = of_blocks(server)
            # What the queries of the gate took, over all of the series, is theirs: the most that was resident tells of it.
            time.sleep(SETTLE_SECONDS)
            resident, peak = server.bytes_resident()
            figures["resident bytes per series"] = resident / report["series"]
            figures["the most that was resident, per series"] = peak / report["series"]
            if with_starts:
                figures |= starts(options, server, machines, end, peak)
            server.remove()
            return figures

        return {"title": "{:,} series over remote write 1.0, {} samples each".format(count, scrapes), "notes": [],
                "servers": in_turns(options, kinds, measure)}
    return work


def starts(options, server, machines, end, peak):
    """Kills a filled server, and has it started, killed and stopped again."""
    server.program.kill()
    report = bench(options, "restart", "--url=" + server.url, "--ready=" + server.kind.ready, "--query=" + GATE[0], "--end=%d" % end,
                   "--expect=%d" % machines, "--rounds=1", "--", *server.arguments())
    killed, stopped = report["rows"]["first start"], report["rows"]["after SIGTERM"]
    return {"start after SIGKILL to the first right answer, s": killed["answer_seconds"],
            "peak of memory of that start, of running": killed["resident_bytes_peak"] / peak,
            "start after a clean stop, s": stopped["answer_seconds"]}


def of_blocks(server):
    """Bytes per sample of the compacted blocks; none where there are none."""
    samples = size = 0
    for name in os.listdir(server.data):
        meta = os.path.join(server.data, name, "meta.json")
        if os.path.exists(meta):
            with open(meta, encoding="utf-8") as file:
                samples += json.load(file)["stats"]["numSamples"]
            size += sum(os.path.getsize(os.path.join(where, file))
                        for where, _, files in os.walk(os.path.join(server.data, name)) for file in files)
    return size / samples if samples else None


# ---- scraping ----------------------------------------------------------------------------------------------------------

# How long before a look at the servers the targets were still there for sure.
ENDED_SECONDS = 5


def scraped(targets, series, interval, warm, seconds):
    def work(options, folder):
        """`targets` of `series` each; where there are none told, machines as they are, `series` in all."""
        kinds, each = servers.metrics(options), max(20, int(series * options.scale)) if targets else 0
        count = each * targets or max(1000, int(series * options.scale))
        of = {kind.name: [] for kind in kinds}
        for turn in range(options.runs):
            listen = "%s:%d" % (programs.LOOPBACK, programs.free_port())
            farm = ["--listen=" + listen, "--series=%d" % count, "--machine-series=%d" % each, "--interval=%d" % interval]
            running = []
            progress.tell("turn %d of %d: all servers, %d s" % (turn + 1, options.runs, warm + seconds))
            for kind in kinds:
                config = subprocess.run(servers.command(options, "scrape", *farm, "--print-config=" + kind.name),
                                        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
                running.append(kind.server(folder, folder.write(kind.name + ".yml", config), turn).start())
                # Their scrapes must not all come at the same moment.
                time.sleep(interval / len(kinds))
            named = ["--server=%s=%d" % (server.kind.name, server.pid) for server in running]
            done = subprocess.run(servers.command(options, "scrape", *farm, *named, "--warm=%d" % warm, "--seconds=%d" % seconds),
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
                                  timeout=programs.BENCH_SECONDS_MAX)
            report = programs.bench_report("scrape", done.returncode, done.stdout, done.stderr)
            check_scraped(running)
            for server in running:
                found = of_scrapes(report["rows"][server.kind.name], count)
                of[server.kind.name].append(found)
                print(json.dumps({"server": server.kind.name, "turn": turn, **found}), flush=True)
                server.remove()
        what = "%d targets of %d series" % (targets, each) if targets else "{:,} series".format(count)
        return {"title": "%s scraped every %d seconds" % (what, interval), "servers": of, "notes": [
            "All servers scrape the same farm of targets at the same time; %d s behind the first %d s." % (seconds, warm)]}
    return work


def of_scrapes(row, series):
    return {"samples per second": row["samples_per_second"],
            "CPU seconds per million samples": row["server_cpu_seconds_per_million"],
            "resident bytes per series": row["resident_bytes"] / series,
            "the most that was resident, per series": row["resident_bytes_peak"] / series}


def check_scraped(running):
    """All servers must have the same series, or nothing is compared. What each adds of itself to a target is left out."""
    # The farm has ended by now, and with it the targets.
    at = time.time() - ENDED_SECONDS
    counts = {server.name: answer(server, 'count({job="node",__name__=~"node_.*|go_.*|process_.*|promhttp_.*"})', at) for server in running}
    if len(set(counts.values())) != 1 or None in counts.values():
        raise programs.Failure("answers differ: series scraped %s: nothing is compared" % counts)


# ---- queries -----------------------------------------------------------------------------------------------------------

def queried(options, folder):
    """The same fleet in all servers at once; Lapwing beside each of the others."""
    kinds, config, expected = servers.metrics(options), folder.write("nothing.yml", "scrape_configs: []\n"), {}
    count, scrapes = max(1000, int(50_000 * options.scale)), 241
    end, running = int(time.time()) // 60 * 60 * 1000, []
    for kind in kinds:
        progress.tell("filling " + kind.name)
        server = kind.server(folder, config, 0).start()
        bench(options, "metrics-push", "--url=%s/api/v1/write" % server.url, "--series=%d" % count, "--scrapes=%d" % scrapes,
              "--end=%d" % end)
        running.append(server)
    for server in running:
        gate(server, end / 1000, expected)
    # What comes behind a push in the background is not the queries'.
    time.sleep(10)
    own, of, notes = running[0], {kind.name: [] for kind in kinds}, []
    for other in running[1:]:
        # VictoriaMetrics has its own idea of rates and steps: what it answers otherwise is not compared, and told.
        progress.tell("%d rounds beside %s" % (options.runs, other.kind.name))
        more = ["--allow-differences"] if other.kind.name == "victoriametrics" else []
        report = bench(options, "metrics-query", "--url=" + own.url, "--pid=%d" % own.pid, "--against=" + other.url,
                       "--against-pid=%d" % other.pid, "--end=%d" % end, "--rounds=%d" % options.runs, *more)
        rows = list(report["rows"].values())
        whole = rows.pop()
        notes.append("%s: %d of %d queries are answered the same; geometric means: %.2f x the time, %s the processor time." % (
            other.kind.name, len(rows), report["queries"], whole["wall_ratio"],
            "%.2f x" % whole["cpu_ratio"] if whole.get("cpu_ratio") else "not to be told of"))
        notes += ["Not compared with %s: %s" % (other.kind.name, text) for text in report.get("remarks", []) if "differ" in text]
        for row in rows:
            name = "`%s`, ms" % row["name"].replace("|", "\\|")
            put(of[own.kind.name], name, row["wall_seconds"] * 1e3)
            put(of[other.kind.name], name, row["against_wall_seconds"] * 1e3)
    for server in running:
        server.remove()
    return {"title": "Queries over {:,} series, an hour at 15 s".format(count), "servers": of, "notes": notes}


def put(runs, figure, value):
    """Queries have one figure each: the median of rounds that took turns already."""
    if not runs:
        runs.append({})
    runs[0].setdefault(figure, value)


# ---- alerts ------------------------------------------------------------------------------------------------------------

def stormed(options, folder):
    kinds, count = servers.alertmanagers(options), max(1000, int(100_000 * options.scale))
    groups = max(20, count // 50)

    def measure(kind, turn):
        hook = "--hook=%s:%d" % (programs.LOOPBACK, programs.free_port())
        config = subprocess.run(servers.command(options, "alerts", hook, "--print-config"), capture_output=True, text=True,
                                check=True, stdin=subprocess.DEVNULL).stdout
        server = kind.server(folder, folder.write("%s-%d.yml" % (kind.name, turn), config), turn).start()
        report = bench(options, "alerts", hook, "--url=" + server.url, "--pid=%d" % server.pid, "--alerts=%d" % count,
                       "--groups=%d" % groups, "--rounds=2", "--interval=20")
        first, rounds = report["rows"]["first round"], report["rows"]["rounds"]
        told = report["rows"]["post of a new group to its first notification"]
        server.remove()
        return {"first round: until all groups are told, s": first["told_seconds"],
                "CPU seconds of a later round": rounds["server_cpu_seconds"] / 2,
                "99th percentile of posts, ms": rounds["p99_seconds"] * 1e3,
                "post of a new group to its notification, median, ms": told["p50_seconds"] * 1e3,
                "resident MiB": rounds["resident_bytes"] / 2**20, "the most that was resident, MiB": rounds["resident_bytes_peak"] / 2**20}

    return {"title": "{:,} active alerts in {:,} groups, posted again and again".format(count, groups), "notes": [],
            "servers": in_turns(options, kinds, measure)}


ALL = {
    "push": pushed(1_000_000, 10, 15_000),
    "many": pushed(100_000, 120, 15_000),
    # A hundred and twenty scrapes: just before the chunks of most are full, when most is resident.
    "scrape": scraped(0, 100_000, 2, warm=20, seconds=220),
    "targets": scraped(500, 1000, 10, warm=60, seconds=180),
    "query": queried,
    "alerts": stormed,
    "blocks": pushed(20_000, 600, 30_000, with_starts=False, blocks=True),
    "logs": lambda options, folder: logs.work(options, folder, in_turns),
}
# Half an hour in all. Left out unless they are asked for: `many`, as `scrape` has as many samples of as many series, and `targets`.
DEFAULT = ("push", "scrape", "query", "alerts", "blocks")


def default(options):
    """What is done unless it is told: logs where there is another server of them."""
    return DEFAULT + (("logs",) if len(logs.kinds(options)) > 1 else ())


# Turns where none are told: what is written is the same each time.
TURNS = {"blocks": 1}
TURNS_ELSE = 3
