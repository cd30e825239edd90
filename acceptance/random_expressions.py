"""Random expressions over the series of random_data.py, in the language that the reference program knows."""

import random

COUNTERS = ("requests_total", "errors_total", "latency_seconds_count", "latency_seconds_sum")
GAUGES = ("queue", "up", "temperature", "odd", "lonely", "limits")
NATIVE = ("native_seconds", "native_gauge", "native_custom", "native_mixed")
LABELS = {"job": ("api", "db"), "instance": ("a", "b", "c", "d"), "code": ("200", "404", "500"),
          "room": ("attic", "cellar"), "sensor": ("1", "2", "10"), "kind": ("nan", "inf", "huge", "mixed"),
          "le": ("0.5", "+Inf"), "version": ("1", "2"), "zone": ("zapi",)}
OF_METRIC = {"requests_total": ("job", "instance", "code"), "temperature": ("room", "sensor"), "odd": ("kind",),
             "lonely": (), "limits": ("job",), "latency_seconds_bucket": ("job", "instance", "le"),
             "target_info": ("job", "instance", "version", "zone")}
MATH = ("abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "sin", "cos", "tan", "asin", "acos", "atan",
        "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad")
DATES = ("hour", "minute", "month", "year", "day_of_week", "day_of_month", "day_of_year", "days_in_month")
HISTOGRAM = ("histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar")
RATES = ("rate", "increase", "irate", "delta", "idelta", "resets", "changes", "deriv")
OVER_TIME = ("avg", "sum", "min", "max", "count", "last", "present", "stddev", "stdvar", "absent", "mad")
PLAIN_AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
NUMBERS = ("0", "1", "-1", "2.5", "0.5", "1e3", "100", "-0.25", "NaN", "Inf", "-Inf", "1e-3", "3")
QUANTILES = ("0", "0.25", "0.5", "0.9", "0.99", "1", "-0.5", "1.5", "NaN")
DURATIONS = ("15s", "30s", "1m", "77s", "5m", "10m", "1h")


