#!/usr/bin/env python3
"""Hostile pushes, queries and tails: each is bounded in time and memory and gets the right status, the text that users of the
original know where there is one, and the server goes on."""

import gzip
import itertools
import json
import re
import socket
import struct
import threading
import time
import urllib.parse
import zlib

import hostile
import log_server
import log_tail_client
import programs

MIB = 1 << 20
# A query may hold 512 MiB, the bodies of pushes 256 MiB.
GROWTH_MAX = 1024 * MIB
# Beyond this the server is ended, so that it does not take the machine with it.
ENDED_AT = 3072 * MIB
ANSWER_BYTES_MAX = 64 * MIB
ANSWER_SECONDS = 30
LIMITS = """\
query_timeout: 15s
max_entries_limit_per_query: 5000
max_global_streams_per_user: 5000
"""
MORE = """\
pattern_ingester: {enabled: true}
"""
REFUSED, ANY = {400, 422}, {200, 204, 400, 413, 422, 429, 504}
JSON, PROTO, FORM = "application/json", "application/x-protobuf", "application/x-www-form-urlencoded"
PUSH, OTLP, BULK = "/loki/api/v1/push", "/otlp/v1/logs", "/elasticsearch/_bulk?_stream_fields=job"
SENDERS = {
    # Name: path, content type, encodings of the header, whether snappy belongs to the form.
    "json": (PUSH, JSON, "", False),
    "json-gzip": (PUSH, JSON, "gzip", False),
    "old-json": ("/api/prom/push", JSON, "", False),
    "proto": (PUSH, PROTO, "", True),
    "proto-gzip": (PUSH, PROTO, "gzip", True),
    "otlp-proto": (OTLP, PROTO, "", False),
    "otlp-json": (OTLP, JSON, "", False),
    "otlp-gzip": (OTLP, PROTO, "gzip", False),
    "bulk": (BULK, "application/x-ndjson", "", False),
}


def now(seconds=0):
    return str(time.time_ns() + seconds * 1_000_000_000)


