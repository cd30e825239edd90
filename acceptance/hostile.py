#!/usr/bin/env python3
"""Malformed and hostile requests to every endpoint that takes samples: each gets a clear status, none takes memory beyond
its limit, none stops the server."""

import gzip
import random
import socket
import struct
import time

import programs
import remote_write

MIB = 1 << 20
MEMORY_GROWTH_MAX = 700 * MIB
CLEAR = {200, 204, 400, 404, 405, 408, 411, 413, 414, 415, 422, 431, 501, 505}
ANSWER_SECONDS = 60

PROTO, JSON = "application/x-protobuf", "application/json"
V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
SENDERS = {
    # Name: path, content type, compression.
    "write-1": ("/api/v1/write", PROTO, "snappy"),
    "write-2": ("/api/v1/write", V2, "snappy"),
    "read": ("/api/v1/read", PROTO, "snappy"),
    "otlp-proto": ("/api/v1/otlp/v1/metrics", PROTO, ""),
    "otlp-gzip": ("/api/v1/otlp/v1/metrics", PROTO, "gzip"),
    "otlp-json": ("/api/v1/otlp/v1/metrics", JSON, ""),
    "influx": ("/write", "text/plain", ""),
    "influx-gzip": ("/api/v2/write", "text/plain", "gzip"),
    "text": ("/api/v1/import/prometheus", "text/plain", ""),
}


def varint(number):
    return remote_write.varint(number)


def field(number, payload):
    return remote_write.message(number, payload)


def snappy(body):
    """The block format, literals alone."""
    out = varint(len(body))
    for start in range(0, len(body), 65536):
        piece = body[start:start + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return out


def snappy_bomb(size):
    """Few bytes that stand for many zeros."""
    copies = size // 64
    return varint(4 + copies * 64) + bytes([3 << 2, 0, 0, 0, 0]) + b"\xfe\x01\x00" * copies


def packed(body, encoding):
    return snappy(body) if encoding == "snappy" else gzip.compress(body, 1) if encoding == "gzip" else body


def bodies(sender):
    """Bodies before they are compressed, by name."""
    numbers = random.Random(sender)
    nested = b""
    for _ in range(2000):
        nested = field(1, nested)
    yield "empty", b""
    yield "one byte", b"\x0a"
    yield "zeros", bytes(1000)
    yield "ones", b"\xff" * 1000
    yield "noise", numbers.randbytes(4096)
    yield "noise of a megabyte", numbers.randbytes(MIB)
    yield "a length beyond the body", b"\x0a" + varint(1 << 40) + b"x"
    yield "a length of ten bytes", b"\x0a" + b"\xff" * 9 + b"\x01"
    yield "a number of eleven bytes", b"\x08" + b"\xff" * 11
    yield "groups", b"\x0b\x0c" * 500
    yield "deep messages", nested
    yield "a million empty messages", b"\x0a\x00" * 1_000_000
    yield "a million empty series", b"\x2a\x00" * 1_000_000
    yield "a million symbols", b"\x22\x00" * 1_200_000
    yield "labels without end", field(1, field(1, b"\x0a\x01a\x12\x01b") * 200_000)
    yield "a label of a megabyte", field(1, field(1, field(1, b"a") + field(2, b"b" * MIB)) + field(2, b"\x10\x01"))
    yield "no UTF-8", field(1, field(1, field(1, b"\xff\xfe") + field(2, b"\xff")) + field(2, b"\x10\x01"))
    yield "wrong types", b"\x09" + bytes(8) + b"\x0d" + bytes(4) + b"\x08\x01"
    yield "deep JSON", b'{"resourceMetrics":' + b"[" * 100_000
    yield "deep objects", b'{"a":' * 100_000
    yield "JSON that ends", b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoi'
    yield "JSON of another shape", b'{"resourceMetrics":{"scopeMetrics":"x"}}'
    yield "a line without end", b"a" * (4 * MIB)
    yield "a million lines", b"x\n" * 1_000_000
    yield "braces", b"{" * MIB
    yield "quotes", b'a{b="' * 100_000
    yield "numbers", b"m f=1e999999999,g=-1e999999999i 99999999999999999999\n" * 1000
    yield "33 MiB", bytes(33 * MIB)


def requests():
    """Name, path, headers, body."""
    for sender, (path, kind, encoding) in SENDERS.items():
        headers = {"Content-Type": kind, **({"Content-Encoding": encoding} if encoding else {})}
        for name, body in bodies(sender):
            if len(body) > 8 * MIB and encoding == "gzip":
                body = gzip.compress(body, 9)
            else:
                body = packed(body, encoding)
            yield "%s: %s" % (sender, name), path, headers, body
    yield "snappy that is none", "/api/v1/write", {"Content-Type": PROTO}, b"\xff" * 100
    yield "snappy of 4 GiB", "/api/v1/write", {"Content-Type": PROTO}, b"\xff\xff\xff\xff\x0f" + bytes(100)
    yield "snappy bomb", "/api/v1/write", {"Content-Type": PROTO}, snappy_bomb(31 * MIB)
    yield "larger snappy bomb", "/api/v1/write", {"Content-Type": PROTO}, snappy_bomb(64 * MIB)
    yield "snappy bomb to read", "/api/v1/read", {"Content-Type": PROTO}, snappy_bomb(31 * MIB)
    bomb = gzip.compress(gzip.compress(bytes(1024 * MIB), 9), 9)
    for path, kind in (("/api/v1/otlp/v1/metrics", PROTO), ("/api/v1/otlp/v1/metrics", JSON),
                       ("/write", "text/plain"), ("/api/v1/import/prometheus", "text/plain")):
        headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
        yield "gzip bomb to %s as %s" % (path, kind), path, headers, gzip.decompress(bomb)
        yield "gzip cut short to %s as %s" % (path, kind), path, headers, gzip.compress(b"x" * 1000)[:20]
    for path in {path for path, _, _ in SENDERS.values()}:
        for kind in ("", "text/html", "application/x-protobuf;proto=nonsense", "application/x-www-form-urlencoded"):
            yield "%s as %r" % (path, kind), path, {"Content-Type": kind}, b"a=b"
        for encoding in ("br", "zstd", "gzip, gzip", "x" * 1000):
            yield "%s in %.20r" % (path, encoding), path, {"Content-Type": PROTO, "Content-Encoding": encoding}, b"x"
    yield "a query of a megabyte", "/api/v1/query?query=" + "a" * MIB, {}, b""
    yield "a form of 20 MiB", "/api/v1/query", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=" + b"b" * (20 * MIB)
    for number in (100, 1000, 10_000):
        yield "%d headers" % number, "/api/v1/write", {"X-%d" % n: "v" for n in range(number)}, b""
    yield "a header of a megabyte", "/api/v1/write", {"X-Long": "v" * MIB}, b""


def ask(server, path, headers, body):
    """The status of an answer, 0 where the connection ends without one."""
    head = "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n" % (path, len(body))
    head += "".join("%s: %s\r\n" % pair for pair in headers.items()) + "\r\n"
    return raw(server, head.encode() + body)


def raw(server, sent, seconds=ANSWER_SECONDS):
    with socket.create_connection((programs.LOOPBACK, server.port), timeout=seconds) as connection:
        try:
            connection.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while b"\r\n" not in answer:
                piece = connection.recv(4096)
                if not piece:
                    break
                answer += piece
        except ConnectionResetError:
            pass
        except TimeoutError:
            return -1
    words = answer.split(b" ")
    return int(words[1]) if len(words) > 1 and words[1][:3].isdigit() else 0


# What is no HTTP, or too slow: the connection may be ended without a word.
ODD = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "HTTP/9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a length below zero": b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabc",
    "two lengths": b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunks": b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk without end": b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "a chunk that is no number": b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a path out of the folder": b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "an escaped path out of it": b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "zeros in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "a header over two lines": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
}


