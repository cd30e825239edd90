//! What a target says of its metrics.

use std::collections::HashMap;

use model::{Metadata, MetricType};

/// Metadata not seen for so many scrapes is forgotten.
const KEPT_SCRAPES: u64 = 10;
/// The most metrics whose metadata is kept of one target.
const ENTRIES_MAX: usize = 100_000;

/// Metadata by metric name.
#[derive(Debug, Default)]
pub(crate) struct MetadataCache {
    entries: HashMap<Box<str>, Entry, foldhash::quality::RandomState>,
    /// Bytes of all names and texts.
    bytes: usize,
    scrape: u64,
}

#[derive(Debug, Default)]
struct Entry {
    metric_type: MetricType,
    unit: Box<str>,
    help: Box<str>,
    seen: u64,
}

impl MetadataCache {
    /// Notes a type; `true` where it is news.
    pub(crate) fn set_type(&mut self, metric: &str, metric_type: MetricType) -> bool {
        let Some(entry) = self.entry(metric) else { return false };
        std::mem::replace(&mut entry.metric_type, metric_type) != metric_type
    }

    /// Notes a help text; `true` where it is news.
    pub(crate) fn set_help(&mut self, metric: &str, help: &str) -> bool {
        let Some(entry) = self.entry(metric) else { return false };
        if *entry.help == *help {
            return false;
        }
        let before = std::mem::replace(&mut entry.help, help.into()).len();
        self.bytes = self.bytes + help.len() - before;
        true
    }

    /// Notes a unit; `true` where it is news.
    pub(crate) fn set_unit(&mut self, metric: &str, unit: &str) -> bool {
        let Some(entry) = self.entry(metric) else { return false };
        if *entry.unit == *unit {
            return false;
        }
        let before = std::mem::replace(&mut entry.unit, unit.into()).len();
        self.bytes = self.bytes + unit.len() - before;
        true
    }

    /// Ends a scrape that succeeded: forgets what was not seen for long.
    pub(crate) fn end_scrape(&mut self) {
        let oldest = self.scrape.saturating_sub(KEPT_SCRAPES);
        let bytes = &mut self.bytes;
        self.entries.retain(|metric, entry| {
            let keep = entry.seen >= oldest;
            if !keep {
                *bytes = bytes.saturating_sub(metric.len() + entry.help.len() + entry.unit.len());
            }
            keep
        });
        self.scrape += 1;
    }

    pub(crate) fn get(&self, metric: &str) -> Option<Metadata> {
        self.entries.get(metric).map(Entry::metadata)
    }

    pub(crate) fn all(&self) -> Vec<(String, Metadata)> {
        let mut all: Vec<_> =
            self.entries.iter().map(|(metric, entry)| (metric.to_string(), entry.metadata())).collect();
        all.sort();
        all
    }

    /// The number of metrics and the bytes of their names and texts.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    fn entry(&mut self, metric: &str) -> Option<&mut Entry> {
        // The name is copied for a new metric only.
        if !self.entries.contains_key(metric) {
            if self.entries.len() >= ENTRIES_MAX {
                return None;
            }
            self.bytes += metric.len();
            self.entries.insert(metric.into(), Entry::default());
        }
        let entry = self.entries.get_mut(metric)?;
        entry.seen = self.scrape;
        Some(entry)
    }
}

impl Entry {
    fn metadata(&self) -> Metadata {
        Metadata { metric_type: self.metric_type, unit: self.unit.to_string(), help: self.help.to_string() }
    }
}
