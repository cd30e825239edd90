//! What a fleet of machines shows: per machine a thousand series of a node exporter and of an HTTP service.
//!
//! Half of the series never move, as on real machines. A tenth of the machines start anew once, so that their counters
//! begin at zero; one goes away; a fifth is scraped with jitter of milliseconds.

use model::Labels;
use model::sample::STALE_NAN_BITS;

use crate::blocks::{Series, Span};
use crate::noise::Noise;

/// 2023-11-15 00:00 UTC.
const START: i64 = 1_700_006_400_000;
const INTERVAL_MS: i64 = 15_000;

/// Four hours in blocks of two.
pub const SPAN: Span = Span { start: START, end: START + 4 * 3_600_000, block: 2 * 3_600_000 };

/// How the values of a series go on.
#[derive(Debug, Clone, Copy)]
enum Course {
    /// It stays.
    Constant(f64),
    /// A whole number that grows by about so much in a second.
    Counter(f64),
    /// Seconds, in hundredths, that grow by about so much in a second.
    Seconds(f64),
    /// A whole number that goes up and down by steps of at most this much.
    Walk(f64),
    /// Hundredths that go up and down.
    Load,
    /// A share of the requests of a second.
    Bucket(f64),
}

/// A series of one machine.
pub struct MachineSeries {
    labels: Labels,
    course: Course,
    machine: u64,
    seed: u64,
}

/// A fleet of machines.
pub struct Fleet {
    instances: usize,
}

impl Fleet {
    /// A fleet of so many machines.
    pub fn new(instances: usize) -> Self {
        Self { instances }
    }

    /// All series, sorted by labels.
    pub fn series(&self) -> Vec<MachineSeries> {
        let mut all = Vec::new();
        for machine in 0..self.instances as u64 {
            let mut series = Machine::new(machine);
            series.exporter();
            series.service();
            all.append(&mut series.series);
        }
        all.sort_by(|a, b| a.labels.cmp(&b.labels));
        all
    }
}

struct Machine {
    machine: u64,
    instance: String,
    service: String,
    datacenter: &'static str,
    series: Vec<MachineSeries>,
}

impl Machine {
    fn new(machine: u64) -> Self {
        let datacenter = if machine.is_multiple_of(4) { "fra1" } else { "ams2" };
        let (instance, service) = (format!("host-{machine:04}:9100"), format!("host-{machine:04}:8080"));
        Self { machine, instance, service, datacenter, series: Vec::new() }
    }

    fn add(&mut self, name: &str, more: &[(&str, &str)], course: Course) {
        let is_service = name.starts_with("http_");
        let instance = if is_service { &self.service } else { &self.instance };
        let mut pairs = vec![
            ("__name__", name),
            ("job", if is_service { "shop" } else { "node" }),
            ("instance", instance),
            ("datacenter", self.datacenter),
        ];
        pairs.extend_from_slice(more);
        let labels = Labels::from_pairs(pairs);
        let seed = self.machine << 32 | self.series.len() as u64;
        self.series.push(MachineSeries { labels, course, machine: self.machine, seed });
    }

    fn exporter(&mut self) {
        for cpu in 0..32 {
            let cpu = cpu.to_string();
            for (mode, course) in [
                ("idle", Course::Seconds(0.85)),
                ("iowait", Course::Seconds(0.01)),
                ("irq", Course::Constant(0.0)),
                ("nice", Course::Constant(0.0)),
                ("softirq", Course::Seconds(0.005)),
                ("steal", Course::Constant(0.0)),
                ("system", Course::Seconds(0.05)),
                ("user", Course::Seconds(0.09)),
            ] {
                self.add("node_cpu_seconds_total", &[("cpu", &cpu), ("mode", mode)], course);
            }
        }
        self.network_and_disks();
        self.filesystems();
        for number in 0..48 {
            let course = if number % 3 == 0 {
                Course::Constant(4_096.0 * 1e6)
            } else {
                Course::Walk(4_096.0 * 4_000.0)
            };
            self.add(&format!("node_memory_Part{number}_bytes"), &[], course);
        }
        for number in 0..44 {
            let course = if number % 2 == 0 { Course::Counter(120.0) } else { Course::Constant(0.0) };
            self.add(&format!("node_netstat_Item{number}"), &[], course);
        }
        for number in 0..24 {
            self.add(&format!("node_vmstat_item{number}"), &[], Course::Counter(900.0));
        }
        for unit in 0..14 {
            let unit = format!("unit-{unit}.service");
            for state in ["activating", "active", "deactivating", "failed", "inactive"] {
                let course = Course::Constant(f64::from(u8::from(state == "active")));
                self.add("node_systemd_unit_state", &[("name", &unit), ("state", state)], course);
            }
        }
        self.add("node_load1", &[], Course::Load);
        self.add("node_load5", &[], Course::Load);
        self.add("node_load15", &[], Course::Load);
        self.add("node_boot_time_seconds", &[], Course::Constant(1_699_000_000.0 + self.machine as f64));
        self.add("up", &[], Course::Constant(1.0));
        let release = format!("6.{}.0-generic", self.machine % 5);
        let nodename = format!("host-{:04}", self.machine);
        self.add("node_uname_info", &[("nodename", &nodename), ("release", &release)], Course::Constant(1.0));
    }

