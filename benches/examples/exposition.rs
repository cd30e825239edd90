//! How fast is an exposition read: a new one (every label visited), and one whose series are all expected?
//!
//! `cargo run --profile measure -p benches --example exposition [BODY]`: prints MB/s of one core for a made-up
//! body like that of a node exporter, or for the file given.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use platform::Clock;
use platform::FileSystem;
use platform::real::{RealClock, RealFileSystem};
use wire::exposition::{Entry, Format, Options, ParseError, Parser};

/// Each figure is the best of so many rounds.
const ROUNDS: usize = 200;
const BODY_BYTES_MAX: u64 = 1 << 30;

fn main() -> ExitCode {
    let body = match std::env::args().nth(1) {
        None => made_up().into_bytes(),
        Some(path) => match RealFileSystem.read(path.as_ref(), BODY_BYTES_MAX) {
            Ok(body) => body,
            Err(error) => return say(&format!("{path}: {error}"), ExitCode::FAILURE),
        },
    };
    match measure(&body) {
        Ok(text) => say(&text, ExitCode::SUCCESS),
        Err(error) => say(&error.to_string(), ExitCode::FAILURE),
    }
}

fn say(text: &str, code: ExitCode) -> ExitCode {
    // There is nobody left to tell where this fails.
    let _ = writeln!(std::io::stdout(), "{text}");
    code
}

fn measure(body: &[u8]) -> Result<String, ParseError> {
    let keys = keys(body)?;
    let clock = RealClock::new();
    let mut best = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        let start = clock.monotonic();
        let labels = std::hint::black_box(read_new(body)?);
        let between = clock.monotonic();
        let known = std::hint::black_box(read_expected(body, &keys)?);
        let end = clock.monotonic();
        debug_assert!(labels > 0 && known == keys.len());
        let took = [between.saturating_sub(start), end.saturating_sub(between)];
        for (best, took) in best.iter_mut().zip(took) {
            *best = best.min(took.as_secs_f64());
        }
    }
    let rate = best.map(|seconds| body.len() as f64 / seconds / 1e6);
    let [new, expected] = rate;
    let (series, bytes) = (keys.len(), body.len());
    Ok(format!("{bytes} bytes, {series} series: new {new:.0} MB/s, expected {expected:.0} MB/s"))
}

/// The keys of all series.
fn keys(body: &[u8]) -> Result<Vec<Vec<u8>>, ParseError> {
    let mut parser = Parser::new(body, Format::Text, Options::default());
    let mut keys = Vec::new();
    let nothing: &[u8] = b"";
    while let Some(entry) = parser.next(&nothing)? {
        if let Entry::Sample(_) = entry {
            keys.push(parser.key().to_vec());
        }
    }
    Ok(keys)
}

/// How many labels all series have.
fn read_new(body: &[u8]) -> Result<usize, ParseError> {
    let mut parser = Parser::new(body, Format::Text, Options::default());
    let mut labels = 0;
    let nothing: &[u8] = b"";
    while let Some(entry) = parser.next(&nothing)? {
        if let Entry::Sample(_) = entry {
            // Labels that cannot be are not what is measured here.
            let _ = parser
                .labels(&mut |name, value| labels += usize::from(!name.is_empty() && !value.is_empty()));
        }
    }
    Ok(labels)
}

/// How many series came as they were expected.
fn read_expected(body: &[u8], keys: &[Vec<u8>]) -> Result<usize, ParseError> {
    let mut parser = Parser::new(body, Format::Text, Options::default());
    let mut known = 0;
    loop {
        let guess = keys.get(known).map(Vec::as_slice).unwrap_or_default();
        match parser.next(&guess)? {
            Some(Entry::Sample(sample)) => known += usize::from(sample.guessed),
            Some(_) => {}
            None => return Ok(known),
        }
    }
}

/// About a thousand series of processors, disks and network devices.
fn made_up() -> String {
    let mut body = String::new();
    let modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
    body.push_str("# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.\n# TYPE node_cpu_seconds_total counter\n");
    for cpu in 0..64 {
        for (place, mode) in modes.into_iter().enumerate() {
            let value = (cpu * 7919 + place * 104_729) % 1_000_000;
            let _ = writeln!(
                body,
                "node_cpu_seconds_total{{cpu=\"{cpu}\",mode=\"{mode}\"}} {value}.{:02}",
                cpu % 100
            );
        }
    }
    for metric in ["receive_bytes", "receive_packets", "transmit_bytes", "transmit_packets", "receive_errs"] {
        let _ = writeln!(body, "# HELP node_network_{metric}_total Network device statistic {metric}.");
        let _ = writeln!(body, "# TYPE node_network_{metric}_total counter");
        for device in 0..40_u64 {
            let value = device * 1_299_709 * metric.len() as u64;
            let _ = writeln!(body, "node_network_{metric}_total{{device=\"veth{device:06x}\"}} {value}");
        }
    }
    for metric in ["avail_bytes", "free_bytes", "size_bytes", "files", "files_free"] {
        let _ = writeln!(body, "# HELP node_filesystem_{metric} Filesystem statistic {metric}.");
        let _ = writeln!(body, "# TYPE node_filesystem_{metric} gauge");
        for disk in 0..30_u64 {
            let value = 1.5e10 + disk as f64 * 4096.0;
            let _ = writeln!(
                body,
                "node_filesystem_{metric}{{device=\"/dev/sd{disk}\",fstype=\"ext4\",mountpoint=\"/srv/data{disk}\"}} {value:e}"
            );
        }
    }
    body
}
