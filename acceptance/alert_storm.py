#!/usr/bin/env python3
"""Kills the server with SIGKILL again and again while ten thousand alerts begin and end. Afterwards: everybody was told of
everything that was acknowledged, a group was told the same thing again at most once for each kill, and all silences are there.

An alert ends only once its beginning was told, so that each of its two notifications is owed. A notification says something
again if each of its alerts was told in this state before, and none in another one since."""

import json
import os
import random
import socket
import threading
import time
import urllib.request

import listener
import programs

CONFIG = """\
route:
  receiver: hook
  group_by: [group]
  group_wait: 300ms
  group_interval: 1s
  repeat_interval: 24h
receivers:
  - name: hook
    webhook_configs:
      - url: "%s"
"""
BATCH = 100


class Hook:
    """The receiver: what was told of each alert, and what was told again."""

    def __init__(self):
        self.lock = threading.Lock()
        self.life = 0
        self.state = {}  # (group, number) -> last state told
        self.told = set()  # (group, number, state)
        self.repeated = {}  # (group, life) -> notifications that said nothing new
        self.count = 0
        self.url = listener.Listener(told=lambda _, body: self.take(json.loads(body))).url

    def take(self, body):
        group = body["groupLabels"]["group"]
        with self.lock:
            self.count += 1
            is_news = False
            for alert in body["alerts"]:
                key = (group, alert["labels"]["n"])
                is_news = is_news or self.state.get(key) != alert["status"]
                self.state[key] = alert["status"]
                self.told.add(key + (alert["status"],))
            if not is_news:
                place = (group, self.life)
                self.repeated[place] = self.repeated.get(place, 0) + 1


class Storm:
    """Posts the beginnings and ends of alerts; what was acknowledged is owed."""

    def __init__(self, base, hook, alerts, groups, seed):
        self.base, self.hook = base, hook
        self.random = random.Random(seed)
        keys = [("g%d" % (n % groups), str(n)) for n in range(alerts)]
        self.random.shuffle(keys)
        self.waiting, self.firing = keys, []
        self.owed = set()
        self.silences = []
        self.done = threading.Event()
        self.paused = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def ask(self, path, document):
        request = urllib.request.Request(self.base + path, data=json.dumps(document).encode(), method="POST",
                                         headers={"Content-Type": "application/json"})
        return programs._opener.open(request, timeout=5).read()

    def post(self, keys, state):
        now = time.time()
        stamp = lambda t: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t)) + ".%03dZ" % (t * 1000 % 1000)
        ends = stamp(now + 3600) if state == "firing" else stamp(now)
        self.ask("/api/v2/alerts", [{"labels": {"alertname": "A", "group": group, "n": number},
                                     "startsAt": stamp(now - 1), "endsAt": ends} for group, number in keys])
        self.owed.update(key + (state,) for key in keys)

    def silence(self):
        now = time.time()
        stamp = lambda t: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
        document = {"matchers": [{"name": "alertname", "value": "none-%d" % len(self.silences), "isRegex": False}],
                    "startsAt": stamp(now), "endsAt": stamp(now + 36000), "createdBy": "storm", "comment": "c"}
        self.silences.append(json.loads(self.ask("/api/v2/silences", document))["silenceID"])

    def run(self):
        while not self.done.is_set():
            if not self.waiting and not self.firing:
                return
            with self.hook.lock:
                # An end that was taken in the moment of a kill may be told and not acknowledged: it is posted again.
                ready = [key for key in self.firing if key in self.hook.state]
            try:
                if self.waiting:
                    batch = self.waiting[:BATCH]
                    self.post(batch, "firing")
                    self.waiting = self.waiting[BATCH:]
                    self.firing += batch
                ending = ready[:BATCH]
                if ending and self.random.random() < 0.9:
                    self.post(ending, "resolved")
                    gone = set(ending)
                    self.firing = [key for key in self.firing if key not in gone]
                if self.random.random() < 0.1:
                    self.silence()
            except (OSError, ValueError):
                time.sleep(0.05)  # killed: what was not acknowledged is posted again
            time.sleep(self.pause)


def main():
    arguments = programs.argument_parser(
        __doc__, ("--kills", {"type": int, "default": 50}), ("--alerts", {"type": int, "default": 10000}),
        ("--groups", {"type": int, "default": 100}), ("--life", {"type": float, "default": 3.0}),
        ("--seed", {"type": int, "default": int(time.time())})).parse_args()
    print("seed %d" % arguments.seed)
    folder, tally, hook = programs.Folder(arguments.keep), programs.Tally(), Hook()
    chance = random.Random(arguments.seed)
    own = folder.write("alertmanager.yml", CONFIG % hook.url)
    config = folder.write("prometheus.yml", "global: {}\n")
    server = programs.Server("lapwing", arguments.lapwing, folder, config, [
        "--config.alertmanager=" + own, "--alertmanager.data.maintenance-interval=2s",
        "--alertmanager.alerts.gc-interval=3s"]).start()
    storm = Storm(server.url, hook, arguments.alerts, arguments.groups, arguments.seed)
    # Begins and ends are spread over all lives.
    batches = 2.0 * arguments.alerts / BATCH
    storm.pause = arguments.kills * arguments.life * 0.6 / batches
    storm.thread.start()
    for kill in range(arguments.kills):
        time.sleep(chance.uniform(0.2, arguments.life))
        server.program.kill()
        with hook.lock:
            hook.life += 1
        server.start()
    storm.thread.join(120)
    tally.check("all alerts were posted", not storm.waiting and not storm.firing,
                (len(storm.waiting), len(storm.firing)))
    storm.done.set()
    programs.wait_until("all told", lambda: not storm.owed - hook.told, 60)
    lost = storm.owed - hook.told
    tally.check("nothing that was acknowledged is lost (%d owed, %d notifications, %d kills)"
                % (len(storm.owed), hook.count, arguments.kills), not lost, sorted(lost)[:10])
    wrong = [key for key, state in hook.state.items() if state != "resolved"]
    tally.check("the last that was told of each alert is its end", not wrong, wrong[:10])
    most = max(hook.repeated.values(), default=0)
    tally.check("a group is told the same again at most once for each kill (%d repeated in all)"
                % sum(hook.repeated.values()), most <= 1, sorted(hook.repeated.items(), key=lambda item: -item[1])[:5])
    unprovoked = sum(count for (_, life), count in hook.repeated.items() if life == 0)
    tally.check("and never without a kill", unprovoked == 0, unprovoked)
    ids = {one["id"] for one in json.loads(programs.request(server.url + "/api/v2/silences")[1])}
    tally.check("all %d silences are there" % len(storm.silences), set(storm.silences) <= ids,
                set(storm.silences) - ids)
    server.program.stop()
    return tally.finish()


programs.run(main)
