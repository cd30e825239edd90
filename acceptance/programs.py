"""The programs that the acceptance scripts start and stop, and how they are asked questions.

Everything listens on the loopback interface, lives in one temporary folder and is ended when the script ends.
"""

import argparse
import atexit
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

READY_SECONDS_MAX = 60
BENCH_SECONDS_MAX = 1800
STOP_SECONDS_MAX = 10
LOOPBACK = "127.0.0.1"

# Requests never take a proxy: everything asked is on this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failure(Exception):
    """What ends a script early: a program that does not start, an answer that is none."""


class Folder:
    """A temporary folder for one run; `keep` leaves it in place for a look."""

    def __init__(self, keep):
        self.path = tempfile.mkdtemp(prefix="acceptance-")
        if keep:
            print("everything is kept in " + self.path)
        else:
            atexit.register(shutil.rmtree, self.path, ignore_errors=True)

    def join(self, *parts):
        return os.path.join(self.path, *parts)

    def write(self, name, text):
        path = self.join(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path


class Program:
    """A started program. Only what was started here is ever signalled, through its own handle."""

    def __init__(self, name, arguments, log, **how):
        self.name, self.log = name, log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(arguments, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **how)
        atexit.register(self.kill)

    def running(self):
        return self.process.poll() is None

    def kill(self):
        """Ends it at once (SIGKILL) and waits until it is gone."""
        if self.running():
            self.process.kill()
        self.process.wait()

    def stop(self, by=signal.SIGTERM):
        """Asks it to end; returns the exit status and the seconds it took, or none if it had to be killed."""
        began = time.monotonic()
        self.process.send_signal(by)
        try:
            status = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            return None, time.monotonic() - began
        return status, time.monotonic() - began

    def log_tail(self, lines=15):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])


class Server:
    """A Prometheus, or what takes its place: its address, its data directory, and the process if it runs."""

    def __init__(self, name, binary, folder, config, flags=(), data=None):
        self.name, self.config, self.flags = name, config, list(flags)
        self.binary = os.path.abspath(binary)
        self.data = data or folder.join(name + ".data")
        self.log = folder.join(name + ".log")
        self.folder = folder
        self.port = free_port()
        self.address = "%s:%d" % (LOOPBACK, self.port)
        self.url = "http://" + self.address
        self.program = None

    def arguments(self):
        return [self.binary, "--config.file=" + self.config, "--storage.tsdb.path=" + self.data,
                "--web.listen-address=" + self.address] + self.flags

    def launch(self, **how):
        """Starts it without waiting."""
        self.program = Program(self.name, self.arguments(), self.log, cwd=self.folder.path, **how)
        return self

    def wait_ready(self):
        """Waits until it says that it is ready; returns the seconds that took."""
        return wait_for(self.url + "/-/ready", self.program)

    def start(self):
        self.launch().wait_ready()
        return self

    def api(self, path, **parameters):
        """The `data` of an answer of the API, asked by POST where the original takes a form."""
        answer = self.answer(path, **parameters)
        if answer.get("status") != "success":
            raise Failure("%s: %s answers %s: %s" % (self.name, path, answer.get("errorType"), answer.get("error")))
        return answer["data"]

    def metric(self, name):
        """The sum of the server's own samples whose name and labels begin so."""
        status, body = request(self.url + "/metrics", method="GET")
        if status != 200:
            raise Failure("%s: /metrics answers %d" % (self.name, status))
        return sum(float(line.rsplit(" ", 1)[1]) for line in body.splitlines() if line.startswith(name))

    def memory(self, name):
        """Bytes, as `/proc/PID/status` tells them under this name."""
        with open("/proc/%d/status" % self.program.process.pid, encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ":"))

    def answer(self, path, **parameters):
        """The whole answer of the API, success or error."""
        status, body = request(self.url + "/api/v1/" + path, parameters)
        try:
            return json.loads(body)
        except ValueError:
            raise Failure("%s: %s answers %d and no JSON: %r" % (self.name, path, status, body[:200])) from None

    def matrix(self, selector, at):
        """The samples of an instant query of a range selector: {labels: [(milliseconds, value text)]}."""
        data = self.api("query", query=selector, time="%.3f" % at)
        if data["resultType"] != "matrix":
            raise Failure("%s: %s gives a %s" % (self.name, selector, data["resultType"]))
        return {labels_key(series["metric"]): [(round(t * 1000), v) for t, v in series["values"]]
                for series in data["result"]}


def lines_with(log, *words):
    """The lines of a log in which one of the words stands."""
    with open(log, encoding="utf-8", errors="replace") as lines:
        return [line for line in lines if any(word in line for word in words)]


