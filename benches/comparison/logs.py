"""The work `logs`: the same lines pushed to servers of logs, and the same questions asked, each in the language of the server."""

import json
import os
import statistics
import time

import programs

from . import servers

SPAN_SECONDS = 3600
SEARCH_SECONDS, ROUNDS = 60, 3
# Behind it servers have written what is settled: parts, chunks and their merges.
SETTLE_SECONDS = 30
ABSENT = "quetzalcoatlus-migration"

# What is counted over all lines: in LogQL without its counting, and in LogsQL.
QUESTIONS = {
    "lines in all": ('{job=~".+"}', "*"),
    "a needle": ('{job=~".+"} |= "%(needle)s"', '"%(needle)s"'),
    "an absent word": ('{job=~".+"} |= "%(absent)s"', '"%(absent)s"'),
    "`(?i)(error|fatal|critical)`": ('{job=~".+"} |~ "(?i)(error|fatal|critical)"', '~"(?i)(error|fatal|critical)"'),
    "`status >= 500` in JSON": ('{job="nginx"} | json | status >= 500',
                                '{job="nginx"} | unpack_json fields (status) | filter status:>=500'),
    '`level="error"` in logfmt': ('{job="shop"} | logfmt | level="error"',
                                  '{job="shop"} | unpack_logfmt fields (level) | filter level:="error"'),
}

# What Loki needs in one process, and limits that none of this comes near to.
LOKI = """\
auth_enabled: false
server: {http_listen_address: %(host)s, http_listen_port: %(port)d, grpc_listen_address: %(host)s, grpc_listen_port: %(grpc)d, log_level: error}
common:
  instance_addr: %(host)s
  path_prefix: %(data)s
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %(data)s/chunks, rules_directory: %(data)s/rules}}
schema_config:
  configs: [{from: 2020-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
limits_config:
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1000MB
  per_stream_rate_limit_burst: 1000MB
  max_global_streams_per_user: 0
  query_timeout: 5m
analytics: {reporting_enabled: false}
"""


class Logs(servers.Server):
    """A server of logs: where lines are pushed, and how they are counted."""

    def __init__(self, kind, folder, turn):
        super().__init__(kind, folder, None, turn)
        if kind.language == "LogQL":
            self.config = folder.write(self.name + ".yml", LOKI % {
                "host": programs.LOOPBACK, "port": self.port, "grpc": programs.free_port(), "data": self.data})

    def push(self, options, size, end):
        """Pushes the lines; the report of `lapwing bench logs-push`."""
        path = "/loki/api/v1/push" if self.kind.language == "LogQL" else "/insert/loki/api/v1/push?disable_message_parsing=1"
        return servers.bench(options, "logs-push", "--url=" + self.url + path, "--pid=%d" % self.pid, "--bytes=%d" % size, "--end=%d" % end,
                             "--span=%d" % SPAN_SECONDS)

    def count(self, question, end):
        """How many lines there are of a question, up to a time."""
        if self.kind.language == "LogQL":
            status, body = programs.request(self.url + "/loki/api/v1/query", {
                "query": "sum(count_over_time(%s [%ds]))" % (question[0], 2 * SPAN_SECONDS), "time": "%d" % (end // 1000)}, timeout=SEARCH_SECONDS)
            found = [one["value"][1] for one in json.loads(body)["data"]["result"]] if status == 200 else None
        else:
            status, body = programs.request(self.url + "/select/logsql/query", {"query": question[1] + " | stats count() lines"},
                                            timeout=SEARCH_SECONDS)
            found = [json.loads(line)["lines"] for line in body.splitlines() if line] if status == 200 else None
        if found is None:
            raise programs.Failure("%s answers %d: %s" % (self.name, status, body[:200]))
        return sum(int(float(value)) for value in found)

    def seconds(self, question, end):
        """The median time of a question, the first one not counted."""
        taken = []
        for _ in range(ROUNDS + 1):
            began = time.monotonic()
            self.count(question, end)
            taken.append(time.monotonic() - began)
        return statistics.median(taken[1:])

    def stored_bytes(self):
        return sum(os.path.getsize(os.path.join(where, file)) for where, _, files in os.walk(self.data) for file in files)


def kinds(options):
    """The servers of logs that are there; Lapwing first."""
    peers, found = options.peers + "/usr/bin/", []
    for name, binary, language, flags, ready, first in (
            ("lapwing", options.lapwing, "LogQL", ["-config.file={config}"], "/ready", "loki"),
            ("loki", peers + "loki", "LogQL", ["-config.file={config}"], "/ready", None),
            ("victorialogs", peers + "victoria-logs", "LogsQL",
             ["-storageDataPath={data}", "-httpListenAddr={address}", "-retentionPeriod=100y"], "/health", None)):
        kind = servers.Kind(name, binary, flags, ready, first)
        kind.language = language
        kind.server = lambda folder, _, turn, kind=kind: Logs(kind, folder, turn)
        found.append(kind)
    return servers.chosen(options, found)


def work(options, folder, in_turns):
    size, expected = max(5_000_000, int(1_000_000_000 * options.scale)), {}
    # The same lines for all of them, and a whole second, as questions are asked for one.
    end = (int(time.time()) - 60) * 1000

    def measure(kind, turn):
        server = kind.server(folder, None, turn).start()
        report = server.push(options, size, end)
        pushed = report["rows"]["all"]
        questions = {name: tuple(text % {"needle": report["needle"], "absent": ABSENT} for text in texts)
                     for name, texts in QUESTIONS.items()}
        # What was pushed a moment ago may be seen a moment later.
        if not programs.wait_until("all lines", lambda: server.count(questions["lines in all"], end) == pushed["lines"], SEARCH_SECONDS):
            raise programs.Failure("%s has %d of %d lines: nothing is compared" % (
                server.name, server.count(questions["lines in all"], end), pushed["lines"]))
        figures = {"line bytes pushed, MB per CPU second": pushed["bytes_per_server_cpu_second"] / 1e6,
                   "line bytes pushed, MB per second": pushed["bytes_per_second"] / 1e6,
                   "the most that was resident while pushing, MiB": pushed["resident_bytes_peak"] / 2**20}
        time.sleep(SETTLE_SECONDS)
        figures["line bytes / stored bytes, logs of pushes included"] = pushed["line_bytes"] / server.stored_bytes()
        for name, question in questions.items():
            found = server.count(question, end)
            if found != expected.setdefault(name, found):
                raise programs.Failure("answers differ: %s are %d of %s, expected %d: nothing is compared" % (
                    name, found, server.name, expected[name]))
            figures[name.replace("|", "\\|") + ", counted, ms"] = server.seconds(question, end) * 1e3
        figures["the most that was resident, MiB"] = server.bytes_resident()[1] / 2**20
        server.remove()
        return figures

    of = in_turns(options, kinds(options), measure)
    return {"title": "%.2g GB of log lines in 280 streams" % (size / 1e9), "servers": of, "notes": [
        "All servers have counted the same: %s." % ", ".join("%s %d" % found for found in expected.items())]}