class Generator:
    """Draws expressions; the same seed draws the same ones."""

    def __init__(self, seed, start, end):
        self.random = random.Random("expressions %d" % seed)
        self.start, self.end = start, end

    def expression(self):
        depth = self.random.choice((1, 2, 2, 3, 3, 4))
        return self.random.choices((self.vector, self.scalar), (19, 1))[0](depth)

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, part):
        return self.random.random() < part

    # Selectors

    def matcher(self, label):
        values = LABELS[label]
        value, kind = self.random.choice(values), self.random.random()
        if kind < 0.55:
            return '%s="%s"' % (label, value)
        if kind < 0.7:
            return '%s!="%s"' % (label, value)
        if kind < 0.85:
            return '%s=~"%s"' % (label, "|".join(self.random.sample(values, min(2, len(values)))))
        if kind < 0.95:
            return '%s!~"%s.*"' % (label, value[0] if value[0] != "+" else "x")
        return '%s=""' % label

    def metric(self, metrics=None):
        weights = None
        if metrics is None:
            metrics = COUNTERS + GAUGES + NATIVE + ("latency_seconds_bucket", "target_info", "nothing")
            weights = [6, 4, 4, 4, 8, 5, 6, 6, 3, 3, 3, 2, 2, 2, 2, 1, 1]
        name = self.random.choices(metrics, weights)[0]
        labels = OF_METRIC.get(name, ("job", "instance"))
        matchers = [self.matcher(label) for label in labels if self.chance(0.2)]
        if self.chance(0.03):
            return '{__name__=~"%s"%s}' % (self.pick("errors_total|queue", "up|limits", "native_.*", ".*_total"),
                                           "".join("," + one for one in matchers))
        return name + ("{%s}" % ",".join(matchers) if matchers else "")

    def when(self):
        """`@` and `offset`, mostly neither."""
        text = ""
        if self.chance(0.06):
            text += " @ " + self.pick("start()", "end()", "%d" % self.random.randint(self.start, self.end),
                                      "%.3f" % self.random.uniform(self.start, self.end))
        if self.chance(0.1):
            text += " offset " + self.pick("30s", "5m", "-1m", "1h", "17s")
        return text

    def selector(self, metrics=None):
        return self.metric(metrics) + self.when()

    def range(self, depth, metrics=None):
        if depth > 1 and self.chance(0.25):
            inner = self.vector(depth - 1)
            step = self.pick("", "15s", "1m", "47s")
            return "(%s)[%s:%s]%s" % (inner, self.pick("1m", "5m", "10m", "77s"), step, self.when())
        return "%s[%s]%s" % (self.metric(metrics), self.random.choice(DURATIONS), self.when())

    # Scalars

    def number(self):
        return self.random.choice(NUMBERS)

    def scalar(self, depth):
        kind = self.random.random()
        if depth <= 0 or kind < 0.5:
            return self.number()
        if kind < 0.65:
            return "scalar(%s)" % self.vector(depth - 1)
        if kind < 0.75:
            return self.pick("time()", "pi()", "-time()")
        left, right = self.scalar(depth - 1), self.scalar(depth - 1)
        if kind < 0.9:
            return "(%s %s %s)" % (left, self.pick("+", "-", "*", "/", "%", "^", "atan2"), right)
        return "(%s %s bool %s)" % (left, self.pick("==", "!=", "<", "<=", ">", ">="), right)

    # Vectors

    def vector(self, depth):
        if depth <= 0:
            return self.selector()
        makers = (self.selector_alone, self.range_function, self.aggregation, self.binary, self.with_scalar, self.sets,
                  self.function, self.histogram, self.labels, self.unary, self.odds)
        return self.random.choices(makers, (2, 7, 7, 6, 5, 3, 4, 4, 2, 1, 2))[0](depth)

    def selector_alone(self, _):
        return self.selector()

    def unary(self, depth):
        return self.pick("-%s", "+%s", "(%s)") % self.vector(depth - 1)

    def range_function(self, depth):
        kind = self.random.random()
        if kind < 0.5:
            name = self.random.choice(RATES)
            metrics = self.pick(None, COUNTERS, COUNTERS, NATIVE) if name in ("rate", "increase", "irate") else None
            return "%s(%s)" % (name, self.range(depth, metrics))
        if kind < 0.9:
            return "%s_over_time(%s)" % (self.random.choice(OVER_TIME), self.range(depth))
        if kind < 0.94:
            return "quantile_over_time(%s, %s)" % (self.random.choice(QUANTILES), self.range(depth))
        if kind < 0.97:
            return "predict_linear(%s, %s)" % (self.range(depth), self.pick("60", "3600", "-60"))
        factors = self.pick("0.3, 0.6", "0.5, 0.1", "0.9, 0.9")
        return "double_exponential_smoothing(%s, %s)" % (self.range(depth), factors)

    def grouping(self):
        kind = self.random.random()
        if kind < 0.3:
            return ""
        labels = self.random.sample(("job", "instance", "code", "room", "sensor", "kind", "le", "__name__"),
                                    self.random.randint(0, 2))
        return "%s (%s) " % (self.pick("by", "by", "without"), ", ".join(labels))

    def aggregation(self, depth):
        inner, clause = self.vector(depth - 1), self.grouping()
        kind = self.random.random()
        if kind < 0.72:
            return "%s %s(%s)" % (self.random.choice(PLAIN_AGGREGATIONS), clause, inner)
        if kind < 0.84:
            return "%s %s(%s, %s)" % (self.pick("topk", "bottomk"), clause, self.pick("1", "2", "3", "100", "0"), inner)
        if kind < 0.92:
            return "quantile %s(%s, %s)" % (clause, self.random.choice(QUANTILES), inner)
        if kind < 0.95:
            return "limitk %s(%s, %s)" % (clause, self.pick("1", "3"), inner)
        if kind < 0.97:
            return "limit_ratio %s(%s, %s)" % (clause, self.pick("0.5", "-0.3", "1", "1.2"), inner)
        return 'count_values %s("v", %s)' % (clause, inner)

    def operator(self):
        if self.chance(0.35):
            return self.pick("==", "!=", "<", "<=", ">", ">=") + self.pick("", " bool")
        return self.pick("+", "-", "*", "/", "%", "^", "atan2")

    def binary(self, depth):
        kind = self.random.random()
        if kind < 0.4:
            # Of one metric, so that the sides have partners.
            inner = self.vector(depth - 1)
            return "(%s) %s (%s)" % (inner, self.operator(), inner)
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        if kind < 0.6:
            clause = self.pick("", "on (job, instance)", "ignoring (code)", "on (job)", "on ()", "ignoring (le)")
            return "(%s) %s %s (%s)" % (left, self.operator(), clause, right)
        if kind < 0.8:
            one = self.pick("limits", "sum by (job) (%s)" % right, "max by (job) (up)")
            side = self.pick("group_left", "group_left ()")
            return "(%s) %s on (job) %s %s" % (left, self.operator(), side, one)
        if kind < 0.9:
            return "limits %s on (job) group_right () (%s)" % (self.operator(), left)
        return "(%s) * on (job, instance) group_left (version) target_info" % left

    def with_scalar(self, depth):
        vector, scalar = "(%s)" % self.vector(depth - 1), self.scalar(depth - 1)
        left, right = (vector, scalar) if self.chance(0.7) else (scalar, vector)
        return "%s %s %s" % (left, self.operator(), right)

    def sets(self, depth):
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        clause = self.pick("", "", "on (job)", "on (instance)", "ignoring (code)", "on ()")
        return "(%s) %s %s (%s)" % (left, self.pick("and", "or", "unless"), clause, right)

    def function(self, depth):
        inner, kind = self.vector(depth - 1), self.random.random()
        if kind < 0.45:
            return "%s(%s)" % (self.random.choice(MATH), inner)
        if kind < 0.55:
            return "%s(%s)" % (self.random.choice(DATES), self.pick("", inner))
        if kind < 0.65:
            return "clamp(%s, %s, %s)" % (inner, self.scalar(1), self.scalar(1))
        if kind < 0.75:
            return "%s(%s, %s)" % (self.pick("clamp_min", "clamp_max"), inner, self.scalar(1))
        if kind < 0.85:
            return "round(%s%s)" % (inner, self.pick("", ", 0.1", ", 5", ", -2", ", 0"))
        if kind < 0.93:
            return "timestamp(%s)" % inner
        return "%s(%s)" % (self.pick("sort", "sort_desc"), inner)

    def histogram(self, depth):
        kind = self.random.random()
        if kind < 0.35:
            return "%s(%s)" % (self.random.choice(HISTOGRAM), self.native(depth - 1))
        histogram = self.pick(self.classic, self.native)(depth - 1)
        if kind < 0.75:
            return "histogram_quantile(%s, %s)" % (self.random.choice(QUANTILES), histogram)
        return "histogram_fraction(%s, %s, %s)" % (self.pick("0", "-Inf", "0.3"), self.pick("1", "+Inf", "4"), histogram)

    def native(self, depth):
        if depth > 0 and self.chance(0.6):
            range_ = "%s[%s]%s" % (self.metric(NATIVE), self.random.choice(DURATIONS), self.when())
            rate = "%s(%s)" % (self.pick("rate", "increase", "sum_over_time", "avg_over_time", "delta"), range_)
            return self.pick("%s", "sum by (job) (%s)", "sum(%s)", "avg(%s)") % rate
        return self.pick("%s", "%s", "sum(%s)", "avg by (job) (%s)", "%s * 2", "-%s") % self.selector(NATIVE)

    def classic(self, depth):
        if depth > 0:
            rate = "rate(%s[%s])" % (self.metric(("latency_seconds_bucket",)), self.random.choice(DURATIONS))
            return self.pick("%s", "sum by (le) (%s)", "sum by (job, le) (%s)") % rate
        return self.pick("%s", "sum by (le) (%s)") % self.selector(("latency_seconds_bucket",))

    def labels(self, depth):
        inner = self.vector(depth - 1)
        return self.pick('label_replace(%s, "new", "$1-x", "instance", "(.*)")',
                         'label_replace(%s, "job", "same", "job", "api")',
                         'label_replace(%s, "__name__", "renamed", "", "")',
                         'label_join(%s, "joined", "/", "job", "instance")',
                         'label_join(%s, "code", "", "nothing")') % inner

    def odds(self, depth):
        return self.pick("absent(%s)", "vector(scalar(%s))", "info(%s)",
                         'info(%s, {version=~".+"})', "absent(%s == 1e9)") % self.vector(depth - 1)
