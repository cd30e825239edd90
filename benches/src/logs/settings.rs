//! What a corpus is made of.

use std::time::Duration;

use platform::Clock;

use super::corpus::needle;
use crate::Error;
use crate::flags::{Flag, Given, value};
use crate::report::Report;

/// What a corpus is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of lines, about; a line feed behind each counts.
    pub bytes: u64,
    /// Streams, a quarter of them of each kind; the first ones have more entries than the last.
    pub streams: usize,
    /// Another seed gives other lines.
    pub seed: u64,
    /// Time of the last entry, in milliseconds since the Unix epoch.
    pub end_ms: i64,
    /// Time from the first entry to the last one.
    pub span: Duration,
}

/// The flags of a corpus.
pub(super) const FLAGS: &[Flag] = &[
    value("bytes", "200000000", "Bytes of lines, about."),
    value("streams", "280", "Streams, a quarter of them of each kind; the first ones have more lines."),
    value("seed", "1", "Another seed gives other lines."),
    value("end", "", "Time of the last line, milliseconds since the Unix epoch; now if it is left out."),
    value("span", "21600", "Seconds from the first line to the last one."),
];

impl Settings {
    /// What the flags say.
    pub(super) fn of(given: &Given, clock: &dyn Clock) -> Result<Self, Error> {
        Ok(Self {
            bytes: given.number("bytes")?,
            streams: given.number("streams")?,
            seed: given.number("seed")?,
            end_ms: given.optional("end")?.unwrap_or_else(|| clock.now_ms()),
            span: Duration::from_secs(given.number("span")?),
        })
    }

    /// Says in a report what it was.
    pub(super) fn tell(&self, report: Report) -> Report {
        report
            .about("bytes", self.bytes)
            .about("streams", self.streams)
            .about("seed", self.seed)
            .about("end_ms", self.end_ms)
            .about("span_s", self.span.as_secs())
            .about("needle", needle(self.seed))
    }
}
