"""Medians, spread and ratios."""

import statistics


def cell(values, first):
    """The median with its spread, and how many times the first server's median it is."""
    median = statistics.median(values)
    text = number(median)
    if len(values) > 1:
        text += " [%s to %s]" % (number(min(values)), number(max(values)))
    if first:
        text += " (%.2f x)" % (median / first)
    return text


def number(value):
    """A figure with four digits, thousands set apart."""
    return "{:,.0f}".format(value) if abs(value) >= 1000 else "%.4g" % value


def markdown(result):
    """A work's figures: {title, servers: {name: [{figure: value}]}, notes: [text], minutes}."""
    servers = result["servers"]
    names = list(servers)
    figures = []
    for runs in servers.values():
        for run in runs:
            figures += [figure for figure in run if figure not in figures]
    lines = ["## " + result["title"], ""]
    lines += ["| figure | %s |" % " | ".join(names), "|---|%s" % ("--:|" * len(names))]
    for figure in figures:
        cells, first = [], None
        for name in names:
            values = [run[figure] for run in servers[name] if run.get(figure) is not None]
            cells.append(cell(values, first) if values else "-")
            if values and first is None:
                first = statistics.median(values)
        lines.append("| %s | %s |" % (figure, " | ".join(cells)))
    lines += [""] + ["- " + note for note in result["notes"]]
    runs = max((len(runs) for runs in servers.values()), default=0)
    lines.append("- Median of %d [lowest to highest] (times that of %s); it took %.1f minutes." % (
        runs, names[0] if names else "none", result["minutes"]))
    return "\n".join(lines) + "\n"