def gzip_bomb(size, filler=b"\0"):
    """Many members of a stream, each of 16 MiB."""
    return gzip.compress(filler * (16 * MIB), 9) * (size // (16 * MIB))


def deflate_bomb(size):
    packer = zlib.compressobj(9, wbits=-15)
    return b"".join([packer.compress(bytes(16 * MIB)) for _ in range(size // (16 * MIB))] + [packer.flush()])


def zstd_bomb(size, filler=b"\0"):
    """A frame of blocks of 128 KiB that are one byte each."""
    count = size >> 17
    blocks = b"".join(struct.pack("<I", (number == count - 1) | 1 << 1 | 1 << 17 << 3)[:3] + filler for number in range(count))
    return b"\x28\xb5\x2f\xfd\x00" + bytes([(17 - 10) << 3]) + blocks


def malformed():
    """The malformed bodies of samples, to all ways in for logs."""
    for sender, (path, kind, encoding, has_snappy) in SENDERS.items():
        headers = {"Content-Type": kind, **({"Content-Encoding": encoding} if encoding else {})}
        for name, body in hostile.bodies(sender):
            body = log_server.snappy(body) if has_snappy else body
            body = gzip.compress(body, 1) if encoding == "gzip" else body
            yield "%s: %s" % (sender, name), path, headers, body, ANY, ""


def bombs():
    for name, path, kind in (("push", PUSH, JSON), ("push of protobuf", PUSH, PROTO), ("OTLP", OTLP, PROTO), ("OTLP JSON", OTLP, JSON),
                             ("bulk", BULK, JSON)):
        for size in (512, 6144):
            too_large = {413} if size > 5000 else {400, 413, 422, 200, 503}
            for encoding, make in (("gzip", gzip_bomb), ("deflate", deflate_bomb), ("zstd", zstd_bomb)):
                if encoding == "deflate" and (path != PUSH or size > 512):
                    continue
                expected = {400} if encoding == "zstd" and path == PUSH else too_large
                yield ("%s: %s bomb of %d MiB" % (name, encoding, size), path,
                       {"Content-Type": kind, "Content-Encoding": encoding}, make(size * MIB), expected, "")
    yield "push: spaces of 512 MiB, then nothing", PUSH, {"Content-Type": JSON, "Content-Encoding": "gzip"}, gzip_bomb(512 * MIB, b" "), {400, 413, 422}, ""
    yield "bulk: empty lines of 512 MiB", BULK, {"Content-Type": JSON, "Content-Encoding": "gzip"}, gzip_bomb(512 * MIB, b"\n"), {200, 400, 413, 422}, ""
    proto = {"Content-Type": PROTO}
    yield "snappy that is none", PUSH, proto, b"\xff" * 100, {400}, ""
    yield "snappy of 4 GiB", PUSH, proto, b"\xff\xff\xff\xff\x0f" + bytes(100), {400, 413}, ""
    for size in (31, 64, 512):
        yield "snappy bomb of %d MiB" % size, PUSH, proto, hostile.snappy_bomb(size * MIB), {400, 413, 422}, ""
    yield "snappy cut short", PUSH, proto, log_server.snappy(bytes(1000))[:500], {400}, ""
    for encoding in ("gzip", "deflate", "zstd"):
        yield "%s that is none" % encoding, PUSH, {"Content-Type": JSON, "Content-Encoding": encoding}, b"{" * 100, {400}, ""
    yield "gzip cut short", PUSH, {"Content-Type": JSON, "Content-Encoding": "gzip"}, gzip.compress(b"x" * 1000)[:20], {400}, ""
    for encoding in ("br", "gzip, gzip", "x" * 1000):
        yield "in %.20r" % encoding, PUSH, {"Content-Type": JSON, "Content-Encoding": encoding}, b"{}", {400}, 'Content-Encoding "'
    for kind, text in (("", "mime: no media type"), (";", ""), ("text/html", "")):
        yield "as %r" % kind, PUSH, {"Content-Type": kind}, b"a=b", {400}, text
    yield "OTLP as text", OTLP, {"Content-Type": "text/plain"}, b"a", {400}, "content type: text/plain is not supported"
    yield "a body of 101 MiB", PUSH, {"Content-Type": JSON}, b" " * (101 * MIB), {413}, ""


def pushed(name, streams, statuses, text):
    """A push of JSON text or of streams as pairs of labels and values."""
    if not isinstance(streams, (bytes, str)):
        streams = json.dumps({"streams": [{"stream": labels, "values": values} for labels, values in streams]})
    body = streams if isinstance(streams, bytes) else streams.encode()
    return "push: " + name, PUSH, {"Content-Type": JSON}, body, statuses, text


def pushes():
    """Pushes whose form is right and whose content is not, or is too much."""
    job = {"job": "hostile-push"}
    one = '{"streams":[{"stream":{"job":"hostile-push"},"values":[%s]}]}'
    yield pushed("nothing", b"", {400}, "")
    yield pushed("no streams", "{}", {422}, "error at least one valid stream is required for ingestion")
    yield pushed("an empty list", '{"streams":[]}', {422}, "error at least one valid stream is required for ingestion")
    yield pushed("null", "null", REFUSED, "")
    yield pushed("deep lists", b'{"streams":' + b"[" * 1_000_000, {400}, "")
    yield pushed("deep lists in what nobody reads", b'{"x":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b',"streams":[]}', REFUSED, "")
    yield pushed("deep objects", b'{"streams":[{"stream":' * 100_000, {400}, "")
    yield pushed("JSON that ends", '{"streams":[{"stream":{"a":"b"},"values":[["1', {400}, "")
    yield pushed("streams that are none", '{"streams":{"a":1}}', {400}, "")
    yield pushed("labels that are none", '{"streams":[{"stream":["a"],"values":[]}]}', {400}, "")
    yield pushed("values that are none", '{"streams":[{"stream":{"a":"b"},"values":{"1":"x"}}]}', {400}, "")
    yield pushed("a time that is a number", one % '[1,"x"]', {400}, "")
    yield pushed("a time that is none", one % '["noon","x"]', {400}, "")
    yield pushed("a time beyond all numbers", one % '["99999999999999999999","x"]', {400}, "")
    yield pushed("a time before all", one % '["-9223372036854775808","x"]', {400}, "has timestamp too old")
    yield pushed("a time after all", one % '["9223372036854775807","x"]', {400}, "has timestamp too new")
    yield pushed("a line that is a number", one % ('["%s",1]' % now()), {400}, "")
    yield pushed("metadata that is a text", one % ('["%s","x","y"]' % now()), {400}, "")
    yield pushed("metadata of numbers", one % ('["%s","x",{"a":1}]' % now()), {400}, "")
    yield pushed("metadata of objects", one % ('["%s","x",{"a":{"b":"c"}}]' % now()), {400}, "")
    yield pushed("half a surrogate", one % ('["%s","\\ud800"]' % now()), {204, 400}, "")
    yield pushed("no UTF-8", (one % '["1","').encode() + b'\xff\xfe"]]}]}', {204, 400}, "")
    yield pushed("zeros", one % ('["%s","a\\u0000b"]' % now()), {204}, "")
    yield pushed("tomorrow", [(job, [[now(86_400), "x"]])], {400}, "entry for stream '{.*}' has timestamp too new: 20")
    yield pushed("last month", [(job, [[now(-30 * 86_400), "x"]])], {400}, "entry for stream '{.*}' has timestamp too old: 20.*, oldest acceptable timestamp is: 20")
    yield pushed("far behind", [({"job": "behind"}, [[now(), "x"], [now(-7200), "y"]])], {400}, "entry too far behind, entry timestamp is: 20.*, oldest acceptable timestamp is: 20")
    yield pushed("no labels", [({}, [[now(), "x"]])], {204, 400}, "")
    yield pushed("a million labels", [({"l%d" % n: "v" for n in range(1_000_000)}, [[now(), "x"]])], {400}, r"has 1000000 label names; limit 40")
    yield pushed("a name of a megabyte", [({"n" * MIB: "v"}, [[now(), "x"]])], {400}, "has label name too long: 'nnn")
    yield pushed("a value of a megabyte", [({"n": "v" * MIB}, [[now(), "x"]])], {400}, "has label value too long: 'vvv")
    yield pushed("names that are none", [({"a b": "v", "1": "w", "ü": "x"}, [[now(), "x"]])], {204, 400}, "")
    yield pushed("1000 pairs of metadata", [(job, [[now(), "x", {"m%d" % n: "v" for n in range(1000)}]])], {400}, "has too many structured metadata labels: '1000', limit: '128'")
    yield pushed("a megabyte of metadata", [(job, [[now(), "x", {"m": "v" * MIB}]])], {400}, "has structured metadata too large: '10485..' bytes, limit: '65536' bytes")
    yield pushed("a line of 64 MiB", [(job, [[now(), "x" * (64 * MIB)]])], {204, 400}, "")
    yield pushed("60 lines of a MiB", [({"job": "long"}, [[now(n), "x" * MIB] for n in range(-60, 0)])], {204}, "")
    yield pushed("5 million entries", one % ",".join(['["1"]'] * 5_000_000), {400}, "")
    yield pushed("3 million entries of no line", one % ",".join(['["%s"]' % now()] * 3_000_000), {204, 400}, "")
    yield pushed("a million bad entries", one % ",".join('["%d"]' % n for n in range(1_000_000)), {400}, "has timestamp too old")
    yield pushed("a million streams without entries", '{"streams":[%s]}' % ",".join(['{"stream":{"a":"b"},"values":[]}'] * 1_000_000), {204, 400}, "")
    yield pushed("100,000 streams", [({"job": "streams", "n": str(n)}, [[now(), "x"]]) for n in range(100_000)], {429}, "(?i)maximum active stream limit exceeded when trying to create stream {")
    yield pushed("100,000 bad streams", [({"n": "x" * 3000, "m": str(n)}, [[now(), "x"]]) for n in range(10_000)], {400, 429}, "has label value too long")
    labels = "{" + ", ".join(['a="b"'] * 100_000) + "}"
    for name, text, message in (("labels that repeat", labels, "duplicate label name|has [0-9]+ label names; limit 40"), ("labels without end", '{a="' + "b" * MIB, "couldn't parse labels|error parsing labels|parse error"),
                                ("labels of braces", "{" * MIB, ""), ("labels of escapes", '{a="' + "\\\\" * 500_000 + '"}', "label value too long")):
        stream = hostile.field(1, text.encode()) + hostile.field(2, hostile.field(2, b"x"))
        yield "push of protobuf: " + name, PUSH, {"Content-Type": PROTO}, log_server.snappy(hostile.field(1, stream)), {400}, message
    yield otlp("deep values", deep_value(5000), {400, 204})
    yield otlp("deep JSON values", None, {400, 204})
    yield otlp("100,000 attributes", b"".join(hostile.field(6, attribute("k%d" % n)) for n in range(100_000)), {400})
    yield otlp("an attribute of a megabyte", hostile.field(6, attribute("k", "v" * MIB)), {400})
    metadata = json.dumps({"message": "x", "deep": None}).replace("null", "[" * 100_000 + "]" * 100_000)
    bulk = [("action without document", '{"index":{}}\n'), ("a document of deep lists", '{"index":{}}\n' + metadata + "\n"),
            ("fields without end", '{"index":{}}\n' + json.dumps({"f%d" % n: "v" for n in range(200_000)}) + "\n"),
            ("an unknown action", '{"explode":{}}\n{}\n'), ("a text", "hello\n" * 10), ("deep objects", '{"index":{}}\n' + '{"a":' * 100_000 + "\n"),
            ("a time that is none", '{"index":{}}\n{"message":"x","@timestamp":"noon"}\n')]
    for name, text in bulk:
        yield "bulk: " + name, BULK, {"Content-Type": JSON}, text.encode(), {200, 400}, ""


def attribute(name, value="v"):
    return hostile.field(1, name.encode()) + hostile.field(2, hostile.field(1, value.encode()))


def deep_value(levels):
    """A record whose body is a list in a list in a list."""
    value = hostile.field(1, b"x")
    for _ in range(levels):
        value = hostile.field(5, hostile.field(1, value))
    return hostile.field(5, value)


def otlp(name, record, statuses):
    headers = {"Content-Type": JSON if record is None else PROTO}
    if record is None:
        levels = 20_000
        value = '{"arrayValue":{"values":[' * levels + "{}" + "]}}" * levels
        body = ('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":%s}]}]}]}' % value).encode()
    else:
        body = hostile.field(1, hostile.field(2, hostile.field(2, record)))
    return "OTLP: " + name, OTLP, headers, body, statuses, ""


# What the queries are asked of: lines that make patterns, parsers and templates work hard.
def prepare(server):
    at = time.time_ns() - 60_000_000_000
    lines = ["a" * 30_000 + "!", "aaaa b=c " * 2000, '{"a":' * 5000 + "1" + "}" * 5000, "x",
             json.dumps({"k%d" % n: "v%d" % n for n in range(20_000)}),
             " ".join("k%d=v%d" % (n, n) for n in range(20_000)), "{" * 50_000, '"' * 50_000, "=" * 50_000, "<_>" * 10_000]
    many = [[str(at + n * 1000), "n=%d aaaaaaaaaaaaaaaaaaaaaaaaaaaa! id=%x status=%d" % (n, n * 7919, n % 600)] for n in range(50_000)]
    # The last one is there for who pushes beside slow clients: other pushes use up the streams that there may be.
    streams = [({"job": "hard"}, [[str(at + n), line] for n, line in enumerate(lines)]), ({"job": "many"}, many), ({"job": "slow"}, [[str(at), "x"]])]
    body = json.dumps({"streams": [{"stream": labels, "values": values} for labels, values in streams]})
    status, text = server.send(PUSH, body.encode(), {"Content-Type": JSON})
    if status != 204:
        raise programs.Failure("the lines to be queried are refused: %d %s" % (status, text[:300]))


HARD, MANY = '{job="hard"}', '{job="many"}'
# Query, statuses, text.
QUERIES = {
    "a catastrophic pattern": (HARD + ' |~ "(a+)+$"', ANY, ""),
    "another one": (HARD + ' |~ "(a|aa)+$"', ANY, ""),
    "a third one": (MANY + ' |~ "(.*)*(.*)*(.*)*x$"', ANY, ""),
    "nested counts": (HARD + ' |~ "((a{0,100}){0,100}){0,100}"', {400}, "parse error|invalid repeat count|expression"),
    "a large count": (HARD + ' |~ "a{1000000}"', {400}, "invalid repeat count"),
    "counts side by side": (HARD + " |~ `" + "(x{1,900}y?)" * 500 + "`", ANY, ""),
    "classes of all letters": (MANY + " |~ `" + r"[\pL\pN]{1,500}" * 20 + "$`", ANY, ""),
    "10,000 words": (MANY + " |~ `(?i)" + "|".join("w%dx" % n for n in range(10_000)) + "`", ANY, ""),
    "a look behind": (HARD + ' |~ "(?<=a)b"', {400}, "invalid named capture|invalid or unsupported Perl syntax"),
    "a reference": (HARD + r' |~ "(a)\\1"', {400}, "invalid escape sequence"),
    "a catastrophic selector": ('{job=~"(a+)+(b+)+(h|a|r|d)*"}', ANY, ""),
    "a catastrophic label filter": (MANY + ' | logfmt | id=~"((a|b|[0-9])+)+z"', ANY, ""),
    "a catastrophic regexp stage": (HARD + ' | regexp "(?P<x>(a+)+)(?P<y>(a+)+)$"', ANY, ""),
    "1000 captures": (HARD + " | regexp `" + "".join("(?P<n%d>a?)" % n for n in range(1000)) + "`", ANY, ""),
    "a pattern of 1000 captures": (HARD + " | pattern `" + "".join("<n%d>a" % n for n in range(1000)) + "`", ANY, ""),
    "a pattern filter of 10,000 parts": (HARD + " |> `" + "<_>a" * 10_000 + "`", ANY, ""),
    "a template that repeats": (HARD + ' | line_format `{{ repeat 1000000000 "x" }}`', ANY, ""),
    "a template that repeats a repetition": (HARD + ' | line_format `{{ repeat 100000 (repeat 100000 "x") }}`', ANY, ""),
    "a template that prints wide": (HARD + ' | line_format `{{ printf "%1000000000d" 1 }}`', ANY, ""),
    "a template that prints wide by argument": (HARD + ' | line_format `{{ printf "%*d" 1000000000 1 }}`', ANY, ""),
    "a template that aligns": (HARD + ' | line_format `{{ alignLeft 1000000000 "x" }}`', ANY, ""),
    "a template that indents": (HARD + ' | line_format `{{ indent 1000000000 "x" }}`', ANY, ""),
    "a template that replaces": (HARD + ' | line_format `{{ regexReplaceAll "(a*)*" __line__ "${1}${1}${1}" }}`', ANY, ""),
    "a template that replaces all": (HARD + ' | line_format `{{ Replace __line__ "" "' + "x" * 10_000 + '" -1 }}`', ANY, ""),
    "deep templates": (HARD + " | line_format `" + "{{if true}}" * 5000 + "{{end}}" * 5000 + "`", ANY, ""),
    "templates in parentheses": (HARD + " | line_format `{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}`", ANY, ""),
    "a template that calls itself": (HARD + ' | line_format `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`', ANY, ""),
    "a loop in a loop": (HARD + " | line_format `" + '{{range $i, $c := (splitList "" __line__)}}' * 4 + "x" + "{{end}}" * 4 + "`", ANY, ""),
    "lines that double": (HARD + " | line_format `{{__line__}}{{__line__}}`" * 40, ANY, ""),
    "labels that double": (HARD + ' | label_format a="aaaaaaaa"' + " | label_format a=`{{.a}}{{.a}}`" * 40, ANY, ""),
    "labels that double in numbers": ("sum by (a) (count_over_time(" + HARD + ' | label_format a="aaaaaaaa"' + " | label_format a=`{{.a}}{{.a}}`" * 40 + "[1h]))", ANY, ""),
    "base64 again and again": (HARD + " | line_format `{{ __line__ " + "| b64enc " * 200 + "}}`", ANY, ""),
    "JSON printed again and again": (HARD + " | line_format `{{ __line__ " + "| toJson " * 60 + "}}`", ANY, ""),
    "10,000 parsers": (HARD + " | json" * 10_000, ANY, ""),
    "10,000 other parsers": (HARD + " | logfmt" * 10_000, ANY, ""),
    "10,000 line filters": (MANY + ' |= "a"' * 10_000, ANY, ""),
    "10,000 label filters": (MANY + ' | a=""' * 10_000, ANY, ""),
    "10,000 drops": (MANY + " | drop a" * 10_000, ANY, ""),
    "10,000 formats": (MANY + ' | label_format a=b' * 6_000, ANY, ""),
    "10,000 colours": (MANY + " | decolorize" * 9_000, ANY, ""),
    "10,000 unpackings": (MANY + " | unpack" * 10_000, ANY, ""),
    "1000 patterns": (MANY + " |~ `a.*b`" * 10_000, ANY, ""),
    "10,000 alternatives": (MANY + ' |= "a"' + ' or "b"' * 10_000, ANY, ""),
    "JSON of deep lines": (HARD + " | json", ANY, ""),
    "JSON by 10,000 paths": (HARD + " | json " + ",".join('a%d="a.a"' % n for n in range(8_000)), ANY, ""),
    "JSON by a deep path": (HARD + ' | json a="' + "a." * 20_000 + 'a"', ANY, ""),
    "JSON by an index": (HARD + ' | json a="a[99999999999999999999]"', ANY, ""),
    "logfmt of hard lines": (HARD + " | logfmt --strict --keep-empty", ANY, ""),
    "unpack of hard lines": (HARD + " | unpack", ANY, ""),
    "too long": (HARD + " |= `" + "x" * 140_000 + "`", {400}, r"input size too long \(\d+ > 131072\)"),
    "10,000 matchers": ("{" + ",".join('a%d="b"' % n for n in range(10_000)) + "}", {400}, r"max streams matchers per query exceeded, matchers-count > limit \(10000 > 1000\)"),
    "parentheses": ("(" * 60_000 + HARD, {400}, ""),
    "parentheses and an end": ("(" * 60_000 + HARD + ")" * 60_000, {400}, ""),
    "sums of sums": ("sum(" * 10_000 + "rate(" + HARD + "[1m])" + ")" * 10_000, {400}, ""),
    "label_replace of label_replace": ('label_replace(' * 200 + "rate(" + HARD + "[1m])" + ',"a","b","c","(.*)*")' * 200, ANY, ""),
    "a chain of sums": ("+".join(["1"] * 60_000), ANY, ""),
    "a chain of queries": (" + ".join(["rate(" + HARD + "[1m])"] * 3000), ANY, ""),
    "powers of powers": ("^".join(["2"] * 400), ANY, ""),
    "minus": ("-" * 100_000 + "1", REFUSED, ""),
    "conditions in parentheses": (HARD + " | " + "(" * 20_000 + 'a="b"' + ")" * 20_000, {400}, ""),
    "a chain of conditions": (HARD + " | " + " or ".join(['a="b"'] * 9_000), ANY, ""),
    "zeros": (HARD + ' |= "\0"', ANY, ""),
    "half a string": (HARD + ' |= "', {400}, "parse error"),
    "quotes": ('"' * 100_000, {400}, "parse error"),
    "braces": ("{" * 100_000, {400}, "parse error"),
    "nothing": ("", {400}, ""),
    "a number beyond all": ("1e999999", ANY, ""),
    "an endless range": ("count_over_time(" + HARD + "[1000000y])", ANY, ""),
    "no range": ("count_over_time(" + HARD + "[0s])", {200, 400}, ""),
    "an endless offset": ("count_over_time(" + HARD + "[1m] offset 290y)", ANY, ""),
    "too many series": ("sum by (n) (count_over_time(" + MANY + " | logfmt [1h]))", {400}, r"maximum (number )?of series \(500\) reached for a single query"),
    "too many series inside": ("sum(sum by (n) (count_over_time(" + MANY + " | logfmt [1h])))", ANY, ""),
    "the largest": ("topk(1000000000, rate(" + MANY + " | logfmt [1m]))", ANY, ""),
    "a quantile of none": ("quantile_over_time(1e308, " + MANY + " | logfmt | unwrap n [1h]) by (job)", ANY, ""),
    "everything times everything": ("rate(" + MANY + " | logfmt [1h]) * on() group_left rate(" + MANY + " | logfmt [1h])", ANY | {500}, ""),
    "an unwrapped text": ("sum_over_time(" + MANY + " | logfmt | unwrap id [1h])", {400}, "pipeline error"),
    "ip() of nonsense": (HARD + ' |= ip("999.0.0.1/99")', {200, 400}, ""),
    "a variant of variants": ("variants(" * 1000 + HARD, {400}, ""),
}
# Path and parameters, statuses, text.
REQUESTS = {
    "11,001 steps": ("query_range", {"query": "rate(%s[1m])" % HARD, "start": "0", "end": "11001", "step": "1"}, {400}, "exceeded maximum resolution of 11,000 points per time series"),
    "steps of a nanosecond": ("query_range", {"query": "rate(%s[1m])" % HARD, "step": "0.000000001"}, {400}, "exceeded maximum resolution|zero or negative"),
    "a step below zero": ("query_range", {"query": "rate(%s[1m])" % HARD, "step": "-1"}, {400}, "zero or negative query resolution step widths are not accepted"),
    "a step that is none": ("query_range", {"query": "rate(%s[1m])" % HARD, "step": "NaN"}, {400}, ""),
    "an end before the start": ("query_range", {"query": HARD, "start": "2", "end": "1"}, {400}, "end timestamp must not be before or equal to start time"),
    "all of time": ("query_range", {"query": HARD, "start": "-9223372036854775808", "end": "9223372036854775807"}, {400}, "the query time range exceeds the limit"),
    "all of time in numbers": ("query_range", {"query": "rate(%s[1m])" % HARD, "start": "-9223372036854775808", "end": "9223372036854775807", "step": "1"}, {400}, ""),
    "a limit of all": ("query_range", {"query": MANY, "limit": "9223372036854775807"}, {400}, r"max entries limit per query exceeded, limit > max_entries_limit_per_query \(\d+ > 5000\)"),
    "a limit beyond numbers": ("query_range", {"query": MANY, "limit": "99999999999999999999"}, {400}, ""),
    "no limit": ("query_range", {"query": MANY, "limit": "0"}, {400}, "limit must be a positive value"),
    "a direction": ("query_range", {"query": MANY, "direction": "sideways"}, {400}, "invalid direction 'sideways'"),
    "an interval below zero": ("query_range", {"query": MANY, "interval": "-1"}, {400}, "interval must be >= 0"),
    "a start that is none": ("query_range", {"query": MANY, "start": "noon"}, {400}, "could not parse 'start' parameter"),
    "a time that is none": ("query", {"query": "vector(1)", "time": "NaN"}, {400}, ""),
    "the end of time": ("query", {"query": "vector(1)", "time": "9223372036854775807"}, ANY, ""),
    "a log query at a time": ("query", {"query": HARD}, {400}, "log queries are not supported as an instant query type"),
    "fields of everything": ("detected_fields", {"query": MANY, "line_limit": "1000000000", "limit": "1000000000"}, {200, 400}, ""),
    "fields of hard lines": ("detected_fields", {"query": HARD, "line_limit": "5000", "limit": "1000000000"}, {200, 400}, ""),
    "values of a field": ("detected_field/n/values", {"query": MANY + " | logfmt", "line_limit": "1000000000", "limit": "1000000000"}, {200, 400}, ""),
    "patterns of hard lines": ("patterns", {"query": HARD, "step": "1ns"}, {200, 400}, ""),
    "patterns of everything": ("patterns", {"query": MANY, "start": "0"}, {200, 400}, ""),
    "volumes": ("index/volume", {"query": "{}", "limit": "9223372036854775807"}, {200, 400}, ""),
    "volumes in small steps": ("index/volume_range", {"query": "{}", "start": "0", "step": "1ns"}, {400}, ""),
    "volumes by nonsense": ("index/volume", {"query": "{}", "aggregateBy": "x"}, {400}, "invalid aggregation option"),
    "no shards": ("index/shards", {"query": HARD, "targetBytesPerShard": "0"}, {400}, "targetBytesPerShard must be a positive value"),
    "series by 10,000 selectors": ("series", {"match[]": ['{job="%d"}' % n for n in range(10_000)]}, ANY, ""),
    "series by a pipeline": ("series", {"match[]": HARD + ' |= "a"'}, {400}, ""),
    "values of a label that is none": ("label/" + "x" * 100_000 + "/values", {}, {200, 400, 404, 414}, ""),
    "values of zeros": ("label/%00%ff/values", {}, {200, 400}, ""),
    "labels by a pipeline": ("labels", {"query": HARD + ' |= "a"'}, {400}, ""),
    "a deep query to be formatted": ("format_query", {"query": "(" * 50_000}, {400}, ""),
    "a long query to be formatted": ("format_query", {"query": HARD + ' |= "a"' * 10_000}, {200, 400}, ""),
    "a tail without a websocket": ("tail", {"query": HARD}, {400}, ""),
    "an export of nonsense": ("export", {"query": "rate("}, {400}, ""),
    "a deletion without a query": ("delete", {"start": "1"}, {400, 404, 405}, ""),
}


def queries():
    """The queries over a minute and more, as logs or numbers; forms, as texts may be long."""
    for name, (query, statuses, text) in QUERIES.items():
        start = "%d" % (time.time_ns() - 3_600_000_000_000)
        is_log = query.lstrip("(").startswith("{")
        form = {"query": query, **({"start": start, "limit": "1000", "direction": "forward"} if is_log else {})}
        path = "/loki/api/v1/" + ("query_range" if is_log else "query")
        yield "query: " + name, path, {"Content-Type": FORM}, urllib.parse.urlencode(form).encode(), statuses, text
    for name, (path, form, statuses, text) in REQUESTS.items():
        body = urllib.parse.urlencode(form, doseq=True).encode()
        if path in ("tail", "delete"):
            yield "request: " + name, "GET /loki/api/v1/%s?%s" % (path, body.decode()), {}, b"", statuses, text
        else:
            yield "request: " + name, "/loki/api/v1/" + path, {"Content-Type": FORM}, body, statuses, text
    for number in (100, 1000, 10_000):
        yield "%d headers" % number, PUSH, {"X-%d" % n: "v" for n in range(number)}, b"", {400, 431}, ""
    yield "a header of a megabyte", PUSH, {"Content-Type": JSON, "X-Long": "v" * MIB}, b"{}", {400, 431}, ""
    yield "a tenant of a megabyte", PUSH, {"Content-Type": JSON, "X-Scope-OrgID": "v" * 500_000}, b"{}", {422, 431}, ""
    yield "a query of a megabyte in the path", "/loki/api/v1/query?query=" + "a" * MIB, {}, b"", {400, 414, 431}, ""
    yield "a form of 20 MiB", "/loki/api/v1/query", {"Content-Type": FORM}, b"a=" + b"b" * (20 * MIB), {400, 413}, ""
    yield "a million parameters", "/loki/api/v1/labels", {"Content-Type": FORM}, b"a=b&" * 1_000_000, {200, 400}, ""


class Watch:
    """Sees the memory of the server all the time, and ends it where it would take the machine's."""

    def __init__(self, server):
        self.server, self.peak, self.ended = server, 0, False
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.stopping.wait(0.03):
            try:
                resident, _ = self.server.resident()
            except (OSError, KeyError):
                continue
            self.peak = max(self.peak, resident)
            if resident > ENDED_AT and not self.ended:
                self.ended = True
                self.server.program.process.kill()

    def taken(self):
        """The most since the last time, in bytes."""
        try:
            with open("/proc/%d/clear_refs" % self.server.program.process.pid, "w", encoding="ascii") as file:
                _, high = self.server.resident()
                file.write("5")
                return max(high, self.peak)
        except (OSError, KeyError):
            return self.peak
        finally:
            self.peak = 0


def ask(server, path, headers, body):
    """Status and text of an answer; status 0 where the connection ends without one, -1 where none comes in time."""
    method, path = path.split(" ") if " " in path else ("POST", path)
    head = "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n" % (method, path, len(body))
    head += "".join("%s: %s\r\n" % pair for pair in headers.items()) + "\r\n"
    try:
        with socket.create_connection((programs.LOOPBACK, server.port), timeout=ANSWER_SECONDS) as connection:
            try:
                connection.sendall(head.encode() + body)
            except (BrokenPipeError, ConnectionResetError):
                pass
            answer = bytearray()
            while len(answer) <= ANSWER_BYTES_MAX:
                piece = connection.recv(1 << 16)
                if not piece:
                    break
                answer += piece
    except ConnectionResetError:
        # What came before is lost with the rest.
        return 0, "the connection was reset"
    except TimeoutError:
        return -1, "no answer"
    except ConnectionRefusedError:
        return 0, "nobody listens"
    head, _, text = bytes(answer).partition(b"\r\n\r\n")
    words = head.split(b" ")
    status = int(words[1]) if len(words) > 1 and words[1][:3].isdigit() else 0
    return status, text.decode(errors="replace")


class Round:
    """One server after the other: one that ends is told and replaced."""

    def __init__(self, options, folder, tally):
        self.options, self.folder, self.tally = options, folder, tally
        self.count, self.server, self.watch = 0, None, None
        self.start()

    def start(self):
        self.count += 1
        self.server = log_server.LogServer(self.options.lapwing, self.folder, LIMITS, MORE, "loki%d" % self.count).start()
        self.first, _ = self.server.resident()
        self.watch = Watch(self.server)
        prepare(self.server)
        self.most = self.watch.taken()

    def one(self, name, path, headers, body, statuses, text):
        if self.options.only and not re.search(self.options.only, name):
            return
        before, _ = self.server.resident()
        began = time.monotonic()
        status, answer = ask(self.server, path, headers, body)
        seconds = time.monotonic() - began
        most = self.watch.taken()
        self.most = max(self.most, most)
        right = status in statuses and len(answer) <= ANSWER_BYTES_MAX and most - self.first < GROWTH_MAX
        if text and not re.search(text, answer):
            right = False
        self.tally.check("%s: %d, %.1f s, %d MiB" % (name, status, seconds, (most - before) // MIB), right,
                         "wanted %s %s, the answer is %.400s" % (sorted(statuses), text, answer))
        self.go_on(name)

    def go_on(self, name):
        """Another server, where this one has ended."""
        # What was killed takes a moment to be gone.
        time.sleep(0.2 if self.watch.ended else 0)
        if not self.server.program.running():
            self.tally.check("%s leaves the server running" % name, False, self.server.program.log_tail(3))
            self.watch.stopping.set()
            self.start()


def slow(server, tally):
    """Clients that send a byte now and then, and clients that announce much and send nothing: others are answered."""
    clients = [socket.create_connection((programs.LOOPBACK, server.port)) for _ in range(200)]
    for client in clients:
        client.sendall(b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    answered = 0
    for turn in range(10):
        for client in clients:
            client.sendall(b"x")
        answered += server.push([({"job": "slow"}, [(time.time_ns(), "x")])], timeout=10)[0] == 204
        time.sleep(0.1)
    tally.check("pushes beside clients that send a byte now and then", answered == 10, answered)
    for client in clients:
        client.close()
    clients = [socket.create_connection((programs.LOOPBACK, server.port)) for _ in range(20)]
    for client in clients:
        client.sendall(b"POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n{")
    time.sleep(0.5)
    began = time.monotonic()
    try:
        status, _ = server.push([({"job": "slow"}, [(time.time_ns(), "x")])], timeout=20)
    except OSError as error:
        status = error
    tally.check("a push beside clients that announce 100 MB each and send nothing", status == 204,
                "%s after %.1f s" % (status, time.monotonic() - began))
    for client in clients:
        client.close()


def together(round_, tally):
    """Many bombs at once."""
    bomb, found = gzip_bomb(512 * MIB), []
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    threads = [threading.Thread(target=lambda: found.append(ask(round_.server, PUSH, headers, bomb)[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    most = round_.watch.taken()
    tally.check("8 bombs at once: %s, %d MiB at most" % (sorted(found), most // MIB),
                all(status in (400, 413, 422, 429, 503) for status in found) and most - round_.first < GROWTH_MAX)


def tails(server, tally):
    """Tails that ask for too much, or send it."""
    query = urllib.parse.urlencode({"query": MANY, "limit": "1000000000000", "start": "1"})
    try:
        tail = log_tail_client.Tail(server.port, "/loki/api/v1/tail?" + query)
        try:
            told = tail.message(seconds=10)
            ended = "%d entries" % sum(1 for _ in log_tail_client.entries(told)) if told else ""
        except log_tail_client.Closed as closed:
            ended = str(closed)
        tail.abort()
        tally.check("a tail of all the past: %s" % ended, ended)
    except log_tail_client.Refused as refused:
        tally.check("a tail of all the past: %d" % refused.status, refused.status == 400, refused.text)
    for name, sent in (("a message of a megabyte", None), ("a length below zero", b"\x81\xff" + b"\xff" * 8 + b"abcd"),
                       ("bytes that are no frame", b"\xff" * 1000), ("no mask", b"\x81\x05hello")):
        tail = log_tail_client.Tail(server.port, "/loki/api/v1/tail?" + urllib.parse.urlencode({"query": '{job="none"}'}))
        ended = ""
        try:
            if sent:
                tail.socket.sendall(sent)
            else:
                tail.send(log_tail_client.TEXT, b"x" * MIB)
            for _ in range(20):
                tail.message(seconds=0.5)
        except (log_tail_client.Closed, OSError) as closed:
            ended = str(closed)
        tally.check("tail: %s ends it: %s" % (name, ended), ended)
        tail.abort()


def main():
    options = programs.argument_parser(
        __doc__.splitlines()[0],
        ("--only", {"default": "", "help": "an expression for the names of what is sent"})).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    round_ = Round(options, folder, tally)
    for case in itertools.chain(malformed(), bombs(), pushes(), queries()):
        round_.one(*case)
    server = round_.server
    for name, sent in hostile.ODD.items():
        status = hostile.raw(server, sent.replace(b"/api/v1/write", PUSH.encode()), 30)
        tally.check("%s: %d" % (name, status), status >= 0 and status < 500 or status in (501, 505))
    slow(server, tally)
    together(round_, tally)
    round_.go_on("bombs at once")
    server = round_.server
    tails(server, tally)
    tally.check("memory: %d MiB at first, %d MiB at most, %d MiB now"
                % (round_.first / MIB, round_.most / MIB, server.resident()[0] / MIB), round_.most - round_.first < GROWTH_MAX)
    tally.check("one server took it all", round_.count == 1, round_.count)
    count = sum(len(entries) for entries in server.entries(MANY, limit=5000).values())
    tally.check("it answers", count == 5000, count)
    status, _ = server.program.stop()
    server.launch().wait_ready()
    count = server.number("sum(count_over_time(%s[1h]))" % MANY)
    tally.check("it stops and starts again", status == 0 and count == 50_000, "status %s, %s entries" % (status, count))
    panics = programs.lines_with(server.log, "panic")
    tally.check("nothing panicked", not panics, "".join(panics[:5]))
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
