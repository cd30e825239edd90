#!/usr/bin/env python3
"""Remote write through kills: what the server has taken arrives at a real Prometheus and at a VictoriaMetrics, by both
versions of the protocol, although sender and receivers are killed again and again.

Samples are written into the server; it sends them on. Each round a process is killed (SIGKILL) and started again on its
data. In the end every sample must be at every receiver with its value, and what was sent more than was taken may be no more
than a batch for each shard and kill.
"""

import json
import os
import re
import time

import programs
import remote_write

CONFIG = """\
remote_write:
  - {name: prometheus-1, url: "%(prometheus)s/api/v1/write", write_relabel_configs: [{target_label: via, replacement: one}]%(queue)s}
  - name: prometheus-2
    url: "%(prometheus)s/api/v1/write"
    protobuf_message: io.prometheus.write.v2.Request
    write_relabel_configs: [{target_label: via, replacement: two}]
    queue_config: {batch_send_deadline: 500ms, max_samples_per_send: %(batch)d, max_shards: %(shards)d}
  - {name: victoria, url: "%(victoria)s/api/v1/write", write_relabel_configs: [{target_label: via, replacement: vm}]%(queue)s}
"""
BATCH, SHARDS = 500, 4
QUEUE = ", queue_config: {batch_send_deadline: 500ms, max_samples_per_send: %d, max_shards: %d}" % (BATCH, SHARDS)
SERIES = 100
ROUND_SECONDS = 8
SETTLED_SECONDS = 6


class Victoria:
    """A VictoriaMetrics on its data."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.address = "%s:%d" % (programs.LOOPBACK, programs.free_port())
        self.url = "http://" + self.address
        self.program = None

    def start(self):
        self.program = programs.Program("victoria", [
            self.binary, "-storageDataPath=" + self.folder.join("victoria.data"), "-httpListenAddr=" + self.address,
            "-retentionPeriod=1y", "-search.latencyOffset=0s", "-inmemoryDataFlushInterval=1s",
            # A batch may come twice; a sample counts once.
            "-dedup.minScrapeInterval=1ms",
        ], self.folder.join("victoria.log"))
        programs.wait_for(self.url + "/health", self.program)
        return self


def write(server, first, count):
    """Samples of each series at `count` times from `first` on, as one request for each time."""
    for at in range(first, first + count):
        series = [({"__name__": "sent", "n": str(n)}, [(at, float(at + n))]) for n in range(SERIES)]
        remote_write.send(server.url, series)


def counted(url, via, at):
    """Samples of each series as a receiver counts them."""
    status, body = programs.request(url + "/api/v1/query", {
        "query": 'count_over_time(sent{via="%s"}[1h])' % via, "time": "%.3f" % at})
    if status != 200:
        return {}
    return {row["metric"]["n"]: int(float(row["value"][1])) for row in json.loads(body)["data"]["result"]}


def sent_total(server):
    """How many samples each queue says it has sent since its process began."""
    _, text = programs.request(server.url + "/metrics")
    found = re.findall(r'^prometheus_remote_storage_samples_total\{.*?remote_name="([^"]+)".*?\} (\S+)$', text, re.M)
    return {name: int(float(value)) for name, value in found}


def main():
    arguments = programs.argument_parser(__doc__.splitlines()[0], (
        "--rounds", {"type": int, "default": 9, "help": "kills, of the three processes in turn"})).parse_args()
    peers, folder, tally = programs.Peers(arguments.peers), programs.Folder(arguments.keep), programs.Tally()
    empty = folder.write("empty.yml", "global: {}\n")
    prometheus = programs.Server("prometheus", peers.prometheus, folder, empty, ["--web.enable-remote-write-receiver"])
    victoria_binary = os.path.join(os.path.dirname(peers.prometheus), "victoria-metrics")
    victoria = Victoria(victoria_binary, folder).start()
    prometheus.start()
    config = folder.write("sender.yml", CONFIG % {
        "prometheus": prometheus.url, "victoria": victoria.url, "queue": QUEUE, "batch": BATCH, "shards": SHARDS})
    server = programs.Server("tested", arguments.lapwing, folder, config, ["--web.enable-remote-write-receiver"])
    server.start()
    base = int(time.time()) * 1000 - 600_000
    written = 0
    for number in range(arguments.rounds):
        victim = [server, prometheus, victoria][number % 3]
        end = time.monotonic() + ROUND_SECONDS
        killed = False
        while time.monotonic() < end:
            write(server, base + written, 5)
            written += 5
            if not killed and time.monotonic() > end - ROUND_SECONDS / 2:
                # VictoriaMetrics loses what it has acknowledged and not yet written: it is killed once it has written.
                if victim is victoria:
                    programs.wait_until("everything at VictoriaMetrics", lambda: set(counted(
                        victoria.url, "vm", time.time()).values()) == {written}, 30)
                    time.sleep(SETTLED_SECONDS)
                victim.program.kill()
                if victim is not server:
                    write(server, base + written, 5)
                    written += 5
                victim.start()
                killed = True
            time.sleep(0.02)
    at = time.time()
    receivers = {"one": prometheus.url, "two": prometheus.url, "vm": victoria.url}

    def complete():
        return all(counted(url, via, at) == {str(n): written for n in range(SERIES)} for via, url in receivers.items())

    programs.wait_until("every sample at every receiver", complete, 60)
    for via, url in receivers.items():
        found = counted(url, via, at)
        short = {n: count for n, count in found.items() if count != written}
        tally.check("%s: %d samples of %d series" % (via, written, SERIES), len(found) == SERIES and not short,
                    "series with another number: %s" % dict(list(short.items())[:5]))
    before = sent_total(server)
    server.program.kill()
    server.start()
    time.sleep(5)
    again = sent_total(server)
    tally.check("a kill costs no more than a batch for each shard", all(
        count <= BATCH * SHARDS for count in again.values()), "sent again: %s, before: %s" % (again, before))
    status, seconds = server.program.stop()
    tally.check("a stop with nothing to send takes no time", status == 0 and seconds < 10, (status, seconds))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
