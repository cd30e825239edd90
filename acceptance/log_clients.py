#!/usr/bin/env python3
"""Real clients write logs into the server: syslog-ng and rsyslog, the OpenTelemetry SDKs for Python and JavaScript, loggers of
both languages that speak to Loki, and pushes that were recorded of Promtail. Every line arrives once and in order.

What is not there is named: `--peers` holds `usr/sbin/{syslog-ng,rsyslogd}` with their modules, the libraries come from their
registries. Vector, Fluent Bit and Promtail are in no registry that packages them; where `usr/bin/fluent-bit` is there it is tried."""

import base64
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

import log_lines
import log_server
import programs

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON_PACKAGES = ["opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http", "python-logging-loki"]
NODE_PACKAGES = ["@opentelemetry/" + name for name in (
    "sdk-logs", "resources", "exporter-logs-otlp-http", "exporter-logs-otlp-proto")] + [
    "winston", "winston-loki", "pino", "pino-loki"]
SETTLE_SECONDS = 60
# The recorded pushes are old, and some of their entries come long after younger ones.
LIMITS = """\
reject_old_samples: false
max_query_length: 0
max_entries_limit_per_query: 0
"""
MORE = """\
ingester: {max_chunk_age: 0s}
"""

SYSLOG_NG = r"""
@version: 3.38
options { keep-hostname(yes); use-dns(no); stats-freq(0); time-reap(3600); };
source s_plain { network(ip("127.0.0.1") port(%(plain)d) transport("tcp") flags(syslog-protocol) log-iw-size(10000)); };
source s_any { network(ip("127.0.0.1") port(%(any)d) transport("tcp") flags(syslog-protocol) log-iw-size(10000)); };
destination d_loki {
  http(url("%(url)s/loki/api/v1/push") method("POST") headers("Content-Type: application/json")
    body-prefix("{\"streams\":[") delimiter(",") body-suffix("]}")
    body("{\"stream\":{\"job\":\"syslog-ng\",\"host\":\"${HOST}\"},\"values\":[[\"${S_UNIXTIME}${S_USEC}000\",\"${MSG}\"]]}")
    batch-lines(50) batch-timeout(300) workers(1) timeout(10));
};
destination d_bulk {
  http(url("%(url)s/elasticsearch/_bulk?_stream_fields=job,host&_msg_field=message&_time_field=@timestamp") method("POST")
    headers("Content-Type: application/x-ndjson") delimiter("\n") body-suffix("\n")
    body("{\"index\":{}}\n$(format-json --scope none job=syslog-ng-bulk host=${HOST} message=${MSG} @timestamp=${S_UNIXTIME}${S_USEC} pid=${PID})")
    batch-lines(50) batch-timeout(300) workers(1) timeout(10));
};
log { source(s_plain); destination(d_loki); flags(flow-control); };
log { source(s_any); destination(d_bulk); flags(flow-control); };
"""

RSYSLOG = r"""
global(workDirectory="%(folder)s" maxMessageSize="64k")
module(load="imtcp")
module(load="%(module)s")
template(name="loki" type="list") {
  constant(value="{\"stream\":{\"job\":\"rsyslog-omhttp\",\"host\":\"") property(name="hostname" format="json")
  constant(value="\"},\"values\":[[\"") property(name="timereported" dateFormat="unixtimestamp")
  property(name="timereported" dateFormat="subseconds") constant(value="000\",\"")
  property(name="msg" format="json") constant(value="\"]]}")
}
template(name="document" type="list") {
  constant(value="{\"job\":\"rsyslog-omelasticsearch\",\"host\":\"") property(name="hostname" format="json")
  constant(value="\",\"@timestamp\":\"") property(name="timereported" dateFormat="rfc3339")
  constant(value="\",\"message\":\"") property(name="msg" format="json") constant(value="\"}")
}
ruleset(name="all" queue.type="LinkedList" queue.size="100000" queue.workerThreads="1") {
  %(action)s
}
input(type="imtcp" address="127.0.0.1" port="%(any)d" ruleset="all")
"""
RSYSLOG_ACTIONS = {
    "omhttp": """action(type="omhttp" server="127.0.0.1" serverport="%(server)d" restpath="loki/api/v1/push" useHttps="off"
    healthchecktimeout="10000" checkpath="ready" httpcontenttype="application/json" template="loki" batch="on"
    batch.format="lokirest" batch.maxsize="100" action.resumeRetryCount="-1" errorfile="%(folder)s/omhttp.errors")""",
    "omelasticsearch": """action(type="omelasticsearch" server="127.0.0.1:%(server)d/elasticsearch" template="document"
    searchIndex="logs" bulkmode="on" esversion.major="8" action.resumeRetryCount="-1" healthchecktimeout="10000"
    errorfile="%(folder)s/omelasticsearch.errors")""",
}


