#!/usr/bin/env python3
"""Random answers of targets, right and broken, scraped by Lapwing and by a real Prometheus: the same health, error, series, metadata.

    random_expositions.py --lapwing BIN --peers DIR [--cases 600] [--seed N] [--only N]

Bodies are made by a grammar of both text formats and by changes to what it makes. Every target is scraped once by each server, from
the same bytes. A series stands with its value and, where the body says one, its time. `--only N` shows the case of that number.
"""

import random
import re
import sys
import time

import listener
import programs

TEXT = ("text/plain", "text/plain; version=0.0.4; charset=utf-8", "text/plain; version=1.0.0; escaping=allow-utf-8")
OPEN_METRICS = ("application/openmetrics-text; version=1.0.0; charset=utf-8", "application/openmetrics-text; version=0.0.1")
NAMES = ("a", "b_total", "c_bucket", "d_sum", "d_count", "e:f", "g_created", "h_info", "_i", "j_seconds", "k1", "l_gsum", "up", "NaN", "Inf")
LABELS = ("x", "y", "z", "w1", "long_name", "le", "quantile", "job", "instance", "exported_job", "_z", "l1", "unit")
VALUES = ("1", "0", "-1", "1.5", "1e3", "1E-3", "+5", "NaN", "nan", "+Inf", "-Inf", "Inf", "inf", "Infinity", "0x10", "0x1p3", "1_000", "1.",
          ".5", "-0", "1e400", "1e-400", "12345678901234567890", "0.1e1", "--1", "1,5", "one", "1e", "9007199254740993", "5e-324", "+NaN")
TEXTS = ("", "v", "a b", "ä", "\\n", "\\\\", "\\\"", "\\x", "0.5", "1", "1.0", "+Inf", "Inf", "1e3", "-1", "NaN", "=", "}", "{", ",", "#", "0.10", "1e-7")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram", "other", "")
BLANKS = ("", "", "", " ", "  ", "\t")


