#!/usr/bin/env python3
"""Real senders write into the server for some minutes: a Prometheus by remote write 1.0 and 2.0, and vmagent. No request
fails, and every sample that the sender has is there, no more and no less."""

import json
import os
import signal
import time

import programs

CONFIG = """\
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["%(node)s"]}]
  - job_name: sender
    static_configs: [{targets: ["%(sender)s"]}]
"""
SENDING = """\
remote_write:
  - name: one
    url: %(url)s/api/v1/write
    write_relabel_configs: [{target_label: via, replacement: one}]
    send_exemplars: true
    send_native_histograms: true
  - name: two
    url: %(url)s/api/v1/write
    protobuf_message: io.prometheus.write.v2.Request
    write_relabel_configs: [{target_label: via, replacement: two}]
    send_exemplars: true
    send_native_histograms: true
"""
# What a sender gathers before it sends, at the start and at the end.
EDGE_SECONDS = 15


def samples(server, selector, end, seconds):
    """All samples of a selector, without the label that says by which way they came."""
    found = server.matrix("%s[%ds]" % (selector, seconds), end)
    return {tuple(pair for pair in labels if pair[0] != "via"): values for labels, values in found.items()}


def compare(tally, what, tested, reference, selector, span):
    end, seconds = span
    names = sorted({dict(labels)["__name__"] for labels in samples(reference, '{__name__!=""}', end, 2)})
    missing, other, count = [], [], 0
    # Not all at once: answers have a limit of samples.
    for name in names:
        mine = samples(tested, name + selector, end, seconds)
        theirs = samples(reference, name, end, seconds)
        count += sum(map(len, theirs.values()))
        missing += [programs.labels_text(labels) for labels in theirs.keys() - mine.keys()]
        other += ["%s: %d samples, sent %d" % (programs.labels_text(labels), len(mine[labels]), len(theirs[labels]))
                  for labels in theirs.keys() & mine.keys() if mine[labels] != theirs[labels]]
    tally.check("%s: all %d samples of %d metrics" % (what, count, len(names)), count and not missing and not other,
                "\n".join((missing + other)[:10]))


def metrics(url):
    """All metrics of a program by name and labels."""
    lines = programs.request(url + "/metrics")[1].splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and not line.startswith("#")}


def total(all_of_them, name, label=""):
    return sum(value for key, value in all_of_them.items() if key.split("{")[0] == name and label in key)


def main():
    options = programs.argument_parser(
        __doc__, ("--minutes", {"type": float, "default": 10, "help": "how long they write"})).parse_args()
    peers, folder, tally = programs.Peers(options.peers), programs.Folder(options.keep), programs.Tally()
    node = programs.start_node_exporter(peers, folder)
    receives = ["--web.enable-remote-write-receiver", "--query.max-samples=500000000"]
    idle = folder.write("idle.yml", "global: {}\n")
    tested = programs.Server("lapwing", options.lapwing, folder, idle, receives + ["--enable-feature=exemplar-storage"]).start()
    other = programs.Server("other", peers.prometheus, folder, idle, receives).start()
    sender = programs.Server("sender", peers.prometheus, folder, "", receives)
    sender.config = folder.write("sender.yml", CONFIG % {"node": node, "sender": sender.address}
                                 + SENDING % {"url": tested.url})
    sender.start()
    agent_address = "%s:%d" % (programs.LOOPBACK, programs.free_port())
    scrape = folder.write("agent.yml", CONFIG % {"node": node, "sender": sender.address})
    agent = programs.Program("vmagent", [
        os.path.join(os.path.abspath(options.peers), "usr", "bin", "vmagent"), "-promscrape.config=" + scrape,
        "-httpListenAddr=" + agent_address, "-remoteWrite.url=" + tested.url + "/api/v1/write",
        "-remoteWrite.url=" + other.url + "/api/v1/write", "-remoteWrite.label=via=agent",
        "-remoteWrite.tmpDataPath=" + folder.join("vmagent")], folder.join("vmagent.log"))
    programs.wait_for("http://%s/health" % agent_address, agent)
    began = time.time()
    time.sleep(options.minutes * 60)
    end = time.time() - EDGE_SECONDS
    span = (end, int(end - began - EDGE_SECONDS))
    told = metrics(sender.url)
    for name in ("one", "two"):
        sent = total(told, "prometheus_remote_storage_samples_total", 'remote_name="%s"' % name)
        bad = {what: total(told, "prometheus_remote_storage_samples_%s_total" % what, 'remote_name="%s"' % name)
               for what in ("failed", "dropped", "retried")}
        tally.check("remote write of %s: %d samples sent, %s" % (name, sent, json.dumps(bad)), sent and not any(bad.values()))
        compare(tally, "remote write of %s" % name, tested, sender, '{via="%s"}' % name, span)
    told = metrics("http://" + agent_address)
    requests = {key: value for key, value in told.items() if key.startswith("vmagent_remotewrite_requests_total")}
    # It tries a compression of its own first, which a Prometheus refuses too.
    offers = {key: value for key, value in requests.items() if 'status_code="415"' in key and value <= 2}
    refused = {key: value for key, value in requests.items() if value and 'status_code="2' not in key and key not in offers}
    # The other compression is a second try of the same packet, and counted as one.
    retried = total(told, "vmagent_remotewrite_retries_count_total") - sum(offers.values())
    dropped = total(told, "vmagent_remotewrite_packets_dropped_total")
    tally.check("vmagent: %d requests, none refused but its offer of another compression, %d packets dropped, %d tried again" % (sum(requests.values()), dropped, retried),
                requests and not refused and not dropped and not retried, refused)
    compare(tally, "vmagent", tested, other, '{via="agent"}', span)
    agent.stop(signal.SIGTERM)
    logged = [line for line in tested.program.log_tail(10_000).splitlines() if " ERROR " in line or "level=error" in line]
    tally.check("the server logs no error", not logged, "\n".join(logged[:5]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
