"""A server of logs under test: the binary under Loki's name with a file of Loki's settings; how it is written to and asked."""

import http.client
import json
import os
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

import programs
import remote_write

CONFIG = """\
auth_enabled: false
server:
  http_listen_address: 127.0.0.1
  http_listen_port: %(port)d
common:
  path_prefix: %(data)s
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: %(data)s/chunks, rules_directory: %(data)s/rules}}
%(more)s
limits_config:
%(limits)s
"""
# Whatever a request may throw where the server is killed under it.
GONE = (OSError, http.client.HTTPException)
CATEGORIZE = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class LogServer(programs.Server):
    """A server of logs; `limits` and `more` are lines of its configuration."""

    def __init__(self, binary, folder, limits="max_entries_limit_per_query: 0\n", more="", name="loki"):
        super().__init__(name, binary, folder, "")
        link = folder.join("bin", "loki")
        os.makedirs(os.path.dirname(link), exist_ok=True)
        if not os.path.lexists(link):
            os.symlink(self.binary, link)
        self.binary = link
        # Within the longest span that a query may have.
        self.oldest = time.time_ns() - 20 * 86_400_000_000_000
        self.config = folder.write(name + ".yaml", CONFIG % {
            "port": self.port, "data": self.data, "more": more,
            "limits": "\n".join("  " + line for line in limits.splitlines())})

    def arguments(self):
        return [self.binary, "-config.file=" + self.config] + self.flags

    def wait_ready(self):
        return programs.wait_for(self.url + "/ready", self.program)

    def send(self, path, body=b"", headers=None, method="POST", timeout=60):
        """Status and text of one request with a body."""
        asked = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method=method)
        try:
            with _opener.open(asked, timeout=timeout) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")

    def push(self, streams, timeout=60):
        """Pushes `[(labels, [(nanoseconds, line) or (nanoseconds, line, metadata)])]` as JSON."""
        body = {"streams": [{"stream": labels, "values": [[str(entry[0])] + list(entry[1:]) for entry in entries]}
                            for labels, entries in streams]}
        return self.send("/loki/api/v1/push", json.dumps(body).encode(), {"Content-Type": "application/json"},
                         timeout=timeout)

    def ask(self, path, headers=None, timeout=120, **parameters):
        """The JSON of an answer."""
        status, text = self.send(path + "?" + urllib.parse.urlencode(parameters), None, headers, "GET", timeout)
        if status != 200:
            raise programs.Failure("%s %s answers %d: %s" % (path, parameters, status, text[:300]))
        return json.loads(text)

    def entries(self, query, start=0, end=None, limit=10_000_000):
        """The entries of a log query, oldest first, by the labels of their stream: {labels: [(ns, line)]}."""
        found = self.ask("/loki/api/v1/query_range", CATEGORIZE, query=query, start=start or self.oldest,
                         end=end or time.time_ns() + 3_600_000_000_000, limit=limit, direction="forward")
        return {programs.labels_key(stream["stream"]): [(int(value[0]), value[1]) for value in stream["values"]]
                for stream in found["data"]["result"]}

    def number(self, query, at=None):
        """The value of an instant query that gives one or none."""
        result = self.ask("/loki/api/v1/query", query=query, time=at or time.time_ns())["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def counted(self, name):
        """A metric of its own, summed over its labels."""
        lines = self.send("/metrics", None, method="GET")[1].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def resident(self):
        """Bytes of memory now and at most; nothing where the server has ended."""
        with open("/proc/%d/status" % self.program.process.pid, encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return tuple(int(lines.get(name, "0 kB").split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))

    def complaints(self):
        """What its log says of errors and panics."""
        return programs.lines_with(self.log, " ERROR ", "level=error", "panic")


def snappy(body):
    """The block format, literals alone."""
    out = [remote_write.varint(len(body))]
    for start in range(0, len(body), 65536):
        piece = body[start:start + 65536]
        out.append(bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece)
    return b"".join(out)


def protobuf(streams):
    """A push as Promtail sends it, before it is compressed: `[(labels, [(nanoseconds, line[, metadata])])]`."""
    field, varint = remote_write.message, remote_write.varint
    body = b""
    for labels, entries in streams:
        text = "{%s}" % ", ".join("%s=%s" % (name, json.dumps(value, ensure_ascii=False))
                                  for name, value in sorted(labels.items()))
        stream = field(1, text.encode())
        for entry in entries:
            seconds, nanos = divmod(entry[0], 1_000_000_000)
            at = b"\x08" + varint(seconds) + b"\x10" + varint(nanos)
            pairs = entry[2].items() if len(entry) > 2 else ()
            stream += field(2, field(1, at) + field(2, entry[1].encode())
                            + b"".join(field(3, field(1, name.encode()) + field(2, value.encode())) for name, value in pairs))
        body += field(1, stream)
    return body
