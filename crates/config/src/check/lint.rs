//! Which questionable things are pointed out.

use std::time::Duration;

use super::report::Report;

/// Which questionable things are pointed out, and whether they count as failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lints {
    pub(super) duplicate_rules: bool,
    pub(super) long_scrape_interval: bool,
    pub(super) fatal: bool,
    /// How far back a query looks for a sample.
    pub(super) lookback_delta: Duration,
}

impl Lints {
    /// Reads the flag `--lint`, a list of names; unknown ones are reported.
    pub(super) fn parse(flag: &str, fatal: bool, lookback_delta: Duration, report: &mut Report) -> Lints {
        let mut lints = Lints { duplicate_rules: false, long_scrape_interval: false, fatal, lookback_delta };
        let names: Vec<&str> = flag.split(',').collect();
        if names.contains(&"none") {
            return lints;
        }
        for name in names {
            match name {
                "all" => {
                    lints.duplicate_rules = true;
                    lints.long_scrape_interval = true;
                }
                "duplicate-rules" => lints.duplicate_rules = true,
                "too-long-scrape-interval" => lints.long_scrape_interval = true,
                other => report.out(format!("WARNING: unknown lint option: {}", model::quote::quote(other))),
            }
        }
        lints
    }
}
