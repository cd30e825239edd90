#!/usr/bin/env python3
"""What it costs to take samples, to keep them and to start again, beside a real Prometheus and VictoriaMetrics in the same
run: processor seconds per million samples, resident bytes per series, bytes per sample on disk, and the time from a start to
the first right answer, after SIGKILL and after a clean stop. Servers take turns; medians and ratios are printed as Markdown,
every figure as JSON.

Every server gets the same samples over remote write 1.0, made by the program `benches` on the same cores."""

import json
import os
import statistics
import subprocess
import time

import programs

# name -> (scrapes, distance of two in milliseconds)
SHAPES = {"few": (10, 15_000), "many": (120, 15_000), "blocks": (600, 30_000)}
PUSH_SECONDS_MAX, START_SECONDS_MAX, SETTLE_SECONDS = 900, 120, 3


class Subject:
    """A kind of server: how it is started and where it takes samples."""

    def __init__(self, name, binary, write, flags):
        self.name, self.binary, self.write, self.flags = name, os.path.abspath(binary), write, flags

    def server(self, folder, config, turn):
        server = programs.Server("%s-%d" % (self.name, turn), self.binary, folder, config)
        server.arguments = lambda: [server.binary] + [
            flag.format(config=config, data=server.data, address=server.address) for flag in self.flags]
        return server


def subjects(options):
    own = ["--config.file={config}", "--storage.tsdb.path={data}", "--web.listen-address={address}",
           "--web.enable-remote-write-receiver"]
    all_of_them = [
        Subject("lapwing", options.lapwing, "/api/v1/write", own),
        Subject("prometheus", options.peers + "/usr/bin/prometheus", "/api/v1/write", own),
        Subject("victoriametrics", options.peers + "/usr/bin/victoria-metrics", "/api/v1/write",
                ["-storageDataPath={data}", "-httpListenAddr={address}", "-retentionPeriod=100y"])]
    return [subject for subject in all_of_them if subject.name in options.only.split(",")]


def memory(server):
    """Resident bytes of a server now, and at most so far."""
    with open("/proc/%d/status" % server.program.process.pid, encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file)
    return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))


