#!/usr/bin/env python3
"""Queries that are too much: each must be answered, or stopped, within a second of its limit, and the server go on.

A query over its budget of samples, over its time, with a regex that explodes, with a text of a megabyte, of a client that
leaves, and one that is ended through the list of running queries.
"""

import http.client
import json
import socket
import time
import urllib.parse

import programs
import random_data
import remote_write

WITHIN_SECONDS = 1.0
# Some 10^9 samples go through a regression: a long time.
ENDLESS = "predict_linear(deriv(latency_seconds_bucket[3h:1s])[3h:1s], 60)"
# No lists of words, so that they have to be compiled.
MILLION = {
    "words and dots": "|".join("w%d.*x" % n for n in range(110000)),
    "optional letters": "ab?" * 330000,
    "nested stars": "(a*)*" * 200000,
    "classes": "[a-c]x*" * 140000,
    "dots": ".*a" * 330000,
}
AT = random_data.START + random_data.SECONDS


def ask(server, query, **parameters):
    """Status, answer and seconds; a POST, as a text may be long."""
    connection = http.client.HTTPConnection(programs.LOOPBACK, server.port, timeout=60)
    body = urllib.parse.urlencode({"query": query, "time": AT, **parameters})
    began = time.monotonic()
    connection.request("POST", "/api/v1/query", body, {"Content-Type": "application/x-www-form-urlencoded"})
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text), time.monotonic() - began


def active(server):
    return json.loads(programs.request(server.url + "/api/v1/status/active_queries")[1])["data"]


def wait_until(condition, seconds):
    """The seconds after which the condition held; None if it never did."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.01)
    return None


def leave_early(server):
    """Asks and leaves as soon as the query runs."""
    body = urllib.parse.urlencode({"query": ENDLESS, "time": AT})
    client = socket.create_connection((programs.LOOPBACK, server.port))
    client.sendall(("POST /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    "Content-Length: %d\r\n\r\n%s" % (len(body), body)).encode())
    if wait_until(lambda: active(server), 10) is None:
        raise programs.Failure("the query never ran")
    return client


def main():
    options = programs.argument_parser(__doc__).parse_args()
    folder, tally = programs.Folder(options.keep), programs.Tally()
    config = folder.write("lapwing.yml", "global: {evaluation_interval: 1m}\n")
    flags = ["--web.enable-remote-write-receiver", "--storage.tsdb.retention.time=100y", "--query.max-concurrency=4"]
    server = programs.Server("lapwing", options.lapwing, folder, config, flags).start()
    small = programs.Server("small", options.lapwing, folder, config, flags + ["--query.max-samples=3000"]).start()
    for batch in random_data.Data(7).batches():
        for each in (server, small):
            remote_write.send(each.url, batch)

    def bounded(what, answer, status, kind, limit=0.0):
        got, body, seconds = answer
        good = (got, body.get("errorType")) == (status, kind) and seconds <= limit + WITHIN_SECONDS
        tally.check("%s: %d %s after %.3f s" % (what, got, body.get("errorType", ""), seconds), good, json.dumps(body)[:300])

    bounded("over the budget of samples", ask(small, "requests_total[3h]"), 422, "execution")
    bounded("over the budget in a subquery", ask(small, "max_over_time(requests_total[3h:1s])"), 422, "execution")
    bounded("over its time", ask(server, "sum(%s)" % ENDLESS, timeout="1s"), 503, "timeout", 1.0)
    for regex in ("(((a{100}){100}){100})", "(a?){1000}(a?){1000}(a?){1000}b", "((((a*)*)*)*)*!", "(?i)" + "x*" * 5000):
        status, body, seconds = ask(server, '{__name__=~"requests.*",job=~"%s"}' % regex)
        good = status in (200, 400, 422) and seconds <= WITHIN_SECONDS
        tally.check("regex %s: %d after %.3f s" % (regex[:30], status, seconds), good, json.dumps(body)[:300])
    million = "+".join(["1"] * 500000)
    for what, text in (("a million signs", million), ("a million parentheses", "(" * 500000 + "1" + ")" * 500000),
                       ("a long name", "x" * 1000000), ("a long list", 'x{a=~"%s"}' % "|".join("v%d" % n for n in range(140000)))):
        status, body, seconds = ask(server, text)
        good = status in (200, 400, 422) and seconds <= WITHIN_SECONDS
        tally.check("%s: %d after %.3f s" % (what, status, seconds), good, json.dumps(body)[:300])

    for what, regex in MILLION.items():
        status, body, seconds = ask(server, 'requests_total{job=~"%s"}' % regex, timeout="500ms")
        good = status in (200, 400, 503) and seconds <= 0.5 + WITHIN_SECONDS
        tally.check("a regex of a million signs, %s: %d after %.3f s" % (what, status, seconds), good, json.dumps(body)[:300])

    client = leave_early(server)
    client.close()
    seconds = wait_until(lambda: not active(server), 20)
    tally.check("a client that leaves: stopped after %s s" % seconds, seconds is not None and seconds <= WITHIN_SECONDS)

    client = leave_early(server)
    number = active(server)[0]["id"]
    path = "/api/v1/status/active_queries/" + number
    status, _ = programs.request(server.url + path, None, method="DELETE")
    client.settimeout(20)
    began = time.monotonic()
    answer = client.recv(4096).decode(errors="replace")
    seconds = time.monotonic() - began
    tally.check("a query that is ended: %d, %s after %.3f s" % (status, answer.split("\r\n")[0], seconds),
                status == 204 and " 499 " in answer.split("\r\n")[0] and seconds <= WITHIN_SECONDS, answer)
    status, _ = programs.request(server.url + path, None, method="DELETE")
    tally.check("no query is ended twice", status == 404, str(status))

    status, body, seconds = ask(server, "count(requests_total)")
    tally.check("the server goes on", status == 200 and body["data"]["result"], json.dumps(body)[:300])
    return tally.finish()


if __name__ == "__main__":
    programs.run(main)
