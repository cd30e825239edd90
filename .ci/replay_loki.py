#!/usr/bin/env python3
"""Replays the recorded answers of Loki against the binary, through a link named loki and the recorded configurations.

    replay_loki.py BINARY CONFORMANCE_FOLDER [--again] [PROFILE...]

Each profile starts an empty server; --again stops the default one once its files are through, starts it anew over the same folder and
asks everything again. A line that differs on purpose stands in DIFFERENCES with the reason; any other that fails makes the exit code 1.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

# Lines that are answered otherwise on purpose.
DIFFERENCES = {
    "limits-020": "the recorded answer leaves out two of three streams, which the same server's queries find",
    "push-012": "labels with names that Loki cannot print make its whole answer a failure: they are answered here",
    "push-014": "as push-012",
    "range_params-095": "entries of equal time come in the order in which they arrived, which the original does not keep there",
    "range_params-097": "as range_params-095",
    "range_params-123": "as range_params-095",
    "range_params-125": "as range_params-095",
    "parsers-102": "as push-012: an empty key of a JSON line",
    "parsers-107": "as push-012",
    "parsers-128": "as push-012",
    "parsers-129": "as push-012",
}

PROFILES = {
    "default": (True, [
        "binary_ops", "categorize", "label_filters", "line_filters", "meta_endpoints", "metadata", "parse_errors",
        "parsers", "range_agg", "range_params", "selectors", "templates", "user_queries", "vector_agg",
    ]),
    "lowlimit": (True, ["lowlimit"]),
    "push": (False, ["push", "otlp", "tail", "push_streams"]),
    "strict": (False, ["push_strict"]),
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server of one profile in a folder of its own."""

    def __init__(self, binary, conformance, profile):
        self.folder = tempfile.mkdtemp(prefix="loki-" + profile)
        self.link = os.path.join(self.folder, "loki")
        os.symlink(os.path.abspath(binary), self.link)
        self.port = free_port()
        with open(os.path.join(conformance, "config", profile + ".yaml"), encoding="utf-8") as f:
            text = f.read().replace("http_listen_port: 3100", "http_listen_port: %d" % self.port)
        self.config = os.path.join(self.folder, "loki.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        self.base = "http://127.0.0.1:%d" % self.port

    def start(self):
        with open(os.path.join(self.folder, "log"), "a", encoding="utf-8") as log:
            command = [self.link, "-config.file=" + self.config]
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        for _ in range(300):
            try:
                with urllib.request.urlopen(self.base + "/ready", timeout=2):
                    return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
            sys.exit("the server does not get ready:\n" + log.read()[-3000:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def replay(server, conformance, name):
    """Replays a file; gives how many lines failed that must not."""
    command = [sys.executable, os.path.join(conformance, "replay.py"), "--base", server.base,
               os.path.join(conformance, "queries", name + ".jsonl")]
    out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    failed = set(re.findall(r"^FAIL (\S+)", out, re.M))
    wrong = sorted(failed - set(DIFFERENCES))
    meant = sorted(failed & set(DIFFERENCES))
    total = out.strip().splitlines()[-1] if out.strip() else "no answer"
    print("loki %s: %s%s" % (name, total, ", on purpose: " + " ".join(meant) if meant else ""), flush=True)
    if wrong or " passed" not in total:
        keep = False
        for line in out.splitlines():
            if line.startswith("FAIL "):
                keep = line.split()[1] in wrong
            if keep and line.startswith(("FAIL ", "     ")):
                print(line[:600])
        return max(1, len(wrong))
    return 0


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    binary, conformance = arguments[:2]
    wanted = arguments[2:] or list(PROFILES)
    failed = 0
    for profile in wanted:
        loads, files = PROFILES[profile]
        server = Server(binary, conformance, profile)
        server.start()
        try:
            if loads:
                load = [sys.executable, os.path.join(conformance, "replay.py"), "--base", server.base, "--load"]
                loaded = subprocess.run(load, capture_output=True, text=True, check=False)
                if loaded.returncode:
                    print("loki %s: the data set is not taken\n%s" % (profile, loaded.stdout))
                    failed += 1
                    continue
            for name in files:
                failed += replay(server, conformance, name)
            if profile == "default" and "--again" in sys.argv:
                server.stop()
                server.start()
                print("loki, started again:")
                for name in files:
                    failed += replay(server, conformance, name)
        finally:
            server.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