class Absent(Exception):
    """A client that is not there, and why."""


class Clients:
    """What the clients are started with, and what was looked at."""

    def __init__(self, options, folder, tally, server):
        self.options, self.folder, self.tally, self.server = options, folder, tally, server

    def program(self, name):
        """The path of a program among the peers or installed ones."""
        for path in (os.path.join(os.path.abspath(self.options.peers), "usr", part, name) for part in ("sbin", "bin")):
            if os.access(path, os.X_OK):
                return path
        path = shutil.which(name)
        if not path:
            raise Absent("no program " + name)
        return path

    def module(self, *names):
        """The folder of a module of a program."""
        roots = [os.path.join(os.path.abspath(self.options.peers), "usr", "lib"), "/usr/lib"]
        for root in roots:
            for folder, _, files in os.walk(root):
                if names[-1] in files and os.path.basename(folder).startswith(names[0]):
                    return folder
        raise Absent("no module " + names[-1])

    def environment(self):
        """Where programs that were unpacked rather than installed find their libraries."""
        usr = os.path.join(os.path.abspath(self.options.peers), "usr", "lib")
        folders = [os.path.join(usr, "x86_64-linux-gnu"), os.path.join(usr, "syslog-ng"),
                   os.path.join(os.path.abspath(self.options.peers), "lib", "x86_64-linux-gnu")]
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(folders)}

    def arrived(self, name, selector, expected, what="lines"):
        """Whether the lines of a selector are the expected ones in their order: the stream's, and what a count says."""
        def count():
            return int(self.server.number("sum(count_over_time(%s [2h]))" % selector, time.time_ns() + 60_000_000_000))

        programs.wait_until("%s: %d lines" % (name, len(expected)), lambda: count() >= len(expected), SETTLE_SECONDS)
        # What comes twice would come now.
        time.sleep(1)
        streams = self.server.entries(selector)
        lines = [line for entries in streams.values() for _, line in entries]
        place = next((place for place, (a, b) in enumerate(zip(lines + [None], expected + [None])) if a != b), 0)
        self.tally.check("%s: all %d %s in %d stream arrived once, in order" % (name, len(expected), what, len(streams)),
                         lines == expected and count() == len(expected),
                         "%d lines, counted %d, at %d %r instead of %r" % (
                             len(lines), count(), place, lines[place:place + 1], expected[place:place + 1]))
        return streams


def send_syslog(port, host, lines):
    """Sends lines as messages of RFC 5424, each with a time of its own."""
    with socket.create_connection((programs.LOOPBACK, port)) as connection:
        for number, line in enumerate(lines):
            now = time.time_ns() // 1000
            at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1_000_000)) + ".%06dZ" % (now % 1_000_000)
            connection.sendall(("<134>1 %s %s shop %d - - %s\n" % (at, host, number, line)).encode())
            if number % 100 == 0:
                time.sleep(0.01)


def wait_for_port(program, port):
    def listens():
        with socket.socket() as probe:
            return probe.connect_ex((programs.LOOPBACK, port)) == 0

    if not programs.wait_until("%s listens" % program.name, lambda: listens() or not program.running(), 20) or not program.running():
        raise programs.Failure("%s does not listen:\n%s" % (program.name, program.log_tail()))


