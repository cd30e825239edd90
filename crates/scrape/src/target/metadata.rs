//! What a target says of its metrics.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use model::{Metadata, MetricType};

/// Metadata not seen for so many scrapes is forgotten.
const KEPT_SCRAPES: u64 = 10;
/// The most metrics whose metadata is kept of one target.
const ENTRIES_MAX: usize = 100_000;

/// Metadata by metric name.
#[derive(Debug, Default)]
pub(crate) struct MetadataCache {
    entries: Vec<Entry>,
    /// Positions in `entries`.
    table: HashTable<u32>,
    hasher: RandomState,
    /// Bytes of all names and texts.
    bytes: usize,
    scrape: u64,
}

/// Where the metadata of a metric stands, until [`MetadataCache::end_scrape`] says that it has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MetadataPlace(u32);

#[derive(Debug)]
struct Entry {
    metric: Box<str>,
    metric_type: MetricType,
    unit: Box<str>,
    help: Box<str>,
    seen: u64,
}

/// What a declaration came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) place: MetadataPlace,
    /// Whether it said something new.
    pub(crate) news: bool,
}

impl MetadataCache {
    /// Notes a type; `None` where no more metrics are kept.
    pub(crate) fn set_type(&mut self, metric: &str, metric_type: MetricType) -> Option<Declared> {
        let (place, entry) = self.entry(metric)?;
        let news = std::mem::replace(&mut entry.metric_type, metric_type) != metric_type;
        Some(Declared { place, news })
    }

    /// Notes a help text; `None` where no more metrics are kept.
    pub(crate) fn set_help(&mut self, metric: &str, help: &str) -> Option<Declared> {
        self.set_text(metric, help, |entry| &mut entry.help)
    }

    /// Notes a unit; `None` where no more metrics are kept.
    pub(crate) fn set_unit(&mut self, metric: &str, unit: &str) -> Option<Declared> {
        self.set_text(metric, unit, |entry| &mut entry.unit)
    }

    fn set_text(
        &mut self,
        metric: &str,
        text: &str,
        of: fn(&mut Entry) -> &mut Box<str>,
    ) -> Option<Declared> {
        let (place, entry) = self.entry(metric)?;
        let kept = of(entry);
        let news = **kept != *text;
        if news {
            let before = std::mem::replace(kept, text.into()).len();
            self.bytes = self.bytes + text.len() - before;
        }
        Some(Declared { place, news })
    }

    /// Notes that a metric was declared as it was before.
    pub(crate) fn see(&mut self, place: MetadataPlace) {
        let scrape = self.scrape;
        if let Some(entry) = self.entries.get_mut(place.0 as usize) {
            entry.seen = scrape;
        }
    }

    /// Ends a scrape that succeeded: forgets what was not seen for long. `true` where that has moved the others.
    pub(crate) fn end_scrape(&mut self) -> bool {
        let oldest = self.scrape.saturating_sub(KEPT_SCRAPES);
        self.scrape += 1;
        let before = self.entries.len();
        self.entries.retain(|entry| entry.seen >= oldest);
        if self.entries.len() == before {
            return false;
        }
        self.bytes = self.entries.iter().map(Entry::len).sum();
        self.table.clear();
        for (place, entry) in self.entries.iter().enumerate() {
            let hash = self.hasher.hash_one(&*entry.metric);
            self.table
                .insert_unique(hash, place as u32, |other| hash_at(&self.hasher, &self.entries, *other));
        }
        true
    }

    pub(crate) fn get(&self, metric: &str) -> Option<Metadata> {
        self.entries.get(self.find(metric)? as usize).map(Entry::metadata)
    }

    pub(crate) fn all(&self) -> Vec<(String, Metadata)> {
        let mut all: Vec<_> =
            self.entries.iter().map(|entry| (entry.metric.to_string(), entry.metadata())).collect();
        all.sort();
        all
    }

    /// The number of metrics and the bytes of their names and texts.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    fn find(&self, metric: &str) -> Option<u32> {
        let is_it =
            |place: &u32| self.entries.get(*place as usize).is_some_and(|entry| *entry.metric == *metric);
        self.table.find(self.hasher.hash_one(metric), is_it).copied()
    }

    fn entry(&mut self, metric: &str) -> Option<(MetadataPlace, &mut Entry)> {
        let place = match self.find(metric) {
            Some(place) => place,
            None if self.entries.len() >= ENTRIES_MAX => return None,
            None => self.insert(metric),
        };
        let entry = self.entries.get_mut(place as usize)?;
        entry.seen = self.scrape;
        Some((MetadataPlace(place), entry))
    }

    fn insert(&mut self, metric: &str) -> u32 {
        let place = self.entries.len() as u32;
        let hash = self.hasher.hash_one(metric);
        self.table.insert_unique(hash, place, |other| hash_at(&self.hasher, &self.entries, *other));
        self.bytes += metric.len();
        self.entries.push(Entry {
            metric: metric.into(),
            metric_type: MetricType::default(),
            unit: Box::default(),
            help: Box::default(),
            seen: self.scrape,
        });
        place
    }
}

fn hash_at(hasher: &RandomState, entries: &[Entry], place: u32) -> u64 {
    entries.get(place as usize).map_or(0, |entry| hasher.hash_one(&*entry.metric))
}

impl Entry {
    /// Bytes of its name and texts.
    fn len(&self) -> usize {
        self.metric.len() + self.help.len() + self.unit.len()
    }

    fn metadata(&self) -> Metadata {
        Metadata { metric_type: self.metric_type, unit: self.unit.to_string(), help: self.help.to_string() }
    }
}
