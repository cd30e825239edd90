#!/usr/bin/env python3
"""A hundred thousand active alerts in two thousand groups, re-posted each minute to the server (through a link named
alertmanager) and to a real Alertmanager in the same run: processor time, memory, and the time from a post to the first
notification of a new group."""

import http.client
import json
import os
import threading
import time

import listener
import programs

CONFIG = """\
route:
  receiver: hook
  group_by: [service]
  group_wait: 1s
  group_interval: 30s
  repeat_interval: 4h
  routes:
    - matchers: [probe="yes"]
      group_by: [service]
      group_wait: 0s
receivers:
  - name: hook
    webhook_configs:
      - url: "%s"
"""
BATCH = 256
END = b"2000-01-01T00:00:00.000Z"


class Hook:
    """Keeps when each group was first told of, by sender."""

    def __init__(self):
        self.first, self.count = {}, {}
        self.url = listener.Listener(told=self.take).url.rstrip("/")

    def take(self, path, body):
        at = time.monotonic()
        start = body.index(b'"groupLabels":') + len(b'"groupLabels":')
        labels = json.loads(body[start:body.index(b"}", start) + 1])
        self.first.setdefault((path, labels["service"]), at)
        self.count[path] = self.count.get(path, 0) + 1


def stamp(t):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t)) + ".%03dZ" % (t * 1000 % 1000)


def bodies(alerts, groups):
    """The bodies of a round, in batches as Prometheus sends them; the ends are put in later."""
    began = stamp(time.time())
    made = []
    for first in range(0, alerts, BATCH):
        made.append(json.dumps([{
            "labels": {"alertname": "HighLatency", "service": "service-%d" % (n % groups), "instance": "10.0.%d.%d:9100" % (n // 256, n % 256),
                       "job": "node", "cluster": "eu-west-1", "severity": "warning", "n": str(n)},
            "annotations": {"summary": "latency of instance %d is high" % n,
                            "description": "The 99th percentile of request latency has been above 500 ms for ten minutes.",
                            "runbook_url": "https://runbooks.example.com/HighLatency"},
            "startsAt": began, "endsAt": END.decode(),
            "generatorURL": "http://prometheus.example.com/graph?g0.expr=latency&g0.tab=1"}
            for n in range(first, min(first + BATCH, alerts))]).encode())
    return made


class Poster:
    """Posts rounds over one connection."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.took = []

    def post(self, body):
        self.connection.request("POST", "/api/v2/alerts", body=body, headers={"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise programs.Failure("a post is answered %d" % answer.status)

    def round(self, made):
        began = time.monotonic()
        end = stamp(time.time() + 300).encode()
        for body in made:
            self.post(body.replace(END, end))
        self.took.append(time.monotonic() - began)


class Watched:
    """A started Alertmanager, what it costs, and its poster."""

    def __init__(self, name, arguments, folder, address, first_argument=None):
        how = {"executable": arguments[0]} if first_argument else {}
        self.name, self.address = name, address
        self.program = programs.Program(name, [first_argument or arguments[0]] + arguments[1:], folder.join(name + ".log"), **how)
        programs.wait_for("http://%s/-/ready" % address, self.program)
        self.poster = Poster(address)

    def cpu(self):
        with open("/proc/%d/stat" % self.program.process.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, key):
        with open("/proc/%d/status" % self.program.process.pid, encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))


def main():
    arguments = programs.argument_parser(
        __doc__, ("--alerts", {"type": int, "default": 100000}), ("--groups", {"type": int, "default": 2000}),
        ("--rounds", {"type": int, "default": 3}), ("--interval", {"type": float, "default": 60.0}),
        ("--probes", {"type": int, "default": 10})).parse_args()
    folder, tally, hook = programs.Folder(arguments.keep), programs.Tally(), Hook()
    both = []
    for name, binary, first in (
            ("lapwing", os.path.abspath(arguments.lapwing), "alertmanager"),
            ("real", os.path.join(os.path.abspath(arguments.peers), "usr/bin/prometheus-alertmanager"), None)):
        address = "%s:%d" % (programs.LOOPBACK, programs.free_port())
        config = folder.write(name + ".yml", CONFIG % (hook.url + "/" + name))
        both.append(Watched(name, [binary, "--config.file=" + config, "--storage.path=" + folder.join(name + ".data"),
                                   "--web.listen-address=" + address, "--cluster.listen-address="], folder, address, first))
    made = bodies(arguments.alerts, arguments.groups)
    burst = {}
    for server in both:
        # One after the other: the first round is as fast as each can take it.
        began = time.monotonic()
        server.poster.round(made)
        told = lambda: sum(path == "/" + server.name for path, _ in list(hook.first)) >= arguments.groups
        tally.check("%s tells all %d groups" % (server.name, arguments.groups), programs.wait_until("groups", told, 120))
        burst[server.name] = max(at for (path, _), at in hook.first.items() if path == "/" + server.name) - began
    before = {server.name: server.cpu() for server in both}
    delays = {server.name: [] for server in both}
    for number in range(arguments.rounds):
        began = time.monotonic()
        posting = [threading.Thread(target=server.poster.round, args=(made,)) for server in both]
        for thread in posting:
            thread.start()
        # New groups while the load is on and after.
        for probe in range(arguments.probes):
            for server in both if probe % 2 else reversed(both):
                service = "probe-%d-%d" % (number, probe)
                body = json.dumps([{"labels": {"alertname": "Probe", "probe": "yes", "service": service},
                                    "startsAt": stamp(time.time()), "endsAt": stamp(time.time() + 600)}]).encode()
                sent = time.monotonic()
                Poster(server.address).post(body)
                key = ("/" + server.name, service)
                while key not in hook.first and time.monotonic() - sent < 30:
                    time.sleep(0.0005)
                delays[server.name].append(hook.first.get(key, sent + 30) - sent)
        for thread in posting:
            thread.join()
        time.sleep(max(0, arguments.interval - (time.monotonic() - began)))
    result = {}
    for server in both:
        ordered = sorted(delays[server.name])
        result[server.name] = {
            "cpu_s_per_round": round((server.cpu() - before[server.name]) / arguments.rounds, 3),
            "cpu_s_first_round": round(before[server.name], 3),
            "resident_mib": round(server.memory("VmRSS") / 2**20, 1), "peak_mib": round(server.memory("VmHWM") / 2**20, 1),
            "first_round_told_s": round(burst[server.name], 2),
            "probe_median_ms": round(ordered[len(ordered) // 2] * 1000, 1), "probe_worst_ms": round(ordered[-1] * 1000, 1),
            "notifications": hook.count.get("/" + server.name, 0)}
        print(server.name, json.dumps(result[server.name]))
    own, real = result["lapwing"], result["real"]
    share = lambda key: own[key] / real[key]
    tally.check("processor time of a round is at most 0.25 of the real one's: %.3f" % share("cpu_s_per_round"),
                share("cpu_s_per_round") <= 0.25)
    tally.check("resident memory too: %.3f" % share("resident_mib"), share("resident_mib") <= 0.25)
    tally.check("peak memory too: %.3f" % share("peak_mib"), share("peak_mib") <= 0.25)
    tally.check("the first round is told no later: %.2f" % share("first_round_told_s"), share("first_round_told_s") <= 1.05)
    tally.check("a new group is told no later (median): %.2f" % share("probe_median_ms"), share("probe_median_ms") <= 1.05)
    for server in both:
        server.program.stop()
    return tally.finish()


programs.run(main)
