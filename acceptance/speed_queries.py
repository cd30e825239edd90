"""The queries that speed is measured with: `MICRO` for the few series of micro-benchmarks, `FLEET` for a fleet of machines.

Both kinds of data are written by `benches/queries`. A query stands with its span: `INSTANT`, or how many steps of how many
seconds end where the data ends.
"""

import os
from collections import namedtuple

Query = namedtuple("Query", "text steps step group")

# The last sample of each kind of data, seconds since the Unix epoch.
MICRO_END = 1_700_028_000 + 18_640 * 10
FLEET_END = 1_700_006_400 + 4 * 3600

# The field's list, as the micro-benchmarks of the engine have it too. What is left out is experimental in the original, or of no set
# of series.
_FIELD = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "benches", "queries", "field.promql")
_LEFT_OUT = ("limit", "count_values", "group_right", "count({")
# Not of that list, but of everyday use.
_EVERYDAY = [
    "sum_over_time(a_X[10m])",
    "avg_over_time(a_X[1h])",
    "min_over_time(a_X[1h])",
    "max_over_time(a_X[1d])",
    "quantile_over_time(0.9, a_X[10m])",
    "stddev_over_time(a_X[1h])",
    "predict_linear(a_X[1h], 3600)",
    "max_over_time(rate(a_X[1m])[10m:1m])",
]
_MICRO_LONG = ["rate(a_X[1m])", "a_X - b_X", "rate(sparse[1m])"]


def _field():
    with open(_FIELD, encoding="utf-8") as lines:
        return [line for line in lines.read().splitlines() if not any(word in line for word in _LEFT_OUT)]


def _micro():
    for text in _field() + _EVERYDAY:
        for size in ("one", "hundred") if "_X" in text else ("",):
            for steps in (1, 100) if "[1d]" in text else (1, 1000):
                group = "rate aggregation" if text.startswith("sum without (l)(rate") else ""
                yield Query(text.replace("_X", "_" + size), steps, 10, group)
    for text in _MICRO_LONG:
        yield Query(text.replace("_X", "_hundred"), 10_000, 10, "")
    yield Query("count_values('value', h_hundred)", 100, 10, "")
    yield Query("a_hundred + on(l) group_right a_one", 1000, 10, "")
    yield Query('count({__name__!=""})', 1, 10, "")
    yield Query('count({__name__!="",l=""})', 1, 10, "")


MICRO = list(_micro())

INSTANT = (1, 15)
HOUR = (241, 15)
ALL = (221, 60)
RATES = "rate aggregation"


def _fleet():
    def query(text, span, group=""):
        return Query(text, *span, group)

    for span in (INSTANT, HOUR):
        # selectors
        yield query("node_load1", span)
        yield query('node_cpu_seconds_total{instance="host-0007:9100"}', span)
        yield query('node_cpu_seconds_total{mode="idle"}', span)
        yield query('{__name__=~"node_(load1|boot_time_seconds)",instance=~"host-00.*"}', span)
        yield query('node_filesystem_avail_bytes{mountpoint!~"/srv/data[0-9]"}', span)
        # rates and their aggregations
        yield query('rate(node_cpu_seconds_total{mode="idle"}[5m])', span)
        yield query('irate(node_network_receive_bytes_total[5m])', span)
        yield query("sum(rate(node_cpu_seconds_total[5m]))", span, RATES)
        yield query("sum by (mode) (rate(node_cpu_seconds_total[5m]))", span, RATES)
        yield query("sum by (instance, mode) (rate(node_cpu_seconds_total[5m]))", span, RATES)
        yield query("sum without (cpu) (rate(node_cpu_seconds_total[1m]))", span, RATES)
        yield query('1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))', span, RATES)
        yield query("sum by (job) (rate(http_request_duration_seconds_count[5m]))", span, RATES)
        yield query("sum by (instance) (increase(node_network_receive_bytes_total[1h]))", span, RATES)
        yield query('max by (instance) (rate({__name__=~"node_disk_io_time_.*_total"}[5m]))', span, RATES)
        yield query('sum(rate(http_request_duration_seconds_count{code=~"5.."}[5m]))'
                    " / sum(rate(http_request_duration_seconds_count[5m]))", span, RATES)
        yield query("histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))",
                    span, RATES)
        yield query('histogram_quantile(0.9, rate(http_request_duration_seconds_bucket{handler="/",code="200"}[5m]))', span)
        # functions over time
        yield query("max_over_time(node_load1[30m])", span)
        yield query("avg_over_time(node_memory_Part1_bytes[1h])", span)
        yield query("avg by (instance) (avg_over_time(node_filesystem_avail_bytes[10m]))", span)
        yield query("quantile_over_time(0.95, node_load1[30m])", span)
        yield query("stddev_over_time(node_load5[30m])", span)
        yield query("deriv(node_filesystem_free_bytes[30m])", span)
        yield query("predict_linear(node_filesystem_free_bytes[1h], 4 * 3600) < 0", span)
        yield query("changes(node_boot_time_seconds[1h]) > 0", span)
        yield query("resets(node_netstat_Item0[1h])", span)
        yield query("count_over_time(up[1h])", span)
        # aggregations
        yield query("sum(node_memory_Part1_bytes)", span)
        yield query("count by (job, instance) (node_cpu_seconds_total)", span)
        yield query("avg by (mode) (node_cpu_seconds_total)", span)
        yield query("min(node_load15)", span)
        yield query("stddev by (datacenter) (node_load1)", span)
        yield query("quantile by (datacenter) (0.9, node_filesystem_avail_bytes)", span)
        yield query("topk(5, node_filesystem_free_bytes)", span)
        yield query("bottomk by (datacenter) (3, rate(node_network_transmit_bytes_total[5m]))", span)
        yield query('count_values("value", node_systemd_unit_state)', span)
        # operators between vectors
        yield query("node_filesystem_avail_bytes / node_filesystem_size_bytes", span)
        yield query("node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1", span)
        yield query("(node_filesystem_size_bytes - node_filesystem_free_bytes) / node_filesystem_size_bytes * 100", span)
        yield query('rate(node_cpu_seconds_total{mode="user"}[5m])'
                    " * on (instance) group_left (nodename, release) node_uname_info", span)
        yield query('node_systemd_unit_state{state="active"} == 1 and on (instance) up == 1', span)
        yield query('node_network_receive_bytes_total unless on (instance) up{datacenter="fra1"}', span)
        yield query("node_load1 or node_load5", span)
        # the rest
        yield query('label_replace(node_load1, "host", "$1", "instance", "([^:]+):.*")', span)
        yield query('absent(up{instance="none"})', span)
        yield query("timestamp(node_load1)", span)
        yield query("sort_desc(node_load1)", span)
    # everything
    yield query('count({__name__!=""})', INSTANT)
    yield query('count by (__name__) ({__name__!=""})', INSTANT)
    yield query('sum by (__name__) ({__name__=~"node_.*_total"})', INSTANT)
    yield query('sum by (__name__) (last_over_time({__name__=~"node_.*_total"}[5m]))', HOUR)
    yield query('sum(rate(node_cpu_seconds_total[5m]))', ALL, RATES)
    yield query('sum by (mode) (rate(node_cpu_seconds_total[5m]))', ALL, RATES)
    yield query('rate(node_cpu_seconds_total{mode!="idle"}[5m])', ALL)
    yield query('node_cpu_seconds_total', INSTANT)
    yield query('max_over_time(sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))[1h:1m])', INSTANT, RATES)
    yield query('max_over_time(sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))[30m:1m])', HOUR, RATES)


FLEET = list(_fleet())
