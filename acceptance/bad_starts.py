#!/usr/bin/env python3
"""Starts the server under test badly, and looks whether it says what is wrong in one clear line and ends; reloads good and
broken files; and stops it while queries run."""

import http.client
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import programs

SECONDS_MAX = 20
NOBODY = 65534
# The log's own lines, which may stand before the clear one.
LOGFMT = re.compile(r"^(time|ts)=\S+ (level=|caller=)|^\{\"time\":")

GOOD = "global: {scrape_interval: 1s}\nscrape_configs:\n"
JOB = "  - job_name: %s\n    static_configs: [{targets: [\"%s\"]}]\n"

# (what, text of the file, what the line must name beside the file)
BAD_CONFIGURATIONS = [
    ("an unknown key", GOOD + "  - job_name: a\n    static_config: []\n", ["static_config"]),
    ("an unknown section", "globals: {}\n", ["globals"]),
    ("a value of the wrong kind", "global:\n  scrape_interval: banana\n", ["banana"]),
    ("a list that is none", "scrape_configs: 7\n", ["7"]),
    ("text that is no YAML", "global:\n  scrape_interval: 1s\n scrape_configs: [\n", []),
    ("the same job twice", GOOD + JOB % ("twin", "h:1") + JOB % ("twin", "h:2"), ["twin"]),
    ("a timeout above the interval", "global: {scrape_interval: 1s, scrape_timeout: 9s}\n", ["timeout"]),
    ("a pattern that does not compile",
     GOOD + JOB % ("a", "h:1") + "    relabel_configs: [{regex: \"a(\", action: drop, source_labels: [x]}]\n", ["a("]),
]


