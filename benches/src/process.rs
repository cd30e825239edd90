//! What a process has cost so far, as the kernel tells.

use std::time::Duration;

/// The cost of a process up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Time on the processor, in the program and in the kernel.
    pub cpu: Duration,
    /// Resident memory.
    pub resident_bytes: u64,
    /// The most resident memory there ever was.
    pub resident_bytes_peak: u64,
}

/// Ticks of the processor clock in a second: the same on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// The cost of a process; `None` where it is gone, or there is no `/proc`.
pub fn cost(process: &str) -> Option<Cost> {
    parse(&text(&format!("/proc/{process}/stat"))?, &text(&format!("/proc/{process}/status"))?)
}

/// The cost of this process.
pub fn own_cost() -> Cost {
    cost("self").unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "`/proc` is the kernel's answer and no file to be simulated")]
fn text(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn parse(stat: &str, status: &str) -> Option<Cost> {
    // The second field is the command in brackets, which may hold blanks and brackets itself.
    let (_, rest) = stat.rsplit_once(") ")?;
    let field = |number: usize| rest.split_ascii_whitespace().nth(number - 3)?.parse::<u64>().ok();
    let ticks = field(14)? + field(15)?;
    let memory = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    Some(Cost {
        cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND),
        resident_bytes: memory("VmRSS")?,
        resident_bytes_peak: memory("VmHWM")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_answer_is_read() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194304 100 0 0 0 250 30 0 0 20 0 8 0 1 2 3";
        let status = "Name:\tx\nVmHWM:\t    2000 kB\nVmRSS:\t    1000 kB\n";
        let cost = parse(stat, status).unwrap();
        assert_eq!(cost.cpu, Duration::from_millis(2800));
        assert_eq!((cost.resident_bytes, cost.resident_bytes_peak), (1_024_000, 2_048_000));
        assert!(own_cost().resident_bytes > 0);
        assert_eq!(super::cost("0"), None);
    }
}
