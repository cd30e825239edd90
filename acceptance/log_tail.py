#!/usr/bin/env python3
"""Follows entries while they are pushed, with clients that are killed again and again: within a connection no entry is left
out and none comes twice, and who goes on where it was killed has seen everything. A client that is too slow is told what was
dropped for it."""

import json
import os
import random
import sys
import threading
import time
import urllib.parse

import log_server
import log_tail_client
import programs

HERE = os.path.dirname(os.path.abspath(__file__))
STREAMS = 8
# How many entries of the past a client may ask for: more than come in between two of its lives.
HISTORY = 100_000
SETTLE_SECONDS = 3
MORE = """\
querier: {tail_max_duration: 3h}
"""
LIMITS = """\
max_entries_limit_per_query: 0
max_concurrent_tail_requests: 12
"""


class Pusher:
    """Pushes numbered lines to a few streams, now and then the same push twice, as a shipper does that saw no answer."""

    def __init__(self, server, rest):
        self.server, self.rest = server, rest
        self.pushed = {stream: 0 for stream in range(STREAMS)}
        self.failures, self.repeated = [], 0
        self.stopping = threading.Event()
        self.random = random.Random(1)
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.stopping.is_set():
            push, now = [], time.time_ns()
            for stream in self.random.sample(range(STREAMS), self.random.randint(1, STREAMS)):
                first, count = self.pushed[stream], self.random.randint(1, 30)
                self.pushed[stream] += count
                push.append(({"job": "tail", "stream": str(stream)},
                             [(now + n, "level=info even=%d n=%d" % ((first + n) % 2, first + n)) for n in range(count)]))
            times = 2 if self.random.random() < 0.05 else 1
            for _ in range(times):
                status, text = self.server.push(push)
                if status != 204:
                    self.failures.append("%d %s" % (status, text))
            self.repeated += times - 1
            time.sleep(self.random.random() * self.rest)

    def stop(self):
        self.stopping.set()
        self.thread.join(60)


class Life:
    """What one connection received, in its order, by stream."""

    def __init__(self, path):
        self.numbers = {stream: [] for stream in range(STREAMS)}
        self.newest, self.dropped, self.connected, self.ended = 0, 0, False, None
        with open(path, encoding="utf-8") as file:
            for text in file:
                if not text.endswith("\n"):
                    # It was killed while it wrote.
                    break
                told = json.loads(text)
                self.connected |= "connected" in told
                self.ended = told.get("reason", self.ended)
                self.dropped += len(told.get("dropped_entries") or [])
                for labels, at, line in log_tail_client.entries(told) if "streams" in told else ():
                    self.numbers[int(labels["stream"])].append(int(line.rsplit("n=", 1)[1]))
                    self.newest = max(self.newest, at)

    def complaints(self, step):
        """What is left out or comes twice."""
        found = []
        for stream, numbers in self.numbers.items():
            for before, after in zip(numbers, numbers[1:]):
                if after != before + step:
                    found.append("stream %d: %d after %d (%d of %d)" % (
                        stream, after, before, numbers.index(after), len(numbers)))
                    break
        return found


