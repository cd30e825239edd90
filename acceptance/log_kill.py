#!/usr/bin/env python3
"""Kills a server of logs with SIGKILL at random moments while entries are pushed, and looks whether every entry whose push
was acknowledged is there afterwards, once and in order; then whether queries give the same after a clean restart, after the
head was written down, and after merging.

A push that was under way at a kill is sent again, as shippers do: what of it had been stored must not be there twice."""

import os
import random
import threading
import time

import log_server
import programs

STREAMS, PUSHERS = 24, 4
ENTRIES_PER_PUSH = 40
# How long the server is given to merge what was written down.
MERGE_SECONDS = 90
# The second of this many kills hits the server during its start, when it reads what was written.
DURING_START_EVERY = 4
RETRY_REST = 0.05

QUERIES = [
    'sum(count_over_time({job="kill"}[%s]))',
    'sum by (stream) (count_over_time({job="kill"}[%s]))',
    'sum(bytes_over_time({job="kill"}[%s]))',
    'sum by (level) (count_over_time({job="kill"} | logfmt | n > 50 [%s]))',
    'max by (stream) (max_over_time({job="kill"} | logfmt | unwrap n [%s]))',
    'count(count_over_time({job="kill"} |= "n=7 " [%s]))',
    'sum(count_over_time({job="kill"} |~ "text-[0-9a-f]*[13579]$" [%s]))',
    'sum by (shard) (count_over_time({job="kill"} | shard="1" [%s]))',
]


def line_of(stream, number):
    """The line of a number: enough text that parts have something to compress, the same at every try."""
    noise = random.Random(stream * 1_000_003 + number)
    level = noise.choice(("info", "warn", "error", "debug"))
    return "level=%s stream=%d n=%d text-%x" % (level, stream, number, noise.getrandbits(noise.choice((8, 64, 512))))


class Pusher:
    """Pushes to its streams, one push at a time; what is not acknowledged is sent again, the very same."""

    def __init__(self, number, server):
        self.server = server
        self.streams = range(number, STREAMS, PUSHERS)
        self.next = {stream: 0 for stream in self.streams}
        self.times = {stream: [] for stream in self.streams}
        self.acknowledged = {stream: 0 for stream in self.streams}
        self.retried, self.refused, self.stopping = 0, [], threading.Event()
        self.random = random.Random(number)
        self.thread = threading.Thread(target=self.work, daemon=True)

    def batch(self):
        """Entries of some of its streams, in order of time; entries of one stream may share a nanosecond."""
        chosen = self.random.sample(list(self.streams), self.random.randint(1, len(self.streams)))
        push = []
        for stream in chosen:
            entries, now = [], time.time_ns()
            for _ in range(self.random.randint(1, ENTRIES_PER_PUSH)):
                number = self.next[stream]
                before = self.times[stream][-1] if self.times[stream] else 0
                at = before if before and self.random.random() < 0.2 else max(now, before + 1)
                self.times[stream].append(at)
                self.next[stream] += 1
                metadata = [{"shard": str(number % 3), "id": "%016x" % number}] if number % 5 == 0 else []
                entries.append((at, line_of(stream, number), *metadata))
            push.append(({"job": "kill", "stream": "%02d" % stream}, entries))
        return chosen, push

    def work(self):
        while not self.stopping.is_set():
            chosen, push = self.batch()
            tries = 0
            while True:
                try:
                    status, text = self.server.push(push, timeout=20)
                except log_server.GONE:
                    status, text = None, ""
                if status == 204:
                    break
                if status is not None and status < 500 and status != 429:
                    self.refused.append("%d: %s" % (status, text[:200]))
                    return
                tries += 1
                time.sleep(RETRY_REST)
            self.retried += tries > 0
            for stream in chosen:
                self.acknowledged[stream] = self.next[stream]


def stored(server):
    """What the server has, by stream."""
    found = {}
    for labels, entries in server.entries('{job="kill"}').items():
        found.setdefault(int(dict(labels)["stream"]), []).append(entries)
    return found


def wrong(server, pushers):
    """What is not as it was acknowledged, in words; and how many entries are."""
    found, complaints, count = stored(server), [], 0
    for pusher in pushers:
        for stream in pusher.streams:
            have = found.get(stream, [[]])
            entries = have[0]
            acknowledged, sent = pusher.acknowledged[stream], pusher.next[stream]
            want = [(pusher.times[stream][number], line_of(stream, number)) for number in range(sent)]
            count += len(entries)
            if len(have) > 1:
                complaints.append("stream %d comes in %d parts" % (stream, len(have)))
            elif entries != want[:len(entries)]:
                place = next(place for place, (a, b) in enumerate(zip(entries + [None], want + [None])) if a != b)
                complaints.append("stream %d has %d entries of %d acknowledged, and at %d %r instead of %r" % (
                    stream, len(entries), acknowledged, place, entries[place:place + 2], want[place:place + 1]))
            elif len(entries) < acknowledged:
                complaints.append("stream %d lost %d of %d" % (stream, acknowledged - len(entries), acknowledged))
    return complaints, count


def answers(server, began, at):
    """The answers of the queries, with all their labels and values."""
    span = "%ds" % (at // 1_000_000_000 - int(began) + 60)
    told = {}
    for query in QUERIES:
        result = server.ask("/loki/api/v1/query", query=query % span, time=at)["data"]["result"]
        told[query] = sorted((programs.labels_key(one["metric"]), one["value"][1]) for one in result)
    return told


def parts(server):
    """The part files of the server."""
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(server.data, "chunks"))
                  for name in names if name.endswith(".part"))


