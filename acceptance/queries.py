"""The fixed queries that are asked of both servers, and how far the answers may differ.

`exact`: the text of every value is the same, since the inputs are constants of the machine or of the run.

`timing(margin, why)`: both servers scrape once a second, at different moments, so at time t each shows the target as it
was up to one scrape before t. The answer must lie between the lowest and the highest of what the reference itself answers
within two scrapes before and after t, widened by `margin` of the value. A counter only grows, so that for it the margin
could be nil; a window of n scrapes may hold one scrape more or less at each server, which is 1/n of the value.
"""

from collections import namedtuple

# Window of the range selectors, in seconds: short enough for a trial run of half a minute.
WINDOW = 15

Query = namedtuple("Query", "kind text margin why ordered", defaults=(False,))


def exact(kind, text, ordered=False):
    return Query(kind, text, None, "constant", ordered)


def timing(kind, text, margin, why, ordered=False):
    return Query(kind, text.replace("[W]", "[%ds]" % WINDOW), margin, why, ordered)


COUNTER = "counter: the two scrapes around it, and float noise"
EDGE = "window of 15 scrapes, one may stand in or out at its edge"
GAUGE = "sampled at another moment of the second"
JITTER = "a clock read by the target: 1 s a second, up to late scrapes"
COUNT = "one scrape more or less in the window of 15"

INSTANT = [
    # selectors and matchers
    exact("instant", "up"),
    exact("instant", '{__name__=~"node_memory_(Mem|Swap)Total_bytes"}'),
    exact("instant", 'node_filesystem_size_bytes{fstype!~"tmpfs|ramfs",mountpoint!=""}'),
    exact("instant", '{job="node",__name__=~"node_.*_info",__name__!~".*(dmi|os|uname).*"}'),
    timing("instant", 'node_cpu_seconds_total{mode!~"idle|iowait",cpu="0"}', 0.001, COUNTER),
    timing("instant", "node_context_switches_total offset 10s", 0.001, COUNTER),
    timing("instant", "node_context_switches_total offset -1s", 0.001, COUNTER),
    timing("instant", "node_intr_total @ {at}", 0.001, COUNTER),
    # functions over ranges
    timing("instant", 'rate(node_cpu_seconds_total{mode="idle"}[W])', 0.15, EDGE),
    timing("instant", "increase(node_intr_total[W])", 0.15, EDGE),
    timing("instant", "irate(node_time_seconds[5s])", 0.1, JITTER),
    timing("instant", "delta(node_time_seconds[W])", 0.1, JITTER),
    timing("instant", "deriv(node_time_seconds[W])", 0.1, JITTER),
    timing("instant", 'sum_over_time(up[W])', 0.07, COUNT),
    timing("instant", 'count_over_time(node_filesystem_size_bytes[W])', 0.07, COUNT),
    exact("instant", "avg_over_time(node_memory_MemTotal_bytes[15s])"),
    exact("instant", "quantile_over_time(0.5, node_network_mtu_bytes[15s])"),
    exact("instant", "changes(node_boot_time_seconds[15s]) + resets(node_boot_time_seconds[15s])"),
    exact("instant", "stddev_over_time(node_network_mtu_bytes[15s])"),
    # aggregations
    timing("instant", "sum by (mode) (rate(node_cpu_seconds_total[W]))", 0.15, EDGE),
    timing("instant", "avg without (cpu) (node_cpu_seconds_total)", 0.001, COUNTER),
    exact("instant", 'count by (job) ({__name__=~"node_(network|memory|uname|filesystem).*"})'),
    exact("instant", 'count_values("mtu", node_network_mtu_bytes)'),
    exact("instant", "quantile by (instance) (0.75, node_network_mtu_bytes)"),
    exact("instant", "max(node_network_mtu_bytes) - min(node_network_mtu_bytes) + stddev(up) + stdvar(up)"),
    timing("instant", "topk(2, sum by (handler) (prometheus_http_requests_total))", 0.02, COUNTER, ordered=True),
    timing("instant", "sort_desc(sum by (handler) (prometheus_http_requests_total) > 20)", 0.02, COUNTER, ordered=True),
    # binary operators
    exact("instant", "node_memory_MemTotal_bytes / 1024 ^ 2 - 7 % 4"),
    timing("instant", "node_filesystem_avail_bytes / on (device, mountpoint) node_filesystem_size_bytes", 0.02, GAUGE),
    timing("instant", "node_cpu_seconds_total * on (instance) group_left (nodename, release) node_uname_info", 0.001, COUNTER),
    timing("instant", 'node_cpu_seconds_total{cpu="0"} / ignoring (mode) group_left sum without (mode) '
           '(node_cpu_seconds_total{cpu="0"})', 0.001, COUNTER),
    exact("instant", "up == bool 1 and on (instance) node_uname_info or up{job=\"prometheus\"}"),
    timing("instant", 'node_cpu_seconds_total unless on (mode) node_cpu_seconds_total{mode=~"user|system"}', 0.001, COUNTER),
    # histograms
    timing("instant", 'histogram_quantile(0.9, sum by (le, handler) '
           '(rate(prometheus_http_request_duration_seconds_bucket{handler=~"/metrics|/api/v1/query"}[W])))', 0.05, EDGE),
    timing("instant", "histogram_quantile(0.5, prometheus_http_response_size_bytes_bucket)", 0.02, COUNTER),
    # the rest
    exact("instant", 'absent(nothing_has_this_name{job="x",instance=~".+"})'),
    exact("instant", "absent_over_time(up[15s])"),
    exact("instant", "hour() * 100 + minute() + day_of_week(vector(0)) + days_in_month(vector(time()))"),
    timing("instant", "timestamp(up)", 0, "time of the scrape"),
    exact("instant", "time() - node_boot_time_seconds"),
    exact("instant", 'label_replace(up, "port", "$1", "instance", ".*:([0-9]+)")'),
    exact("instant", 'label_join(up, "both", "/", "job", "instance")'),
    exact("instant", "sum_over_time(up[15s:5s])"),
    timing("instant", "avg_over_time(irate(node_time_seconds[5s])[15s:1s])", 0.1, JITTER),
    exact("instant", "sqrt(node_memory_MemTotal_bytes) + ln(node_memory_MemTotal_bytes) + on (instance) round(exp(node_load1 * 0), 0.1)"),
    exact("instant", "-scalar(count(up)) * 2.5"),
]

