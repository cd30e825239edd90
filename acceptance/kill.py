#!/usr/bin/env python3
"""Kills the server under test with SIGKILL at random moments while it scrapes, and looks whether every sample whose scrape
had finished is still there afterwards; then opens the cleanly stopped data directory with the real programs.

A scrape counts as finished, and its samples as acknowledged, if
  - a query returned them before the kill (a poller asks all the time), or
  - the server had come back to the same target for its next scrape, so that it was done with this one.
A scrape that was delivered, but of which neither is true, may be there wholly or not at all."""

import http.server
import json
import random
import shutil
import signal
import threading
import time

import programs

SERIES = 200
# How far back the poller looks, and how long it rests; short, so that it sees a scrape before a kill can come.
POLL_SECONDS, POLL_REST = 5, 0.02
# A Prometheus begins to scrape 5 s after its start, so that some lives end before the first scrape, most after several.
LIFE_SECONDS_MAX = 25.0
# The second of this many kills hits the server during its start, when it recovers what was written.
DURING_START_EVERY = 4

CONFIG = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: tick
    static_configs:
      - targets: ["%(tick)s"]
  - job_name: node
    static_configs:
      - targets: ["%(node)s"]
"""


class TickTarget:
    """A target of SERIES counters. In the scrape numbered k, the series n has the value k * 1000 + n, so that every sample
    tells which scrape and which series it is of."""

    def __init__(self):
        self.finished = []  # (number, wall time at which the whole body was handed over)
        self.life_of = {}  # number of the scrape -> life of the server
        self.life = self.number = 0
        self.lock = threading.Lock()
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                target.serve(self)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer((programs.LOOPBACK, 0), Handler)
        self.http.daemon_threads = True
        self.address = "%s:%d" % (programs.LOOPBACK, self.http.server_address[1])
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def serve(self, handler):
        with self.lock:
            self.number += 1
            number, life = self.number, self.life
        lines = ["# TYPE tick counter"] + ['tick{n="%03d"} %d' % (n, number * 1000 + n) for n in range(SERIES)]
        body = ("\n".join(lines) + "\n").encode()
        try:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/plain; version=0.0.4")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            return  # the server was killed in the middle: this scrape never finished
        with self.lock:
            self.finished.append((number, time.time()))
            self.life_of[number] = life

    def overtaken(self):
        """The numbers of the scrapes after which the same life of the server came for another one."""
        with self.lock:
            last = {}
            for number, life in self.life_of.items():
                last[life] = max(last.get(life, 0), number)
            return {number for number, life in self.life_of.items() if number < last[life]}


class Poller:
    """Asks the server all the time, and keeps what it answered."""

    def __init__(self, server):
        self.server = server
        self.seen = {}  # (labels, milliseconds) -> value text
        self.torn = []  # scrapes of which a query saw a part only
        self.asked = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.poll, daemon=True)
        self.thread.start()

    def poll(self):
        while not self.stopping.is_set():
            try:
                now = time.time()
                answer = self.server.matrix("tick[%ds]" % POLL_SECONDS, now)
                node = self.server.matrix('{__name__=~"up|node_time_seconds|scrape_samples_scraped",job="node"}[5s]', now)
            except (OSError, ValueError, KeyError, programs.Failure, programs.http.client.HTTPException):
                time.sleep(POLL_REST)
                continue
            self.asked += 1
            self.torn += torn_scrapes(answer, now - POLL_SECONDS + 0.5)
            for key, samples in (*answer.items(), *node.items()):
                for t, value in samples:
                    self.seen[key, t] = value
            time.sleep(POLL_REST)

    def stop(self):
        self.stopping.set()
        self.thread.join(30)


def torn_scrapes(matrix, since=0.0):
    """The moments at which not exactly the SERIES series of one scrape have a sample."""
    at = {}
    for key, samples in matrix.items():
        n = int(dict(key)["n"])
        for t, value in samples:
            number, of = divmod(float(value), 1000)
            at.setdefault(t, []).append((number, n == of))
    return ["at %d: %d series, scrapes %s" % (t, len(found), sorted({number for number, _ in found})[:4])
            for t, found in sorted(at.items()) if t >= since * 1000
            and (len(found) != SERIES or len({number for number, _ in found}) != 1 or not all(right for _, right in found))]


class Run:
    """One run: the server, its target, and all that was acknowledged."""

    def __init__(self, server, target):
        self.server, self.target = server, target
        self.began = time.time()
        self.acknowledged = {}
        self.expected_numbers = set()
        self.checked = 0

    def up(self, seconds):
        """Lets the server run for so long; returns what the poller complains of."""
        poller = Poller(self.server)
        time.sleep(seconds)
        self.server.program.kill()
        with self.target.lock:
            self.target.life += 1
        self.acknowledge(poller)
        return poller

    def acknowledge(self, poller):
        """Takes over what the poller saw and what the target knows to be done."""
        poller.stop()
        self.acknowledged.update(poller.seen)
        self.expected_numbers = self.target.overtaken()

    def seconds(self):
        return int(time.time() - self.began) + 5

    def lost(self):
        """Asks for everything since the start; returns in words what is missing, changed or torn."""
        now, span = time.time(), "[%ds]" % self.seconds()
        tick = self.server.matrix("tick" + span, now)
        node = self.server.matrix('{job="node"}' + span, now)
        kept = {(key, t): value for matrix in (tick, node) for key, samples in matrix.items() for t, value in samples}
        self.checked += len(self.acknowledged)
        found = ["lost: %s at %d" % (programs.labels_text(key), t) for key, t in self.acknowledged if (key, t) not in kept]
        found += ["changed: %s at %d is %s, was %s" % (programs.labels_text(key), t, kept[key, t], value)
                  for (key, t), value in self.acknowledged.items() if kept.get((key, t), value) != value]
        found += ["torn: " + text for text in torn_scrapes(tick)]
        numbers = {int(float(value)) // 1000 for samples in tick.values() for _, value in samples}
        found += ["lost: scrape %d, though the server had gone on to the next" % n
                  for n in sorted(self.expected_numbers - numbers)]
        return found + out_of_order(tick) + incomplete_node_scrapes(node)

    def undecided(self):
        """How many delivered scrapes are not acknowledged."""
        seen = {int(float(v)) // 1000 for (key, _), v in self.acknowledged.items() if dict(key)["__name__"] == "tick"}
        return len(set(self.target.life_of) - seen - self.expected_numbers)


def out_of_order(matrix):
    """Series whose times or scrape numbers do not grow."""
    for key, samples in matrix.items():
        for (t, value), (next_t, next_value) in zip(samples, samples[1:]):
            if next_t <= t or float(next_value) <= float(value):
                return ["order: %s has %s at %d after %s at %d" % (programs.labels_text(key), next_value, next_t, value, t)]
    return []


def incomplete_node_scrapes(matrix):
    """Good scrapes of the node_exporter that have not as many samples as they said."""
    at, said, good = {}, {}, set()
    for key, samples in matrix.items():
        name = dict(key)["__name__"]
        for t, value in samples:
            if name == "scrape_samples_scraped":
                said[t] = int(float(value))
            elif name == "up":
                good.update([t] if value == "1" else [])
            elif not name.startswith("scrape_"):
                at[t] = at.get(t, 0) + 1
    return ["torn: node_exporter's scrape at %d has %d samples and said %s" % (t, at.get(t, 0), said.get(t))
            for t in sorted(good) if at.get(t, 0) != said.get(t)]


def kill_and_check(tally, run, chance, kills, life):
    """The main part: kill, start again, compare."""
    for turn in range(1, kills + 1):
        seconds = chance.uniform(0.2, life)
        poller = run.up(seconds)
        words = "%.2f s after it was ready" % seconds
        run.server.launch()
        if turn % DURING_START_EVERY == 2:
            delay = chance.uniform(0.0, 0.15)
            time.sleep(delay)
            run.server.program.kill()
            words += ", and again %.2f s into its next start" % delay
            run.server.launch()
        ready = run.server.wait_ready()
        found = run.lost()
        tally.check("kill %d, %s: ready again in %.2f s, %d samples acknowledged so far (%d polls)" % (
            turn, words, ready, len(run.acknowledged), poller.asked), not found and poller.asked,
            "\n".join(found[:5] + ["%d complaints in all" % len(found)]))
        tally.check("kill %d: no query saw a part of a scrape" % turn, not poller.torn, "\n".join(poller.torn[:3]))


def open_elsewhere(tally, peers, folder, run):
    """Stops the server and gives its data directory to the real programs."""
    poller = Poller(run.server)
    time.sleep(8)
    run.acknowledge(poller)
    now, selectors = round(time.time(), 3), ["tick[%ds]" % run.seconds(), '{job="node"}[%ds]' % run.seconds()]
    status, seconds = run.server.program.stop(signal.SIGTERM)
    tally.check("SIGTERM: status 0 within %d s (%.1f s)" % (programs.STOP_SECONDS_MAX, seconds), status == 0,
                "status %s\n%s" % (status, run.server.program.log_tail()))
    data = folder.join("copy")
    shutil.copytree(run.server.data, data)
    config = folder.write("nothing.yml", "scrape_configs: []\n")

    again = programs.Server("again", run.server.binary, folder, config, data=folder.join("copy2"))
    shutil.copytree(run.server.data, again.data)
    again.start()
    answers = [again.matrix(selector, now) for selector in selectors]
    kept = {(key, t) for matrix in answers for key, samples in matrix.items() for t, _ in samples}
    missing = sorted(run.acknowledged.keys() - kept)
    missing += sorted(run.expected_numbers - {int(float(v)) // 1000 for samples in answers[0].values() for _, v in samples})
    tally.check("started on the stopped directory it has all %d acknowledged samples" % len(run.acknowledged),
                run.acknowledged and not missing, missing[:3])
    status, _ = again.program.stop()
    tally.check("and stops again with status 0", status == 0, again.program.log_tail())

    real = programs.Server("real", peers.prometheus, folder, config, flags=["--web.enable-admin-api"], data=data).start()
    for selector, mine in zip(selectors, answers):
        theirs = real.matrix(selector, now)
        differing = sorted(key for key in {*mine, *theirs} if mine.get(key) != theirs.get(key))
        tally.check("the real Prometheus answers %s the same: %d series, %d samples" % (
            selector, len(theirs), sum(map(len, theirs.values()))), mine and not differing,
            "%d series differ: %s" % (len(differing), "; ".join(
                "%s: %s, real %s" % (programs.labels_text(key), mine.get(key, [])[-3:], theirs.get(key, [])[-3:])
                for key in differing[:2])))
    complaints = [line for line in open(real.log, encoding="utf-8") if "level=WARN" in line or "level=ERROR" in line]
    tally.check("the real Prometheus has nothing to complain of in its log", not complaints, "".join(complaints[:4]))

    status, body = programs.request(real.url + "/api/v1/admin/tsdb/snapshot", {}, method="POST")
    snapshot = json.loads(body)["data"]["name"]
    real.program.stop()
    snapshots = data + "/snapshots/" + snapshot
    for arguments in (["tsdb", "list", run.server.data], ["tsdb", "list", snapshots], ["tsdb", "analyze", snapshots]):
        status, out, err = peers.promtool_run(*arguments)
        where = "the stopped directory" if arguments[2] == run.server.data else "the real Prometheus's snapshot of it"
        tally.check("promtool %s %s of %s: %d lines" % (*arguments[:2], where, len(out.splitlines())), status == 0, out + err)
    dump(tally, peers, run.server.data, answers[0])

    back = programs.Server("back", run.server.binary, folder, config, data=data).start()
    differing = [s for s, mine in zip(selectors, answers) if back.matrix(s, now) != mine]
    tally.check("what the real Prometheus leaves behind is read back the same", not differing, differing)
    back.program.stop()


def dump(tally, peers, data, matrix):
    """promtool's dump of the stopped directory holds the same samples."""
    status, out, err = peers.promtool_run("tsdb", "dump", "--match=tick", data)
    # Large numbers are written otherwise there.
    lines = {(float(line.split()[-2]), int(line.split()[-1])) for line in out.splitlines()}
    wanted = {(float(value), t) for samples in matrix.values() for t, value in samples}
    missing = sorted(wanted - lines)
    tally.check("promtool tsdb dump of the stopped directory: %d samples" % len(lines), status == 0 and not missing,
                "status %d, %d samples missing %s\n%s" % (status, len(missing), missing[:3], err[:300]))


def main():
    options = programs.argument_parser(
        __doc__, ("--seed", {"type": int, "default": random.SystemRandom().randrange(1 << 32)}),
        ("--kills", {"type": int, "default": 10}),
        ("--life", {"type": float, "default": LIFE_SECONDS_MAX, "help": "seconds that a life lasts at most"})).parse_args()
    if not 1 <= options.kills <= 1000:
        raise programs.Failure("--kills must lie between 1 and 1000")
    if not 0.2 < options.life <= 600:
        raise programs.Failure("--life must lie between 0.2 and 600 seconds")
    print("--seed %d" % options.seed, flush=True)
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    target, node = TickTarget(), programs.start_node_exporter(peers, folder)
    config = folder.write("prometheus.yml", CONFIG % {"tick": target.address, "node": node})
    run = Run(programs.Server("tested", options.lapwing, folder, config).start(), target)
    kill_and_check(tally, run, random.Random(options.seed), options.kills, options.life)
    open_elsewhere(tally, peers, folder, run)
    print("%d samples acknowledged, %d checks of samples; %d scrapes delivered, %d of them not acknowledged" % (
        len(run.acknowledged), run.checked, len(target.life_of), run.undecided()))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
