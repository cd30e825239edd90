//! The machine as this crate sees it: its clock and `/proc`.
#![expect(
    clippy::disallowed_methods,
    reason = "floor 0 stands beside `platform`; this module is the one that asks"
)]

use std::fs;
use std::time::{Duration, Instant, SystemTime};

/// A clock that starts now and never goes back.
pub(crate) fn time_source() -> impl Fn() -> Duration + Send + Sync {
    let origin = Instant::now();
    move || origin.elapsed()
}

/// Time since the Unix epoch.
pub(crate) fn wall_clock() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// The text of a file below `/proc`, `None` where the system has none.
pub(crate) fn proc_text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The number of names in a folder below `/proc`.
pub(crate) fn proc_entries(path: &str) -> Option<usize> {
    Some(fs::read_dir(path).ok()?.count())
}
