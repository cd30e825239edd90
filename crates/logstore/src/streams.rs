//! The streams of a tenant: by their labels, by matchers, and those that take entries.

mod order;

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use index::{LabelPair, MemoryIndex, SeriesLabels};
use model::{Labels, Matcher};
use parking_lot::Mutex;
use roaring::RoaringBitmap;
use storage::logs::StreamHint;

use crate::head::Stream;
use order::Kept;
pub(crate) use order::Order;

/// The label that names the service which writes a stream: those of one service are like each other.
pub(crate) const SERVICE_NAME: &str = "service_name";

/// All streams that are in memory or in a part.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    index: MemoryIndex,
    numbers: HashTable<u32>,
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    active: usize,
    order: Mutex<Kept>,
}

/// What is known of a stream.
#[derive(Debug)]
struct Entry {
    labels: Labels,
    pairs: Box<[LabelPair]>,
    /// How many parts have it.
    parts: u32,
    /// Where its entries go, while it takes some.
    active: Option<Arc<Stream>>,
}

impl SeriesLabels for Streams {
    fn pairs(&self, series: u32) -> &[LabelPair] {
        self.entries.get(series as usize).and_then(Option::as_ref).map_or(&[], |entry| &entry.pairs)
    }
}

/// Whether labels are the same; those that were handed in before are at the same place, and need not be read.
fn are_same(a: &Labels, b: &Labels) -> bool {
    std::ptr::eq(a.as_bytes(), b.as_bytes()) || a == b
}

fn hash(labels: &Labels) -> u64 {
    FixedState::with_seed(0).hash_one(labels.as_bytes())
}

impl Streams {
    /// The number of streams.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// How many of them take entries.
    pub(crate) fn active_count(&self) -> usize {
        self.active
    }

    fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id as usize)?.as_ref()
    }

    fn find(&self, labels: &Labels) -> Option<u32> {
        let same = |id: &u32| self.entry(*id).is_some_and(|entry| are_same(&entry.labels, labels));
        self.numbers.find(hash(labels), same).copied()
    }

    /// The labels of a stream.
    pub(crate) fn labels(&self, id: u32) -> Option<&Labels> {
        self.entry(id).map(|entry| &entry.labels)
    }

    /// The stream that takes the entries of these labels, if there is one.
    pub(crate) fn active(&self, labels: &Labels) -> Option<&Arc<Stream>> {
        self.entry(self.find(labels)?)?.active.as_ref()
    }

    /// The same, looked for first where it was found before.
    pub(crate) fn hinted(&self, labels: &Labels, hint: Option<&StreamHint>) -> Option<&Arc<Stream>> {
        let Some(hint) = hint else { return self.active(labels) };
        if let Some(entry) = self.entry(hint.get()).filter(|entry| are_same(&entry.labels, labels)) {
            return entry.active.as_ref();
        }
        let stream = self.active(labels)?;
        hint.set(stream.id);
        Some(stream)
    }

    /// The stream that takes the entries of a number, if there is one.
    pub(crate) fn active_by_id(&self, id: u32) -> Option<&Arc<Stream>> {
        self.entry(id)?.active.as_ref()
    }

    /// All streams that take entries.
    pub(crate) fn all_active(&self) -> impl Iterator<Item = &Arc<Stream>> {
        self.entries.iter().flatten().filter_map(|entry| entry.active.as_ref())
    }

    /// The stream that takes the entries of these labels, made where there is none.
    pub(crate) fn activate(&mut self, labels: &Labels) -> Option<Arc<Stream>> {
        let id = self.enter(labels);
        let entry = self.entries.get_mut(id as usize)?.as_mut()?;
        let active = &mut self.active;
        let stream = entry.active.get_or_insert_with(|| {
            *active += 1;
            // Whoever pushes them has these and will hand them in again.
            entry.labels = labels.clone();
            Arc::new(Stream::new(id, labels.clone()))
        });
        Some(Arc::clone(stream))
    }

    /// Lets a stream take no more entries.
    pub(crate) fn deactivate(&mut self, id: u32) {
        if let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut)
            && entry.active.take().is_some()
        {
            self.active -= 1;
        }
        self.remove_unused(id);
    }

    /// Notes that a part has a stream; gives its number.
    pub(crate) fn hold(&mut self, labels: &Labels) -> u32 {
        let id = self.enter(labels);
        if let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut) {
            entry.parts += 1;
        }
        id
    }

    /// Notes that a part that had it is gone.
    pub(crate) fn release(&mut self, id: u32) {
        if let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::as_mut) {
            entry.parts = entry.parts.saturating_sub(1);
        }
        self.remove_unused(id);
    }

    fn enter(&mut self, labels: &Labels) -> u32 {
        if let Some(id) = self.find(labels) {
            return id;
        }
        let id = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        let pairs = self.index.insert(id, labels);
        let entry = Entry { labels: labels.clone(), pairs, parts: 0, active: None };
        if let Some(place) = self.entries.get_mut(id as usize) {
            *place = Some(entry);
        }
        self.order.get_mut().is_current = false;
        let entries = &self.entries;
        let rehash =
            |id: &u32| entries.get(*id as usize).and_then(Option::as_ref).map_or(0, |e| hash(&e.labels));
        self.numbers.insert_unique(hash(labels), id, rehash);
        id
    }

    fn remove_unused(&mut self, id: u32) {
        let is_unused = |entry: &Entry| entry.parts == 0 && entry.active.is_none();
        if !self.entry(id).is_some_and(is_unused) {
            return;
        }
        if let Some(entry) = self.entries.get_mut(id as usize).and_then(Option::take) {
            self.index.remove(id, &entry.pairs);
            if let Ok(found) = self.numbers.find_entry(hash(&entry.labels), |other| *other == id) {
                found.remove();
            }
            self.free.push(id);
            self.order.get_mut().is_current = false;
        }
    }

    /// The orders of all streams; found anew where streams came or went since.
    pub(crate) fn order(&self) -> Arc<Order> {
        let mut kept = self.order.lock();
        if !kept.is_current {
            kept.order = Arc::new(Order::of(&self.entries, &kept.order));
            kept.is_current = true;
        }
        Arc::clone(&kept.order)
    }

    /// The numbers of the streams that fulfil every matcher.
    pub(crate) fn select(&self, matchers: &[Matcher]) -> RoaringBitmap {
        self.index.view(self).select(matchers).into_owned()
    }

    /// The names of the labels that some of these streams have.
    pub(crate) fn label_names(&self, ids: &RoaringBitmap) -> Vec<String> {
        let labels = ids.iter().filter_map(|id| self.labels(id));
        let names: BTreeSet<&str> = labels.flat_map(|labels| labels.iter().map(|(name, _)| name)).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The values of a label that some of these streams have.
    pub(crate) fn label_values(&self, name: &str, ids: &RoaringBitmap) -> Vec<String> {
        let values: BTreeSet<&str> = ids.iter().filter_map(|id| self.labels(id)?.get(name)).collect();
        values.into_iter().map(str::to_owned).collect()
    }
}
