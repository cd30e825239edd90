#!/usr/bin/env python3
"""What it costs to scrape, beside a real Prometheus and VictoriaMetrics: processor seconds per million samples and resident
bytes per series. All servers scrape the same farm of made-up machines at the same time, so that whatever else happens on the
machine happens to all of them; medians of several runs and ratios are printed as Markdown, every figure as JSON."""

import json
import os
import time

import figures
import programs

SERIES_PER_MACHINE = 748
COUNTED = {"victoriametrics": "vm_rows_inserted_total", "prometheus": "prometheus_tsdb_head_samples_appended_total"}


def configuration(farm, machines, interval):
    """A configuration that all of them read: one target of the farm for each machine."""
    targets = "".join(
        "  - {targets: ['%s'], labels: {__metrics_path__: '/%d', instance: 'node-%05d.example.org:9100', cluster: 'prod-%d'}}\n"
        % (farm, machine, machine, machine % 4) for machine in range(machines))
    return ("global: {scrape_interval: %ds, scrape_timeout: %ds}\nscrape_configs:\n- job_name: node\n  static_configs:\n"
            % (interval, interval) + targets)


def subjects(options):
    for subject in figures.subjects(options):
        if subject.name == "victoriametrics":
            subject.flags += ["-promscrape.config={config}", "-promscrape.config.strictParse=false"]
        yield subject


def taken(server, name):
    """How many samples a server has taken so far."""
    _, text = programs.request(server.url + "/metrics")
    counted = COUNTED.get(name, COUNTED["prometheus"])
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith(counted) and (name != "victoriametrics" or '"promscrape"' in line))


def processor_seconds(server):
    with open("/proc/%d/stat" % server.program.process.pid, encoding="utf-8") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(options, folder, kinds, config, turn):
    """All servers once, side by side; the figures of each by its name."""
    running = []
    for subject in kinds:
        server = subject.server(folder, config, turn)
        figures.healthy(server, subject)
        running.append((subject, server))
        # Their scrapes must not all come at the same moment.
        time.sleep(options.interval / len(kinds))
    time.sleep(options.interval * options.warm)
    before = [(processor_seconds(server), taken(server, subject.name)) for subject, server in running]
    time.sleep(options.interval * (options.scrapes - options.warm))
    found = {}
    for (subject, server), (seconds, samples) in zip(running, before):
        all_seconds, all_samples = processor_seconds(server), taken(server, subject.name)
        resident, peak = figures.memory(server)
        found[subject.name] = {
            "samples": all_samples,
            "cpu_s_per_million": all_seconds / all_samples * 1e6,
            "cpu_s_per_million_known": (all_seconds - seconds) / (all_samples - samples) * 1e6,
            "bytes_per_series": resident / options.series, "peak_bytes_per_series": peak / options.series}
        server.program.kill()
    return found


def main():
    options = programs.argument_parser(
        __doc__, ("--pusher", {"required": True, "metavar": "BIN", "help": "the program `benches`"}),
        ("--runs", {"type": int, "default": 3}), ("--series", {"type": int, "default": 100_000}),
        ("--scrapes", {"type": int, "default": 120}), ("--interval", {"type": int, "default": 2, "help": "seconds"}),
        ("--warm", {"type": int, "default": 10, "help": "scrapes that do not count as known"}),
        ("--only", {"default": "lapwing,prometheus,victoriametrics"})).parse_args()
    folder, kinds = programs.Folder(options.keep), list(subjects(options))
    farm = "%s:%d" % (programs.LOOPBACK, programs.free_port())
    program = programs.Program("farm", [options.pusher, "metrics-farm", "--listen=" + farm, "--series=%d" % options.series],
                               folder.join("farm.log"))
    programs.wait_for("http://%s/0" % farm, program)
    config = folder.write("scrape.yml", configuration(farm, -(-options.series // SERIES_PER_MACHINE), options.interval))
    of = {subject.name: [] for subject in kinds}
    for turn in range(options.runs):
        for name, found in run(options, folder, kinds, config, turn).items():
            of[name].append(found)
            print(json.dumps({"server": name, "turn": turn, **found}), flush=True)
    print("\n%d series scraped %d times every %d s; median [lowest-highest] of %d (%s's ratio to it)\n\n%s" % (
        options.series, options.scrapes, options.interval, options.runs, kinds[0].name, figures.table(of, list(of))))


if __name__ == "__main__":
    programs.run(main)