class Client:
    """A client that is killed after a random time and goes on with what came last; `step` is how numbers grow."""

    def __init__(self, name, server, folder, query, step=1, delay=0, life=None):
        self.name, self.server, self.folder, self.step, self.life = name, server, folder, step, life
        self.query, self.delay = query, delay
        self.from_ns = time.time_ns()
        self.lives, self.failures = [], []
        self.stopping = threading.Event()
        self.random = random.Random(name)
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.stopping.is_set():
            number = len(self.lives)
            out = self.folder.join("%s.%d" % (self.name, number))
            path = "/loki/api/v1/tail?" + urllib.parse.urlencode({
                "query": self.query, "start": self.from_ns, "limit": HISTORY, "delay_for": self.delay})
            log = self.folder.join(self.name + ".log")
            client = programs.Program(self.name, [
                sys.executable, os.path.join(HERE, "log_tail_client.py"), str(self.server.port), path, out], log)
            self.stopping.wait(self.random.uniform(0.3, self.life) if self.life else None)
            if self.stopping.is_set():
                time.sleep(SETTLE_SECONDS + self.delay)
            if not client.running():
                self.failures.append(client.log_tail(3))
            client.kill()
            life = Life(out) if os.path.exists(out) else None
            if life:
                os.remove(out)
                self.lives.append(life)
                # A margin for streams whose last entry came before that of others.
                self.from_ns = max(self.from_ns, life.newest - 5_000_000_000)

    def stop(self):
        self.stopping.set()
        self.thread.join(60)

    def check(self, tally, pushed):
        wrong = [text for life in self.lives for text in life.complaints(self.step)]
        got = sum(len(numbers) for life in self.lives for numbers in life.numbers.values())
        connected = sum(life.connected for life in self.lives)
        tally.check("%s: %d connections, %d entries, in each none left out, none twice" % (self.name, connected, got),
                    connected and got and not wrong and not self.failures, "\n".join(wrong[:5] + self.failures[:2]))
        missing = []
        for stream, count in pushed.items():
            seen = {number for life in self.lives for number in life.numbers[stream]}
            # It has followed since before the first push.
            want = set(range(0, count, self.step))
            missing += ["stream %d: %d of %d" % (stream, len(want - seen), len(want))] if want - seen else []
        tally.check("%s: all its connections together have seen everything" % self.name, not missing, "\n".join(missing))
        dropped = sum(life.dropped for life in self.lives)
        tally.check("%s: nothing was dropped for it" % self.name, not dropped, dropped)


def slow_client(server, tally):
    """A client that reads nothing for a while: what does not fit is dropped, told, and nothing of it comes after all."""
    path = "/loki/api/v1/tail?" + urllib.parse.urlencode({"query": '{job="slow"}', "limit": 10, "start": time.time_ns()})
    tail = log_tail_client.Tail(server.port, path, receive_buffer=4096)
    text, sent = "x" * 1000, 0
    for _ in range(120):
        now = time.time_ns()
        status, answer = server.push([({"job": "slow"}, [(now + n, "n=%d %s" % (sent + n, text)) for n in range(500)])])
        if not tally_push(tally, status, answer):
            return
        sent += 500
    numbers, dropped, told_in = [], [], 0
    while True:
        message = tail.message(seconds=5)
        if message is None:
            break
        numbers += [int(line[2:].split(" ")[0]) for _, _, line in log_tail_client.entries(message)]
        told = message.get("dropped_entries") or []
        told_in += bool(told)
        dropped += [(one["labels"].get("job"), int(one["timestamp"])) for one in told]
    tally.check("slow: %d of %d entries came, in order, none twice" % (len(numbers), sent),
                numbers == sorted(set(numbers)) and len(numbers) < sent, numbers[:20])
    tally.check("slow: %d dropped ones are told in %d messages" % (len(dropped), told_in),
                0 < len(dropped) <= sent - len(numbers) and all(job == "slow" for job, _ in dropped), dropped[:3])
    have = {at for entries in server.entries('{job="slow"}').values() for at, _ in entries}
    tally.check("slow: what is told is what is stored", dropped and {at for _, at in dropped} <= have)
    before = len(numbers)
    server.push([({"job": "slow"}, [(time.time_ns(), "n=%d end" % sent)])])
    message = tail.message(seconds=10)
    tally.check("slow: it goes on afterwards", message and [line for _, _, line in log_tail_client.entries(message)] == ["n=%d end" % sent],
                (before, message))
    tail.abort()


def tally_push(tally, status, answer):
    return status == 204 or tally.check("a push to the slow client's stream", False, "%d %s" % (status, answer))


