//! The exemplars of all series in the order in which they came, and those of each series by time.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;
use model::exemplar::LABEL_CHARS_MAX;
use model::{Exemplar, Labels, Matcher, SeriesRef};
use storage::{Error, SeriesExemplars, TimeRange};

/// An exemplar as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offered {
    /// Its time, or that of its sample.
    pub(crate) timestamp: i64,
    /// Whether the source gave the time. One that gives none repeats its exemplar at every scrape.
    pub(crate) has_own_time: bool,
    pub(crate) value: f64,
    pub(crate) labels: Labels,
}

impl Offered {
    pub(crate) fn new(exemplar: &Exemplar, sample_time: i64) -> Self {
        Self {
            timestamp: exemplar.timestamp.unwrap_or(sample_time),
            has_own_time: exemplar.timestamp.is_some(),
            value: exemplar.value,
            labels: exemplar.labels.clone(),
        }
    }

    /// Whether names and values together are within the bound of OpenMetrics.
    pub(super) fn check_length(&self) -> Result<(), Error> {
        let chars = |text: &str| text.chars().count();
        let all: usize = self.labels.iter().map(|(name, value)| chars(name) + chars(value)).sum();
        if all > LABEL_CHARS_MAX { Err(Error::ExemplarLabelLength) } else { Ok(()) }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.value.to_bits() == other.value.to_bits() && self.labels == other.labels
    }

    fn repeats(&self, other: &Self) -> bool {
        let same_time = self.timestamp == other.timestamp || !(self.has_own_time || other.has_own_time);
        same_time && self.says_the_same(other)
    }

    fn read(&self) -> Exemplar {
        Exemplar { labels: self.labels.clone(), value: self.value, timestamp: Some(self.timestamp) }
    }
}

/// An exemplar with its number in the order in which they came.
#[derive(Debug)]
struct Kept {
    number: u64,
    exemplar: Offered,
}

/// The exemplars of a series.
#[derive(Debug)]
struct Series {
    labels: Labels,
    /// The references that it had: a series may be forgotten and come again.
    refs: Vec<SeriesRef>,
    /// Sorted by time.
    kept: VecDeque<Kept>,
}

impl Series {
    fn check(&self, offered: &Offered, window: i64) -> Result<(), Error> {
        let Some(Kept { exemplar: newest, .. }) = self.kept.back() else { return Ok(()) };
        let from = self.kept.partition_point(|kept| kept.exemplar.timestamp < offered.timestamp);
        let mut same_time =
            self.kept.range(from..).take_while(|kept| kept.exemplar.timestamp == offered.timestamp);
        if offered.repeats(newest) || same_time.any(|kept| offered.says_the_same(&kept.exemplar)) {
            return Err(Error::DuplicateExemplar);
        }
        let is_late = offered.timestamp < newest.timestamp
            && offered.timestamp <= newest.timestamp.saturating_sub(window);
        // Writers sort exemplars of one time by value and labels: one that stands before the newest is an old one.
        let is_before = offered.timestamp == newest.timestamp
            && (offered.value < newest.value
                || (offered.value == newest.value && offered.labels.hash64() < newest.labels.hash64()));
        if is_late || is_before { Err(Error::OutOfOrderExemplar) } else { Ok(()) }
    }

    fn insert(&mut self, number: u64, exemplar: Offered) {
        let place = self.kept.partition_point(|kept| kept.exemplar.timestamp <= exemplar.timestamp);
        self.kept.insert(place, Kept { number, exemplar });
    }

