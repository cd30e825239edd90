#!/usr/bin/env python3
"""Alerts from a scrape to a receiver on real time: a target goes down, its alert goes pending, fires, is grouped, silenced,
inhibited and resolves. The same server feeds its built-in dispatcher and a real Alertmanager with the same configuration:
both must send the same notifications. Then what is particular to the one inside: reloads, restarts, paths, amtool."""

import json
import os
import signal
import subprocess
import time
import urllib.request

import listener
import programs

PROMETHEUS = """\
global:
  scrape_interval: 1s
  scrape_timeout: 500ms
  evaluation_interval: 1s
  external_labels: {site: here}
rule_files: [rules.yml]
scrape_configs:
  - job_name: app
    static_configs:
      - targets: ["%(a)s", "%(b)s"]
  - job_name: switch
    static_configs:
      - targets: ["%(switch)s"]
alerting:
  alertmanagers:
    - static_configs:
        - targets: ["%(real)s"]
"""
RULES = """\
groups:
  - name: g
    rules:
      - alert: InstanceDown
        expr: up{job="app"} == 0
        for: 2s
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.instance }} of {{ $labels.job }} is down"
      - alert: SiteDown
        expr: switch == 1
        labels: {severity: cause, job: app}
        annotations:
          summary: "value {{ $value }}"
"""
ALERTMANAGER = """\
route:
  receiver: hook
  group_by: [alertname, job]
  group_wait: 1s
  group_interval: 3s
  repeat_interval: 1h
inhibit_rules:
  - source_matchers: [alertname="SiteDown"]
    target_matchers: [alertname="InstanceDown"]
    equal: [job]
receivers:
  - name: hook
    webhook_configs:
      - url: "%s"
"""
DROPPED = ("externalURL",)


class Target:
    """A target that can be taken down, with one metric."""

    def __init__(self):
        self.up, self.value = True, 0
        self.address = listener.Listener(scraped=lambda _: (200 if self.up else 503, "switch %d\n" % self.value)).address


class Hook:
    """A webhook receiver; keeps what each path was sent."""

    def __init__(self):
        self.got = {}
        self.url = listener.Listener(told=self.take).url.rstrip("/")

    def take(self, path, body):
        self.got.setdefault(path, []).append(json.loads(body))

    def sent(self, path):
        return list(self.got.get(path, []))


def brief(body):
    """What a notification says, without what tells the senders apart."""
    kept = {key: value for key, value in body.items() if key not in DROPPED}
    for alert in kept["alerts"]:
        # The end of an alert is when it was reported to be over: a moment of each dispatcher's own.
        alert.pop("endsAt")
    return kept


def in_words(body):
    alerts = ", ".join("%s %s" % (alert["labels"].get("instance", "-")[-5:], alert["status"]) for alert in body["alerts"])
    return "%s %s [%s]" % (body["groupLabels"].get("alertname"), body["status"], alerts)


def by_group(bodies):
    groups = {}
    for body in bodies:
        groups.setdefault(body["groupKey"], []).append(brief(body))
    return groups


def post(url, document, method="POST"):
    data = None if document is None else json.dumps(document).encode()
    asked = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    return programs._opener.open(asked, timeout=10).read()


def silence(base, instance):
    now = time.time()
    stamp = lambda t: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))
    document = {"matchers": [{"name": "instance", "value": instance, "isRegex": False, "isEqual": True}],
                "startsAt": stamp(now - 1), "endsAt": stamp(now + 3600), "createdBy": "me", "comment": "work"}
    return json.loads(post(base + "/api/v2/silences", document))["silenceID"]


def states(server):
    return {(alert["labels"]["alertname"], alert["labels"].get("instance")): alert["state"]
            for alert in server.api("alerts")["alerts"]}