    fn network_and_disks(&mut self) {
        for device in 0..16 {
            let device = format!("eth{device}");
            let idle = device.len() > 4;
            for direction in ["receive", "transmit"] {
                for (what, rate) in [("bytes", 250_000.0), ("packets", 400.0), ("errs", 0.0), ("drop", 0.0)] {
                    let course =
                        if idle || rate == 0.0 { Course::Constant(17.0) } else { Course::Counter(rate) };
                    self.add(
                        &format!("node_network_{direction}_{what}_total"),
                        &[("device", &device)],
                        course,
                    );
                }
            }
        }
        for device in 0..12 {
            let device = format!("nvme{device}n1");
            for (what, course) in [
                ("reads_completed_total", Course::Counter(30.0)),
                ("reads_merged_total", Course::Constant(12.0)),
                ("read_bytes_total", Course::Counter(120_000.0)),
                ("read_time_seconds_total", Course::Seconds(0.02)),
                ("writes_completed_total", Course::Counter(80.0)),
                ("writes_merged_total", Course::Counter(8.0)),
                ("written_bytes_total", Course::Counter(900_000.0)),
                ("write_time_seconds_total", Course::Seconds(0.07)),
                ("io_now", Course::Walk(2.0)),
                ("io_time_seconds_total", Course::Seconds(0.08)),
            ] {
                self.add(&format!("node_disk_{what}"), &[("device", &device)], course);
            }
        }
    }

    fn filesystems(&mut self) {
        for number in 0..16 {
            let (device, mountpoint) = (format!("/dev/sd{number}"), format!("/srv/data{number}"));
            let more = [("device", device.as_str()), ("fstype", "ext4"), ("mountpoint", &mountpoint)];
            for (what, course) in [
                ("size_bytes", Course::Constant(5e11)),
                ("free_bytes", Course::Walk(4_096.0 * 500.0)),
                ("avail_bytes", Course::Walk(4_096.0 * 500.0)),
                ("files", Course::Constant(3e7)),
                ("files_free", Course::Walk(3.0)),
                ("readonly", Course::Constant(0.0)),
            ] {
                self.add(&format!("node_filesystem_{what}"), &more, course);
            }
        }
    }

    fn service(&mut self) {
        let bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"]
            .iter()
            .enumerate();
        for handler in ["/", "/cart", "/checkout", "/health", "/items", "/login", "/search", "/static"] {
            for code in ["200", "500"] {
                let more = [("handler", handler), ("code", code)];
                let rate = if code == "200" { 6.0 } else { 0.02 };
                for (number, bound) in bounds.clone() {
                    let share = rate * (number + 1) as f64 / 11.0;
                    let more = [("handler", handler), ("code", code), ("le", *bound)];
                    self.add("http_request_duration_seconds_bucket", &more, Course::Bucket(share));
                }
                self.add("http_request_duration_seconds_sum", &more, Course::Seconds(rate * 0.2));
                self.add("http_request_duration_seconds_count", &more, Course::Bucket(rate));
            }
        }
    }
}

impl Course {
    fn is_counter(self) -> bool {
        matches!(self, Self::Counter(_) | Self::Seconds(_) | Self::Bucket(_))
    }

    fn first(self, noise: &mut Noise) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Counter(rate) => (rate * 86_400.0 * noise.share()).floor(),
            Self::Seconds(rate) => (rate * 8_640_000.0 * noise.share()).floor(),
            Self::Bucket(rate) => (rate * 86_400.0).floor(),
            Self::Walk(step) => (step * 1_000.0 * (1.0 + noise.share())).floor(),
            Self::Load => 250.0,
        }
    }

    /// The value one scrape later; seconds and loads are counted in hundredths.
    fn next(self, value: f64, noise: &mut Noise) -> f64 {
        let seconds = INTERVAL_MS as f64 / 1_000.0;
        match self {
            Self::Constant(value) => value,
            Self::Counter(rate) => value + (rate * seconds * 2.0 * noise.share()).floor(),
            Self::Seconds(rate) => value + (rate * 100.0 * seconds * (0.5 + noise.share())).round(),
            // No noise, so that buckets stay in order.
            Self::Bucket(rate) => {
                value + (rate * seconds + if noise.below(2) == 0 { 0.2 } else { 0.0 }).floor()
            }
            Self::Walk(step) => (value + (step * (2.0 * noise.share() - 1.0)).round()).max(0.0),
            Self::Load => (value + noise.below(21) as f64 - 10.0).max(0.0),
        }
    }

    fn shown(self, value: f64) -> f64 {
        if matches!(self, Self::Seconds(_) | Self::Load) { value / 100.0 } else { value }
    }
}

impl Series for MachineSeries {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn samples(&self, end: i64, visit: &mut dyn FnMut(i64, f64)) {
        let mut noise = Noise::new(self.seed);
        let mut scrapes = Noise::new(self.machine);
        let offset = scrapes.below(INTERVAL_MS as u64) as i64;
        let jitters = self.machine % 5 == 1;
        let restart = (self.machine % 10 == 3).then(|| 100 + scrapes.below(600));
        let gone = (self.machine % 100 == 41).then_some(333);
        let mut value = self.course.first(&mut noise);
        for number in 0_u64.. {
            let jitter = if jitters { scrapes.below(7) as i64 - 3 } else { 0 };
            let time = START + offset + number as i64 * INTERVAL_MS + jitter.max(-offset);
            if time >= end {
                return;
            }
            if gone == Some(number) {
                visit(time, f64::from_bits(STALE_NAN_BITS));
                return;
            }
            if restart == Some(number) && self.course.is_counter() {
                value = 0.0;
            }
            visit(time, self.course.shown(value));
            value = self.course.next(value, &mut noise);
        }
    }
}