RANGE = [
    exact("range", "up"),
    exact("range", "vector(time() % 60)"),
    exact("range", "sum by (job) (up) + on (job) group_right count by (job, instance) (up)"),
    timing("range", "node_context_switches_total", 0.001, COUNTER),
    timing("range", 'node_cpu_seconds_total{mode=~"idle|user"} offset 5s', 0.001, COUNTER),
    timing("range", 'sum without (cpu, mode) (rate(node_cpu_seconds_total[W]))', 0.15, EDGE),
    timing("range", "rate(node_time_seconds[W])", 0.1, JITTER),
    timing("range", "sum by (handler) (increase(prometheus_http_requests_total{handler=~\"/metrics|/api/v1/query\"}[W]))",
           0.2, EDGE),
    timing("range", "topk(1, sum by (handler) (prometheus_http_requests_total))", 0.02, COUNTER),
    timing("range", "histogram_quantile(0.99, sum by (le) (prometheus_http_response_size_bytes_bucket))", 0.05, COUNTER),
    exact("range", "max_over_time(node_memory_MemTotal_bytes[15s]) / min_over_time(node_memory_MemTotal_bytes[15s:3s])"),
    timing("range", "node_cpu_seconds_total{cpu=\"0\"} * on (instance) group_left (nodename) node_uname_info", 0.001, COUNTER),
    exact("range", "absent(up{job=\"none\"})"),
    timing("range", "node_time_seconds - timestamp(node_time_seconds) > bool -5", 0, "true throughout"),
]
