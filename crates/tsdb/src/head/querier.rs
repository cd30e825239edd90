//! A reader's view of the head.

use std::sync::Arc;

use model::{Labels, Matcher, SeriesRef};
use storage::{Listing, Querier, Result, SelectHints, SeriesSet, TimeRange};

use super::Head;
use super::isolation::ReadView;
use super::memory::Memory;
use super::pages::{page_of, place_of};
use super::series::Series;
use super::sessions::Session;
use super::set::HeadSet;
use crate::block::Tombstones;

/// What a reader sees; what it needs stays while this lives.
pub(super) struct View {
    pub(super) commits: ReadView,
    _session: Session,
}

impl View {
    /// What is committed now.
    pub(super) fn new(head: &Head) -> Self {
        let session = head.memory.readers.begin();
        Self { commits: head.memory.isolation.read(), _session: session }
    }
}

/// The head as it was when the querier was made.
pub(crate) struct HeadQuerier {
    head: Arc<Head>,
    view: Arc<View>,
    range: HeadRange,
}

/// The spans of time that a reader is given of the head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadRange {
    /// Of what came in order: older samples stand in blocks.
    pub(crate) in_order: TimeRange,
    /// Of what came out of order.
    pub(crate) late: TimeRange,
}

impl HeadRange {
    /// The part of it that lies in `range`.
    pub(super) fn clip(self, range: TimeRange) -> Self {
        let clip = |own: TimeRange| TimeRange::new(own.start.max(range.start), own.end.min(range.end));
        Self { in_order: clip(self.in_order), late: clip(self.late) }
    }
}

impl HeadQuerier {
    pub(crate) fn new(head: Arc<Head>, range: HeadRange) -> Self {
        let view = Arc::new(View::new(&head));
        Self { head, view, range }
    }

    /// The series that fulfil the matchers and have chunks in `range` of which not all is deleted, by number.
    fn find(&self, matchers: &[Matcher], range: HeadRange, deleted: &Tombstones) -> Vec<SeriesRef> {
        let memory = &self.head.memory;
        let known = memory.labels.read();
        let view = known.view();
        let found = view.select(matchers);
        let mut series = Vec::with_capacity(found.len() as usize);
        let mut page = None;
        for number in found.iter() {
            let at = page_of(number);
            if page.as_ref().is_none_or(|(present, _)| *present != at) {
                // The lock of the page before is given back first.
                drop(page.take());
                page = memory.pages.page(at).map(|page| (at, page.read()));
            }
            let place = page.as_ref().and_then(|(_, page)| page.get(place_of(number)));
            let has_some = |series: &&Series| {
                let in_order = match deleted.of(series.reference.0) {
                    None => series.overlaps(range.in_order),
                    // An open chunk has no end yet that a deletion could reach: as in the original, its series is
                    // listed on.
                    Some(deleted) => {
                        series.open.as_ref().is_some_and(|open| open.span().overlaps(range.in_order))
                            || series.closed_spans().any(|span| {
                                span.overlaps(range.in_order) && !deleted.covers(span.start, span.end)
                            })
                    }
                };
                let in_order = in_order && !series.departed;
                in_order || series.late().is_some_and(|late| late.overlaps(range.late))
            };
            series.extend(place.filter(has_some).map(|series| series.reference));
        }
        series
    }

    /// The part of the querier's time that is asked for.
    fn part(&self, hints: &SelectHints) -> HeadRange {
        self.range.clip(hints.range.unwrap_or(TimeRange::ALL))
    }
}

impl Querier for HeadQuerier {
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        let deleted = self.head.memory.deleted();
        let mut series = self.find(matchers, self.part(hints), &deleted);
        let mut labels = None;
        if hints.sorted {
            let known = self.head.memory.labels.read();
            let labels_of = |series: SeriesRef| known.labels(super::pages::number_of(series));
            let mut sorted: Vec<(Labels, SeriesRef)> =
                series.iter().map(|series| (labels_of(*series), *series)).collect();
            sorted.sort_unstable();
            let (sorted, order): (Vec<_>, Vec<_>) = sorted.into_iter().unzip();
            labels = Some(sorted);
            series = order;
        }
        let limit = hints.limit.unwrap_or(usize::MAX);
        series.truncate(limit);
        if let Some(labels) = &mut labels {
            labels.truncate(limit);
        }
        let (head, view) = (Arc::clone(&self.head), Arc::clone(&self.view));
        Ok(Box::new(HeadSet { head, view, range: self.range, series, deleted, labels }))
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        if !self.overlaps() {
            return Ok(Listing::default());
        }
        Ok(Listing::new(self.head.memory.labels.read().view().label_names(matchers), limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        if !self.overlaps() {
            return Ok(Listing::default());
        }
        Ok(Listing::new(self.head.memory.labels.read().view().label_values(name, matchers), limit))
    }
}

impl HeadQuerier {
    /// Whether the head has anything to do with the querier's time.
    fn overlaps(&self) -> bool {
        self.head.memory.overlaps(self.range)
    }
}

impl Memory {
    /// Whether there is anything in a span of time.
    pub(crate) fn overlaps(&self, range: HeadRange) -> bool {
        TimeRange::new(self.min_time(), self.max_time()).overlaps(range.in_order)
            || self.late_range().overlaps(range.late)
    }
}
