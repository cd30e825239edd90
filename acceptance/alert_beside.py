#!/usr/bin/env python3
"""What a real Alertmanager sends, answers, writes and refuses, and whether the server (through the links alertmanager and amtool)
does the same: payloads of integrations with all their keys, requests of the API, templates as texts and as pages, configurations.
The wording of refusals of configurations and templates is not compared."""

import http.client
import json
import os
import re
import subprocess
import time
import urllib.parse

import listener
import programs

HERE = os.path.dirname(os.path.abspath(__file__))
# Packages of the original leave its templates out: both take ours.
TEMPLATES = os.path.join(HERE, "..", "crates", "notify", "templates", "*.tmpl")
TITLE = "{{ .Status | toUpper }} {{ .CommonLabels.alertname }}"
LONG = "{{ range .Alerts }}" + "0123456789é" * 40 + "{{ end }}"
# Every place of an integration's address is `URL`.
RECEIVERS = [
    ("webhook", {"url": "URL"}),
    ("webhook", {"url": "URL/{{ .Status }} x", "max_alerts": 1}),
    ("webhook", {"url": "URL", "payload": {"t": TITLE, "n": "{{ len .Alerts }}", "l": ["{{ .Status }}", 1, None], "m": "a: b", "s": "'5'",
                                           "{{ .Status }}": "key", "j": "{{ toJson .CommonLabels }}", "nothing": "null", "empty": ""}}),
    ("slack", {"api_url": "URL", "channel": "#c", "send_resolved": True}),
    ("slack", {"api_url": "URL", "channel": "c", "send_resolved": True, "username": "u {{ .Status }}", "title": LONG, "text": "<&>",
               "title_link": "http://l/", "fields": [{"title": "a", "value": "v", "short": True}, {"title": "b", "value": "v"}],
               "short_fields": True, "footer": "f", "icon_url": "http://i", "link_names": True, "mrkdwn_in": ["text"], "message_text": "m",
               "actions": [{"type": "button", "text": "T", "name": "n", "value": "v", "confirm": {"text": "sure?"}}]}),
    ("pagerduty", {"routing_key": "k", "url": "URL"}),
    ("pagerduty", {"routing_key": "k", "url": "URL", "client": "c", "description": LONG * 4, "details": {"a": "{{ .Status }}", "n": "[1,2]"},
                   "images": [{"src": "http://s", "alt": "a"}, {"src": ""}], "links": [{"href": "http://l", "text": "t"}], "source": "s",
                   "severity": "{{ .CommonLabels.severity }}", "class": "c", "component": "p", "group": "g"}),
    ("opsgenie", {"api_key": "k", "api_url": "URL/"}),
    ("opsgenie", {"api_key": "k", "api_url": "URL/", "message": LONG, "details": {"alertname": "over"}, "entity": "e", "actions": "a, b,,c",
                  "tags": "t1, t2 ,", "note": "n", "priority": "P1", "responders": [{"name": "a,b", "type": "teams"}, {
                      "name": "{{ \"\" }}", "type": "schedule"}, {"id": "i", "type": "user"}]}),
    ("victorops", {"api_key": "k", "api_url": "URL/", "routing_key": "rk {{ .Status }}", "message_type": "warning",
                   "custom_fields": {"a": "{{ .Status }}"}}),
    ("discord", {"webhook_url": "URL", "content": LONG * 6, "title": LONG, "username": "u", "avatar_url": "http://a/b.png"}),
    ("discord", {"webhook_url": "URL", "avatar_url": "::bad"}),
    ("webex", {"api_url": "URL", "room_id": "r {{ .Status }}", "message": LONG * 40, "http_config": {"authorization": {"credentials": "c"}}}),
    ("msteams", {"webhook_url": "URL"}),
    ("msteamsv2", {"webhook_url": "URL", "title": TITLE}),
    ("incidentio", {"url": "URL", "alert_source_token": "t", "max_alerts": 1}),
    ("mattermost", {"webhook_url": "URL", "text": LONG * 60, "fields": [{"title": "a", "value": "v"}], "props": {"card": "c"},
                    "priority": {"priority": "urgent", "requested_ack": True}}),
    ("mattermost", {"webhook_url": "URL", "text": "t", "attachments": [{"text": "a {{ .Status }}", "fields": [{"title": "x", "value": "y"}]}]}),
    ("sns", {"api_url": "URL/sns", "topic_arn": "arn:t.fifo", "sigv4": {"region": "r", "access_key": "a", "secret_key": "b"}}),
    ("sns", {"api_url": "URL/sns", "phone_number": "+1", "message": LONG * 5, "attributes": {"a": "{{ .Status }}"},
             "sigv4": {"region": "r", "access_key": "a", "secret_key": "b"}}),
]
ALERTS = [{"labels": {"alertname": "HighCPU", "severity": "warning", "instance": "web-%d" % n}, "generatorURL": "http://p/g?x=1&y=<2>",
           "annotations": {"summary": "CPU <95%> & \"high\" é"}} for n in (1, 2)]
