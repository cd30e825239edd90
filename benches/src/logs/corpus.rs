//! The entries of all streams, one after the other in order of time.

use super::lines;
use super::settings::Settings;
use super::text::{Clock, Line, Noise};
use crate::meter::LINES;
use crate::noise::mix;
use crate::report::{Figure, Report, Unit, figure};

/// The kinds of logs, as the label `job` names them.
pub const KINDS: [&str; 4] = ["nginx", "shop", "synapse", "postgres"];

/// The text that stands in one line of a corpus, in the middle of its time.
pub fn needle(seed: u64) -> String {
    format!("{:016x}{:016x}", mix(seed ^ 0x6e65_6564), mix(seed ^ 0x6c65_2121))
}

/// The labels of a stream, sorted by name.
pub fn labels(stream: usize) -> [(&'static str, String); 5] {
    let host = stream / KINDS.len();
    let environment = if host % 7 == 3 { "staging" } else { "prod" };
    [
        ("cluster", format!("eu-{}", host % 3)),
        ("env", environment.to_owned()),
        ("host", format!("node-{:03}", host % 400)),
        ("instance", format!("{}-{host:05}", kind(stream))),
        ("job", kind(stream).to_owned()),
    ]
}

/// The kind of a stream.
fn kind(stream: usize) -> &'static str {
    KINDS.get(stream % KINDS.len()).copied().unwrap_or_default()
}

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'c> {
    /// The number of its stream.
    pub stream: usize,
    /// Nanoseconds since the Unix epoch, whole milliseconds; never before that of the entry before.
    pub timestamp: i64,
    /// The line, without a line feed.
    pub line: &'c [u8],
}

/// How much there was so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Lines of each of [`KINDS`].
    pub lines: [u64; KINDS.len()],
    /// Bytes of the lines of each, without line feeds.
    pub bytes: [u64; KINDS.len()],
}

impl Totals {
    /// Counts an entry.
    pub(super) fn add(&mut self, entry: &Entry<'_>) {
        let kind = entry.stream % KINDS.len();
        if let (Some(lines), Some(bytes)) = (self.lines.get_mut(kind), self.bytes.get_mut(kind)) {
            *lines += 1;
            *bytes += entry.line.len() as u64;
        }
    }

    /// All lines.
    pub fn all_lines(&self) -> u64 {
        self.lines.iter().sum()
    }

    /// Bytes of all lines.
    pub fn all_bytes(&self) -> u64 {
        self.bytes.iter().sum()
    }

    /// Adds a row for each kind to a report, and one for all, with more figures.
    pub(super) fn tell(&self, report: &mut Report, of_all: Vec<Figure>) {
        let figures = |lines: u64, bytes: u64| {
            vec![
                figure(LINES.count, Unit::Count, lines as f64),
                figure("line_bytes", Unit::Bytes, bytes as f64),
            ]
        };
        for ((kind, lines), bytes) in KINDS.into_iter().zip(self.lines).zip(self.bytes) {
            report.row(kind, figures(lines, bytes));
        }
        report.row("all", [figures(self.all_lines(), self.all_bytes()), of_all].concat());
    }
}

/// The entries, one after the other.
#[derive(Debug)]
pub struct Corpus {
    settings: Settings,
    clock: Clock,
    line: Line,
    number: u64,
    /// Bytes of the entries so far, line feeds among them.
    bytes: u64,
    has_needle: bool,
    totals: Totals,
}

impl Corpus {
    /// A corpus before its first entry.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Clock::default(),
            line: Line::default(),
            number: 0,
            bytes: 0,
            has_needle: false,
            totals: Totals::default(),
        }
    }

    /// The next entry; `None` behind the last one.
    #[expect(clippy::should_implement_trait, reason = "an entry lies in the memory of the corpus")]
    pub fn next(&mut self) -> Option<Entry<'_>> {
        let Settings { bytes, streams, seed, end_ms, span } = self.settings;
        if self.bytes >= bytes {
            return None;
        }
        let mut noise = Noise::new(seed, self.number);
        let stream = noise.skewed(streams.max(1) as u64) as usize;
        let passed = span.as_millis() * u128::from(self.bytes) / u128::from(bytes);
        // As the lines tell it: in milliseconds.
        let time_ms = end_ms.saturating_sub(span.as_millis() as i64).saturating_add(passed as i64);
        let timestamp = time_ms.saturating_mul(1_000_000);
        self.clock.set(timestamp);
        self.line.0.clear();
        match stream % KINDS.len() {
            0 => lines::nginx(&mut self.line, &self.clock, &mut noise),
            1 => lines::logfmt(&mut self.line, &self.clock, &mut noise),
            2 => lines::synapse(&mut self.line, &self.clock, &mut noise),
            _ => lines::postgres(&mut self.line, &self.clock, &mut noise),
        }
        if !self.has_needle && stream % KINDS.len() == 1 && self.bytes >= bytes / 2 {
            self.line.text(" correlation=").text(&needle(seed));
            self.has_needle = true;
        }
        self.number += 1;
        self.bytes += self.line.0.len() as u64 + 1;
        let entry = Entry { stream, timestamp, line: &self.line.0 };
        self.totals.add(&entry);
        Some(entry)
    }

    /// What there was so far.
    pub fn totals(&self) -> Totals {
        self.totals
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;

    const SETTINGS: Settings = Settings {
        bytes: 300_000,
        streams: 40,
        seed: 7,
        end_ms: 1_700_000_000_000,
        span: Duration::from_secs(600),
    };

    fn all(settings: Settings) -> Vec<(usize, i64, String)> {
        let mut corpus = Corpus::new(settings);
        let mut entries = Vec::new();
        while let Some(entry) = corpus.next() {
            let line = std::str::from_utf8(entry.line).unwrap();
            entries.push((entry.stream, entry.timestamp, line.to_owned()));
        }
        assert_eq!(corpus.totals().all_lines(), entries.len() as u64);
        entries
    }

    #[test]
    fn the_same_seed_gives_the_same_entries_in_order_of_time() {
        let entries = all(SETTINGS);
        assert_eq!(entries, all(SETTINGS));
        assert_ne!(entries, all(Settings { seed: 8, ..SETTINGS }));
        assert!(entries.is_sorted_by_key(|entry| entry.1));
        let last = entries.last().unwrap().1;
        assert!(last < SETTINGS.end_ms * 1_000_000 && last > (SETTINGS.end_ms - 1_000) * 1_000_000);
        assert!(entries.iter().all(|(_, _, line)| !line.contains('\n') && line.len() > 60));
    }

    #[test]
    fn the_needle_stands_in_one_line() {
        let entries = all(SETTINGS);
        let text = needle(SETTINGS.seed);
        assert_eq!(entries.iter().filter(|(_, _, line)| line.contains(&text)).count(), 1);
        assert!(entries.iter().all(|(stream, _, _)| *stream < SETTINGS.streams));
    }

    #[test]
    fn every_fourth_stream_writes_json() {
        for (stream, _, line) in all(SETTINGS) {
            let parsed = serde_json::from_str::<Value>(&line);
            assert_eq!(parsed.is_ok(), stream % 4 == 0, "{line}");
            assert!(labels(stream).is_sorted());
        }
    }
}
