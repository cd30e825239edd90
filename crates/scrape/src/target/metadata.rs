//! What a target says of its metrics.

mod shared;

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use model::{Metadata, MetricType};

use shared::Declaration;
pub(crate) use shared::Declarations;

/// Metadata not seen for so many scrapes is forgotten.
const KEPT_SCRAPES: u32 = 10;
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
    /// Whether some entry is not shared yet.
    has_news: bool,
    scrape: u32,
}

/// Where the metadata of a metric stands, until [`MetadataCache::end_scrape`] says that it has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MetadataPlace(u32);

#[derive(Debug)]
struct Entry {
    declaration: Arc<Declaration>,
    seen: u32,
    /// Whether others that say the same have the same declaration.
    is_shared: bool,
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
        self.set(metric, |known| known.metric_type == metric_type, |own| own.metric_type = metric_type)
    }

    /// Notes a help text; `None` where no more metrics are kept.
    pub(crate) fn set_help(&mut self, metric: &str, help: &str) -> Option<Declared> {
        self.set(metric, |known| *known.help == *help, |own| own.help = help.into())
    }

    /// Notes a unit; `None` where no more metrics are kept.
    pub(crate) fn set_unit(&mut self, metric: &str, unit: &str) -> Option<Declared> {
        self.set(metric, |known| *known.unit == *unit, |own| own.unit = unit.into())
    }

    /// Has a metric's declaration say something, unless it `says` so already.
    fn set(
        &mut self,
        metric: &str,
        says: impl FnOnce(&Declaration) -> bool,
        change: impl FnOnce(&mut Declaration),
    ) -> Option<Declared> {
        let (place, entry) = self.entry(metric)?;
        let news = !says(&entry.declaration);
        if news {
            let before = entry.declaration.len();
            change(Arc::make_mut(&mut entry.declaration));
            entry.is_shared = false;
            let after = entry.declaration.len();
            self.bytes = self.bytes + after - before;
            self.has_news = true;
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

    /// Ends a scrape that succeeded: shares what is new, and forgets what was not seen for long. `true` where that has moved
    /// the others.
    pub(crate) fn end_scrape(&mut self, all: &Declarations) -> bool {
        let oldest = self.scrape.saturating_sub(KEPT_SCRAPES);
        self.scrape = self.scrape.saturating_add(1);
        if std::mem::take(&mut self.has_news) {
            for entry in self.entries.iter_mut().filter(|entry| !entry.is_shared) {
                entry.declaration = all.share(&entry.declaration);
                entry.is_shared = true;
            }
            self.entries.shrink_to_fit();
        }
        let before = self.entries.len();
        self.entries.retain(|entry| entry.seen >= oldest);
        if self.entries.len() == before {
            return false;
        }
        self.bytes = self.entries.iter().map(|entry| entry.declaration.len()).sum();
        self.table.clear();
        for (place, entry) in self.entries.iter().enumerate() {
            let hash = self.hasher.hash_one(&*entry.declaration.metric);
            self.table
                .insert_unique(hash, place as u32, |other| hash_at(&self.hasher, &self.entries, *other));
        }
        true
    }

    pub(crate) fn get(&self, metric: &str) -> Option<Metadata> {
        self.entries.get(self.find(metric)? as usize).map(|entry| entry.declaration.metadata())
    }

    pub(crate) fn all(&self) -> Vec<(String, Metadata)> {
        let mut all: Vec<_> = self
            .entries
            .iter()
            .map(|entry| (entry.declaration.metric.to_string(), entry.declaration.metadata()))
            .collect();
        all.sort();
        all
    }

    /// The number of metrics and the bytes of their names and texts.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.bytes)
    }

    fn find(&self, metric: &str) -> Option<u32> {
        let is_it = |place: &u32| {
            self.entries.get(*place as usize).is_some_and(|entry| *entry.declaration.metric == *metric)
        };
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
        let declaration = Arc::new(Declaration { metric: metric.into(), ..Declaration::default() });
        self.entries.push(Entry { declaration, seen: self.scrape, is_shared: false });
        self.has_news = true;
        place
    }
}

fn hash_at(hasher: &RandomState, entries: &[Entry], place: u32) -> u64 {
    entries.get(place as usize).map_or(0, |entry| hasher.hash_one(&*entry.declaration.metric))
}