FILTERS = ["alertname=HighCPU", "alertname=\"HighCPU\"", "team=", "team!=\"\"", "alertname=~\"High.*\"", "{alertname=\"HighCPU\"}", "a", "a=~\"(\"",
           "alertname=HighCPU,severity=warning"]
BODIES = ["", "null", "[]", "{}", "[1]", "[", "[{}]", "[{\"labels\":{}}]", "[{\"labels\":{\"a\":1}}]", "[{\"labels\":{\"\":\"x\"}}]", "[[]] x",
          "[{\"Labels\":{\"a\":\"b\"}}]", "[{\"labels\":{\"a\":\"b\"},\"EndsAt\":\"2024-01-01T00:00:00Z\"}]",
          "[{\"labels\":{\"a\":\"b\"},}]", "[{\"labels\":{\"a\":\"b\"},\"annotations\":[]}]"] + [
              "[{\"labels\":{\"a\":\"b\"},\"%s\":%s}]" % pair for pair in [
                  ("startsAt", "5"), ("startsAt", "\"x\""), ("startsAt", "\"2024-01-01\""), ("startsAt", "\"2024-01-01T00:00:00+0100\""),
                  ("startsAt", "\"2024-13-01T00:00:00Z\""), ("generatorURL", "\"x\""), ("generatorURL", "\"http://a b\""), ("endsAt", "null")]]
REQUESTS = [("GET", "/api/v2/%s%s" % pair, None, {}) for pair in [
    ("alerts", ""), ("alerts/", ""), ("alerts/groups", ""), ("silences", ""), ("receivers", ""), ("nope", ""), ("silence/x", ""), ("silence/", "")]]
REQUESTS += [("GET", "/api/v2/%s?filter=%s" % (place, urllib.parse.quote(text)), None, {})
             for place in ("alerts", "alerts/groups", "silences") for text in FILTERS]
REQUESTS += [("GET", "/api/v2/alerts?%s" % text, None, {}) for text in (
    "active=", "active=false", "silenced=x", "receiver=r1", "receiver=(", "receiver_matchers=name%3Dr1", "receiver_matchers=bad", "filter=%zz")]
REQUESTS += [("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"}) for body in BODIES]
REQUESTS += [("POST", "/api/v2/silences", body, {"Content-Type": "application/json"}) for body in ("", "null", "[]", "{}", "{\"id\":5}")]
REQUESTS += [("POST", "/api/v2/alerts", "[]", {"Content-Type": kind}) for kind in ("text/plain", "application/JSON", "application/json; charset=x")]
REQUESTS += [("GET", "/api/v2/alerts", None, {"Accept": kind}) for kind in ("application/json", "text/plain", "*/*")]
REQUESTS += [(method, path, None, {}) for method in ("PUT", "DELETE", "OPTIONS") for path in (
    "/-/ready", "/-/reload", "/metrics", "/api/v1/alerts", "/api/v1/silence/x", "/nope")]
