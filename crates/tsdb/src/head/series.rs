//! The state of one series: its open chunk, its full ones, and what may be appended.

mod closed;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chunks::{Encoding, ResetHeader};
use model::{SeriesRef, is_stale_nan};
use storage::{Error, TimeRange};
use wal::record::LastSample;

use super::chunk::{ChunkShape, Offered, OpenChunk};
use super::files::FileChunk;
use super::isolation::{CommitId, Tail};
use super::kinds::{HeadHistogram, Kind};
use closed::Aside;

/// What times the head takes samples for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The oldest time of in-order samples.
    pub(crate) min_valid: i64,
    /// The newest sample of all series.
    pub(crate) newest: i64,
    /// The oldest time of samples that come out of order; `None` where none are taken.
    pub(crate) out_of_order_from: Option<i64>,
    /// Whether the batch wants none of those.
    pub(crate) discard_out_of_order: bool,
}

/// Where an acceptable sample goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Behind all others.
    InOrder,
    /// Aside, with others that came out of order.
    Late,
    /// It is there already.
    Repeated,
}

/// A series as plain data.
///
/// Memory is waited for by lines of 64 bytes: what the check of a sample needs stands in the first, what its append
/// needs beside that in the other two, and all else aside.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Series {
    /// Its reference; [`NO_SERIES`] in a place that holds none.
    pub(crate) reference: SeriesRef,
    /// The last appender session that asked for it.
    last_used: AtomicU64,
    /// How many records of series a start had read when it came to be: of samples before that it was not the series.
    pub(super) told_in: u32,
    /// Whether the log holds its labels.
    logged: AtomicBool,
    /// Whether the newest sample is a staleness marker.
    stale: bool,
    /// It has ended, and blocks hold all of it: new readers look for it there.
    pub(super) departed: bool,
    /// What kind the newest sample is.
    kind: Kind,
    pub(crate) open: Option<OpenChunk>,
    tail: Tail,
    aside: Option<Box<Aside>>,
}

const _: () = assert!(size_of::<Series>() == 192, "three lines of memory");

/// Files hold some of a chunk's samples, and not the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartlyFiled;

fn kind_of(encoding: Encoding) -> Kind {
    match encoding {
        Encoding::Xor | Encoding::Xor2 => Kind::Float,
        Encoding::Histogram | Encoding::HistogramSt => Kind::Histogram,
        Encoding::FloatHistogram | Encoding::FloatHistogramSt => Kind::FloatHistogram,
    }
}

/// The reference of no series.
pub(crate) const NO_SERIES: SeriesRef = SeriesRef(0);

/// A sample's time and start time (0 for none), and the commit that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) time: (i64, i64),
    pub(crate) commit: CommitId,
    pub(crate) low_watermark: CommitId,
}

