#!/usr/bin/env python3
"""Writes down what a real Prometheus answers to the evaluations of promqltest scripts.

    record.py --prometheus PATH [--flag=...]... FILE.test...

Each script is loaded into a server of its own (by remote write, native histograms included), each evaluation is
asked over HTTP, and the lines under it are replaced by the answer: values, errors, warnings and infos with their
places. Lines `expect ordered` stay. Evaluations that answer with native histograms cannot be written down; ask for
`count_values` or a function of them instead. Standard library only; works on 127.0.0.1 only.
"""
import argparse
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]

# What later releases say otherwise than the one that is asked. Recorded answers of 3.14 name no metric here unless
# names are removed at the end of a query; 3.5 names it, or an empty name.
CHANGED = [
    (r'(bucket label "le" is missing or has a malformed value of "[^"]*") for metric name "[^"]*"', r"\1"),
    (r'(input to histogram_(?:quantile|fraction) has NaN observations, .*?) for metric name "[^"]*"', r"\1"),
]
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}


def duration_ms(text):
    if text == "0":
        return 0
    parts = re.findall(r"(\d+)(ms|[smhdwy])", text)
    if "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"no duration: {text}")
    return sum(int(number) * UNITS[unit] for number, unit in parts)


# Protocol buffers and snappy, as much as remote write needs.

def varint(number):
    number &= (1 << 64) - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, wire, payload):
    return varint(number << 3 | wire) + payload


def message(number, payload):
    return field(number, 2, varint(len(payload)) + payload)


def double(number, value):
    return field(number, 1, struct.pack("<d", value))


def zigzag(number):
    return varint((number << 1) ^ (number >> 63))


def doubles(number, values):
    return message(number, b"".join(struct.pack("<d", value) for value in values)) if values else b""


def histogram(fields, timestamp):
    def side(name, offset):
        counts = fields.get(name, [])
        if not counts:
            return b"", []
        return field(1, 0, zigzag(int(fields.get(offset, 0)))) + field(2, 0, varint(len(counts))), counts

    negative, negative_counts = side("n_buckets", "n_offset")
    positive, positive_counts = side("buckets", "offset")
    hint = {"unknown": 0, "reset": 1, "not_reset": 2, "gauge": 3}[fields.get("counter_reset_hint", "unknown")]
    out = double(2, fields.get("count", 0)) + double(3, fields.get("sum", 0))
    out += field(4, 0, zigzag(int(fields.get("schema", 0)))) + double(5, fields.get("z_bucket_w", 0))
    out += double(7, fields.get("z_bucket", 0))
    out += (message(8, negative) if negative else b"") + doubles(10, negative_counts)
    out += (message(11, positive) if positive else b"") + doubles(13, positive_counts)
    out += field(14, 0, varint(hint)) + field(15, 0, varint(timestamp)) + doubles(16, fields.get("custom_values", []))
    return message(4, out)


def snappy(data):
    out = varint(len(data))
    for start in range(0, len(data), 60):
        part = data[start:start + 60]
        out += bytes([len(part) - 1 << 2]) + part
    return out


# Series descriptions.

def parse_labels(text):
    labels = []
    match = re.match(r"\s*([A-Za-z_:][\w:]*)?\s*", text)
    if match.group(1):
        labels.append(("__name__", match.group(1)))
    rest = text[match.end():]
    if rest.startswith("{") and not rest.startswith("{{"):
        end = rest.index("}")
        labels += [(name, json.loads(value)) for name, value in re.findall(r'([\w.]+)\s*=\s*("(?:[^"\\]|\\.)*")', rest[:end])]
        rest = rest[end + 1:]
    return sorted(labels), rest.strip()


def parse_values(text):
    for histogram_text, item in re.findall(r"(\{\{.*?\}\}(?:x\d+)?)|(\S+)", text):
        if histogram_text:
            body, times = re.match(r"\{\{(.*?)\}\}(?:x(\d+))?", histogram_text).groups()
            fields = {}
            for key, value in re.findall(r"(\w+):(\[[^\]]*\]|\S+)", body):
                if value.startswith("["):
                    fields[key] = [float(number) for number in value[1:-1].split()]
                else:
                    fields[key] = value if key == "counter_reset_hint" else float(value)
            yield from [fields] * (int(times) + 1 if times else 1)
        elif item == "stale":
            yield STALE
        elif item.startswith("_"):
            yield from [None] * int(item[2:] or 1)
        else:
            first, step, times = re.match(r"([+-]?[\w.]+?(?:e[+-]?\d+)?)(?:([+-][\d.]+))?(?:x(\d+))?$", item).groups()
            for number in range(int(times) + 1 if times else 1):
                yield float(first) + number * float(step or 0)


