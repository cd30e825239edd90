//! Labels to series and back: the index of the head, under one lock.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::num::NonZero;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use index::{LabelPair, MemoryIndex, MemoryView, SeriesLabels};
use model::{Labels, SeriesRef};

use super::pages::{number_of, page_of};

const PAGE_LEN: usize = 1024;
/// References stay below: the original packs them with other numbers.
const REFERENCE_END: u64 = 1 << 40;
/// References of files keep their numbers below this: tables are as long as the largest one.
const KEPT_END: u32 = 1 << 28;

/// The labels of all series.
#[derive(Debug, Default)]
pub(crate) struct HeadLabels {
    index: MemoryIndex,
    by_labels: HashTable<Found>,
    hasher: RandomState,
    labels: PagedLabels,
    /// The first number that was never given, here or in files.
    next: u32,
    /// Numbers of removed series.
    free: Vec<u32>,
    /// The last reference that files know of a number, where that says more than `next`.
    heard: HashMap<u32, u64, RandomState>,
    count: usize,
}

/// A series by the hash of its labels; half of the hash is enough, and the table stays half as large.
#[derive(Debug, Clone, Copy)]
struct Found {
    hash: u32,
    number: u32,
}

/// The labels of series by number.
#[derive(Debug, Default)]
struct PagedLabels(Vec<Option<Box<[Labeled]>>>);

#[derive(Debug, Clone, Default)]
struct Labeled {
    /// The series, or the last one that had the number.
    series: SeriesRef,
    /// Empty for a number that is free.
    pairs: Box<[LabelPair]>,
}

impl PagedLabels {
    fn get(&self, number: u32) -> Option<&Labeled> {
        self.0.get(number as usize / PAGE_LEN)?.as_ref()?.get(number as usize % PAGE_LEN)
    }

    fn put(&mut self, number: u32, labeled: Labeled) {
        let page = number as usize / PAGE_LEN;
        if self.0.len() <= page {
            self.0.resize_with(page + 1, || None);
        }
        let Some(page) = self.0.get_mut(page) else { return };
        let page = page.get_or_insert_with(|| vec![Labeled::default(); PAGE_LEN].into());
        if let Some(place) = page.get_mut(number as usize % PAGE_LEN) {
            *place = labeled;
        }
    }
}

impl SeriesLabels for PagedLabels {
    fn pairs(&self, series: u32) -> &[LabelPair] {
        self.get(series).map_or(&[], |labeled| &labeled.pairs)
    }
}

