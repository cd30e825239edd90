#!/usr/bin/env python3
"""Asks two servers the same queries about the same blocks: equal answers, and how much faster one is than the other.

Each server gets a copy of the blocks (hard links) and an empty head. Every query is asked once of both to compare the answers,
then in turns, A B A B …, several times in a row where one run is short. What is compared is the time until the whole answer
is there and the CPU time of the server's process; both as the median of the rounds.
"""

import json
import math
import os
import random
import socket
import statistics
import sys
import threading
import time
import urllib.parse
from collections import namedtuple

import programs
import speed_queries

CONFIG = "global: {scrape_interval: 15s}\n"
FLAGS = ["--storage.tsdb.retention.time=100y", "--query.max-samples=1000000000", "--query.timeout=3m",
         "--enable-feature=promql-experimental-functions"]
VICTORIA_FLAGS = ["-retentionPeriod=100y", "-search.disableCache", "-search.latencyOffset=0", "-search.maxQueryDuration=3m",
                  "-search.maxSamplesPerQuery=1000000000", "-search.maxUniqueTimeseries=1000000", "-search.maxSeries=1000000"]
ROUNDS = 3
# A measurement repeats a query until about this much time has passed.
MEASURED_SECONDS = 0.25
REPEATS_MAX = 200
TOLERANCE = 1e-9
GOALS = {"geometric mean": 4.0, "rate aggregation": 6.0, "worst": 1 / 1.1, "memory": 0.3}

Cost = namedtuple("Cost", "wall cpu")


# ---- servers -----------------------------------------------------------------------------------------------------------

def link_blocks(blocks, data):
    """Copies the folders of blocks by hard links."""
    for folder, _, files in os.walk(blocks):
        target = os.path.join(data, os.path.relpath(folder, blocks))
        os.makedirs(target, exist_ok=True)
        for name in files:
            os.link(os.path.join(folder, name), os.path.join(target, name))