def syslog_ng(clients):
    """syslog-ng's http(): a push in Loki's JSON form, and documents of Elasticsearch."""
    binary = clients.program("syslog-ng")
    modules = clients.module("3.", "libhttp.so") if "3.38" in subprocess.run(
        [binary, "--version"], capture_output=True, text=True, env=clients.environment(), check=False).stdout else ""
    plain, any_port = programs.free_port(), programs.free_port()
    config = clients.folder.write("syslog-ng.conf", SYSLOG_NG % {"plain": plain, "any": any_port, "url": clients.server.url})
    join = clients.folder.join
    program = programs.Program("syslog-ng", [
        binary, "-F", "--no-caps", "--cfgfile=" + config, "--persist-file=" + join("syslog-ng.persist"),
        "--control=" + join("syslog-ng.ctl"), "--pidfile=" + join("syslog-ng.pid")]
        + (["--module-path=" + modules] if modules else []), join("syslog-ng.log"), env=clients.environment())
    wait_for_port(program, any_port)
    count = clients.options.lines
    send_syslog(plain, "plain-host", [log_lines.plain(n) for n in range(count)])
    send_syslog(any_port, "any-host", [log_lines.line(n) for n in range(count)])
    clients.arrived("syslog-ng http() to /loki/api/v1/push", '{job="syslog-ng",host="plain-host"}', [log_lines.plain(n) for n in range(count)])
    clients.arrived("syslog-ng http() to /elasticsearch/_bulk", '{job="syslog-ng-bulk",host="any-host"}', [log_lines.line(n) for n in range(count)])
    program.stop()


def rsyslog(clients, module="omhttp"):
    """rsyslog's omhttp with batches in Loki's form."""
    binary, modules, port = clients.program("rsyslogd"), clients.module("rsyslog", module + ".so"), programs.free_port()
    names = {"folder": clients.folder.path, "any": port, "server": clients.server.port, "module": module}
    config = clients.folder.write(module + ".conf", RSYSLOG % {**names, "action": RSYSLOG_ACTIONS[module] % names})
    program = programs.Program("rsyslogd", [binary, "-n", "-f", config, "-i", clients.folder.join(module + ".pid"), "-M", modules],
                               clients.folder.join(module + ".log"), env=clients.environment())
    wait_for_port(program, port)
    lines = [log_lines.line(n) for n in range(clients.options.lines)]
    send_syslog(port, "any-host", lines)
    # Its documents say nothing of streams: what they hold is structured metadata.
    selector = '{job="rsyslog-omhttp"}' if module == "omhttp" else '{service_name="unknown_service"} | job="rsyslog-%s"' % module
    clients.arrived("rsyslog " + module, selector, lines)
    program.stop()


def rsyslog_elasticsearch(clients):
    """rsyslog's omelasticsearch, whose documents are taken too."""
    rsyslog(clients, "omelasticsearch")


def run_sender(clients, name, command, selector, lines):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, check=False)
    clients.tally.check("%s ends without an error" % name, done.returncode == 0, (done.stdout + done.stderr)[-600:])
    return clients.arrived(name, selector, lines)