/// A hash that is cheap to carry: [`HashTable`] takes its tag from the top bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl HeadLabels {
    /// The hash that the other functions take.
    pub(crate) fn hash(&self, labels: &Labels) -> u32 {
        self.hash_packed(labels.as_bytes())
    }

    /// The hash of labels in the packed form.
    pub(super) fn hash_packed(&self, packed: &[u8]) -> u32 {
        self.hasher.hash_one(packed) as u32
    }

    /// The series with these labels.
    pub(crate) fn find(&self, hash: u32, labels: &Labels) -> Option<SeriesRef> {
        self.find_pairs(hash, || labels.iter())
    }

    /// The series whose labels are what `texts` gives.
    pub(super) fn find_pairs<'a, I>(&self, hash: u32, texts: impl Fn() -> I) -> Option<SeriesRef>
    where
        I: Iterator<Item = (&'a str, &'a str)>,
    {
        let has_labels = |number: u32| {
            let mut own = self.texts(number);
            texts().all(|(name, value)| own.next().is_some_and(|own| own.0 == name && own.1 == value))
                && own.next().is_none()
        };
        let is_it = |found: &Found| found.hash == hash && has_labels(found.number);
        let found = self.by_labels.find(spread(hash), is_it)?;
        self.labels.get(found.number).map(|labeled| labeled.series)
    }

    /// A reference for a new series: a number that is free, and what tells it from those that had it before.
    pub(crate) fn next_reference(&mut self) -> SeriesRef {
        while let Some(number) = self.free.pop() {
            let last = self.labels.get(number).filter(|labeled| labeled.pairs.is_empty());
            let heard = self.heard.get(&number).copied().unwrap_or_default();
            // A number that was taken meanwhile, or has been used up, is left alone.
            if let Some(series) = last.and_then(|last| last.series.0.max(heard).checked_add(1 << 32))
                && series < REFERENCE_END
            {
                return SeriesRef(series);
            }
        }
        let mut number = self.next.max(1);
        while number < u32::MAX && self.heard.contains_key(&number) {
            number += 1;
        }
        SeriesRef(u64::from(number))
    }

    /// Notes a reference that some file knows, whoever's it is: no new series gets it, as the file goes on saying
    /// the same to later starts.
    pub(crate) fn hear(&mut self, series: SeriesRef) {
        let number = number_of(series);
        if number < KEPT_END {
            self.next = self.next.max(number + 1);
        }
        if series.0 > u64::from(number) || number >= KEPT_END {
            let last = self.heard.entry(number).or_default();
            *last = (*last).max(series.0);
        }
    }

    /// What a start must hear of that reads of the files those alone that speak of the series that are there.
    pub(crate) fn last_heard(&self) -> Vec<SeriesRef> {
        let is_there = |number| self.labels.get(number).filter(|labeled| !labeled.pairs.is_empty());
        let known = |number| is_there(number).map_or(0, |labeled| labeled.series.0);
        let top = self.next.checked_sub(1).filter(|top| *top > 0 && is_there(*top).is_none());
        let heard = self.heard.iter().filter(|(number, last)| known(**number) < **last);
        heard.map(|(_, last)| *last).chain(top.map(u64::from)).map(SeriesRef).collect()
    }

    /// Whether a reference that comes from elsewhere can be kept: its number is free.
    pub(crate) fn is_free(&self, series: SeriesRef) -> bool {
        let number = number_of(series);
        (1..KEPT_END).contains(&number)
            && series.0 < REFERENCE_END
            && self.labels.get(number).is_none_or(|labeled| labeled.pairs.is_empty())
    }

    /// Enters a new series.
    pub(crate) fn insert(&mut self, series: SeriesRef, hash: u32, labels: &Labels) {
        let pairs = self.index.insert(number_of(series), labels);
        self.enter(series, hash, pairs);
    }

    /// A label of a series to [`HeadLabels::enter`], to be [filled in](HeadLabels::fill).
    pub(super) fn intern(&mut self, name: &str, value: &str) -> LabelPair {
        self.index.intern(name, value)
    }

    /// The label of another series once more, for a series to enter.
    pub(super) fn retain(&mut self, pair: LabelPair) {
        self.index.retain(pair);
    }

    /// Enters the series whose labels were interned into the index, which holds none before.
    pub(crate) fn fill(&mut self, threads: NonZero<usize>) {
        self.index.fill(&self.labels, 0..self.next, threads);
    }

    /// Enters a new series, the index aside.
    pub(super) fn enter(&mut self, series: SeriesRef, hash: u32, pairs: Box<[LabelPair]>) {
        let number = number_of(series);
        self.labels.put(number, Labeled { series, pairs });
        self.by_labels.insert_unique(spread(hash), Found { hash, number }, |found| spread(found.hash));
        self.next = self.next.max(number.saturating_add(1));
        self.count += 1;
    }

    /// Takes a series out; its number is given to another one.
    pub(crate) fn remove(&mut self, number: u32) {
        let labels = self.labels(number);
        let hash = self.hash(&labels);
        let is_it = |found: &Found| found.number == number;
        if let Ok(found) = self.by_labels.find_entry(spread(hash), is_it) {
            found.remove();
        }
        let Some(labeled) = self.labels.get(number).cloned() else { return };
        self.index.remove(number, &labeled.pairs);
        self.labels.put(number, Labeled { series: labeled.series, pairs: Box::default() });
        self.free.push(number);
        self.count -= 1;
    }

    /// How many pages of [`super::pages::Pages`] may have series.
    pub(crate) fn page_count(&self) -> u32 {
        page_of(self.next).saturating_add(1)
    }

    /// The labels of a series as symbols; none where there is no such series.
    pub(crate) fn pairs(&self, number: u32) -> &[LabelPair] {
        self.labels.pairs(number)
    }

    /// The reference of the series with a number; `None` where there is none.
    pub(crate) fn reference(&self, number: u32) -> Option<SeriesRef> {
        self.labels.get(number).filter(|labeled| !labeled.pairs.is_empty()).map(|labeled| labeled.series)
    }

    /// The number of series.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The labels of a series.
    pub(crate) fn labels(&self, number: u32) -> Labels {
        self.index.labels(self.labels.pairs(number))
    }

    /// The labels of a series as texts.
    pub(crate) fn texts(&self, number: u32) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let symbols = self.index.symbols();
        let pairs = self.labels.pairs(number).iter();
        pairs.map(|pair| (symbols.text(pair.name), symbols.text(pair.value)))
    }

    /// What selectors are evaluated on.
    pub(crate) fn view(&self) -> MemoryView<'_, impl SeriesLabels> {
        self.index.view(&self.labels)
    }

    pub(crate) fn index(&self) -> &MemoryIndex {
        &self.index
    }
}
