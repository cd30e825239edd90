#!/usr/bin/env python3
"""Asks promtool what Go's regexp package makes of patterns, and writes the answers down.

promtool's unit tests expand alert annotations, and the template function reReplaceAll hands its first argument to
Go's regexp as it is. So one annotation per case, which calls reReplaceAll with a replacement that shows
the groups, tells for any pattern and text whether the pattern is accepted, with what words it is
refused, and what matches where. The answers are read from the difference that promtool prints.

usage: record.py QUESTIONS > ANSWERS      (promtool from $PROMTOOL or the PATH)

A question is a JSON array on a line: [pattern, text, ...]; a text with bytes that are no UTF-8 is {"hex": "61ff"}.
An answer is a JSON object: {"p": pattern, "error": words} or {"p": pattern, "t": text, "r": result},
where each match in the result stands as <group 0|group 1|group 2|group 3>, or as "with" says.
A file of answers may be asked again as it is.
"""
import json, os, re, subprocess, sys, tempfile

SHOW = "<${0}|${1}|${2}|${3}>"
ESCAPES = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, '"': 34, "'": 39}


def quote(raw):
    """A Go string literal, all ASCII."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in (34, 92, 123, 125) else "\\x%02x" % b for b in raw) + '"'


def unquote(text):
    """The bytes that a Go string literal stands for, and what follows it."""
    assert text[0] == '"', text[:40]
    out, i = bytearray(), 1
    while text[i] != '"':
        if text[i] != "\\":
            out += text[i].encode("utf-8", "surrogateescape")
            i += 1
            continue
        c = text[i + 1]
        if c in ESCAPES:
            out.append(ESCAPES[c])
            i += 2
        elif c == "x":
            out.append(int(text[i + 2 : i + 4], 16))
            i += 4
        else:
            width = 4 if c == "u" else 8
            out += chr(int(text[i + 2 : i + 2 + width], 16)).encode("utf-8", "surrogatepass")
            i += 2 + width
    return bytes(out), text[i + 1 :]


def text_bytes(text):
    return bytes.fromhex(text["hex"]) if isinstance(text, dict) else text.encode()


def text_json(raw):
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return {"hex": raw.hex()}


def ask(cases, folder):
    """The result (bytes) or the refusal (str) for each (pattern, text, replacement)."""
    with open(folder + "/rules.yml", "w") as rules:
        rules.write("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x\n    annotations:\n")
        for i, (pattern, text, shown) in enumerate(cases):
            call = "reReplaceAll %s %s %s" % (quote(pattern.encode()), quote(shown.encode()), quote(text))
            rules.write("      p%d: '{{ printf \"%%q\" (%s) }}'\n" % (i, call.replace("'", "''")))
    with open(folder + "/test.yml", "w") as test:
        test.write("rule_files: [rules.yml]\ntests:\n- interval: 1m\n  input_series: [{series: x, values: '1'}]\n")
        test.write("  alert_rule_test: [{eval_time: 0m, alertname: A, exp_alerts: []}]\n")
    promtool = os.environ.get("PROMTOOL", "promtool")
    done = subprocess.run([promtool, "test", "rules", folder + "/test.yml"], capture_output=True)
    printed = (done.stdout + done.stderr).decode("utf-8", "surrogateescape")
    rest = printed.split("Annotations:{", 1)[1]
    answers = {}
    while not rest.startswith("}"):
        name, rest = rest.lstrip(", ").split("=", 1)
        value, rest = unquote(rest)
        if value.startswith(b'"'):
            answers[name] = unquote(value.decode("utf-8", "surrogateescape"))[0]
        else:
            words = value.decode("utf-8", "surrogateescape")
            found = re.search(r"error parsing regexp: .*(?=>$)", words, re.S)
            answers[name] = found.group(0) if found else "unknown: " + words
    return [answers["p%d" % i] for i in range(len(cases))]


def main():
    questions = [json.loads(line) for line in open(sys.argv[1]) if line.strip() and not line.startswith("#")]
    cases = []
    for q in questions:
        if isinstance(q, dict):
            cases.append((q["p"], text_bytes(q.get("t", "")), q.get("with", SHOW)))
        else:
            cases += [(q[0], text_bytes(text), SHOW) for text in (q[1:] or [""])]
    version = subprocess.run([os.environ.get("PROMTOOL", "promtool"), "--version"], capture_output=True, text=True)
    print("# Recorded with record.py from", version.stdout.splitlines()[0], "/", re.search("go1[.0-9]*", version.stdout).group(0))
    refused = set()
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(cases), 2000):
            batch = cases[start : start + 2000]
            for (pattern, text, shown), answer in zip(batch, ask(batch, folder)):
                if isinstance(answer, bytes):
                    line = {"p": pattern, "t": text_json(text), "r": text_json(answer)}
                    if shown != SHOW:
                        line["with"] = shown
                elif pattern in refused:
                    continue
                else:
                    refused.add(pattern)
                    line = {"p": pattern, "error": answer}
                print(json.dumps(line, ensure_ascii=False))


main()