VALUES = [".Status", "42", "-42", "3.14", "1e21", "true", "nil", "'x'", ".CommonLabels", "list 1 \"a\"", "dict \"a\" 1", "\"ü\\n\"", "now.IsZero"]
TEXTS = [("text", "".join("{{ printf \"[%%%s%s]\" (%s) }}" % (flag, verb, value) for value in VALUES))
         for verb in "vdsqxtTceEfgGU" for flag in ("", "+", "#", "08", "-6", ".2")]
TEXTS += [("text", "{{ %s (%s) (%s) }}" % (name, left, right)) for name in ("eq", "lt", "ge") for left in VALUES[:9] for right in VALUES[:9]]
TEXTS += [("text", text) for text in (
    "{{ .StartsAt }}", "{{ range .Alerts }}{{ .StartsAt }} {{ .StartsAt.Location }}{{ end }}", "{{ title \"1st o'neil x_y\" }} {{ toUpper \"ß\" }}",
    "{{ html nil }}{{ js \"<'\\\"\" }}{{ urlquery \"a b\" }}", "{{ range 3 }}{{ . }}{{ end }}", "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}",
    "{{ .Nope }}", "{{ index .Alerts 9 }}", "{{ define \"a\" }}<{{ . }}>{{ end }}{{ template \"a\" 1 }}", "{{- \"a\" -}} b", "{{ template \"x\" }}")]
TEXTS += [("html", page % value) for value in ("{{ \"<a> & 'b' \\\"c\\\" 5%\" }}", "{{ .CommonLabels }}", "{{ 5 }}", "{{ .ExternalURL }}") for page in (
    "<p>%s</p>", "<p title=\"%s\">", "<p title=%s>", "<a href=\"%s\">x</a>", "<a href=\"/x?q=%s\">x</a>", "<script>var x = %s;</script>",
    "<script>var x = \"%s\";</script>", "<script>/* %s */ z</script>", "<p style=\"color: %s\">",
    "<style>p{a:url(%s)}</style>", "<!-- %s -->", "<textarea>%s</textarea>", "<p onclick=\"f(%s)\">", "<%s>", "<p %s>", "<p a=\"%s")]


class Both:
    """The two servers, what each sent, and the two tools."""

    def __init__(self, arguments, folder):
        self.told = {"own": {}, "real": {}}
        hook = listener.Listener(told=self.take)
        os.makedirs(folder.join("links"), exist_ok=True)
        for name in ("alertmanager", "amtool"):
            os.symlink(os.path.abspath(arguments.lapwing), folder.join("links", name))
        peer = lambda name: os.path.join(os.path.abspath(arguments.peers), "usr", "bin", name)
        self.tools = {"own": folder.join("links", "amtool"), "real": peer("amtool")}
        self.addresses, self.programs = {}, []
        for name, binary in (("own", folder.join("links", "alertmanager")), ("real", peer("prometheus-alertmanager"))):
            address = self.addresses[name] = "%s:%d" % (programs.LOOPBACK, programs.free_port())
            config = folder.write(name + ".yml", json.dumps(configuration(hook.url + name)))
            program = programs.Program(name, [
                binary, "--config.file=" + config, "--storage.path=" + folder.join(name + ".data"), "--web.listen-address=" + address,
                "--cluster.listen-address=", "--web.external-url=http://am.example.org/am", "--web.route-prefix=/"], folder.join(name + ".log"))
            programs.wait_for("http://%s/-/ready" % address, program)
            self.programs.append(program)

    def take(self, path, body):
        _, name, receiver, rest = (path + "/").split("/", 3)
        self.told[name].setdefault(receiver, set()).add((rest, plain(body.decode(), name)))

    def ask(self, name, method, path, body, headers):
        connection = http.client.HTTPConnection(self.addresses[name], timeout=10)
        connection.request(method, path, body=body and body.encode(), headers=headers)
        answer = connection.getresponse()
        status, text = answer.status, plain(answer.read().decode(), name)
        # The original gives groups, their alerts and receivers in no order of their own.
        return status, sorted(text) if "alerts/groups" in path else text

    def tool(self, name, *arguments):
        done = subprocess.run([self.tools[name], *arguments], capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
        return done.returncode == 0, done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def plain(text, name):
    """A text without the sender and the times in it; JSON with its keys in order."""
    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "TIME", text.replace("/%s/" % name, "/"))
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        if text.startswith("Action="):
            return "&".join(sorted(text.split("&")))
        return text


