//! The `process_*` metrics that dashboards know, read from `/proc` when they are gathered.

#[cfg(test)]
mod tests;

use crate::gather::{Metric, MetricFamily, MetricKind, Value};
use crate::{Registry, real};

/// Declares the `process_*` metrics; where there is no `/proc` they are absent.
pub fn register(registry: &Registry) {
    registry.collector(|families| {
        let Some(stat) = real::proc_text("/proc/self/stat").and_then(|text| Stat::parse(&text)) else {
            return;
        };
        stat.collect(families);
        if let Some(start) = real::proc_text("/proc/stat").and_then(|text| stat.start_time(&text)) {
            let help = "Start time of the process since unix epoch in seconds.";
            families.push(family("process_start_time_seconds", help, Value::Gauge(start)));
        }
        collect_limits(families);
        if let Some((received, sent)) =
            real::proc_text("/proc/self/net/netstat").and_then(|text| octets(&text))
        {
            let help = "Number of bytes received by the process over the network.";
            families.push(family("process_network_receive_bytes_total", help, Value::Counter(received)));
            let help = "Number of bytes sent by the process over the network.";
            families.push(family("process_network_transmit_bytes_total", help, Value::Counter(sent)));
        }
    });
}

/// The machine's name, empty where the system does not tell.
pub fn hostname() -> String {
    real::proc_text("/proc/sys/kernel/hostname").map(|text| text.trim_end().to_owned()).unwrap_or_default()
}

/// The number of threads of the process, 0 where the system does not tell.
pub fn threads() -> usize {
    real::proc_entries("/proc/self/task").unwrap_or(0)
}

/// What is taken from `/proc/self/stat`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stat {
    cpu_ticks: f64,
    start_ticks: f64,
    virtual_bytes: f64,
    resident_pages: f64,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The second field is the command in brackets, which may hold blanks and brackets itself.
        let (_, rest) = text.rsplit_once(") ")?;
        let field = |number: usize| rest.split_ascii_whitespace().nth(number - 3)?.parse::<f64>().ok();
        Some(Self {
            cpu_ticks: field(14)? + field(15)?,
            start_ticks: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }

    fn collect(&self, families: &mut Vec<MetricFamily>) {
        let seconds = self.cpu_ticks / ticks_per_second();
        let help = "Total user and system CPU time spent in seconds.";
        families.push(family("process_cpu_seconds_total", help, Value::Counter(seconds)));
        let help = "Virtual memory size in bytes.";
        families.push(family("process_virtual_memory_bytes", help, Value::Gauge(self.virtual_bytes)));
        let resident = self.resident_pages * rustix::param::page_size() as f64;
        let help = "Resident memory size in bytes.";
        families.push(family("process_resident_memory_bytes", help, Value::Gauge(resident)));
    }

    /// Seconds since the Unix epoch, given the text of `/proc/stat`.
    fn start_time(&self, system: &str) -> Option<f64> {
        let boot: f64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
        Some(boot + self.start_ticks / ticks_per_second())
    }
}

fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second().max(1) as f64
}

fn collect_limits(families: &mut Vec<MetricFamily>) {
    // The folder itself is open while it is counted.
    if let Some(open) = real::proc_entries("/proc/self/fd") {
        let open = open.saturating_sub(1) as f64;
        families.push(family("process_open_fds", "Number of open file descriptors.", Value::Gauge(open)));
    }
    let Some(limits) = real::proc_text("/proc/self/limits") else { return };
    if let Some(max) = soft_limit(&limits, "Max open files") {
        families.push(family(
            "process_max_fds",
            "Maximum number of open file descriptors.",
            Value::Gauge(max),
        ));
    }
    if let Some(max) = soft_limit(&limits, "Max address space") {
        let help = "Maximum amount of virtual memory available in bytes.";
        families.push(family("process_virtual_memory_max_bytes", help, Value::Gauge(max)));
    }
}

/// The soft limit in a line of `/proc/self/limits`; "unlimited" is the largest number there is.
fn soft_limit(limits: &str, name: &str) -> Option<f64> {
    let rest = limits.lines().find_map(|line| line.strip_prefix(name))?;
    match rest.split_ascii_whitespace().next()? {
        "unlimited" => Some(u64::MAX as f64),
        number => number.parse().ok(),
    }
}

/// Bytes received and sent: `InOctets` and `OutOctets` of the `IpExt` lines of `netstat`.
fn octets(netstat: &str) -> Option<(f64, f64)> {
    let mut lines = netstat.lines().filter_map(|line| line.strip_prefix("IpExt:"));
    let (names, values) = (lines.next()?, lines.next()?);
    let of = |wanted: &str| {
        let position = names.split_ascii_whitespace().position(|name| name == wanted)?;
        values.split_ascii_whitespace().nth(position)?.parse::<f64>().ok()
    };
    Some((of("InOctets")?, of("OutOctets")?))
}

fn family(name: &str, help: &str, value: Value) -> MetricFamily {
    MetricFamily {
        name: name.to_owned(),
        help: help.to_owned(),
        kind: if matches!(value, Value::Counter(_)) { MetricKind::Counter } else { MetricKind::Gauge },
        unit: String::new(),
        metrics: vec![Metric { labels: Vec::new(), value }],
    }
}
