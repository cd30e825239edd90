"""Random series that queries can be asked of: counters, gauges, odd values, classic and native histograms."""

import math
import random

from remote_write import CUSTOM_BUCKETS_SCHEMA, STALE, Histogram

START = 1_700_006_400          # a multiple of two hours
SECONDS = 3 * 3600
INTERVAL = 15
BATCH_SECONDS = 600
BOUNDS = ("0.1", "0.5", "1", "2.5", "10", "+Inf")
CUSTOM = (0.1, 0.5, 1.0, 2.5, 10.0)


class Data:
    """The series of one seed: {labels as sorted pairs: [(milliseconds, value)]}."""

    def __init__(self, seed):
        self.random, self.series = random.Random("data %d" % seed), []
        for job, instances in (("api", "abc"), ("db", "cd")):
            for instance in instances:
                target = {"job": job, "instance": instance}
                for code in ("200", "404", "500"):
                    self.add("requests_total", {**target, "code": code}, self.counter(self.random.choice((1, 7, 300))))
                self.add("errors_total", target, self.counter(0.2))
                self.add("queue", target, self.gauge(10, 4))
                self.add("up", target, self.flag())
                self.classic("latency_seconds", target)
                self.native(target)
                self.add("target_info", {**target, "version": self.random.choice(("1", "2")), "zone": "z" + job},
                         self.constant(1))
        for room in ("attic", "cellar"):
            for sensor in ("1", "2", "10"):
                self.add("temperature", {"room": room, "sensor": sensor}, self.gauge(-3, 8))
        for kind in ("nan", "inf", "huge", "tiny", "zero", "mixed", "constant"):
            self.add("odd", {"kind": kind}, self.odd(kind))
        self.add("lonely", {}, self.gauge(5, 1))
        self.add("limits", {"job": "api"}, self.constant(9))
        self.add("limits", {"job": "db"}, self.constant(4))

    def add(self, name, labels, values):
        """One series: its values at the times of scrapes, with jitter, gaps, an end and staleness markers."""
        r, samples = self.random, []
        jitter = r.choice((0, 0, 0, 3, 900))
        first = r.choice((0, 0, 0, SECONDS // 3))
        last = r.choice((SECONDS, SECONDS, SECONDS, 2 * SECONDS // 3))
        gap, was_gap = 0, False
        for number in range(SECONDS // INTERVAL):
            second, value = number * INTERVAL, next(values)
            if not first <= second < last:
                continue
            if gap == 0 and r.random() < 0.004:
                gap, was_gap = r.randint(1, 40), r.random() < 0.5
            at = (START + second) * 1000 + (r.randint(0, jitter) if jitter else 0)
            if gap:
                if was_gap:
                    samples.append((at, self.stale(value)))
                    was_gap = False
                gap -= 1
                continue
            samples.append((at, value))
        self.series.append(({"__name__": name, **labels}, samples))

    @staticmethod
    def stale(value):
        if isinstance(value, Histogram):
            return Histogram(value.schema, STALE, bounds=value.bounds, gauge=value.gauge, whole=value.whole)
        return STALE

    def counter(self, speed):
        total = 0
        while True:
            total = 0 if self.random.random() < 0.003 else total + self.random.randint(0, max(1, int(2 * speed)))
            yield float(total)

    def gauge(self, middle, spread):
        value = middle
        while True:
            value += self.random.gauss(0, spread / 5) + (middle - value) / 20
            yield round(value, self.random.choice((0, 2, 12)))

    def flag(self):
        while True:
            yield 0.0 if self.random.random() < 0.05 else 1.0

    @staticmethod
    def constant(value):
        while True:
            yield float(value)

    def odd(self, kind):
        numbers = {"nan": [math.nan], "inf": [math.inf, -math.inf, 1.0], "huge": [1e300, -1e300, 1.7e308],
                   "tiny": [1e-300, 5e-324, -1e-9], "zero": [0.0, -0.0], "mixed": [math.nan, math.inf, 0.0, -1.5, 1e9],
                   "constant": [42.0]}[kind]
        while True:
            yield self.random.choice(numbers)

    def classic(self, name, target):
        """A classic histogram; now and then a bucket falls behind the one below it."""
        r, rows = self.random, []
        counts, total = [0] * len(BOUNDS), 0.0
        for _ in range(SECONDS // INTERVAL):
            for position, weight in enumerate((5, 9, 6, 3, 1, 0)):
                counts[position] += r.randint(0, weight)
            total += r.random() * 5
            cumulative = [float(sum(counts[:position + 1])) for position in range(len(counts))]
            if r.random() < 0.01:
                cumulative[2] -= 1
            rows.append((cumulative, total))
        for position, bound in enumerate(BOUNDS):
            self.add(name + "_bucket", {**target, "le": bound}, iter([row[0][position] for row in rows]))
        self.add(name + "_count", target, iter([row[0][-1] for row in rows]))
        self.add(name + "_sum", target, iter([row[1] for row in rows]))

    def native(self, target):
        """Native histograms: of counters and gauges, with custom buckets, and mixed with floats."""
        r = self.random
        schema = r.choice((0, 1, 3))
        self.add("native_seconds", target, self.exponential(schema, gauge=False, whole=True, negative=False))
        self.add("native_gauge", target, self.exponential(r.choice((0, 2)), gauge=True, whole=False, negative=True))
        self.add("native_custom", target, self.custom())
        self.add("native_mixed", target, self.mixed())

    def exponential(self, schema, gauge, whole, negative):
        r = self.random
        count = (lambda most: r.randint(0, most)) if whole else (lambda most: r.randint(0, 8 * most) / 8)
        positive, low, zero, total = [0] * 6, [0] * 2, 0, 0.0
        while True:
            if gauge or r.random() < 0.004:
                positive, low, zero, total = [0] * 6, [0] * 2, 0, 0.0
            positive = [value + count(3) for value in positive]
            low = [value + count(2) for value in low] if negative else low
            zero, total = zero + count(1), total + r.random() * 20 - (5 if negative else 0)
            yield Histogram(schema, total, [(-2, positive[:4]), (4, positive[4:])], [(0, low)] if negative else [],
                            (0.001, zero), gauge=gauge, whole=whole)

    def custom(self):
        counts, total = [0] * (len(CUSTOM) + 1), 0.0
        while True:
            counts = [value + self.random.randint(0, 3) for value in counts]
            total += self.random.random() * 9
            yield Histogram(CUSTOM_BUCKETS_SCHEMA, total, [(0, counts)], bounds=CUSTOM)

    def mixed(self):
        histograms = self.exponential(0, gauge=False, whole=True, negative=False)
        is_float, number = False, 0.0
        while True:
            is_float ^= self.random.random() < 0.02
            number += self.random.randint(0, 3)
            histogram = next(histograms)
            yield number if is_float else histogram

    def batches(self):
        """The samples as requests, one per span of time, in its order."""
        for begin in range(0, SECONDS + BATCH_SECONDS, BATCH_SECONDS):
            low, high = (START + begin) * 1000, (START + begin + BATCH_SECONDS) * 1000
            yield [(labels, [sample for sample in samples if low <= sample[0] < high])
                   for labels, samples in self.series]
