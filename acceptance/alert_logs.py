#!/usr/bin/env python3
"""Rules over logs, and the history of alerts: lines that are pushed become samples and an alert, the alert reaches a webhook, is
silenced and ends, and LogQL answers who was told what, when, and why not. Rules where Loki's ruler has them are evaluated over
the logs of their tenant."""

import json
import os
import time
import urllib.parse
import urllib.request

import listener
import programs

ALERTMANAGER = """\
route: {receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s}
receivers:
  - name: hook
    webhook_configs: [{url: "%s"}]
"""
RULES = """\
groups:
  - name: of-logs
    interval: 1s
    rules:
      - record: app:errors:count1m
        expr: sum by (app) (count_over_time({app="shop"} |= "error" [1m]))
      - alert: Errors
        expr: sum by (app) (count_over_time({app="shop"} |= "error" [10s])) > 2
        labels: {severity: page}
        annotations: {summary: "{{ $labels.app }} has {{ $value }} errors"}
"""
RULER = """\
groups:
  - name: of-ruler
    interval: 1s
    rules:
      - {record: "ruler:lines", expr: 'sum(count_over_time({app="shop"}[1m]))'}
"""
STREAM = '{job="lapwing", stream="alert-history"}'


class Hook:
    """Keeps what it is told."""

    def __init__(self):
        self.told = []
        self.url = listener.Listener(told=lambda _, body: self.told.append(json.loads(body))).url

    def heard(self, status):
        return [body for body in list(self.told) if body["status"] == status]


def post(url, document):
    request = urllib.request.Request(url, data=json.dumps(document).encode(), headers={"Content-Type": "application/json"})
    return programs._opener.open(request, timeout=10).read()


def push(server, count):
    now = time.time_ns()
    values = [[str(now + n), "error %d: no stock" % n] for n in range(count)]
    post(server.url + "/loki/api/v1/push", {"streams": [{"stream": {"app": "shop"}, "values": values}]})


def lines(server, query):
    """The entries that a log query gives, as documents."""
    parameters = urllib.parse.urlencode({"query": query, "limit": 1000, "since": "1h"})
    answer = json.loads(programs.request(server.url + "/loki/api/v1/query_range?" + parameters)[1])
    return [json.loads(line) for stream in answer["data"]["result"] for _, line in stream["values"]]


def main():
    arguments = programs.argument_parser(__doc__).parse_args()
    folder, tally, hook = programs.Folder(arguments.keep), programs.Tally(), Hook()
    folder.write("log-rules.yml", RULES)
    config = folder.write("prometheus.yml", json.dumps(
        {"global": {"external_labels": {"site": "s1"}}, "log_rule_files": ["log-*.yml"]}))
    own = folder.write("alertmanager.yml", ALERTMANAGER % hook.url)
    os.makedirs(folder.join("ruler", "fake"))
    folder.write("ruler/fake/more.yaml", RULER)
    loki = folder.write("loki.yml", json.dumps({
        "auth_enabled": False, "ruler": {"storage": {"type": "local", "local": {"directory": folder.join("ruler")}},
                                         "external_url": "http://grafana:3000", "datasource_uid": "uid1"}}))
    server = programs.Server("lapwing", arguments.lapwing, folder, config, [
        "--config.alertmanager=" + own, "--config.loki=" + loki, "--web.enable-lifecycle"]).start()
    push(server, 5)
    value = lambda query: (server.api("query", query=query)["result"] or [{"value": [0, "none"]}])[0]["value"][1]
    tally.check("what is counted in logs is recorded as a series",
                programs.wait_until("recorded", lambda: value('app:errors:count1m{app="shop"}') == "5", 30), value("app:errors:count1m"))
    tally.check("rules of the ruler's folder are evaluated", programs.wait_until("ruler", lambda: value("ruler:lines") == "5", 30))
    tally.check("an alert over logs reaches the webhook", programs.wait_until("told", lambda: hook.heard("firing"), 30))
    alert = hook.heard("firing")[0]["alerts"][0]
    tally.check("with its labels and what its template says", alert["labels"] == {
        "alertname": "Errors", "app": "shop", "severity": "page", "site": "s1"} and alert["annotations"] == {
        "summary": "shop has 5 errors"}, alert)
    tally.check("and a link to the query in Grafana",
                alert["generatorURL"].startswith("http://grafana:3000/explore?left=") and "uid1" in alert["generatorURL"], alert)
    groups = {(group["file"], group["name"]) for group in server.api("rules")["groups"]}
    tally.check("both groups are among the rules", groups == {
        (folder.join("log-rules.yml"), "of-logs"), (folder.join("ruler/fake/more.yaml"), "of-ruler")}, groups)
    ruler = json.loads(programs.request(server.url + "/prometheus/api/v1/rules?type=record")[1])
    found = {(group["file"], group["name"]) for group in ruler["data"]["groups"]}
    tally.check("and where the ruler has them", found == {("log-rules.yml", "of-logs"), ("more.yaml", "of-ruler")}, found)
    status, text = programs.request(server.url + "/loki/api/v1/rules/more.yaml/of-ruler")
    tally.check("one by one too", status == 200 and text.startswith("name: of-ruler\n"), text)

    tally.check("alerts that resolve are told", programs.wait_until("resolved", lambda: hook.heard("resolved"), 60))
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    silence = json.loads(post(server.url + "/api/v2/silences", {
        "matchers": [{"name": "alertname", "value": "Errors", "isRegex": False}], "startsAt": "2000-01-01T00:00:00Z",
        "endsAt": until, "createdBy": "me", "comment": "known"}))["silenceID"]
    count = len(hook.told)
    push(server, 5)
    kept_back = STREAM + ' | json | event="suppressed" | reason="silence" | alertname="Errors"'
    tally.check("the history says which silence keeps an alert back", programs.wait_until(
        "kept back", lambda: any(silence in entry["by"] for entry in lines(server, kept_back)), 30), lines(server, STREAM))
    tally.check("and nobody is told of it", len(hook.told) == count, hook.told[count:])
    sent = lines(server, STREAM + ' | json | event="notification" | outcome="sent" | receiver="hook"')
    tally.check("the history has every notification (%d)" % count, len(sent) == count, sent)
    states = {entry["state"] for entry in lines(server, STREAM + ' | json | event="alert" | alertname="Errors"')}
    tally.check("and every state of the alert", states == {"firing", "resolved"}, states)

    before = len(lines(server, STREAM))
    server.program.stop()
    server.start()
    tally.check("the history is there after a restart", len(lines(server, STREAM)) >= before, before)
    folder.write("log-rules.yml", RULES.replace("count_over_time({app", "count_over_tme({app"))
    status, text = programs.request(server.url + "/-/reload", method="POST")
    tally.check("a file that is none is refused by name", status == 500 and "log-rules.yml" in text, text)
    server.program.stop()
    return tally.finish()


programs.run(main)
