//! Reads segments ahead of who takes their records: checksums, decompression, and samples into columns.

use std::sync::Arc;

use model::{FloatHistogram, Histogram};
use platform::FileSystem;
use wal::record::{
    DecodeError, HistogramColumns, RecordType, Samples, decode_float_histograms, decode_histograms,
    decode_samples,
};
use wal::{Damage, Entry, Position, Segment, SegmentReader};

use super::pool::{Buffer, Held, Pool};
use super::segments::{tell_damaged, tell_senseless};
use crate::Error;
use crate::head::Memory;

/// What is read, in the order of the log.
#[derive(Debug)]
pub(super) enum Item {
    /// What follows stands in this segment.
    Segment(Segment),
    /// Samples of one record or of several.
    Floats(Held<Samples>),
    Histograms(Held<HistogramColumns<Histogram>>),
    FloatHistograms(Held<HistogramColumns<FloatHistogram>>),
    /// A record of another kind, and where it stands in the segment.
    Record(u64, Held<Vec<u8>>),
    /// The segment is read, and this is damaged in it.
    End(Segment, Vec<Damage>),
}

/// Takes what is read; says whether to go on.
pub(super) type TakeItem<'a> = dyn FnMut(Item) -> bool + 'a;

/// Bytes of one kind that are read ahead, decompressed.
const AHEAD_BYTES: usize = 8 << 20;
/// So many samples of small records are handed over together.
const SAMPLES_TOGETHER: usize = 4096;
/// What a sample takes in columns.
const SAMPLE_BYTES: usize = 32;
/// What it takes at least in a record.
const RECORDED_BYTES_MIN: usize = 10;
/// How many times the bytes of its record a histogram may take in columns.
const HISTOGRAM_GROWTH: usize = 16;

impl Buffer for Samples {
    fn empty(&mut self) {
        self.clear();
    }
}

impl Buffer for Vec<u8> {
    fn empty(&mut self) {
        self.clear();
    }
}

impl<H> Buffer for HistogramColumns<H>
where
    Self: Default,
{
    fn empty(&mut self) {
        *self = Self::default();
    }
}

/// Reads segments one after the other.
pub(super) struct Reading<'a> {
    fs: &'a Arc<dyn FileSystem>,
    memory: &'a Memory,
    /// What stands before it is left out.
    from: Position,
    floats: Arc<Pool<Samples>>,
    histograms: Arc<Pool<HistogramColumns<Histogram>>>,
    float_histograms: Arc<Pool<HistogramColumns<FloatHistogram>>>,
    records: Arc<Pool<Vec<u8>>>,
    /// Floats that wait for more.
    waiting: Option<Held<Samples>>,
}

/// Whoever takes the items wants no more.
struct Enough;

impl<'a> Reading<'a> {
    pub(super) fn new(fs: &'a Arc<dyn FileSystem>, memory: &'a Memory, from: Position) -> Self {
        Self {
            fs,
            memory,
            from,
            floats: Pool::new(AHEAD_BYTES),
            histograms: Pool::new(AHEAD_BYTES),
            float_histograms: Pool::new(AHEAD_BYTES),
            records: Pool::new(AHEAD_BYTES),
            waiting: None,
        }
    }

    /// Hands all that the segments hold to `take`, until that wants no more.
    ///
    /// # Errors
    /// Where a segment cannot be read.
    pub(super) fn read(mut self, segments: &[Segment], take: &mut TakeItem<'_>) -> Result<(), Error> {
        for segment in segments {
            if self.segment(segment, take)?.is_err() {
                break;
            }
        }
        Ok(())
    }

    fn segment(&mut self, segment: &Segment, take: &mut TakeItem<'_>) -> Result<Result<(), Enough>, Error> {
        let mut reader = SegmentReader::open(&**self.fs, segment)?;
        let mut damages = Vec::new();
        let mut taken = give(take, Item::Segment(segment.clone()));
        while let Some(entry) = reader.next_entry()? {
            match entry {
                Entry::Damage(damage) => damages.push(damage),
                Entry::Record { offset, .. } if Position { segment: segment.number, offset } < self.from => {}
                Entry::Record { offset, bytes } => {
                    let (decoded, result) = self.record(offset, bytes, take);
                    if let Err(error) = decoded {
                        tell_senseless(segment, offset, error, self.memory);
                    }
                    taken = taken.and(result);
                }
            }
            if taken.is_err() {
                return Ok(taken);
            }
        }
        tell_damaged(segment, &damages, self.memory);
        Ok(self.flush(take).and_then(|()| give(take, Item::End(segment.clone(), damages))))
    }

    fn record(
        &mut self,
        offset: u64,
        record: &[u8],
        take: &mut TakeItem<'_>,
    ) -> (Result<(), DecodeError>, Result<(), Enough>) {
        let kind = RecordType::of(record);
        if let Some(RecordType::Samples | RecordType::SamplesV2) = kind {
            let samples_max = record.len() / RECORDED_BYTES_MIN;
            let does_fit = |waiting: &Held<Samples>| waiting.len() + samples_max <= SAMPLES_TOGETHER;
            let flushed = if self.waiting.as_ref().is_none_or(does_fit) { Ok(()) } else { self.flush(take) };
            let room = samples_max.max(SAMPLES_TOGETHER);
            let waiting = self.waiting.get_or_insert_with(|| self.floats.take(room * SAMPLE_BYTES));
            return (decode_samples(record, waiting), flushed);
        }
        let flushed = self.flush(take);
        let (decoded, item) = match kind {
            Some(RecordType::Histograms | RecordType::CustomHistograms | RecordType::HistogramsV2) => {
                let mut columns = self.histograms.take(record.len() * HISTOGRAM_GROWTH);
                (decode_histograms(record, &mut columns), Item::Histograms(columns))
            }
            Some(
                RecordType::FloatHistograms
                | RecordType::CustomFloatHistograms
                | RecordType::FloatHistogramsV2,
            ) => {
                let mut columns = self.float_histograms.take(record.len() * HISTOGRAM_GROWTH);
                (decode_float_histograms(record, &mut columns), Item::FloatHistograms(columns))
            }
            _ => {
                let mut copy = self.records.take(record.len());
                copy.extend_from_slice(record);
                (Ok(()), Item::Record(offset, copy))
            }
        };
        (decoded, flushed.and_then(|()| give(take, item)))
    }

    /// Hands over the floats that wait.
    fn flush(&mut self, take: &mut TakeItem<'_>) -> Result<(), Enough> {
        self.waiting.take().map_or(Ok(()), |floats| give(take, Item::Floats(floats)))
    }
}

fn give(take: &mut TakeItem<'_>, item: Item) -> Result<(), Enough> {
    if take(item) { Ok(()) } else { Err(Enough) }
}