def configuration(url):
    receivers = [{"name": "root"}]
    for number, (kind, settings) in enumerate(RECEIVERS):
        placed = json.loads(json.dumps(settings).replace("URL", "%s/r%d" % (url, number)))
        receivers.append({"name": "r%d" % number, kind + "_configs": [placed]})
    routes = [{"receiver": receiver["name"], "continue": True} for receiver in receivers[1:]]
    return {"route": {"receiver": "root", "group_by": ["alertname"], "group_wait": "3s", "group_interval": "2s", "routes": routes},
            "receivers": receivers, "templates": [TEMPLATES]}


def post(both, seconds):
    """Both are told of the same alerts, which end so many seconds from now."""
    now = time.time()
    stamp = lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    body = json.dumps([dict(alert, startsAt=stamp(now - 0.5), endsAt=stamp(now + seconds)) for alert in ALERTS])
    for name in both.addresses:
        both.ask(name, "POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})


def same(tally, what, answers):
    own, real = answers
    tally.check(what, own == real, "own  %s\nreal %s" % (str(own)[:600], str(real)[:600]))


def ask(both, tally, *methods):
    for method, path, body, headers in REQUESTS:
        if method in methods:
            answers = [both.ask(name, method, path, body, headers) for name in ("own", "real")]
            same(tally, "%s %s %s %s" % (method, path, body or "", headers.get("Accept") or headers.get("Content-Type") or ""), answers)


def main():
    arguments = programs.argument_parser(__doc__).parse_args()
    folder, tally = programs.Folder(arguments.keep), programs.Tally()
    both = Both(arguments, folder)
    post(both, 600)
    everybody = lambda count: all(len(told) >= count for sent in both.told.values() for told in sent.values()) and all(
        len(sent) == len(RECEIVERS) for sent in both.told.values())
    programs.wait_until("everybody is told", lambda: everybody(1), 20)
    ask(both, tally, "GET")
    post(both, 0)
    programs.wait_until("everybody is told of the end", lambda: everybody(2), 20)
    for number, (kind, settings) in enumerate(RECEIVERS):
        sent = [sorted(both.told[name].get("r%d" % number, ())) for name in ("own", "real")]
        same(tally, "%s sends the same: %s" % (kind, ", ".join(settings)), sent)
    ask(both, tally, "POST", "PUT", "DELETE", "OPTIONS")
    for program in both.programs:
        program.stop()
    data = folder.write("data.json", json.dumps({
        "receiver": "r", "status": "firing", "externalURL": "http://am/x", "commonLabels": {"alertname": "A", "job": "j"},
        "alerts": [{"status": "firing", "labels": {"alertname": "A"}, "annotations": {}, "startsAt": "2024-06-10T08:00:00+02:00",
                    "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "a"}]}))
    none = folder.write("none.tmpl", "")
    for kind, text in TEXTS:
        render = ["template", "render", "--template.glob=" + none, "--template.type=" + kind, "--template.data=" + data, "--template.text=" + text]
        same(tally, "%s %s" % (kind, text[:90]), [both.tool(name, *render) for name in ("own", "real")])
    for number, (kind, settings) in enumerate(RECEIVERS):
        for key in [*settings, "nope"]:
            for value in (None, 5, "", [], {}, "x"):
                changed = json.loads(json.dumps(dict(settings, **{key: value})).replace("URL", "http://x"))
                file = folder.write("config.yml", json.dumps({"route": {"receiver": "r"}, "receivers": [{"name": "r", kind + "_configs": [changed]}]}))
                taken = [both.tool(name, "check-config", file)[0] for name in ("own", "real")]
                if taken[0] != taken[1]:
                    same(tally, "%s with %s: %s" % (kind, key, json.dumps(value)), taken)
    return tally.finish()


programs.run(main)
