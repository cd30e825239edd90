#!/usr/bin/env python3
"""The OpenTelemetry SDKs for Python and JavaScript write into the server by OTLP for some minutes: no request fails, and
every point that was sent is there, with its time, its labels and its value, and nothing else."""

import json
import os
import subprocess
import sys
import time

import programs

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON_PACKAGES = ["opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"]
NODE_PACKAGES = ["@opentelemetry/" + name for name in
                 ("sdk-metrics", "resources", "exporter-metrics-otlp-http", "exporter-metrics-otlp-proto")]
# The names that the rules of translation give (unit and kind as suffixes), by the names in the program.
NAMES = {"orders.placed": "orders_placed_total", "queue.length": "queue_length", "wait.duration": "wait_duration_seconds",
         "request.size": "request_size_bytes", "room.temperature": "room_temperature_celsius"}
SETTLE_SECONDS = 3


def installed(folder):
    """A Python and a folder of modules that have the SDKs."""
    python, modules = folder.join("venv", "bin", "python"), folder.join("node")
    os.makedirs(modules)
    for command, where in (([sys.executable, "-m", "venv", folder.join("venv")], None),
                           ([python, "-m", "pip", "install", "--quiet"] + PYTHON_PACKAGES, None),
                           (["npm", "install", "--silent"] + NODE_PACKAGES, modules)):
        done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise programs.Failure("%s: %s" % (" ".join(command), done.stderr.strip()[-500:]))
    return python, modules


def label_text(value):
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def expected(points, job, instance):
    """What the store should have: {labels: {milliseconds: number}}, native histograms as (count, sum)."""
    series = {}
    for point in points:
        name = NAMES[point["name"]]
        labels = {key.replace(".", "_").replace(" ", "_"): label_text(value) for key, value in point["attributes"].items()}

        def put(name, value, **more):
            key = programs.labels_key({"__name__": name, "job": job, "instance": instance, **labels, **more})
            series.setdefault(key, {})[point["ms"]] = value

        if "value" in point:
            put(name, float(point["value"]))
        elif "buckets" in point:
            put(name + "_count", float(point["count"]))
            put(name + "_sum", float(point["sum"]))
            so_far = 0
            for bound, count in zip(point["bounds"] + ["+Inf"], point["buckets"]):
                so_far += count
                put(name + "_bucket", float(so_far), le="%g" % bound if bound != "+Inf" else bound)
        else:
            put(name, (float(point["count"]), float(point["sum"])))
    return series


def stored(server, job, at, seconds):
    """What the store has of a job, in the same form."""
    series = {}
    for metric in server.api("query", query='{job="%s",__name__!~"target_info|otel_.*"}[%ds]' % (job, seconds), time="%.3f" % at)["result"]:
        values = {round(t * 1000): float(value) for t, value in metric.get("values", [])}
        values.update({round(t * 1000): (float(value["count"]), float(value["sum"])) for t, value in metric.get("histograms", [])})
        series[programs.labels_key(metric["metric"])] = values
    return series


def difference(want, have):
    """The first sample that differs, and how many do."""
    times = sorted(t for t in want.keys() | have.keys() if want.get(t) != have.get(t))
    return "%d of %d samples, at %d sent %r, stored %r" % (len(times), len(want), times[0], want.get(times[0]), have.get(times[0]))


def main():
    options = programs.argument_parser(
        __doc__, ("--minutes", {"type": float, "default": 10, "help": "how long they write"})).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    python, modules = installed(folder)
    server = programs.Server("lapwing", options.lapwing, folder, folder.write("idle.yml", "global: {}\n"),
                             ["--web.enable-otlp-receiver", "--query.max-samples=500000000"]).start()
    url, seconds, began = server.url + "/api/v1/otlp/v1/metrics", str(options.minutes * 60), time.time()
    senders = {
        "python": [python, os.path.join(HERE, "otlp_sender.py"), url, folder.join("python.sent"), seconds],
        "json": ["node", os.path.join(HERE, "otlp_sender.mjs"), modules, "json", url, folder.join("json.sent"), seconds],
        "proto": ["node", os.path.join(HERE, "otlp_sender.mjs"), modules, "proto", url, folder.join("proto.sent"), seconds],
    }
    running = {name: programs.Program(name, command, folder.join(name + ".log")) for name, command in senders.items()}
    programs.wait_until("the senders to end", lambda: not any(sender.running() for sender in running.values()),
                        options.minutes * 60 + 60)
    time.sleep(SETTLE_SECONDS)
    for name, sender in running.items():
        with open(folder.join(name + ".sent"), encoding="utf-8") as lines:
            told = [json.loads(line) for line in lines]
        points, failed = [line for line in told if "name" in line], [line for line in told if "failed" in line]
        tally.check("%s: %d points sent, %d requests failed" % (name, len(points), len(failed)), points and not failed,
                    sender.log_tail())
        want = expected(points, name + "/shop", "two" if name != "python" else "one")
        have = stored(server, name + "/shop", time.time(), int(time.time() - began) + 10)
        wrong = ["%s: %s" % (programs.labels_text(key), difference(want.get(key, {}), have.get(key, {})))
                 for key in want.keys() | have.keys() if want.get(key) != have.get(key)]
        tally.check("%s: all %d samples of %d series are there, and nothing else"
                    % (name, sum(map(len, want.values())), len(want)), not wrong, "\n".join(sorted(wrong)[:10]))
        about = server.api("query", query='target_info{job="%s/shop"}' % name)["result"]
        tally.check("%s: target_info tells of its resource" % name, len(about) == 1 and about[0]["metric"].get("deployment_environment_name") == "test", about)
    logged = [line for line in server.program.log_tail(10_000).splitlines() if " ERROR " in line or "level=error" in line]
    tally.check("the server logs no error", not logged, "\n".join(logged[:5]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