def judge(tally, what, server, names, syntax=False, **how):
    """Starts `server`, which must end by itself with one clear line that holds each of `names`, and the place of an error of
    `syntax`."""
    began = time.monotonic()
    process = subprocess.Popen(server.arguments(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                               stdin=subprocess.DEVNULL, cwd=server.folder.path, **how)
    try:
        out, err = process.communicate(timeout=SECONDS_MAX)
        status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        status = None
    lines = [line for line in err.splitlines() if line.strip()]
    complaints = []
    if status is None:
        complaints.append("it did not end within %d s" % SECONDS_MAX)
    elif status <= 0:
        complaints.append("exit status %d" % status)
    if not lines:
        complaints.append("nothing on stderr")
    else:
        complaints += ["the last line does not name " + name for name in names if name not in lines[-1]]
        if syntax and not re.search(r"(line |\.yml:)\d", lines[-1]):
            complaints.append("the last line does not name the line of the file")
        complaints += ["a line of no log stands before the last one: " + line for line in lines[:-1] if not LOGFMT.match(line)]
    if "panicked at" in err or "goroutine 1" in err:
        complaints.append("a panic")
    tally.check("%s: status %s in %.1f s: %s" % (what, status, time.monotonic() - began, lines[-1][:400] if lines else ""),
                not complaints, "\n".join(complaints[:6]) + "\nstdout: " + out[-300:] + "\nstderr: " + err[-600:])


def bad_starts(tally, options, folder):
    """Everything that must not start."""
    good = folder.write("good.yml", "scrape_configs: []\n")
    def server(name, config=good, **how):
        return programs.Server(name, options.lapwing, folder, config, **how)
    for i, (what, text, names) in enumerate(BAD_CONFIGURATIONS):
        name = "bad%d.yml" % i
        judge(tally, "configuration: " + what, server("c%d" % i, folder.write(name, text)), [name, *names], syntax=not names)
    judge(tally, "configuration: no such file", server("c-none", folder.join("nothere.yml")), ["nothere.yml"])
    judge(tally, "configuration: a folder", server("c-folder", folder.path), [folder.path])

    folder.write("afile", "no folder\n")
    judge(tally, "data directory: a file", server("d-file", data=folder.join("afile")), ["afile"])
    judge(tally, "data directory: below a file", server("d-below", data=folder.join("afile", "data")), ["afile"])
    unreadable(tally, server, folder)

    first = server("first").start()
    other = server("other")
    other.address = first.address
    judge(tally, "port in use", other, [first.address])
    judge(tally, "second process on the same data directory", server("second", data=first.data), [first.data])
    tally.check("the first process serves on", programs.request(first.url + "/-/ready")[0] == 200)
    first.program.kill()
    first.start()
    tally.check("after SIGKILL the same directory opens again", True)
    status, _ = first.program.stop()
    tally.check("and it stops with status 0", status == 0, first.program.log_tail())


def unreadable(tally, server, folder):
    """Data directories without permission; to root everything is readable, so that it starts them as another user."""
    how = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    for what, inner, mode in (("no permission to read", "", 0o000), ("no permission to write", "", 0o555),
                              ("its log not readable", "wal", 0o000)):
        data = folder.join("mode" + str(len(os.listdir(folder.path))))
        os.makedirs(os.path.join(data, "wal"))
        tested = server(os.path.basename(data), data=data)
        if how:
            os.chmod(folder.path, 0o755)
            os.chown(data, NOBODY, NOBODY)
            os.chown(os.path.join(data, "wal"), NOBODY, NOBODY)
            # The binary may stand where only its owner gets to.
            tested.binary = folder.join("server")
            if not os.path.exists(tested.binary):
                shutil.copy(os.path.realpath(server("x").binary), tested.binary)
        os.chmod(os.path.join(data, inner), mode)
        judge(tally, "data directory: " + what, tested, [data], **how)
        os.chmod(os.path.join(data, inner), 0o755)


# ---- reload ------------------------------------------------------------------------------------------------------------

def own_metric(server, name):
    """The value of one of the server's own metrics, or none."""
    found = re.search("^%s (\\S+)$" % name, programs.request(server.url + "/metrics")[1], re.MULTILINE)
    return float(found.group(1)) if found else None


def scraped(server, job):
    """The time of the newest scrape of a job, or none."""
    result = server.api("query", query='timestamp(up{job="%s"})' % job)["result"]
    return float(result[0]["value"][1]) if result else None


def goes_on(server, job, seconds=4):
    """Whether newer scrapes of a job arrive."""
    before = scraped(server, job)
    return before is not None and programs.wait_until(
        "new scrapes of " + job, lambda: (scraped(server, job) or 0) >= before + 2, seconds + 8)


def reload_checks(tally, options, peers, folder):
    """Broken files keep the old settings, good ones replace them."""
    success = "prometheus_config_last_reload_successful"
    node = programs.start_node_exporter(peers, folder)
    config = folder.write("reload.yml", GOOD + JOB % ("a", node))
    tested = programs.Server("reload", options.lapwing, folder, config, flags=["--web.enable-lifecycle"]).start()
    tally.check("a is scraped", programs.wait_until("a scrape of a", lambda: scraped(tested, "a"), 15))
    tally.check(success + " is 1 after the start", own_metric(tested, success) == 1)
    settings = tested.api("status/config")

    for broken in ("scrape_configs: 7\n", GOOD + JOB % ("b", node) + "    no_such_key: 1\n"):
        folder.write("reload.yml", broken)
        tested.program.process.send_signal(signal.SIGHUP)
        tally.check("SIGHUP with a broken file: %s becomes 0" % success,
                    programs.wait_until(success, lambda: own_metric(tested, success) == 0, 10))
        tally.check("SIGHUP with a broken file: a is still scraped", goes_on(tested, "a"))
        status, body = programs.request(tested.url + "/-/reload", method="POST")
        tally.check("POST /-/reload with a broken file: 500, %s" % body.strip()[:250],
                    status == 500 and body.startswith("failed to reload config: "), "%d %s" % (status, body))
        tally.check("the old settings stay", tested.api("status/config") == settings)
        folder.write("reload.yml", GOOD + JOB % ("a", node))
        status, body = programs.request(tested.url + "/-/reload", method="POST")
        tally.check("POST /-/reload with a good file: 200 and %s 1" % success,
                    status == 200 and own_metric(tested, success) == 1, "%d %s" % (status, body))

    folder.write("reload.yml", GOOD + JOB % ("a", node) + JOB % ("b", node))
    began = time.time()
    tested.program.process.send_signal(signal.SIGHUP)
    tally.check("SIGHUP with a good file: b is scraped too", programs.wait_until("b", lambda: scraped(tested, "b"), 15))
    tally.check("SIGHUP with a good file: a is scraped on", goes_on(tested, "a"))
    gaps = tested.matrix('up{job="a"}[%ds]' % (time.time() - began + 3), time.time())
    gap = max(later - sooner for samples in gaps.values() for (sooner, _), (later, _) in zip(samples, samples[1:]))
    tally.check("and without a gap: at most %d ms between scrapes" % gap, gap < 2500)
    folder.write("reload.yml", GOOD + "  - job_name: a\n" + JOB % ("b", node))
    status, body = programs.request(tested.url + "/-/reload", method="POST")
    tally.check("POST /-/reload without a's target: 200", status == 200, body)
    tally.check("a goes stale", programs.wait_until("the mark of staleness", lambda: scraped(tested, "a") is None, 15))
    tally.check("b is scraped on", goes_on(tested, "b"))
    status, body = programs.request(tested.url + "/-/reload", method="GET")
    tally.check("GET /-/reload: 405", status == 405, "%d %s" % (status, body))
    status, _ = tested.program.stop()
    tally.check("it stops with status 0", status == 0, tested.program.log_tail())

    closed = programs.Server("closed", options.lapwing, folder, config).start()
    status, body = programs.request(closed.url + "/-/reload", method="POST")
    tally.check("POST /-/reload without --web.enable-lifecycle: 403", status == 403, "%d %s" % (status, body))
    closed.program.stop()


# ---- stop --------------------------------------------------------------------------------------------------------------

def keep_asking(server, heavy, stop, counts):
    """Asks queries, light or heavy, until told to stop; counts the good answers."""
    text = "quantile_over_time(0.9, vector(time())[30m:1s])" if heavy else '{job="a"}'
    while not stop.is_set():
        now = time.time()
        try:
            status, _ = programs.request(server.url + "/api/v1/query_range", {
                "query": text, "start": "%d" % (now - 3600), "end": "%d" % now, "step": 1 if heavy else 15})
            counts[heavy] += status == 200
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)