class Quiet:
    """Holds the pushers still, so that what is asked twice cannot have changed."""

    def __init__(self, pushers):
        self.pushers = pushers

    def __enter__(self):
        for pusher in self.pushers:
            pusher.stopping.set()
        for pusher in self.pushers:
            pusher.thread.join(60)

    def __exit__(self, *_):
        for pusher in self.pushers:
            pusher.stopping.clear()
            pusher.thread = threading.Thread(target=pusher.work, daemon=True)
            pusher.thread.start()


def kill_during_start(server, chance):
    """Starts it and kills it before it may be ready."""
    server.launch()
    time.sleep(chance.random() * 0.3)
    server.program.kill()


def live(server, options, chance, pushers, tally):
    """One life of the server up to its kill."""
    time.sleep(chance.uniform(0.2, options.life))
    if chance.random() < 0.5:
        # In the middle of writing the head down.
        threading.Thread(target=quietly, args=(server, "/flush"), daemon=True).start()
        time.sleep(chance.random() * 0.1)
    server.program.kill()


def quietly(server, path):
    try:
        server.send(path)
    except log_server.GONE:
        pass


def same_afterwards(server, tally, began, what, change, complaints_of):
    """Whether answers are the same after a change of where the entries are."""
    at = time.time_ns()
    before = answers(server, began, at)
    change()
    after = answers(server, began, at)
    different = [query for query in QUERIES if before[query] != after[query]]
    tally.check("%d queries answer the same %s" % (len(QUERIES), what), not different and any(before.values()),
                "\n".join("%s: %r, then %r" % (query, before[query][:3], after[query][:3]) for query in different[:3]))
    complaints, count = complaints_of()
    tally.check("%d entries are there once and in order %s" % (count, what), count and not complaints,
                "\n".join(complaints[:5]))


def main():
    options = programs.argument_parser(
        __doc__.splitlines()[0],
        ("--kills", {"type": int, "default": 20, "help": "how often"}),
        ("--life", {"type": float, "default": 6.0, "help": "the longest life in seconds"}),
        ("--seed", {"type": int, "default": None})).parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    print("seed %d" % seed)
    chance, tally, folder = random.Random(seed), programs.Tally(), programs.Folder(options.keep)
    server = log_server.LogServer(options.lapwing, folder)
    server.start()
    began = time.time()
    pushers = [Pusher(number, server) for number in range(PUSHERS)]
    for pusher in pushers:
        pusher.thread.start()
    failed_starts = []
    for kill in range(options.kills):
        live(server, options, chance, pushers, tally)
        if kill % DURING_START_EVERY == 1:
            kill_during_start(server, chance)
        try:
            server.launch()
            seconds = server.wait_ready()
        except programs.Failure as failure:
            failed_starts.append(str(failure))
            break
        if kill % 5 == 4 or kill == options.kills - 1:
            with Quiet(pushers):
                complaints, count = wrong(server, pushers)
            tally.check("after kill %d: %d entries, started in %.1f s" % (kill + 1, count, seconds),
                        count and not complaints, "\n".join(complaints[:5]))
        if any(pusher.refused for pusher in pushers):
            break
    refused = [text for pusher in pushers for text in pusher.refused]
    tally.check("no push is refused for good", not refused, "\n".join(refused[:5]))
    if not tally.check("no start fails", not failed_starts, "\n".join(failed_starts)):
        return tally.finish()
    for pusher in pushers:
        pusher.stopping.set()
    for pusher in pushers:
        pusher.thread.join(60)
    complaints_of = lambda: wrong(server, pushers)
    complaints, count = complaints_of()
    tally.check("%d entries after %d kills, %d pushes sent again: none lost, none twice"
                % (count, options.kills, sum(pusher.retried for pusher in pushers)),
                count and not complaints, "\n".join(complaints[:5]))

    def restart():
        status, seconds = server.program.stop()
        tally.check("a clean stop ends with status 0 within %.1f s" % seconds, status == 0)
        server.launch().wait_ready()

    same_afterwards(server, tally, began, "after a clean restart", restart, complaints_of)
    same_afterwards(server, tally, began, "after the head was written down", lambda: server.send("/flush"), complaints_of)
    # More parts than are left alone, of the same day.
    for _ in range(6):
        with Quiet(pushers):
            pass
        time.sleep(0.5)
        server.send("/flush")
    for pusher in pushers:
        pusher.stopping.set()
    for pusher in pushers:
        pusher.thread.join(60)
    server.send("/flush")

    def merge():
        before = parts(server)
        merges = lambda: server.counted("lapwing_logs_merges_total")
        programs.wait_until("merging", lambda: merges() and len(parts(server)) < max(2, len(before)), MERGE_SECONDS)
        # Some of them may have been merged between two flushes already.
        tally.check("parts were merged: %d before, %d after, %d merges" % (len(before), len(parts(server)), merges()), merges())

    same_afterwards(server, tally, began, "after merging", merge, complaints_of)
    same_afterwards(server, tally, began, "after another restart", restart, complaints_of)
    left = [name for _, _, names in os.walk(server.data) for name in names if name.endswith(".tmp")]
    tally.check("nothing half written is left", not left, left)
    complaints = server.complaints()
    tally.check("the log tells of no error", not complaints, "".join(complaints[:5]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