class Measured:
    """A server whose process is measured; every request carries the given parameters."""

    def __init__(self, server, **parameters):
        self.server, self.parameters = server, parameters

    @property
    def pid(self):
        return self.server.program.process.pid

    def cpu(self):
        """Seconds of CPU time of the process, threads that have ended included."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def memory(self):
        """Anonymous resident bytes now, and the highest resident bytes since the last `forget_peak`."""
        fields = {}
        with open("/proc/%d/status" % self.pid, encoding="ascii") as status:
            for line in status:
                name, _, value = line.partition(":")
                if name in ("RssAnon", "VmHWM"):
                    fields[name] = int(value.split()[0]) * 1024
        return fields["RssAnon"], fields["VmHWM"]

    def connect(self):
        return Connection(self.server.port)

    def ask(self, connection, query, end):
        return connection.ask(*form(query, end, self.parameters))


class Victoria:
    """VictoriaMetrics over data that it was given before; it answers most of the language in its own way."""

    def __init__(self, name, binary, folder, data):
        self.name, self.binary, self.data = name, os.path.abspath(binary), os.path.abspath(data)
        self.folder, self.port, self.program = folder, programs.free_port(), None

    def start(self):
        address = "%s:%d" % (programs.LOOPBACK, self.port)
        arguments = [self.binary, "-storageDataPath=" + self.data, "-httpListenAddr=" + address] + VICTORIA_FLAGS
        self.program = programs.Program(self.name, arguments, self.folder.join(self.name + ".log"))
        programs.wait_for("http://%s/health" % address, self.program)


def form(query, end, more):
    """Path and body of a request."""
    if query.steps == 1:
        return "/api/v1/query", urllib.parse.urlencode({"query": query.text, "time": end, **more})
    start = end - (query.steps - 1) * query.step
    fields = {"query": query.text, "start": start, "end": end, "step": query.step, **more}
    return "/api/v1/query_range", urllib.parse.urlencode(fields)


class Connection:
    """A connection that costs the asking side as little as can be: the time of short answers is to be that of the server."""

    def __init__(self, port):
        self.socket = socket.create_connection((programs.LOOPBACK, port), timeout=240)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        self.socket.close()

    def ask(self, path, body):
        """Status and body of a POST."""
        self.socket.sendall(("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
                             "Content-Type: application/x-www-form-urlencoded\r\n\r\n%s" % (path, len(body), body)).encode())
        pieces = [self.receive()]
        while b"\r\n\r\n" not in pieces[0]:
            pieces[0] += self.receive()
        head, _, rest = pieces.pop().partition(b"\r\n\r\n")
        status, fields = int(head[9:12]), head.lower()
        if b"\r\ntransfer-encoding: chunked" in fields:
            return status, self.chunked(rest)
        length = int(fields.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        pieces, missing = [rest], length - len(rest)
        while missing > 0:
            pieces.append(self.receive())
            missing -= len(pieces[-1])
        return status, b"".join(pieces)

    def receive(self):
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise programs.Failure("a server closed the connection")
        return piece

    def chunked(self, rest):
        pieces, last = [rest], rest
        # The end of the body is looked for across pieces.
        while not last.endswith(b"0\r\n\r\n"):
            pieces.append(self.receive())
            last = (last + pieces[-1])[-8:]
        whole, at, chunks = b"".join(pieces), 0, []
        while True:
            line = whole.index(b"\r\n", at)
            length = int(whole[at:line], 16)
            if length == 0:
                return b"".join(chunks)
            chunks.append(whole[line + 2:line + 2 + length])
            at = line + 2 + length + 2


# ---- answers -----------------------------------------------------------------------------------------------------------

def by_labels(data):
    result = data["result"]
    if data["resultType"] in ("scalar", "string"):
        return {(): [result]}
    field = "values" if data["resultType"] == "matrix" else "value"
    return {programs.labels_key(series["metric"]): series[field] if field == "values" else [series[field]]
            for series in result}


def same(left, right):
    if left == right:
        return True
    left, right = float(left), float(right)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return abs(left - right) <= TOLERANCE * max(abs(left), abs(right))


def difference(left, right):
    """What differs first between two bodies of answers, or nothing."""
    left, right = json.loads(left), json.loads(right)
    if left["status"] != "success" or right["status"] != "success":
        return "%s / %s" % (left.get("error", "success"), right.get("error", "success"))
    left, right = by_labels(left["data"]), by_labels(right["data"])
    if left.keys() != right.keys():
        only = sorted(left.keys() ^ right.keys())
        return "%d and %d series; not in both: %s" % (len(left), len(right), programs.labels_text(only[0]))
    for key, values in left.items():
        others = right[key]
        if [t for t, _ in values] != [t for t, _ in others]:
            return "%s: %d and %d samples, or other times" % (programs.labels_text(key), len(values), len(others))
        for (t, value), (_, other) in zip(values, others):
            if not same(value, other):
                return "%s at %s: %s and %s" % (programs.labels_text(key), t, value, other)
    return None


# ---- measuring ---------------------------------------------------------------------------------------------------------

def measure(server, query, end, repeats):
    connection = server.connect()
    cpu, began = server.cpu(), time.monotonic()
    for _ in range(repeats):
        status, body = server.ask(connection, query, end)
        if status != 200:
            raise programs.Failure("%s: %s: %d %r" % (server.server.name, query.text, status, body[:200]))
    wall, cpu = time.monotonic() - began, server.cpu() - cpu
    connection.close()
    return Cost(wall / repeats, cpu / repeats)


def repeats_for(server, query, end):
    seconds = measure(server, query, end, 1).wall
    return max(1, min(REPEATS_MAX, round(MEASURED_SECONDS / max(seconds, 1e-4))))


def compare(servers, query, end, rounds):
    """The cost of a query on each of the servers, in turns."""
    repeats = [repeats_for(server, query, end) for server in servers]
    costs = [[] for _ in servers]
    for _ in range(rounds):
        for server, repeat, own in zip(servers, repeats, costs):
            own.append(measure(server, query, end, repeat))
    median = lambda own, field: statistics.median(getattr(cost, field) for cost in own)
    return [Cost(median(own, "wall"), median(own, "cpu")) for own in costs]


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values)) if values else float("nan")


class Peak(threading.Thread):
    """Watches how much memory a process takes."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.anonymous, self.over = server, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.002):
            self.anonymous = max(self.anonymous, self.server.memory()[0])

    def end(self):
        self.over.set()
        self.join()
        return self.anonymous


def peaks(server, query, end):
    """The peak memory of a freshly started server that answers one query: anonymous, and resident in all."""
    server.server.start()
    watch = Peak(server)
    watch.start()
    measure(server, query, end, 1)
    anonymous = watch.end()
    resident = server.memory()[1]
    server.server.program.stop()
    return anonymous, resident


# ---- the run -----------------------------------------------------------------------------------------------------------

def report(rows, names):
    """Prints the ratios and whether the goals are met."""
    tally = programs.Tally()
    for kind in ("wall", "cpu"):
        ratios = {query: getattr(other, kind) / getattr(own, kind) for query, own, other in rows}
        mean = geometric_mean(list(ratios.values()))
        print("%s: geometric mean %.2f x over %d queries" % (kind, mean, len(ratios)))
        for group in sorted({query.group for query in ratios} - {""}):
            own = [ratio for query, ratio in ratios.items() if query.group == group]
            print("%s: %s: geometric mean %.2f x, worst %.2f x" % (kind, group, geometric_mean(own), min(own)))
        worst = sorted(ratios.items(), key=lambda item: item[1])[:8]
        for query, ratio in worst:
            print("   %6.2f x  %5d steps  %s" % (ratio, query.steps, query.text))
        if kind == "wall":
            tally.check("geometric mean of wall times at least %.1f x" % GOALS["geometric mean"],
                        mean >= GOALS["geometric mean"])
            tally.check("no query over 1.1 x the time of %s" % names[1], min(ratios.values()) >= GOALS["worst"])
            rates = [ratio for query, ratio in ratios.items() if query.group == "rate aggregation"]
            tally.check("aggregations over rates at least %.1f x (geometric mean)" % GOALS["rate aggregation"],
                        geometric_mean(rates) >= GOALS["rate aggregation"])
    return tally


