//! How samples are read.

use std::sync::Arc;

use model::matcher::Matcher;
use model::{Annotations, Exemplar, Labels};

use crate::{Result, SampleColumns};

/// A span of time, both ends included, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first millisecond.
    pub start: i64,
    /// The last millisecond.
    pub end: i64,
}

impl TimeRange {
    /// All of time.
    pub const ALL: Self = Self { start: i64::MIN, end: i64::MAX };

    /// The span from `start` to `end`, both included.
    pub const fn new(start: i64, end: i64) -> Self {
        Self { start, end }
    }

    /// Whether a time lies in the span.
    pub const fn contains(self, timestamp: i64) -> bool {
        self.start <= timestamp && timestamp <= self.end
    }

    /// Whether two spans share a millisecond.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// A store that can be asked.
pub trait Queryable: Send + Sync {
    /// A view of the samples in a span of time as they are committed now; later commits may stay unseen.
    ///
    /// # Errors
    /// `Unavailable` while the store is not open.
    fn querier(&self, range: TimeRange) -> Result<Box<dyn Querier>>;
}

/// A view of a store's samples in a span of time.
pub trait Querier: Send + Sync {
    /// The series that fulfil every matcher; no sample is read yet.
    ///
    /// # Errors
    /// `Corrupt`, `OverLimit`, `Canceled`, `Internal`.
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>>;

    /// The names of labels that occur in series which fulfil every matcher, sorted.
    ///
    /// # Errors
    /// As [`Querier::select`].
    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing>;

    /// The values of a label that occur in series which fulfil every matcher, sorted.
    ///
    /// # Errors
    /// As [`Querier::select`].
    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing>;
}

/// Sorted texts, cut at the asker's limit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The texts, sorted, each once.
    pub items: Vec<String>,
    /// Whether the limit left some out.
    pub truncated: bool,
    /// Remarks of the stores that were asked.
    pub annotations: Annotations,
}

impl Listing {
    /// Sorts, removes repetitions and cuts at the limit.
    pub fn new(mut items: Vec<String>, limit: Option<usize>) -> Self {
        items.sort_unstable();
        items.dedup();
        let truncated = limit.is_some_and(|limit| items.len() > limit);
        if let Some(limit) = limit {
            items.truncate(limit);
        }
        Self { items, truncated, annotations: Annotations::new() }
    }
}

/// What the asker will do with the series: a store may use it to do less, and never needs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SelectHints {
    /// The part of the querier's time that will be read; `None` for all of it.
    pub range: Option<TimeRange>,
    /// Give the series in the order of their labels.
    pub sorted: bool,
    /// At most so many series are wanted.
    pub limit: Option<usize>,
    /// Distance of the steps in milliseconds; 0 for an instant.
    pub step_ms: i64,
    /// Width of the range selector in milliseconds; 0 for an instant selector.
    pub range_ms: i64,
    /// The function or aggregation around the selector, empty for none.
    pub function: String,
    /// The labels that an aggregation around the selector names.
    pub grouping: Vec<String>,
    /// Whether `grouping` is kept (`by`) or left out (`without`).
    pub by: bool,
    /// Only the label sets will be used, no sample is read.
    pub labels_only: bool,
}

/// Series found by a selector, by position; their samples are read one series at a time.
///
/// Positions are stable, and any number of threads may read different positions at once.
pub trait SeriesSet: Send + Sync {
    /// The number of series; one of them may turn out to hold no sample in the range.
    fn len(&self) -> usize;

    /// Whether nothing was found.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The labels of a series.
    ///
    /// # Panics
    /// Where `position` is not below [`SeriesSet::len`].
    fn labels(&self, position: usize) -> Labels;

    /// The labels of all series, in order; cheaper than to ask for each.
    ///
    /// # Errors
    /// `Corrupt`.
    fn all_labels(&self) -> Result<Arc<[Labels]>> {
        Ok((0..self.len()).map(|position| self.labels(position)).collect())
    }

    /// Appends the samples of a series in `range` to `out`, sorted by time.
    ///
    /// # Errors
    /// `Corrupt`, `Canceled`, `Internal`.
    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()>;

    /// The chunks of a series that overlap `range`, as they are encoded, sorted by time. They may reach out of the
    /// range; those of several stores that are read as one may overlap.
    ///
    /// # Errors
    /// `Unsupported` where the store keeps no chunks, and those of [`SeriesSet::read`].
    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>>;

    /// Remarks that came up while the series were looked for.
    fn annotations(&self) -> Annotations {
        Annotations::new()
    }
}

/// A chunk of samples in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedChunk {
    /// Time of the first sample.
    pub start: i64,
    /// Time of the last sample.
    pub end: i64,
    /// The number of the encoding (specification, section 6.8).
    pub encoding: u8,
    /// The encoded bytes.
    pub data: Vec<u8>,
}

/// A store that can be asked for exemplars.
pub trait ExemplarQueryable: Send + Sync {
    /// The exemplars of a span of time of every series that fulfils all matchers of at least one selector,
    /// sorted by series and time; their `timestamp` is always known. None where the store keeps none.
    ///
    /// # Errors
    /// `Unavailable`, `Internal`.
    fn exemplars(&self, range: TimeRange, selectors: &[Vec<Matcher>]) -> Result<Vec<SeriesExemplars>>;
}

/// The exemplars of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesExemplars {
    /// The series.
    pub labels: Labels,
    /// Its exemplars, sorted by time.
    pub exemplars: Vec<Exemplar>,
}