def push(options, subject, server, series, shape, end):
    scrapes, interval = SHAPES[shape]
    done = subprocess.run(
        [options.pusher, "metrics-push", "--url=" + server.url + subject.write, "--series=%d" % series,
         "--scrapes=%d" % scrapes, "--interval=%d" % interval, "--end=%d" % end,
         "--server-pid=%d" % server.program.process.pid],
        capture_output=True, text=True, timeout=PUSH_SECONDS_MAX, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise programs.Failure("%s: the push ended with %d: %s" % (server.name, done.returncode, done.stderr))
    return json.loads(done.stdout)


def machines(server, at):
    """The question of the first right answer: how many machines there are, or none while it cannot be answered."""
    try:
        status, body = programs.request(server.url + "/api/v1/query", {"query": "count(node_load1)", "time": "%.3f" % at}, timeout=30)
        result = json.loads(body)["data"]["result"] if status == 200 else []
    except (OSError, ValueError, KeyError, programs.http.client.HTTPException):
        return None
    return float(result[0]["value"][1]) if result else None


def start_again(server, expected, at):
    """Starts a stopped server; returns the seconds to the first right answer and the peak of its memory until then."""
    began = time.monotonic()
    server.launch()
    while machines(server, at) != expected:
        if time.monotonic() - began > START_SECONDS_MAX or not server.program.running():
            raise programs.Failure("%s does not answer rightly again:\n%s" % (server.name, server.program.log_tail()))
        time.sleep(0.01)
    return time.monotonic() - began, memory(server)[1]


def healthy(server, subject):
    server.launch()
    programs.wait_for(server.url + ("/health" if subject.name == "victoriametrics" else "/-/ready"), server.program)


def disk(server, shape):
    """Bytes per sample of the compacted blocks, or of all parts where there are none."""
    if shape != "blocks":
        return None
    folder, samples, size = server.data, 0, 0
    for name in os.listdir(folder):
        meta = os.path.join(folder, name, "meta.json")
        if os.path.exists(meta):
            with open(meta, encoding="utf-8") as file:
                samples += json.load(file)["stats"]["numSamples"]
            size += sum(os.path.getsize(os.path.join(where, file)) for where, _, files in os.walk(os.path.join(folder, name))
                        for file in files)
    return size / samples if samples else None


def measure(options, subject, folder, config, series, shape, turn):
    """One server's life; returns its figures by name."""
    server = subject.server(folder, config, turn)
    healthy(server, subject)
    end = int(time.time()) * 1000
    report = push(options, subject, server, series, shape, end)
    figures = {"cpu_s_per_million": report["all"]["server_cpu_seconds_per_million"],
               "cpu_s_per_million_known": report["phases"][-1]["server_cpu_seconds_per_million"],
               "samples_per_s": report["all"]["samples_per_second"]}
    time.sleep(SETTLE_SECONDS)
    if shape == "blocks":
        programs.wait_until("blocks", lambda: disk(server, shape), 150)
        time.sleep(20)
    running, peak = memory(server)
    figures |= {"bytes_per_series": running / report["series"], "peak_bytes_per_series": peak / report["series"],
                "bytes_per_sample": disk(server, shape)}
    at = end / 1000
    if not programs.wait_until("all machines", lambda: machines(server, at), 60):
        raise programs.Failure(server.name + " does not know its machines")
    expected = machines(server, at)
    server.program.kill()
    figures["start_after_kill_s"], restarted = start_again(server, expected, at)
    figures["start_peak_of_running"] = restarted / peak
    time.sleep(1)
    programs.STOP_SECONDS_MAX = 120
    server.program.stop()
    figures["start_after_stop_s"], _ = start_again(server, expected, at)
    server.program.kill()
    subprocess.run(["rm", "-rf", server.data], check=False)
    return figures


def table(of, names):
    """Medians and ratios as Markdown."""
    lines = ["| figure | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for figure in of[names[0]][0]:
        cells, first = [], None
        for name in names:
            values = [run[figure] for run in of[name] if run[figure] is not None]
            if not values:
                cells.append("-")
                continue
            median = statistics.median(values)
            first = median if first is None else first
            ratio = "" if name == names[0] else " (x %.2f)" % (first / median if median else 0)
            cells.append("%.4g [%.4g-%.4g]%s" % (median, min(values), max(values), ratio))
        lines.append("| %s | %s |" % (figure, " | ".join(cells)))
    return "\n".join(lines)


def main():
    options = programs.argument_parser(
        __doc__, ("--pusher", {"required": True, "metavar": "BIN", "help": "the program `benches`"}),
        ("--runs", {"type": int, "default": 3}),
        ("--only", {"default": "lapwing,prometheus,victoriametrics"}),
        ("--work", {"default": "few:1000000,many:100000,blocks:100000", "help": "shape:series, …"})).parse_args()
    folder, kinds = programs.Folder(options.keep), subjects(options)
    config = folder.write("nothing.yml", "scrape_configs: []\n")
    for work in options.work.split(","):
        shape, series = work.split(":")
        of = {subject.name: [] for subject in kinds}
        for turn in range(options.runs):
            for subject in kinds:
                figures = measure(options, subject, folder, config, int(series), shape, turn)
                of[subject.name].append(figures)
                print(json.dumps({"work": work, "server": subject.name, "turn": turn, **figures}), flush=True)
        print("\n%s series, %d scrapes each; median [lowest-highest] of %d (%s's ratio to it)\n\n%s\n" % (
            series, SHAPES[shape][0], options.runs, kinds[0].name, table(of, list(of))), flush=True)


if __name__ == "__main__":
    programs.run(main)