def main():
    parser = programs.argument_parser(
        __doc__,
        ("--blocks", {"required": True, "metavar": "DIR", "help": "blocks written by benches/queries"}),
        ("--list", {"required": True, "choices": ["micro", "fleet"], "help": "the queries to ask"}),
        ("--other", {"metavar": "BIN", "help": "compare with this binary in place of the peers' prometheus"}),
        ("--victoria", {"metavar": "DIR", "help": "compare with the peers' victoria-metrics over its data in this folder, "
                                                  "which `vmctl prometheus --prom-snapshot` copied from the blocks"}),
        ("--only", {"metavar": "TEXT", "help": "only queries that contain this text"}),
        ("--rounds", {"type": int, "default": ROUNDS}),
        ("--sample", {"type": int, "metavar": "N", "help": "only N of the queries, at random (the seed is fixed)"}),
        ("--memory", {"type": int, "default": 0, "metavar": "N", "help": "measure the peak memory of the N longest queries"}),
        ("--json", {"metavar": "FILE", "help": "write the figures there"}),
    )
    arguments = parser.parse_args()
    folder = programs.Folder(arguments.keep)
    config = folder.write("prometheus.yml", CONFIG)
    binaries = [("lapwing", arguments.lapwing)]
    if arguments.other:
        binaries.append(("other", arguments.other))
    elif not arguments.victoria:
        binaries.append(("prometheus", programs.Peers(arguments.peers).prometheus))
    servers = []
    for name, binary in binaries:
        server = programs.Server(name, binary, folder, config, FLAGS)
        link_blocks(arguments.blocks, server.data)
        servers.append(Measured(server))
    if arguments.victoria:
        binary = os.path.join(arguments.peers, "usr", "bin", "victoria-metrics")
        servers.append(Measured(Victoria("victoria-metrics", binary, folder, arguments.victoria), nocache=1))
    for server in servers:
        server.server.start()
    if arguments.list == "micro":
        asked, end = speed_queries.MICRO, speed_queries.MICRO_END
    else:
        asked, end = speed_queries.FLEET, speed_queries.FLEET_END
    asked = [query for query in asked if (arguments.only or "") in query.text]
    if arguments.sample:
        asked = random.Random(1).sample(asked, min(arguments.sample, len(asked)))
    return run_queries(servers, asked, end, arguments)


def run_queries(servers, asked, end, arguments):
    rows, unequal = [], 0
    print("%7s %9s %9s %7s %9s %9s %7s   query" % ("steps", "wall ms", "other", "ratio", "cpu ms", "other", "ratio"))
    for query in asked:
        (_, body), (status, other_body) = (server.ask(server.connect(), query, end) for server in servers)
        is_victoria = isinstance(servers[1].server, Victoria)
        if is_victoria and status != 200:
            print("NOT ANSWERED by VictoriaMetrics: %s" % query.text)
            continue
        # It has its own idea of rates and of steps.
        found = None if is_victoria else difference(body, other_body)
        if found:
            unequal += 1
            print("DIFFERENT  %s\n      %s" % (query.text, found), flush=True)
        own, other = compare(servers, query, end, arguments.rounds)
        rows.append((query, own, other))
        print("%7d %9.2f %9.2f %7.2f %9.2f %9.2f %7.2f   %s" % (
            query.steps, own.wall * 1e3, other.wall * 1e3, other.wall / own.wall, own.cpu * 1e3, other.cpu * 1e3,
            other.cpu / own.cpu, query.text), flush=True)
    tally = report(rows, [server.server.name for server in servers])
    tally.check("equal answers", unequal == 0, "%d of %d differ" % (unequal, len(rows)))
    for server in servers:
        server.server.program.stop()
    for query, _, _ in sorted(rows, key=lambda row: -row[2].cpu)[:arguments.memory]:
        (own, own_all), (other, other_all) = (peaks(server, query, end) for server in servers)
        detail = "anonymous %d / %d MiB, resident %d / %d MiB" % tuple(
            value >> 20 for value in (own, other, own_all, other_all))
        print("%s, %d steps: %s" % (query.text, query.steps, detail))
        tally.check("peak memory at most %.1f x" % GOALS["memory"], own_all <= GOALS["memory"] * other_all, detail)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump([{"query": query._asdict(), "own": own._asdict(), "other": other._asdict()}
                       for query, own, other in rows], file, indent=1)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(programs.run(main))