def time_series(text, step):
    labels, values = parse_labels(text)
    out = b"".join(message(1, message(1, name.encode()) + message(2, value.encode())) for name, value in labels)
    for position, value in enumerate(parse_values(values)):
        timestamp = position * step
        if isinstance(value, dict):
            out += histogram(value, timestamp)
        elif value is not None:
            out += message(2, double(1, value) + field(2, 0, varint(timestamp)))
    return message(1, out)


# The server.

class Server:
    def __init__(self, binary, flags):
        self.folder = tempfile.TemporaryDirectory()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        config = os.path.join(self.folder.name, "config.yml")
        with open(config, "w") as file:
            file.write("global: {}\n")
        command = [binary, f"--config.file={config}", f"--storage.tsdb.path={self.folder.name}/data",
                   f"--web.listen-address={self.address}", "--web.enable-remote-write-receiver", *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://{self.address}/-/ready")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server does not become ready")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def write(self, series):
        headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
                   "X-Prometheus-Remote-Write-Version": "0.1.0"}
        request = urllib.request.Request(f"http://{self.address}/api/v1/write", snappy(b"".join(series)), headers)
        try:
            urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"refused: {error.read().decode()}")

    def ask(self, path, **parameters):
        body = urllib.parse.urlencode(parameters).encode()
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}", body) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            return json.load(error)


# Answers as expectations.

def metric(labels):
    name = labels.pop("__name__", "")
    if not re.fullmatch(r"[A-Za-z_:][\w:]*|", name):
        labels["__name__"], name = name, ""
    inner = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(labels.items()))
    return f"{name}{{{inner}}}"


def expectations(answer, steps, ordered):
    """The lines for an answer; in an order of their own unless that of the answer counts, so that two recordings of the
    same answers are the same."""
    lines = []
    if answer["status"] == "error":
        text = answer["error"].removeprefix('invalid parameter "query": ')
        return [f"expect fail msg: {text}"]
    for kind, word in (("warnings", "warn"), ("infos", "info")):
        texts = answer.get(kind, [])
        for pattern, replacement in CHANGED:
            texts = [re.sub(pattern, replacement, text) for text in texts]
        lines += [f"expect {word} msg: {text}" for text in sorted(texts)] or [f"expect no_{word}"]
    data = answer["data"]
    if data["resultType"] == "scalar":
        return lines + [data["result"][1]]
    if data["resultType"] == "string":
        return lines + [f"expect string {json.dumps(data['result'][1], ensure_ascii=False)}"]
    found = []
    for series in data["result"]:
        if "histogram" in series or "histograms" in series:
            raise SystemExit("a native histogram cannot be written down")
        if "value" in series:
            values = series["value"][1]
        else:
            known = {round(at * 1000): value for at, value in series["values"]}
            values = " ".join(known.get(at, "_") for at in steps)
        found.append(f"{metric(dict(series['metric']))} {values}")
    return lines + (found if ordered else sorted(found))


def seconds(ms):
    return f"{ms / 1000:.3f}"


def record(path, options):
    with open(path) as file:
        lines = file.read().splitlines()
    server, out, position = Server(options.prometheus, options.flag), [], 0
    try:
        while position < len(lines):
            line = lines[position]
            out.append(line)
            position += 1
            word = line.split()[0] if line.split() and not line.startswith("#") else ""
            block = []
            if word:
                while position < len(lines) and lines[position].strip() and not lines[position].startswith("#"):
                    block.append(lines[position])
                    position += 1
            if word == "clear":
                server.stop()
                server = Server(options.prometheus, options.flag)
            elif word == "load":
                out += block
                step = duration_ms(line.split()[1])
                server.write([time_series(text, step) for text in block])
            elif word == "eval":
                instant = re.match(r"eval instant at (\S+) (.*)", line)
                steps = []
                if instant:
                    answer = server.ask("query", query=instant.group(2).strip(), time=seconds(duration_ms(instant.group(1))))
                else:
                    start, end, step, query = re.match(r"eval range from (\S+) to (\S+) step (\S+) (.*)", line).groups()
                    start, end, step = duration_ms(start), duration_ms(end), duration_ms(step)
                    steps = list(range(start, end + 1, step))
                    answer = server.ask("query_range", query=query.strip(), start=seconds(start), end=seconds(end), step=seconds(step))
                ordered = [f"  {text.strip()}" for text in block if text.strip() == "expect ordered"]
                out += ordered + [f"  {text}" for text in expectations(answer, steps, bool(ordered))]
            elif word:
                raise SystemExit(f"{path}: unknown command {line!r}")
    finally:
        server.stop()
    with open(path, "w") as file:
        file.write("\n".join(out) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prometheus", required=True, help="the program")
    parser.add_argument("--flag", action="append", default=[], help="a further flag of the program")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    for path in options.files:
        record(path, options)


if __name__ == "__main__":
    sys.exit(main())