def resident(server):
    with open("/proc/%d/status" % server.program.process.pid, encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["VmRSS"].split()[0]) * 1024, int(lines["VmHWM"].split()[0]) * 1024


def slow(server, count):
    """Clients that send a byte now and then; other requests are answered meanwhile."""
    clients = [socket.create_connection((programs.LOOPBACK, server.port)) for _ in range(count)]
    for client in clients:
        client.sendall(b"POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    answered = 0
    for turn in range(10):
        for client in clients:
            client.sendall(b"x")
        answered += programs.request(server.url + "/-/healthy", timeout=5)[0] == 200
        time.sleep(0.1)
    for client in clients:
        client.close()
    return answered


def main():
    arguments = programs.argument_parser(__doc__.splitlines()[0]).parse_args()
    folder, tally = programs.Folder(arguments.keep), programs.Tally()
    config = folder.write("empty.yml", "global: {}\n")
    server = programs.Server("tested", arguments.lapwing, folder, config, [
        "--web.enable-remote-write-receiver", "--web.enable-otlp-receiver", "--web.read-timeout=20s"])
    server.start()
    first, _ = resident(server)
    for name, path, headers, body in requests():
        began = time.monotonic()
        status = ask(server, path, headers, body)
        seconds = time.monotonic() - began
        tally.check("%s: %d" % (name, status), status in CLEAR, "answered after %.1f s" % seconds)
        if not server.program.running():
            break
    for name, sent in ODD.items():
        status = raw(server, sent, 30)
        tally.check("%s: %d" % (name, status), status >= 0 and status < 500 or status in (501, 505))
    tally.check("clients that send a byte now and then", slow(server, 200) == 10)
    now, peak = resident(server)
    tally.check("memory: %d MiB at first, %d MiB at most, %d MiB now" % (first / MIB, peak / MIB, now / MIB),
                peak - first < MEMORY_GROWTH_MAX)
    healthy = server.program.running() and programs.request(server.url + "/api/v1/query", {"query": "1"})[0] == 200
    tally.check("the server answers", healthy, server.program.log_tail())
    panics = programs.lines_with(server.log, "panic")
    tally.check("nothing panicked", not panics, "".join(panics[:5]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
