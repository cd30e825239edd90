#!/usr/bin/env python3
"""Loads the server under test with history and with live samples, pushed and scraped at once, ends it with SIGKILL in the
middle, and gives copies of what is on its disk to itself and to the real programs: 200 queries must be answered the same,
and promtool must list, analyze and dump the same as the server's own commands."""

import json
import math
import re
import shutil
import subprocess
import time

import programs
import queries

SERIES, HISTORY_SECONDS, LIVE_SECONDS = 4000, 6 * 3600, 40
# Relative: the answers are sums over the same samples, whose order may differ.
TOLERANCE = 1e-9
QUERIES = 200

CONFIG = """\
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["%(node)s"]}]
  - job_name: itself
    static_configs: [{targets: ["%(itself)s"]}]
"""


def push(server, **flags):
    """Starts a pusher; its standard output is one line of JSON."""
    arguments = programs.bench_command(server.binary, "metrics-push", "--url=%s/api/v1/write" % server.url, "--series=%d" % SERIES,
                                       *("--%s=%s" % pair for pair in flags.items()))
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)


def load(options, folder, node, tally):
    """Fills a server and kills it under load; returns the server (dead) and the moments its data lies around."""
    config = folder.write("loaded.yml", "scrape_configs: []\n")
    server = programs.Server("loaded", options.lapwing, folder, config,
                             ["--web.enable-remote-write-receiver", "--web.enable-lifecycle"])
    server.start()
    began = time.time()
    # By one connection: of several, some would come so far ahead that the samples of the others were too old.
    history = push(server, scrapes=HISTORY_SECONDS // 60, interval=60_000, connections=1, end=int((began - 60) * 1000))
    out, err = history.communicate(timeout=300)
    if not tally.check("six hours of %d series pushed" % SERIES, history.returncode == 0, out + err):
        raise programs.Failure("no history")
    blocks = programs.wait_until("blocks", lambda: len(blocks_of(server)) >= 2, 180)
    tally.check("the head has become blocks: %d" % len(blocks_of(server)), blocks)
    folder.write("loaded.yml", CONFIG % {"node": node, "itself": server.address})
    programs.request(server.url + "/-/reload", method="POST")
    # So near to each other that the pusher, busy throughout, does not come to times that are refused as too far ahead.
    live = push(server, scrapes=100_000, interval=10, connections=1, end=int((began + 1000) * 1000))
    time.sleep(LIVE_SECONDS)
    tally.check("pushing when the kill came", live.poll() is None, live.poll() is not None and live.stderr.read())
    now = time.time()
    server.program.kill()
    live.kill()
    live.wait()
    return server, began, now


def blocks_of(server):
    return [block["ulid"] for block in server.api("status/tsdb/blocks")["blocks"]]


def questions(began, now):
    """QUERIES questions: the fixed ones at moments of the history and of the live part."""
    moments = [now - 2, now - 20, began - 70, began - 2 * 3600 - 17, began - 5 * 3600]
    asked = []
    for query in queries.INSTANT + queries.RANGE:
        for at in moments:
            at = round(at, 3)
            text = query.text.replace("{at}", "%.3f" % at)
            if at < began:
                # A scrape a minute: what looks back over seconds would see nothing.
                text = re.sub(r"\[(\d+)s(:?)(\d*)(s?)\]", lambda m: "[%sm%s%s%s]" % (
                    m[1], m[2], m[3], "m" if m[4] else ""), text)
            if query.kind == "instant":
                asked.append(("query", {"query": text, "time": "%.3f" % at}))
            else:
                span, step = (30, 1) if at > began else (1800, 60)
                asked.append(("query_range", {"query": text, "start": "%.3f" % (at - span), "end": "%.3f" % at, "step": step}))
    return [asked[n * len(asked) // QUERIES] for n in range(QUERIES)]


def same(left, right):
    """Whether two decoded answers are equal, numbers within TOLERANCE."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if left == right:
        return True
    try:
        a, b = float(left), float(right)
    except (TypeError, ValueError):
        return False
    return math.isclose(a, b, rel_tol=TOLERANCE) or (math.isnan(a) and math.isnan(b))


def ordered(answer):
    """An answer whose series stand in an order that both servers share."""
    data = answer.get("data", {})
    if isinstance(data.get("result"), list) and data.get("resultType") in ("vector", "matrix"):
        data["result"].sort(key=lambda series: json.dumps(series["metric"], sort_keys=True))
    return {"status": answer["status"], "type": answer.get("errorType"), "data": data}


def compare_answers(tally, mine, real, asked):
    full = 0
    for path, parameters in asked:
        answers = [ordered(server.answer(path, **parameters)) for server in (mine, real)]
        full += bool(answers[1]["data"].get("result"))
        tally.check("%s %s at %s" % (path, parameters["query"], parameters.get("time", parameters.get("end"))),
                    same(*answers), "server: %s\nreal:   %s" % tuple(json.dumps(a)[:600] for a in answers))
    tally.check("%d of %d answers are not empty" % (full, len(asked)), full > len(asked) / 2)


def compare_tools(tally, options, peers, data):
    """promtool and the server's own commands say the same of the directory."""
    for what, arguments in (
            ("list", [data]), ("list in human form", ["-r", data]), ("analyze", [data]),
            ("dump", ["--match={__name__=~\"node_load1|up\"}", data]),
            ("dump of a range", ["--match=node_context_switches_total", "--min-time=%d" % int((time.time() - 4 * 3600) * 1000), data])):
        command = ["tsdb", what.split()[0], *arguments]
        status, out, err = peers.promtool_run(*command)
        mine = subprocess.run([options.lapwing, *command], capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)
        read = ranked if what == "analyze" else lambda text: sorted(text.splitlines())
        left, right = read(mine.stdout), read(out)
        tally.check("tsdb %s: %d lines" % (what, len(out.splitlines())),
                    status == mine.returncode == 0 and right and left == right,
                    difference(left, right) + err + mine.stderr)


def ranked(text):
    """The lines of an analysis, those of equal count sorted: promtool gives them in another order each time, and of those
    that share the least count of a list it gives other ones each time, so that only their number is compared."""
    kept = []
    for part in text.split("\n\n"):
        title, *lines = part.splitlines()
        entries = [line.split(" ", 1) for line in lines]
        if not entries or not all(len(entry) == 2 and entry[0].isdigit() for entry in entries):
            kept += [title, *lines]
            continue
        least = entries[-1][0]
        kept += [title] + sorted("%s %s" % (count, "…" if count == least else of) for count, of in entries)
    return kept


def difference(left, right):
    here, there = set(left), set(right)
    return "only here: %s\nonly there: %s\n" % ([l for l in left if l not in there][:4], [r for r in right if r not in here][:4])


def main():
    options = programs.argument_parser(__doc__).parse_args()
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    server, began, now = load(options, folder, programs.start_node_exporter(peers, folder), tally)
    nothing = folder.write("nothing.yml", "scrape_configs: []\n")
    tools = folder.join("tools.data")
    shutil.copytree(server.data, tools)
    compare_tools(tally, options, peers, tools)
    servers = []
    for name, binary in (("again", options.lapwing), ("real", peers.prometheus)):
        data = folder.join(name + ".data")
        # The mark of the process that was killed stays behind: a copy is nobody's.
        shutil.copytree(server.data, data, ignore=shutil.ignore_patterns("lock"))
        servers.append(programs.Server(name, binary, folder, nothing, data=data).start())
    compare_answers(tally, *servers, questions(began, now))
    complaints = [line for line in open(servers[1].log, encoding="utf-8") if "level=WARN" in line or "level=ERROR" in line]
    tally.check("the real Prometheus has nothing to complain of in its log", not complaints, "".join(complaints[:4]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