def refusals(server, tally):
    """What is told before and after the change of protocols."""
    def asked(**parameters):
        path = "/loki/api/v1/tail?" + urllib.parse.urlencode(parameters)
        try:
            tail = log_tail_client.Tail(server.port, path)
        except log_tail_client.Refused as refused:
            return refused.status, refused.text.strip()
        try:
            tail.message(seconds=10)
        except log_tail_client.Closed as closed:
            return closed.code, closed.reason
        finally:
            tail.abort()
        return None

    status, _ = server.send("/loki/api/v1/tail?query=%7Bjob%3D%22tail%22%7D", None, method="GET")
    tally.check("a tail without a websocket: 400", status == 400, status)
    for parameters, code, text in (
            ({"query": "{job="}, 400, "parse error"), ({"query": '{job="a"}', "delay_for": "6"}, 400, "delay_for can't be greater than 5"),
            ({"query": 'rate({job="a"}[1m])'}, 1011, "only log selector is supported"),
            ({"query": '{job="a"}', "limit": "-1"}, 400, "limit must be a positive value")):
        told = asked(**parameters)
        tally.check("%s: %d %s" % (parameters, code, text), told and told[0] == code and text in told[1], told)
    held = []
    try:
        for _ in range(40):
            held.append(log_tail_client.Tail(server.port, "/loki/api/v1/tail?query=%7Bjob%3D%22none%22%7D"))
        closed = []
        for tail in held:
            try:
                tail.message(seconds=0.3)
            except log_tail_client.Closed as told:
                closed.append((told.code, told.reason))
        tally.check("more tails than allowed are closed",
                    closed and all(code == 1011 and reason.startswith("max concurrent tail requests limit exceeded, count > limit (")
                                   for code, reason in closed), closed[:2])
    finally:
        for tail in held:
            tail.abort()


def main():
    options = programs.argument_parser(
        __doc__.splitlines()[0],
        ("--minutes", {"type": float, "default": 60, "help": "how long they follow"}),
        ("--rest", {"type": float, "default": 0.1, "help": "the longest rest between two pushes in seconds"})).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    server = log_server.LogServer(options.lapwing, folder, LIMITS, MORE).start()
    refusals(server, tally)
    if not programs.wait_until("tails to end", lambda: server.counted("loki_querier_tail_active") == 0, 20):
        tally.check("tails of clients that are gone end", False)
    selector = '{job="tail"}'
    clients = [Client("steady", server, folder, selector),
               Client("killed", server, folder, selector, life=20),
               Client("often killed", server, folder, selector, life=3),
               Client("filtered", server, folder, selector + ' |= "even=0" | logfmt | n >= 0', step=2, life=20),
               Client("delayed", server, folder, selector, delay=2, life=30)]
    time.sleep(2)
    pusher = Pusher(server, options.rest)
    slow = threading.Thread(target=slow_client, args=(server, tally), daemon=True)
    slow.start()
    time.sleep(options.minutes * 60)
    pusher.stop()
    slow.join(120)
    for client in clients:
        client.stopping.set()
    for client in clients:
        client.stop()
        client.check(tally, pusher.pushed)
    count = sum(pusher.pushed.values())
    tally.check("%d entries pushed, %d pushes sent twice, none refused" % (count, pusher.repeated),
                count and pusher.repeated and not pusher.failures, "\n".join(pusher.failures[:3]))
    # Counted there: the entries of an hour do not fit into the memory of one query.
    stored = server.number("sum(count_over_time(%s[2d]))" % selector)
    tally.check("the store has them once", stored == count, stored)
    tally.check("tails of clients that were killed end",
                programs.wait_until("no tails", lambda: server.counted("loki_querier_tail_active") == 0, 20))
    now, peak = server.resident()
    tally.check("memory: %d MiB at most" % (peak >> 20), peak < 1 << 30)
    complaints = server.complaints()
    tally.check("the log tells of no error", not complaints, "".join(complaints[:5]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