    /// Where the exemplar of a number stands: nearly always at the front, since most come in order.
    fn place_of(&self, number: u64) -> Option<usize> {
        self.kept.iter().position(|kept| kept.number == number)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    /// The series and the number of each exemplar, the oldest first.
    order: VecDeque<(u64, u64)>,
    series: HashMap<u64, Series, RandomState>,
    by_labels: HashMap<Labels, u64, RandomState>,
    by_ref: HashMap<SeriesRef, u64, RandomState>,
    /// Given to the next series and to the next exemplar.
    next: u64,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            order: VecDeque::new(),
            series: HashMap::default(),
            by_labels: HashMap::default(),
            by_ref: HashMap::default(),
            next: 0,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn series_count(&self) -> usize {
        self.series.len()
    }

    /// Time of the exemplar that goes next.
    pub(super) fn oldest_time(&self) -> Option<i64> {
        let (series, number) = self.order.front()?;
        let series = self.series.get(series)?;
        let kept = series.kept.get(series.place_of(*number)?)?;
        Some(kept.exemplar.timestamp)
    }

    pub(super) fn resize(&mut self, capacity: usize) {
        self.capacity = capacity;
        while self.order.len() > capacity {
            self.remove_oldest();
        }
        self.order.shrink_to(capacity);
    }

    pub(super) fn check(
        &self,
        series: SeriesRef,
        labels: impl FnOnce() -> Labels,
        offered: &Offered,
        window: i64,
    ) -> Result<(), Error> {
        let known = self.by_ref.get(&series).or_else(|| self.by_labels.get(&labels()));
        known.and_then(|known| self.series.get(known)).map_or(Ok(()), |known| known.check(offered, window))
    }

    pub(super) fn add(
        &mut self,
        series: SeriesRef,
        labels: impl FnOnce() -> Labels,
        offered: Offered,
        window: i64,
    ) -> Result<(), Error> {
        if self.capacity == 0 {
            return Ok(());
        }
        let place = match self.by_ref.get(&series) {
            Some(place) => *place,
            None => self.place(series, labels()),
        };
        if let Some(known) = self.series.get(&place) {
            known.check(&offered, window)?;
        }
        let number = self.number();
        if let Some(known) = self.series.get_mut(&place) {
            // Before the oldest goes, which may be the only one of this series.
            known.insert(number, offered);
            self.order.push_back((place, number));
        }
        while self.order.len() > self.capacity {
            self.remove_oldest();
        }
        Ok(())
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The series with these labels, known by this reference from now on.
    fn place(&mut self, reference: SeriesRef, labels: Labels) -> u64 {
        let place = match self.by_labels.get(&labels) {
            Some(place) => *place,
            None => {
                let place = self.number();
                self.by_labels.insert(labels.clone(), place);
                self.series.insert(place, Series { labels, refs: Vec::new(), kept: VecDeque::new() });
                place
            }
        };
        if let Some(series) = self.series.get_mut(&place) {
            series.refs.push(reference);
        }
        self.by_ref.insert(reference, place);
        place
    }

    fn remove_oldest(&mut self) {
        let Some((place, number)) = self.order.pop_front() else { return };
        let Some(series) = self.series.get_mut(&place) else { return };
        if let Some(at) = series.place_of(number) {
            series.kept.remove(at);
        }
        if series.kept.is_empty()
            && let Some(series) = self.series.remove(&place)
        {
            self.by_labels.remove(&series.labels);
            for reference in &series.refs {
                self.by_ref.remove(reference);
            }
        }
    }

    pub(super) fn find(&self, range: TimeRange, selectors: &[Vec<Matcher>]) -> Vec<SeriesExemplars> {
        let wanted = |labels: &Labels| {
            selectors.iter().any(|matchers| matchers.iter().all(|matcher| matcher.matches_labels(labels)))
        };
        let mut found = Vec::new();
        for series in self.series.values() {
            let times = |bound: i64| series.kept.partition_point(|kept| kept.exemplar.timestamp < bound);
            let mut exemplars = series.kept.range(times(range.start)..).peekable();
            if exemplars.peek().is_none() || !wanted(&series.labels) {
                continue;
            }
            let exemplars: Vec<Exemplar> = exemplars
                .take_while(|kept| kept.exemplar.timestamp <= range.end)
                .map(|kept| kept.exemplar.read())
                .collect();
            if !exemplars.is_empty() {
                found.push(SeriesExemplars { labels: series.labels.clone(), exemplars });
            }
        }
        found.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
        found
    }

    /// Calls `visit` with every exemplar and the labels of its series, in the order in which they came.
    pub(super) fn for_each(&self, mut visit: impl FnMut(&Labels, &Offered)) {
        for (place, number) in &self.order {
            let Some(series) = self.series.get(place) else { continue };
            let kept = series.place_of(*number).and_then(|at| series.kept.get(at));
            if let Some(kept) = kept {
                visit(&series.labels, &kept.exemplar);
            }
        }
    }
}