def stop_while_asked(tally, options, peers, folder):
    """A stop is clean and quick while queries run, and loses nothing."""
    config = folder.write("stop.yml", GOOD + JOB % ("a", programs.start_node_exporter(peers, folder)))
    tested = programs.Server("stopping", options.lapwing, folder, config)
    for by in (signal.SIGTERM, signal.SIGINT):
        tested.start()
        began, stop, counts = time.time(), threading.Event(), [0, 0]
        programs.wait_until("scrapes", lambda: scraped(tested, "a") and scraped(tested, "a") > began + 2, 20)
        threads = [threading.Thread(target=keep_asking, args=(tested, i % 2, stop, counts), daemon=True) for i in range(6)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        seen = tested.matrix('{job="a"}[30s]', time.time())
        status, seconds = tested.program.stop(by)
        stop.set()
        for thread in threads:
            thread.join(30)
        tally.check("%s while queries run (%d light, %d heavy answered): status 0 within %d s (%.1f s)" % (
            by.name, *counts, programs.STOP_SECONDS_MAX, seconds), status == 0 and counts[0],
            "status %s\n%s" % (status, tested.program.log_tail()))
        tested.start()
        kept = tested.matrix('{job="a"}[120s]', time.time())
        missing = [key for key, samples in seen.items() if set(samples) - set(kept.get(key, []))]
        tally.check("%s: %d samples seen before are there after" % (by.name, sum(map(len, seen.values()))),
                    seen and not missing, missing[:3])
        tested.program.stop()


def main():
    options = programs.argument_parser(__doc__).parse_args()
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    bad_starts(tally, options, folder)
    reload_checks(tally, options, peers, folder)
    stop_while_asked(tally, options, peers, folder)
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