class Maker:
    """Makes bodies."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, of):
        return self.random.choice(of)

    def is_now(self, share):
        return self.random.random() < share

    def blank(self):
        return self.pick(BLANKS) if self.strange else ""

    def case(self):
        """A content type and a body."""
        self.strange, self.odd = self.is_now(0.25), self.pick((0, 0.05, 0.3))
        self.open_metrics = self.is_now(0.5)
        lines = []
        for _ in range(self.random.randint(1, 4)):
            lines += self.family()
        body = "\n".join(lines) + "\n" * (not self.is_now(0.05))
        if self.open_metrics:
            body += self.pick(("# EOF\n",) * 12 + ("# EOF", "", "# EOF \n", "#EOF\n", "# EOF\n\n", "# EOF\na 1\n"))
        body = body.encode()
        if self.is_now(0.15):
            body = self.changed(body)
        return self.pick(OPEN_METRICS if self.open_metrics else TEXT), body

    def changed(self, body):
        """Bytes taken out, put in, doubled or replaced."""
        for _ in range(self.random.randint(1, 2)):
            at = self.random.randrange(len(body) + 1)
            some = self.pick((b" ", b"\n", b"\"", b"\\", b"{", b"}", b",", b"=", b"#", b"\t", b"\r", b"\0", b"\xff", b"\xc3\xa4", b"1", b"e", b"."))
            kind = self.random.randrange(4)
            end = min(len(body), at + self.random.randint(1, 6))
            if kind == 0:
                body = body[:at] + body[end:]
            elif kind == 1:
                body = body[:at] + some + body[at:]
            elif kind == 2:
                body = body[:end] + body[at:]
            else:
                body = body[:at] + some + body[at + 1:]
        return body

    def family(self):
        name, lines = self.pick(NAMES), []
        kinds = TYPES if self.strange else TYPES[:5 if not self.open_metrics else 4]
        declared = name
        if self.open_metrics and self.is_now(0.7):
            for end in ("_total", "_bucket", "_sum", "_count", "_created", "_info"):
                declared = declared.removesuffix(end)
        if self.is_now(0.05):
            declared = '"%s"' % self.pick((declared, "ä.b", "a b"))
        if self.is_now(0.6):
            lines.append("#%sTYPE%s%s%s%s%s" % (self.pick(BLANKS) or " ", self.pick(BLANKS) or " " if self.strange else " ", declared,
                                              " ", self.pick(kinds), self.blank()))
        if self.is_now(0.4):
            lines.append("# HELP %s %s" % (declared, self.pick(("A text.", "", "with \\\\ and \\n", "\"quoted\"", "ä", "\\x", " two  blanks ", "  ", "\t"))))
        if self.open_metrics and self.is_now(0.2):
            lines.append("# UNIT %s %s" % (declared, self.pick(("", "seconds", "bytes", declared.rsplit("_", 1)[-1]))))
        if self.is_now(0.1):
            lines.append(self.pick(("#", "# comment", "#comment", "", " ", "\t# x", "# TYPES a b", "# HELP", "# TYPE a")))
        for _ in range(self.random.randint(1, 4)):
            lines.append(self.sample(name))
        return lines

    def sample(self, name):
        line = self.blank() if self.strange and self.is_now(0.2) else ""
        labels = [self.label() for _ in range(self.random.choice((0, 0, 1, 1, 2, 3)))]
        if self.is_now(0.95):
            labels = list({re.split("[= \t]", label)[0]: label for label in labels}.values())
        if self.is_now(0.05 + 0.1 * self.odd):
            labels.insert(self.random.randint(0, len(labels)), '"%s"' % self.pick((name, "ä.b", "")))
            name = "" if self.is_now(0.9) else name
        line += name + self.blank()
        if labels or self.is_now(0.2):
            comma = "," if not self.strange else self.pick((",", ",", ", ", " ,", "", ",,"))
            line += "{" + self.blank() + comma.join(labels) + self.pick(("", "", "", ",")) + self.blank() + "}"
        value = self.pick(VALUES) if self.is_now(self.odd) else "%d" % self.random.randint(0, 99)
        line += (self.blank() or " " if self.strange else " ") + value
        if self.is_now(0.5 * self.odd):
            line += " " + self.pick(("NOW_MS", "NOW_S", "NOW_S", "NOW_MS", "1", "-1", "1.5", "x", "99999999999999999999", "NOW_MS 1"))
        if self.open_metrics and self.is_now(0.1):
            line += self.pick((" # {a=\"b\"} 1", " # {} 1 NOW_S", " # {a=\"b\"} x", " #{a=\"b\"} 1", " # {a=\"b\"}", " # {a=\"b\"} 1 NOW_S 2"))
        return line + self.blank()

    def label(self):
        name = self.pick(LABELS)
        if self.is_now(0.2 * self.odd):
            name = self.pick(('"%s"' % name, '"ä.b"', "__name__", "1x", "a-b", "a:b", "ä", ""))
        quote = '"' if not self.strange or self.is_now(0.95) else self.pick(("'", ""))
        return name + self.blank() + "=" + self.blank() + quote + self.pick(TEXTS) + quote


def serve(cases):
    """Answers scrapes: the case of a number."""
    def scraped(path):
        kind, body = cases[int(path.lstrip("/").split("?")[0])]
        return 200, body, kind

    return listener.Listener(scraped=scraped).address


def configuration(address, count):
    targets = "\n".join("  - {targets: ['%s'], labels: {__metrics_path__: '/%d', case: '%d'}}" % (address, n, n) for n in range(count))
    return ("global: {scrape_interval: 15s, scrape_timeout: 15s}\nscrape_configs:\n- job_name: cases\n  static_configs:\n%s\n" % targets)


def outcome(server, count):
    """What a server made of each case."""
    def is_done():
        return all(target["lastScrape"][:4] != "0001" for target in server.api("targets", state="active")["activeTargets"])
    if not programs.wait_until(server.name + " has scraped all targets", is_done, 60):
        raise programs.Failure("not all targets were scraped")
    cases = [{"series": {}, "metadata": set()} for _ in range(count)]
    for target in server.api("targets", state="active")["activeTargets"]:
        case = cases[int(target["labels"]["case"])]
        case["health"], case["error"] = target["health"], target["lastError"]
    # What came with a time of its own may lie far back: all times are asked for.
    for series in server.api("query", query='{case!=""}[20m]', time="%.3f" % time.time())["result"]:
        labels = dict(series["metric"])
        if labels.get("__name__", "").startswith("scrape_duration"):
            continue
        case = cases[int(labels.pop("case"))]
        case["series"].setdefault(programs.labels_key(labels), set()).update(value for _, value in series["values"])
    for each in server.api("targets/metadata"):
        cases[int(each["target"]["case"])]["metadata"].add((each["metric"], each["type"], each["help"], each["unit"]))
    return cases


def plain(error):
    """An error without what differs between two requests."""
    return re.sub(r"127\.0\.0\.1:\d+", "TARGET", error or "")


def differences(ours, theirs):
    found = [(what, ours.get(what), theirs.get(what)) for what in ("health",) if ours.get(what) != theirs.get(what)]
    if plain(ours.get("error")) != plain(theirs.get("error")):
        found.append(("error", ours.get("error"), theirs.get("error")))
    for key in sorted(set(ours["series"]) | set(theirs["series"])):
        # A server may have scraped a second time: what one saw the other saw.
        if not (ours["series"].get(key, set()) & theirs["series"].get(key, set())):
            found.append((programs.labels_text(key), ours["series"].get(key), theirs["series"].get(key)))
    if ours["metadata"] != theirs["metadata"]:
        found.append(("metadata", sorted(ours["metadata"] - theirs["metadata"]), sorted(theirs["metadata"] - ours["metadata"])))
    return found


def main():
    options = programs.argument_parser(
        __doc__.split("\n", maxsplit=1)[0],
        ("--cases", {"type": int, "default": 600, "help": "bodies to try"}),
        ("--seed", {"type": int, "default": int(time.time()), "help": "the same bodies again"}),
        ("--only", {"type": int, "help": "the case of this number alone"})).parse_args()
    print("seed %d" % options.seed)
    maker, now = Maker(options.seed), time.time()
    cases = [maker.case() for _ in range(options.cases)]
    cases = [(kind, body.replace(b"NOW_MS", b"%d" % (now * 1000)).replace(b"NOW_S", b"%.3f" % now)) for kind, body in cases]
    if options.only is not None:
        cases = [cases[options.only]]
    folder, address = programs.Folder(options.keep), serve(cases)
    config = folder.write("cases.yml", configuration(address, len(cases)))
    servers = [programs.Server(name, binary, folder, config).start() for name, binary in
               (("lapwing", options.lapwing), ("prometheus", programs.Peers(options.peers).prometheus))]
    ours, theirs = (outcome(server, len(cases)) for server in servers)
    tally, wrong = programs.Tally(), 0
    for number, (kind, body) in enumerate(cases):
        found = differences(ours[number], theirs[number])
        if found or options.only is not None:
            wrong += bool(found)
            print("---- case %d: %s\n%r" % (number, kind, body))
            for what, own, other in found:
                print("  %s\n    lapwing    %s\n    prometheus %s" % (what, own, other))
    tally.check("%d bodies, %d of them broken, are read the same" % (
        len(cases), sum(case.get("health") == "down" for case in theirs)), not wrong, "%d differ" % wrong)
    return tally.finish()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    programs.run(main)