def labels_key(labels):
    """A label set as a key of a dictionary."""
    return tuple(sorted(labels.items()))


def labels_text(key):
    """A label set as people read it."""
    return "{%s}" % ",".join("%s=%s" % (name, json.dumps(value)) for name, value in key)


def request(url, parameters=None, method=None, timeout=30):
    """Status and body of one HTTP request; parameters go as a form, by POST unless said otherwise."""
    body = None
    if parameters is not None:
        pairs = [(k, v) for k, values in parameters.items()
                 for v in (values if isinstance(values, list) else [values])]
        text = urllib.parse.urlencode(pairs)
        if method == "GET" or not url.endswith(("query", "query_range", "labels", "series")):
            url, method = url + ("?" + text if text else ""), method or "GET"
        else:
            body = text.encode()
    try:
        with _opener.open(urllib.request.Request(url, data=body, method=method), timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")


def free_port():
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def wait_for(url, program, seconds=READY_SECONDS_MAX):
    """Waits until `url` answers 200; returns the seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if not program.running():
            raise Failure("%s ended with status %s:\n%s"
                          % (program.name, program.process.returncode, program.log_tail()))
        try:
            if request(url, timeout=2)[0] == 200:
                return time.monotonic() - began
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.02)
    raise Failure("%s: %s does not answer within %d s:\n%s" % (program.name, url, seconds, program.log_tail()))


def wait_until(what, check, seconds):
    """Waits until `check()` is true; returns whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.1)
    print("  not within %d s: %s" % (seconds, what))
    return False


def start_node_exporter(peers, folder):
    """A real node_exporter; returns its address."""
    address = "%s:%d" % (LOOPBACK, free_port())
    program = Program("node_exporter", [peers.node_exporter, "--web.listen-address=" + address],
                      folder.join("node_exporter.log"))
    wait_for("http://%s/metrics" % address, program)
    return address


class Peers:
    """The real programs, as `DIR/usr/bin/…`."""

    def __init__(self, folder):
        self.prometheus, self.promtool, self.node_exporter = (
            os.path.abspath(os.path.join(folder, "usr", "bin", name))
            for name in ("prometheus", "promtool", "prometheus-node-exporter"))
        for path in (self.prometheus, self.promtool, self.node_exporter):
            if not os.access(path, os.X_OK):
                raise Failure("no program at " + path)

    def promtool_run(self, *arguments, timeout=60):
        """Runs promtool; returns exit status, standard output, standard error."""
        done = subprocess.run([self.promtool, *arguments], capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout, done.stderr


class Tally:
    """Counts what passed and what failed, and says so at the end."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, good, detail=""):
        """One check: a line of its own, with the detail if it failed."""
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print("%s  %s" % ("ok  " if good else "FAIL", what), flush=True)
        if not good and detail:
            print("      " + str(detail).rstrip().replace("\n", "\n      "), flush=True)
        return good

    def finish(self):
        """Prints the counts; returns the exit status of the script."""
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0


def bench_command(binary, name, *flags):
    """How a benchmark of a built server is called."""
    return [os.path.abspath(binary), "bench", name, "--format=json", *flags]


def bench(binary, name, *flags):
    """Runs a benchmark of a built server; its JSON, in which `rows` are by name."""
    done = subprocess.run(bench_command(binary, name, *flags), capture_output=True, text=True, timeout=BENCH_SECONDS_MAX,
                          stdin=subprocess.DEVNULL, check=False)
    return bench_report(name, done.returncode, done.stdout, done.stderr)


def bench_report(name, status, out, errors):
    """The JSON of a benchmark that has ended; a failure where it must not be used."""
    try:
        report = json.loads(out.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise Failure("bench %s ended with %d: %s" % (name, status, errors)) from None
    if status or report.get("failure"):
        raise Failure("bench %s: %s\n  %s" % (name, report.get("failure", errors), "\n  ".join(report.get("remarks", []))))
    report["rows"] = {row["name"]: row for row in report["rows"]}
    return report


def argument_parser(description, *more):
    """The arguments every script takes, and `more` of its own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--lapwing", required=True, metavar="BIN", help="the server under test")
    parser.add_argument("--peers", required=True, metavar="DIR",
                        help="holds usr/bin/{prometheus,promtool,prometheus-node-exporter}")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder in place")
    for flags, settings in more:
        parser.add_argument(flags, **settings)
    return parser


def run(main):
    """Runs a script's `main`, so that whatever it started is ended however it ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except Failure as failure:
        print("FAIL  " + str(failure))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