/// What an append has changed beside the series.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) taken: bool,
    pub(crate) new_chunk: bool,
    /// A chunk has become full.
    pub(crate) sealed: bool,
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
            last_used: AtomicU64::new(0),
            logged: AtomicBool::new(false),
            told_in: 0,
            stale: false,
            departed: false,
            kind: Kind::Float,
            open: None,
            tail: Tail::default(),
            aside: None,
        }
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.logged.load(Ordering::Relaxed)
    }

    pub(crate) fn set_logged(&self) {
        self.logged.store(true, Ordering::Relaxed);
    }

    /// Reads what the next append needs, for the processor to have it.
    #[inline]
    pub(super) fn fetch(&self) -> u32 {
        let open = self.open.as_ref().map_or(0, OpenChunk::fetch);
        open ^ self.told_in
    }

    /// Whether a series is in this place.
    pub(crate) fn exists(&self) -> bool {
        self.reference != NO_SERIES
    }

    /// Whether this is the series with a reference; no series is.
    #[inline]
    pub(crate) fn is(&self, series: SeriesRef) -> bool {
        self.reference == series && series != NO_SERIES
    }

    /// Notes that an appender session knows the series: it is not removed before the session ends.
    pub(crate) fn touch(&self, session: u64) {
        self.last_used.store(session, Ordering::Relaxed);
    }

    /// The last appender session that asked for it; 0 for none.
    pub(crate) fn last_used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }

    /// What kind the newest sample is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Times of its first and last samples where the last one says that it has ended and none came late.
    pub(crate) fn has_ended(&self) -> Option<(i64, i64)> {
        let span = self.first_time().zip(self.last_time());
        span.filter(|_| self.exists() && self.stale && self.late().is_none())
    }

    /// Whether its newest sample says that it has ended.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Whether it has no sample.
    pub(crate) fn is_vacant(&self) -> bool {
        self.first_time().is_none() && self.late().is_none()
    }

    /// Time of the newest sample; of the late ones none counts.
    pub(crate) fn last_time(&self) -> Option<i64> {
        let open = self.open.as_ref().map(OpenChunk::end);
        let full = || self.full().last().map(|chunk| chunk.end);
        open.or_else(full).or_else(|| self.filed().last().map(FileChunk::end))
    }

    /// Time of the oldest sample; of the late ones none counts.
    pub(crate) fn first_time(&self) -> Option<i64> {
        let filed = self.filed().first().map(FileChunk::start);
        let full = || self.full().first().map(|chunk| chunk.start);
        filed.or_else(full).or_else(|| self.open.as_ref().map(OpenChunk::start))
    }

    /// Whether a chunk of the series, those of late samples aside, has to do with a span of time.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        self.spans().any(|span| span.overlaps(range))
    }

    /// The spans of time of its chunks, those of late samples aside.
    fn spans(&self) -> impl Iterator<Item = TimeRange> + '_ {
        self.open.as_ref().map(OpenChunk::span).into_iter().chain(self.closed_spans())
    }

    /// Whether a float may be appended.
    pub(crate) fn check_float(&self, timestamp: i64, value: f64, bounds: Bounds) -> Result<Placement, Error> {
        self.check(timestamp, bounds, |open| {
            open.last_float().is_some_and(|last| last.to_bits() == value.to_bits())
        })
    }

    /// Whether a float at this time goes behind all that the series has, and that are floats: nearly always so. Where
    /// not, [`Series::check_float`] tells more.
    #[inline]
    pub(crate) fn takes_next_float(&self, timestamp: i64, bounds: Bounds) -> bool {
        let last = self.open.as_ref().and_then(OpenChunk::last_float_time);
        timestamp >= bounds.min_valid && last.is_some_and(|last| timestamp > last)
    }

    /// Whether a histogram may be appended.
    pub(crate) fn check_histogram<H: HeadHistogram>(
        &self,
        timestamp: i64,
        histogram: &H,
        bounds: Bounds,
    ) -> Result<Placement, Error> {
        self.check(timestamp, bounds, |open| open.ends_with(histogram))
    }

    fn check(
        &self,
        timestamp: i64,
        bounds: Bounds,
        ends_with_it: impl FnOnce(&OpenChunk) -> bool,
    ) -> Result<Placement, Error> {
        if timestamp >= bounds.min_valid {
            match self.last_time() {
                None => return Ok(Placement::InOrder),
                Some(last) if timestamp > last => return Ok(Placement::InOrder),
                Some(last) if timestamp == last => {
                    let repeated = self.open.as_ref().is_none_or(ends_with_it);
                    return if repeated { Ok(Placement::Repeated) } else { Err(Error::DuplicateSample) };
                }
                Some(_) => {}
            }
        }
        match bounds.out_of_order_from {
            Some(from) if timestamp < from => Err(Error::TooOld),
            Some(_) if !bounds.discard_out_of_order => Ok(Placement::Late),
            None if timestamp < bounds.min_valid => Err(Error::OutOfBounds),
            _ => Err(Error::OutOfOrder),
        }
    }

    /// Appends a float, or leaves it where it is not newer than all others.
    #[inline]
    pub(crate) fn append_float(&mut self, arrival: Arrival, value: f64, shape: ChunkShape) -> Appended {
        let timestamp = arrival.time.0;
        if let Some(open) = &mut self.open
            && open.append_next(timestamp, value, shape)
        {
            return self.note(arrival, Kind::Float, is_stale_nan(value), false);
        }
        if self.last_time().is_some_and(|last| timestamp <= last) {
            return Appended::default();
        }
        if self.open.as_ref().is_some_and(|open| !open.takes_float(timestamp, shape)) {
            self.seal_open();
        }
        let new_chunk = self.open.is_none();
        let open = self.open.get_or_insert_with(|| OpenChunk::floats(timestamp, shape));
        open.append_float(arrival.time, value, shape);
        self.note(arrival, Kind::Float, is_stale_nan(value), new_chunk)
    }

    /// Appends a histogram, or leaves it where it is not newer than all samples.
    pub(crate) fn append_histogram<H: HeadHistogram>(
        &mut self,
        arrival: Arrival,
        histogram: &H,
        shape: ChunkShape,
    ) -> Appended {
        if self.last_time().is_some_and(|last| arrival.time.0 <= last) {
            return Appended::default();
        }
        let offered = match &mut self.open {
            Some(open) => open.offer(arrival.time, histogram, shape),
            None => Ok(Offered::Refused(ResetHeader::of_hint(histogram.reset_hint()))),
        };
        let new_chunk = match offered {
            Ok(Offered::Taken) => false,
            Ok(Offered::Refused(reset)) => {
                match OpenChunk::histograms(arrival.time, histogram, reset, shape) {
                    Ok(open) => {
                        self.seal_open();
                        self.open = Some(open);
                    }
                    Err(_) => return Appended::default(),
                }
                true
            }
            // Its buckets are not those of its spans: refused when it came, so only a foreign log can hold it.
            Err(_) => return Appended::default(),
        };
        self.note(arrival, H::KIND, histogram.is_stale(), new_chunk)
    }

    #[inline]
    fn note(&mut self, arrival: Arrival, kind: Kind, stale: bool, new_chunk: bool) -> Appended {
        self.tail.add(arrival.commit, arrival.low_watermark);
        let sealed = new_chunk && !self.full().is_empty();
        let stale_change = i8::from(stale) - i8::from(self.stale);
        (self.kind, self.stale) = (kind, stale);
        self.departed = false;
        Appended { taken: true, new_chunk, sealed, stale_change }
    }

    /// Whether the logs have told of the series.
    pub(crate) fn is_durable(&self) -> bool {
        self.is_logged() || self.last_time().is_some() || self.late().is_some()
    }

    /// Takes the open chunk that a snapshot holds; gives back whether it did, and how many have become stale.
    ///
    /// Files may hold its samples by now: then it is not taken.
    ///
    /// # Errors
    /// Where files hold only some of its samples.
    pub(crate) fn restore(&mut self, open: OpenChunk) -> Result<(bool, i8), PartlyFiled> {
        match self.last_time() {
            Some(last) if last >= open.end() => return Ok((false, 0)),
            Some(last) if last >= open.start() => return Err(PartlyFiled),
            _ => {}
        }
        let stale = match open.last_sample() {
            Some(LastSample::Float(value)) => is_stale_nan(value),
            Some(LastSample::Histogram(last)) => last.is_stale(),
            Some(LastSample::FloatHistogram(last)) => last.is_stale(),
            None => return Ok((false, 0)),
        };
        self.kind = kind_of(open.encoding());
        self.open = Some(open);
        let stale_change = i8::from(stale) - i8::from(self.stale);
        self.stale = stale;
        Ok((true, stale_change))
    }

    /// How many of the newest samples a reader with this horizon does not see.
    pub(crate) fn hidden(&self, horizon: CommitId) -> usize {
        self.tail.hidden(horizon)
    }
}