def same_notifications(tally, hook, a, b, switch, server, real):
    """The story; both dispatchers must tell it alike."""
    alert = lambda name, target: (name, target.address if target else None)

    def told(what, path, name, status):
        return any(body["groupLabels"]["alertname"] == name and body["status"] == status and what(body)
                   for body in hook.sent(path))

    def both(text, name, status, what=lambda body: True, seconds=15):
        for path in ("/built-in", "/real"):
            good = programs.wait_until("%s: %s" % (path, text), lambda: told(what, path, name, status), seconds)
            tally.check("%s tells: %s" % (path, text), good, [in_words(body) for body in hook.sent(path)])

    count = lambda number: lambda body: len(body["alerts"]) == number
    a.up = False
    tally.check("the alert of a target that went down is pending first", programs.wait_until(
        "pending", lambda: states(server).get(alert("InstanceDown", a)) == "pending", 10))
    tally.check("then it fires", programs.wait_until(
        "firing", lambda: states(server).get(alert("InstanceDown", a)) == "firing", 10))
    both("it fires", "InstanceDown", "firing", count(1))
    b.up = False
    both("both fire, in one group", "InstanceDown", "firing", count(2))
    ids = [silence(base, b.address) for base in (server.url, real)]
    a.up = True
    both("the one that is not silenced is over", "InstanceDown", "resolved", count(1))
    switch.value = 1
    both("the cause", "SiteDown", "firing")
    for base, made in zip((server.url, real), ids):
        post("%s/api/v2/silence/%s" % (base, made), None, "DELETE")
    before = [len(hook.sent(path)) for path in ("/built-in", "/real")]
    # Two turns of the group: the silence is over, the cause keeps the effect quiet.
    time.sleep(7)
    after = [len(hook.sent(path)) for path in ("/built-in", "/real")]
    tally.check("what is inhibited is not told", before == after, (before, after))
    for base in (server.url, real):
        views = json.loads(programs.request(base + "/api/v2/alerts")[1])
        inhibited = [view["labels"]["alertname"] for view in views if view["status"]["inhibitedBy"]]
        tally.check("%s shows what is inhibited" % base, inhibited == ["InstanceDown"], views)
    switch.value = 0
    both("the cause is over", "SiteDown", "resolved")
    fires_alone = lambda body: {alert["labels"]["instance"]: alert["status"] for alert in body["alerts"]} in (
        {b.address: "firing"}, {a.address: "resolved", b.address: "firing"})
    both("and the effect is told", "InstanceDown", "firing", fires_alone)
    b.up = True
    both("and is over", "InstanceDown", "resolved",
         lambda body: b.address in [alert["labels"]["instance"] for alert in body["alerts"]])
    time.sleep(4)
    built_in, reference = by_group(hook.sent("/built-in")), by_group(hook.sent("/real"))
    tally.check("both sent the same notifications, group by group", built_in == reference,
                "built-in: %s\nreal:     %s" % tuple([[in_words(body) for body in hook.sent(path)]
                                                      for path in ("/built-in", "/real")]))
    order = lambda path: [in_words(body) for body in hook.sent(path)]
    tally.check("and in the same order", order("/built-in") == order("/real"), (order("/built-in"), order("/real")))
    print("      " + "; ".join(order("/built-in")))


