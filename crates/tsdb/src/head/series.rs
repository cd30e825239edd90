//! The state of one series: its open chunk, its full ones, and what may be appended.

use std::sync::atomic::{AtomicBool, Ordering};

use model::{SeriesRef, is_stale_nan};
use storage::{Error, TimeRange};

use super::chunk::{ChunkShape, FullChunk, OpenChunk};
use super::isolation::{CommitId, Tail};

/// What times the head takes samples for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The oldest time of in-order samples.
    pub(crate) min_valid: i64,
    /// The oldest time of samples that come out of order; `None` where none are taken.
    pub(crate) out_of_order_from: Option<i64>,
}

/// Where an acceptable sample goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Behind all others.
    InOrder,
    /// It is there already.
    Repeated,
}

/// A series as plain data.
#[derive(Debug)]
pub(crate) struct Series {
    /// Its reference; [`NO_SERIES`] in a place that holds none.
    pub(crate) reference: SeriesRef,
    /// Whether the log holds its labels.
    logged: AtomicBool,
    /// Whether the newest sample is a staleness marker.
    pub(crate) stale: bool,
    pub(crate) open: Option<OpenChunk>,
    pub(crate) full: Vec<FullChunk>,
    tail: Tail,
}

/// The reference of no series.
pub(crate) const NO_SERIES: SeriesRef = SeriesRef(0);

/// What an append has changed beside the series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) taken: bool,
    pub(crate) new_chunk: bool,
    /// +1 where the series has become stale, -1 where it was.
    pub(crate) stale_change: i8,
}

impl Series {
    /// A place without a series.
    pub(crate) fn none() -> Self {
        Self::new(NO_SERIES)
    }

    /// A series without samples.
    pub(crate) fn new(reference: SeriesRef) -> Self {
        Self {
            reference,
            logged: AtomicBool::new(false),
            stale: false,
            open: None,
            full: Vec::new(),
            tail: Tail::default(),
        }
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.logged.load(Ordering::Relaxed)
    }

    pub(crate) fn set_logged(&self) {
        self.logged.store(true, Ordering::Relaxed);
    }

    /// Time of the newest sample.
    pub(crate) fn last_time(&self) -> Option<i64> {
        let open = self.open.as_ref().map(OpenChunk::end);
        open.or_else(|| self.full.last().map(|chunk| chunk.end))
    }

    /// Whether a chunk of the series has to do with a span of time.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        let open = self.open.as_ref().map(|open| TimeRange::new(open.start(), open.end()));
        let full = self.full.iter().map(|chunk| TimeRange::new(chunk.start, chunk.end));
        open.into_iter().chain(full).any(|chunk| chunk.overlaps(range))
    }

    /// Whether a float sample may be appended.
    pub(crate) fn check_float(&self, timestamp: i64, value: f64, bounds: Bounds) -> Result<Placement, Error> {
        if timestamp >= bounds.min_valid {
            match self.last_time() {
                None => return Ok(Placement::InOrder),
                Some(last) if timestamp > last => return Ok(Placement::InOrder),
                Some(last) if timestamp == last => {
                    let present = self.open.as_ref().and_then(OpenChunk::last_value);
                    return match present {
                        Some(present) if present.to_bits() != value.to_bits() => Err(Error::DuplicateSample),
                        _ => Ok(Placement::Repeated),
                    };
                }
                Some(_) => {}
            }
        }
        match bounds.out_of_order_from {
            Some(from) if timestamp < from => Err(Error::TooOld),
            None if timestamp < bounds.min_valid => Err(Error::OutOfBounds),
            _ => Err(Error::OutOfOrder),
        }
    }

    /// Appends a float sample, or leaves it where it is not newer than all others.
    pub(crate) fn append_float(
        &mut self,
        timestamp: i64,
        value: f64,
        shape: ChunkShape,
        commit: CommitId,
        low_watermark: CommitId,
    ) -> Appended {
        let mut appended = Appended::default();
        if self.last_time().is_some_and(|last| timestamp <= last) {
            return appended;
        }
        if self.open.as_ref().is_some_and(|open| open.is_over(timestamp, shape)) {
            self.full.extend(self.open.take().map(OpenChunk::seal));
        }
        appended.new_chunk = self.open.is_none();
        let open = self.open.get_or_insert_with(|| OpenChunk::new(timestamp, shape));
        open.append(timestamp, value, shape);
        self.tail.add(commit, low_watermark);
        let stale = is_stale_nan(value);
        appended.stale_change = i8::from(stale) - i8::from(self.stale);
        self.stale = stale;
        appended.taken = true;
        appended
    }

    /// How many of the newest samples a reader with this horizon does not see.
    pub(crate) fn hidden(&self, horizon: CommitId) -> usize {
        self.tail.hidden(horizon)
    }
}