def python_libraries(clients):
    """The OpenTelemetry SDK for Python, and a handler of `logging`."""
    python = clients.folder.join("venv", "bin", "python")
    for command in ([sys.executable, "-m", "venv", clients.folder.join("venv")],
                    [python, "-m", "pip", "install", "--quiet"] + PYTHON_PACKAGES):
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            raise Absent("Python packages: " + done.stderr.strip()[-300:])
    sender, count = os.path.join(HERE, "log_client_sender.py"), clients.options.lines
    lines, few = [log_lines.line(n) for n in range(count)], [log_lines.line(n) for n in range(count // 10)]
    streams = run_sender(clients, "OpenTelemetry for Python",
                         [python, sender, "otlp", clients.server.url + "/otlp/v1/logs", str(count)],
                         '{service_name="otlp-python"}', lines)
    check_otlp(clients, "otlp-python", streams)
    run_sender(clients, "python-logging-loki",
               [python, sender, "handler", clients.server.url + "/loki/api/v1/push", str(len(few))],
               '{job="python-logging-loki"}', few)


def check_otlp(clients, service, streams):
    """Where the attributes of an entry are."""
    labels = [{name: value for name, value in key if name != "service_instance_id"} for key in streams]
    clients.tally.check("%s: attributes of the resource that name it are its labels" % service,
                        labels == [{"service_name": service, "service_namespace": "clients"}], labels)
    count = clients.server.number('sum(count_over_time({service_name="%s"} | severity_text="WARN" | severity_number="13" '
                                  '| shop_number="3" | scope_name="lapwing.acceptance" | host_arch="any" [2h]))' % service)
    want = len(range(3, clients.options.lines, 7))
    clients.tally.check("%s: the others are structured metadata" % service, count == want, "%d, not %d" % (count, want))


def javascript_libraries(clients):
    """The OpenTelemetry SDK for JavaScript in both forms, winston-loki in both, pino-loki."""
    modules, node = clients.folder.join("node"), clients.program("node")
    os.makedirs(modules)
    done = subprocess.run(["npm", "install", "--silent"] + NODE_PACKAGES, cwd=modules, capture_output=True, text=True,
                          timeout=600, check=False)
    if done.returncode:
        raise Absent("npm packages: " + (done.stdout + done.stderr).strip()[-300:])
    lines = [log_lines.line(n) for n in range(clients.options.lines)]
    file = clients.folder.write("lines", "\n".join(map(json.dumps, lines)))
    sender = [node, os.path.join(HERE, "log_client_sender.mjs"), modules]
    for form in ("json", "proto"):
        streams = run_sender(clients, "OpenTelemetry for JavaScript, " + form,
                             sender + [form, clients.server.url + "/otlp/v1/logs", file],
                             '{service_name="otlp-%s"}' % form, lines)
        check_otlp(clients, "otlp-" + form, streams)
    for way in ("winston-json", "winston-protobuf"):
        run_sender(clients, way, sender + [way, clients.server.url, file], '{job="%s"}' % way, lines)
    done = subprocess.run(sender + ["pino", clients.server.url, file], capture_output=True, text=True, timeout=300, check=False)
    clients.tally.check("pino-loki ends without an error", done.returncode == 0, (done.stdout + done.stderr)[-600:])
    # Its lines are objects that hold the text.
    entries = [line for found in clients.server.entries('{job="pino-loki"}').values() for _, line in found]
    told = [json.loads(line).get("msg", line) if line.startswith("{") else line for line in entries]
    clients.tally.check("pino-loki: all %d lines arrived once, in order" % len(lines), told == lines,
                        "%d lines, the first %r" % (len(told), entries[:1]))


def fluent_bit(clients):
    """Fluent Bit's output of the name loki."""
    binary = clients.program("fluent-bit")
    lines = [log_lines.line(n) for n in range(clients.options.lines)]
    source = clients.folder.write("fluent-bit.in", "".join(line + "\n" for line in lines))
    program = programs.Program("fluent-bit", [
        binary, "-i", "tail", "-p", "path=" + source, "-p", "read_from_head=true", "-o", "loki", "-p", "host=127.0.0.1",
        "-p", "port=%d" % clients.server.port, "-p", "labels=job=fluent-bit", "-p", "line_format=key_value",
        "-p", "drop_single_key=raw", "-f", "0.3"], clients.folder.join("fluent-bit.log"), env=clients.environment())
    clients.arrived("fluent-bit", '{job="fluent-bit"}', lines)
    program.stop()


def recorded_module(conformance):
    """The reader of pushes that comes with the recorded ones."""
    spec = importlib.util.spec_from_file_location("run_cases", os.path.join(conformance, "promtail", "run_cases.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def once(entries):
    """Entries by stream, in order of time and then of arrival, without those that come again."""
    streams = {}
    for labels, at, line, metadata in entries:
        streams.setdefault(programs.labels_key(labels), {}).setdefault((at, line, programs.labels_key(metadata)))
    return {key: [(at, line) for at, line, _ in sorted(found, key=lambda entry: entry[0])] for key, found in streams.items()}


def compare(clients, name, want, selector):
    """Whether the streams of a selector hold what was sent; what the server adds of itself aside."""
    def as_sent(key):
        # The server names the service of a stream that does not.
        return key if key in want else tuple(pair for pair in key if pair[0] != "service_name")

    have = {as_sent(key): entries for key, entries in clients.server.entries(selector).items()}
    wrong = ["%s: %d stored of %d" % (programs.labels_text(key), len(have.get(key, [])), len(want.get(key, [])))
             for key in want.keys() | have.keys() if want.get(key) != have.get(key)]
    clients.tally.check("%s: %d entries of %d streams, once and in order" % (name, sum(map(len, want.values())), len(want)),
                        want and not wrong, "\n".join(sorted(wrong)[:8]))


def recorded_pushes(clients):
    """The recorded bodies as they were sent, each twice: snappy and protobuf as Promtail sends, and JSON."""
    conformance = os.path.join(os.path.abspath(clients.options.conformance), "loki")
    if not os.path.isdir(conformance):
        raise Absent("no recorded pushes in " + conformance)
    reader, sent = recorded_module(conformance), []
    folder = os.path.join(conformance, "dataset")
    for name in sorted(name for name in os.listdir(folder) if name.startswith("push-")):
        with open(os.path.join(folder, name), "rb") as file:
            body = file.read()
        kind = "application/json"
        if name.endswith(".b64"):
            body, kind = base64.b64decode(body), "application/x-protobuf"
        for _ in range(2):
            status, text = clients.server.send("/loki/api/v1/push", body, {"Content-Type": kind})
            if status != 204:
                clients.tally.check("%s is taken" % name, False, "%d %s" % (status, text[:300]))
        sent += reader.decode(body, kind)
    selector = '{case="",job!~"%s",service_name!~"otlp-.*"} | job!~"rsyslog-.*"' % OWN_JOBS
    compare(clients, "recorded pushes", once(sent), selector)
    cases, entries = promtail_cases(conformance), 0
    for case, streams in cases.items():
        body = log_server.snappy(log_server.protobuf(streams))
        for _ in range(2):
            status, text = clients.server.send("/loki/api/v1/push", body, {"Content-Type": "application/x-protobuf"})
            if status != 204:
                clients.tally.check("%s is taken" % case, False, "%d %s" % (status, text[:300]))
        entries += sum(len(found) for _, found in streams)
    want = once([(labels, *(entry if len(entry) > 2 else (*entry, {}))) for streams in cases.values()
                 for labels, found in streams for entry in found])
    compare(clients, "what Promtail pushed in %d recorded cases" % len(cases), want, '{case=~".+"}')


OWN_JOBS = "syslog-ng|syslog-ng-bulk|rsyslog-.*|winston-.*|pino-loki|python-logging-loki|fluent-bit"


def promtail_cases(conformance):
    """The streams that Promtail pushed, by recorded case; each case has a label of its own."""
    cases, now = {}, time.time_ns() - 600_000_000_000
    with open(os.path.join(conformance, "promtail", "cases.jsonl"), encoding="utf-8") as file:
        for case in map(json.loads, file):
            streams = {}
            for entry in case.get("entries") or []:
                now += 1000
                labels = {**{re.sub(r"\W", "_", name): value for name, value in entry["labels"].items()}, "case": case["id"]}
                at = now if entry["ts"] == "now" else int(entry["ts"])
                more = [entry["metadata"]] if entry.get("metadata") else []
                streams.setdefault(programs.labels_key(labels), (labels, []))[1].append((at, entry["line"], *more))
            if streams:
                cases[case["id"]] = list(streams.values())
    return cases


CLIENTS = {"syslog-ng": syslog_ng, "rsyslog": rsyslog, "rsyslog-elasticsearch": rsyslog_elasticsearch, "fluent-bit": fluent_bit, "python": python_libraries,
           "javascript": javascript_libraries, "recorded": recorded_pushes}


def main():
    options = programs.argument_parser(
        __doc__.splitlines()[0],
        ("--lines", {"type": int, "default": 5000, "help": "how many each client writes"}),
        ("--only", {"choices": CLIENTS, "action": "append", "help": "these clients alone"}),
        ("--conformance", {"default": os.path.join(HERE, "..", "..", "shared", "conformance"), "help": "the recorded pushes"}),
    ).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    server = log_server.LogServer(options.lapwing, folder, LIMITS, MORE).start()
    server.oldest = 1
    clients, absent = Clients(options, folder, tally, server), []
    for name in options.only or CLIENTS:
        try:
            CLIENTS[name](clients)
        except Absent as reason:
            absent.append("%s (%s)" % (name, reason))
        except programs.Failure as failure:
            tally.check(name, False, failure)
    status, _ = server.program.stop()
    tally.check("the server stops cleanly", status == 0)
    complaints = server.complaints()
    tally.check("the log tells of no error", not complaints, "".join(complaints[:5]))
    print("absent: " + ("; ".join(absent + ["vector (in no registry)"]) if not options.only else "; ".join(absent) or "none"))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