def of_its_own(tally, server, hook, folder, amtool, config):
    """Paths, reloads and restarts of the one inside."""
    post(server.url + "/api/v1/alerts", [{"labels": {"alertname": "Old", "job": "form"}}])
    tally.check("alerts in the old form are taken", programs.wait_until(
        "Old", lambda: any(body["groupLabels"]["alertname"] == "Old" for body in hook.sent("/built-in")), 10))
    tally.check("and GET of that path is the rules' list", "alerts" in server.api("alerts"))
    made = silence(server.url, "nowhere")
    told = subprocess.run([amtool, "--alertmanager.url=" + server.url, "silence", "query", "-q"], check=False,
                          capture_output=True, text=True, timeout=30)
    tally.check("the real amtool lists the silence", told.stdout.split() == [made], told)
    told = subprocess.run([amtool, "--alertmanager.url=" + server.url, "alert", "query", "Old"], check=False,
                          capture_output=True, text=True, timeout=30)
    tally.check("and the alert", "Old" in told.stdout, told)
    metrics = programs.request(server.url + "/metrics")[1]
    tally.check("its metrics stand among the server's", 'alertmanager_alerts{state="active"}' in metrics
                and 'alertmanager_notifications_total{integration="webhook"}' in metrics)
    status = lambda: json.loads(programs.request(server.url + "/api/v2/status")[1])["config"]["original"]
    before = status()
    folder.write("alertmanager.yml", "route: {receiver: nobody}\n")
    code = programs.request(server.url + "/-/reload", method="POST")[0]
    tally.check("a broken alertmanager.yml is refused, and the old one stays", (code, status()) == (500, before), code)
    with open(folder.join("prometheus.yml"), encoding="utf-8") as file:
        good = file.read()
    folder.write("alertmanager.yml", config.replace("group_interval: 3s", "group_interval: 4s"))
    folder.write("prometheus.yml", "nonsense: 1\n")
    code = programs.request(server.url + "/-/reload", method="POST")[0]
    tally.check("with a broken prometheus.yml a good alertmanager.yml is not taken either",
                (code, status()) == (500, before), code)
    folder.write("prometheus.yml", good)
    server.program.process.send_signal(signal.SIGHUP)
    tally.check("SIGHUP takes both", programs.wait_until("reload", lambda: "group_interval: 4s" in status(), 10))
    count = len(hook.sent("/built-in"))
    server.program.kill()
    server.start()
    ids = [one["id"] for one in json.loads(programs.request(server.url + "/api/v2/silences")[1])]
    tally.check("silences are there after SIGKILL", made in ids, ids)
    names = [one["labels"]["alertname"] for one in json.loads(programs.request(server.url + "/api/v2/alerts")[1])]
    tally.check("alerts too", "Old" in names, names)
    time.sleep(5)
    tally.check("and nothing is told again", len(hook.sent("/built-in")) == count,
                [in_words(body) for body in hook.sent("/built-in")[count:]])
    status, seconds = server.program.stop()
    tally.check("a clean stop takes less than 10 s", status == 0 and seconds < 10, (status, seconds))


def main():
    arguments = programs.argument_parser(__doc__).parse_args()
    folder, tally, hook = programs.Folder(arguments.keep), programs.Tally(), Hook()
    binaries = os.path.join(os.path.abspath(arguments.peers), "usr", "bin")
    a, b, switch = Target(), Target(), Target()
    folder.write("rules.yml", RULES)
    real_config = folder.write("real.yml", ALERTMANAGER % (hook.url + "/real"))
    own_config = ALERTMANAGER % (hook.url + "/built-in")
    folder.write("alertmanager.yml", own_config)
    real = "%s:%d" % (programs.LOOPBACK, programs.free_port())
    reference = programs.Program("alertmanager", [
        os.path.join(binaries, "prometheus-alertmanager"), "--config.file=" + real_config,
        "--storage.path=" + folder.join("real.data"), "--web.listen-address=" + real, "--cluster.listen-address="],
        folder.join("real.log"))
    programs.wait_for("http://%s/-/ready" % real, reference)
    config = folder.write("prometheus.yml", PROMETHEUS % {
        "a": a.address, "b": b.address, "switch": switch.address, "real": real})
    server = programs.Server("lapwing", arguments.lapwing, folder, config, [
        "--config.alertmanager=" + folder.join("alertmanager.yml"), "--web.enable-lifecycle",
        "--rules.alert.resend-delay=1s"]).start()
    same_notifications(tally, hook, a, b, switch, server, "http://" + real)
    of_its_own(tally, server, hook, folder, os.path.join(binaries, "amtool"), own_config)
    return tally.finish()


programs.run(main)
