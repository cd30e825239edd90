"""Samples to a Prometheus by remote write 1.0: as much of protocol buffers and snappy as that needs."""

import math
import struct
import urllib.request

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
CUSTOM_BUCKETS_SCHEMA = -53
GAUGE = 3

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Histogram:
    """A native histogram: sides are lists of (first index, counts), counts whole numbers or fractions."""

    def __init__(self, schema, total, positive=(), negative=(), zero=(0.001, 0), bounds=(), gauge=False, whole=True):
        self.schema, self.sum, self.positive, self.negative = schema, total, positive, negative
        self.zero_threshold, self.zero_count = zero
        self.bounds, self.gauge, self.whole = bounds, gauge, whole

    def count(self):
        return self.zero_count + sum(sum(counts) for side in (self.positive, self.negative) for _, counts in side)


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number):
    return varint((number << 1) ^ (number >> 63))


def key(number, wire):
    return varint(number << 3 | wire)


def message(number, payload):
    return key(number, 2) + varint(len(payload)) + payload


def double(number, value):
    return key(number, 1) + struct.pack("<d", value)


def integer(number, value):
    return key(number, 0) + varint(value)


def side(spans_field, deltas_field, counts_field, buckets, whole):
    """Spans and counts of one side; whole counts are written as differences."""
    out, end, before, counts = b"", 0, 0, b""
    for first, values in buckets:
        out += message(spans_field, key(1, 0) + zigzag(first - end) + integer(2, len(values)))
        end = first + len(values)
        for value in values:
            counts += zigzag(value - before) if whole else struct.pack("<d", value)
            before = value
    return out + (message(deltas_field if whole else counts_field, counts) if counts else b"")


def encode_histogram(h, timestamp):
    count = h.count()
    stale = math.isnan(h.sum) and struct.pack("<d", h.sum) == struct.pack("<d", STALE)
    out = integer(1, 0 if stale else count) if h.whole else double(2, count)
    out += double(3, h.sum) + key(4, 0) + zigzag(h.schema)
    out += double(5, 0 if h.bounds else h.zero_threshold)
    out += integer(6, h.zero_count) if h.whole else double(7, h.zero_count)
    out += side(8, 9, 10, h.negative, h.whole) + side(11, 12, 13, h.positive, h.whole)
    out += integer(14, GAUGE if h.gauge else 0) + integer(15, timestamp)
    if h.bounds:
        out += message(16, b"".join(struct.pack("<d", bound) for bound in h.bounds))
    return out


def encode_series(labels, samples):
    out = b"".join(message(1, message(1, name.encode()) + message(2, value.encode()))
                   for name, value in sorted(labels.items()))
    for timestamp, value in samples:
        if isinstance(value, Histogram):
            out += message(4, encode_histogram(value, timestamp))
        else:
            out += message(2, double(1, value) + integer(2, timestamp))
    return message(1, out)


def snappy(data):
    """A valid snappy block made of literals alone."""
    out = [varint(len(data))]
    for start in range(0, len(data), 65536):
        piece = data[start:start + 65536]
        out += [bytes([61 << 2]), struct.pack("<H", len(piece) - 1), piece]
    return b"".join(out)


def send(url, series):
    """Sends [(labels, [(milliseconds, value)])] in one request; the caller keeps them in the order of time."""
    body = snappy(b"".join(encode_series(labels, samples) for labels, samples in series if samples))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
               "X-Prometheus-Remote-Write-Version": "0.1.0"}
    with _opener.open(urllib.request.Request(url + "/api/v1/write", body, headers, method="POST"), timeout=60) as answer:
        answer.read()
