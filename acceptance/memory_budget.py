#!/usr/bin/env python3
"""The server in a control group with little memory, and more series than fit: it refuses, and is never killed.

Needs the right to make a control group (as root, or in one that was delegated); says so where it has none.
"""

import json
import os
import subprocess
import time
import urllib.error

import programs
import remote_write

GROUPS = "/sys/fs/cgroup"
OWN_SERIES = 1000
PUSH_SECONDS_MAX = 600


class Group:
    """A control group of memory, of version 1 or 2."""

    def __init__(self, limit):
        self.first = os.path.isdir(GROUPS + "/memory")
        self.path = os.path.join(GROUPS, "memory" if self.first else "", "lapwing-acceptance-%d" % os.getpid())
        try:
            os.mkdir(self.path)
            self.write("memory.limit_in_bytes" if self.first else "memory.max", limit)
        except OSError as error:
            raise programs.Failure("a control group with a limit is needed: %s" % error) from None

    def write(self, name, value):
        with open(os.path.join(self.path, name), "w", encoding="ascii") as file:
            file.write(str(value))

    def enter(self):
        """Puts the process that calls it in the group."""
        self.write("cgroup.procs", os.getpid())

    def kills(self):
        """How many processes the system has ended in it for want of memory."""
        name = "memory.oom_control" if self.first else "memory.events"
        with open(os.path.join(self.path, name), encoding="ascii") as file:
            return int(dict(line.split() for line in file)["oom_kill"])

    def remove(self):
        os.rmdir(self.path)


def own(second, value):
    """A sample of each of the script's own series."""
    return [({"__name__": "own", "number": str(number)}, [(second * 1000, value)]) for number in range(OWN_SERIES)]


def accepted(server, series):
    try:
        remote_write.send(server.url, series)
    except urllib.error.HTTPError as error:
        return "%d %s" % (error.code, error.read().decode(errors="replace"))
    return None


def main():
    options = programs.argument_parser(
        __doc__, ("--limit-mib", {"type": int, "default": 512, "help": "memory of the control group"}),
        ("--series", {"type": int, "default": 3_000_000, "help": "series that are pushed: more than fit"})).parse_args()
    limit = options.limit_mib << 20
    folder, tally = programs.Folder(options.keep), programs.Tally()
    config = folder.write("lapwing.yml", "global: {}\n")
    flags = ["--web.enable-remote-write-receiver"]
    server = programs.Server("lapwing", options.lapwing, folder, config, flags)
    group = Group(limit)

    def start():
        server.launch(preexec_fn=group.enter)
        return server.wait_ready()

    start()
    budget = server.metric("lapwing_memory_budget_bytes")
    tally.check("the budget is three quarters of the group's limit: %d" % budget, budget == limit * 3 // 4)
    now = int(time.time())
    tally.check("series are taken while there is room", accepted(server, own(now - 60, 1)) is None)
    push = subprocess.run(
        programs.bench_command(options.lapwing, "metrics-push", "--url=" + server.url + "/api/v1/write", "--series=%d" % options.series,
                               "--scrapes=2", "--interval=15000", "--end=%d" % (now * 1000)),
        capture_output=True, text=True, timeout=PUSH_SECONDS_MAX, stdin=subprocess.DEVNULL, check=False)
    tally.check("series beyond the budget are refused: " + push.stderr.strip()[-200:], push.returncode != 0)
    in_memory = server.metric("prometheus_tsdb_head_series")
    tally.check("the metric tells of refused series; %d are in memory" % in_memory,
                server.metric('lapwing_memory_refused_total{what="series"}') > 0)
    tally.check("samples of known series are taken all the same", accepted(server, own(now - 30, 2)) is None)
    refusal = accepted(server, [({"__name__": "new"}, [((now - 20) * 1000, 1)])])
    tally.check("a new series is refused, with a reason: %s" % refusal, refusal and "memory" in refusal, refusal)
    began = time.monotonic()
    status, body = programs.request(server.url + "/api/v1/query", {"query": "count({__name__=~'.+'})"}, timeout=60)
    answer, seconds = json.loads(body), time.monotonic() - began
    good = status == 200 or (status, answer.get("errorType")) == (503, "unavailable")
    tally.check("a query over all of it is answered or refused after %.1f s: %d" % (seconds, status), good, body[:300])
    taken = server.memory("RssAnon")
    tally.check("the process holds %d MiB of %d" % (taken >> 20, options.limit_mib), taken < limit)
    tally.check("the system has ended nothing", server.program.running() and group.kills() == 0)
    server.program.kill()
    seconds = start()
    tally.check("it starts again in the same room, after %.1f s" % seconds, server.program.running() and group.kills() == 0)
    tally.check("as many series are in memory", server.metric("prometheus_tsdb_head_series") == in_memory)
    tally.check("samples of known series are taken after the start", accepted(server, own(now - 10, 3)) is None)
    status, _ = server.program.stop()
    tally.check("it stops cleanly", status == 0 and group.kills() == 0, server.program.log_tail())
    group.remove()
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
