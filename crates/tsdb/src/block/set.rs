//! Series of a block that a selector has found, and their samples.

use std::borrow::Cow;
use std::sync::Arc;

use chunks::{Encoding, decode_floats};
use index::ChunkMeta;
use model::Labels;
use storage::{EncodedChunk, Result, SampleColumns, SeriesSet, TimeRange};

use super::recode::{self, Sample};
use super::selections::{Found, Selections};
use super::{Block, Intervals, Tombstones};
use crate::decoded::{ChunkKey, DecodedChunks};

/// Series of a block, by position.
#[derive(Debug)]
pub(super) struct BlockSet {
    block: Arc<Block>,
    tombstones: Arc<Tombstones>,
    range: TimeRange,
    found: Arc<Found>,
    /// Those of them that are kept, by place; all of them where there is no list.
    kept: Option<Vec<u32>>,
    selections: Option<Arc<Selections>>,
    decoded: Option<Arc<DecodedChunks>>,
}

/// The chunks of a series that a reader needs.
struct Needed<'a> {
    metas: Cow<'a, [ChunkMeta]>,
    deleted: Cow<'a, Intervals>,
    /// Whether some of the chunks overlap in time.
    overlapping: bool,
}

impl BlockSet {
    pub(super) fn new(
        block: Arc<Block>,
        range: TimeRange,
        found: Arc<Found>,
        selections: Option<Arc<Selections>>,
        decoded: Option<Arc<DecodedChunks>>,
    ) -> Self {
        let tombstones = block.tombstones();
        Self { block, tombstones, range, found, kept: None, selections, decoded }
    }

    /// Keeps the first `limit` series that have a chunk in `range` of which not all is deleted.
    pub(super) fn keep_populated(&mut self, range: TimeRange, limit: usize) -> Result<()> {
        let mut kept = Vec::new();
        for (place, number) in (0_u32..).zip(self.found.numbers()) {
            if kept.len() >= limit {
                break;
            }
            if !self.find(place as usize, *number, range)?.metas.is_empty() {
                kept.push(place);
            }
        }
        self.kept = Some(kept);
        Ok(())
    }

    /// The place of a series in what was found, and its number.
    fn place(&self, position: usize) -> Option<(usize, u32)> {
        let place = match &self.kept {
            Some(kept) => *kept.get(position)? as usize,
            None => position,
        };
        Some((place, *self.found.numbers().get(place)?))
    }

    /// The chunks of a series in `range`.
    fn find(&self, place: usize, number: u32, range: TimeRange) -> Result<Needed<'_>> {
        let mut metas = self.found.chunks(&self.block, place, (range.start, range.end))?;
        let deleted = self.tombstones.of(u64::from(number)).map_or_else(Cow::default, Cow::Borrowed);
        if !deleted.is_empty() {
            metas.to_mut().retain(|meta| !deleted.covers(meta.start, meta.end));
        }
        let overlapping = !metas.is_sorted_by(|a, b| a.end < b.start);
        Ok(Needed { metas, deleted, overlapping })
    }

    fn found_at(&self, position: usize, range: TimeRange) -> Result<Needed<'_>> {
        match self.place(position) {
            Some((place, number)) => self.find(place, number, range),
            None => Ok(Needed { metas: Cow::default(), deleted: Cow::default(), overlapping: false }),
        }
    }

    fn clip(&self, range: TimeRange) -> TimeRange {
        TimeRange::new(range.start.max(self.range.start), range.end.min(self.range.end))
    }

    /// The samples of all chunks, merged, without what is deleted.
    fn samples(&self, found: &Needed<'_>) -> Result<Vec<Sample>> {
        let mut sources = Vec::with_capacity(found.metas.len());
        for meta in found.metas.iter() {
            let (encoding, data) = self.block.chunk(meta.reference)?;
            let mut samples = Vec::new();
            recode::decode(encoding, data, &mut samples).map_err(|error| self.damaged(&error))?;
            recode::remove_deleted(&mut samples, &found.deleted);
            sources.push(samples);
        }
        Ok(recode::merge(sources))
    }

    /// Appends the samples of a chunk; tells whether none of them are outside of the range.
    fn read_chunk(&self, reference: u64, range: TimeRange, out: &mut SampleColumns) -> Result<bool> {
        let key = ChunkKey::of_block(self.block.ulid(), reference);
        if self.decoded.as_ref().is_some_and(|decoded| decoded.read(key, range, out)) {
            return Ok(true);
        }
        let (encoding, data) = self.block.chunk(reference)?;
        let keeps = encoding == Encoding::Xor;
        let keeper = self.decoded.as_ref().filter(|decoded| keeps && decoded.wants(key));
        let before = out.timestamps.len();
        let last = if keeper.is_some() { i64::MAX } else { range.end };
        decode_into(encoding, data, last, out).map_err(|error| self.damaged(&error))?;
        if let (Some(decoded), Some(timestamps), Some(values)) =
            (keeper, out.timestamps.get(before..), out.values.get(before..))
        {
            decoded.keep(key, timestamps, values);
        }
        Ok(false)
    }

    fn damaged(&self, error: &chunks::Error) -> storage::Error {
        storage::Error::Corrupt(format!("{}: {error}", self.block.folder().display()))
    }
}

impl SeriesSet for BlockSet {
    fn len(&self) -> usize {
        self.kept.as_ref().map_or(self.found.numbers().len(), Vec::len)
    }

    fn labels(&self, position: usize) -> Labels {
        let Some((place, number)) = self.place(position) else { return Labels::empty() };
        if let Some(labels) = self.found.known_labels().and_then(|labels| labels.get(place)) {
            return labels.clone();
        }
        match self.block.index().labels(number) {
            Ok(labels) => labels,
            // Its entry was readable when the series was found; now its samples are not either.
            Err(_) => Labels::empty(),
        }
    }

    fn all_labels(&self) -> Result<Arc<[Labels]>> {
        let Some(kept) = &self.kept else {
            let labels = self.found.labels(&self.block)?;
            if let Some(selections) = &self.selections {
                selections.shrink();
            }
            return Ok(Arc::clone(labels));
        };
        let mut sets = self.block.index().label_sets();
        let numbers = kept.iter().filter_map(|place| self.found.numbers().get(*place as usize));
        let labels: std::result::Result<_, _> = numbers.map(|number| sets.labels(*number)).collect();
        Ok(labels.map_err(self.block.index_error())?)
    }

    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()> {
        let range = self.clip(range);
        let found = self.found_at(position, range)?;
        if found.overlapping {
            for sample in self.samples(&found)? {
                if range.contains(sample.timestamp) {
                    recode::push(out, sample);
                }
            }
            return Ok(());
        }
        let before = (out.timestamps.len(), out.histograms.timestamps.len());
        let mut is_exact = found.deleted.is_empty();
        for meta in found.metas.iter() {
            is_exact &= self.read_chunk(meta.reference, range, out)?;
        }
        if is_exact {
            return Ok(());
        }
        trim(out, before, range, &found.deleted);
        Ok(())
    }

    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>> {
        let found = self.found_at(position, self.clip(range))?;
        let encoded = |chunk: &super::Chunk<'_>| EncodedChunk {
            start: chunk.start,
            end: chunk.end,
            encoding: chunk.encoding.id(),
            data: chunk.data.to_vec(),
        };
        if found.overlapping {
            let chunks = recode::encode(&self.samples(&found)?).map_err(|error| self.damaged(&error))?;
            return Ok(chunks.iter().map(encoded).collect());
        }
        let mut all = Vec::with_capacity(found.metas.len());
        for meta in found.metas.iter() {
            if found.deleted.overlaps(meta.start, meta.end) {
                let one =
                    Needed { metas: vec![*meta].into(), deleted: found.deleted.clone(), overlapping: false };
                let samples = self.samples(&one)?;
                let chunks = recode::encode(&samples).map_err(|error| self.damaged(&error))?;
                all.extend(chunks.iter().map(encoded));
            } else {
                all.push(encoded(&self.block.chunk_of(meta)?));
            }
        }
        Ok(all)
    }
}

/// Decodes a chunk behind what the columns hold; what lies behind the time `last` may be left out.
fn decode_into(
    encoding: Encoding,
    data: &[u8],
    last: i64,
    out: &mut SampleColumns,
) -> std::result::Result<(), chunks::Error> {
    if !encoding.holds_floats() {
        let column = &mut out.histograms;
        chunks::histogram::decode_as_float(encoding, data, |timestamp, start, histogram| {
            fill_starts(&mut column.start_timestamps, column.timestamps.len(), start);
            column.timestamps.push(timestamp);
            column.values.push(histogram);
        })?;
        return Ok(());
    }
    let before = out.timestamps.len();
    if encoding.has_start_timestamps() {
        out.start_timestamps.resize(before, 0);
    }
    if encoding == Encoding::Xor {
        chunks::xor::decode_until(data, last, &mut out.timestamps, &mut out.values)?;
    } else {
        decode_floats(encoding, data, &mut out.timestamps, &mut out.values, &mut out.start_timestamps)?;
    }
    if !out.start_timestamps.is_empty() {
        out.start_timestamps.resize(out.timestamps.len(), 0);
    }
    Ok(())
}

/// Keeps a column of start times empty until the first one that is known, then as long as the others.
fn fill_starts(starts: &mut Vec<i64>, samples_before: usize, start: i64) {
    if start != 0 || !starts.is_empty() {
        starts.resize(samples_before, 0);
        starts.push(start);
    }
}

/// Removes what lies outside of the range or is deleted, from the given places on.
fn trim(out: &mut SampleColumns, before: (usize, usize), range: TimeRange, deleted: &Intervals) {
    let keeps = |timestamp: i64| range.contains(timestamp) && !deleted.contains(timestamp);
    let kept = Kept::of(&out.timestamps, before.0, range, deleted, keeps);
    kept.apply(&mut out.timestamps);
    kept.apply(&mut out.values);
    kept.apply(&mut out.start_timestamps);
    let column = &mut out.histograms;
    let kept = Kept::of(&column.timestamps, before.1, range, deleted, keeps);
    kept.apply(&mut column.timestamps);
    kept.apply(&mut column.values);
    kept.apply(&mut column.start_timestamps);
}

/// Which samples of a column stay: all up to `from`, and of the others those of `place`, without `removed`.
struct Kept {
    from: usize,
    place: std::ops::Range<usize>,
    removed: Vec<usize>,
}

impl Kept {
    fn of(
        timestamps: &[i64],
        from: usize,
        range: TimeRange,
        deleted: &Intervals,
        keeps: impl Fn(i64) -> bool,
    ) -> Self {
        let new = timestamps.get(from..).unwrap_or_default();
        let start = new.partition_point(|timestamp| *timestamp < range.start);
        let end = new.partition_point(|timestamp| *timestamp <= range.end).max(start);
        let mut removed = Vec::new();
        if !deleted.is_empty() {
            let inside = (from + start..).zip(new.get(start..end).unwrap_or_default());
            removed.extend(inside.filter(|(_, timestamp)| !keeps(**timestamp)).map(|(place, _)| place));
        }
        Self { from, place: from + start..from + end, removed }
    }

    fn apply<T>(&self, column: &mut Vec<T>) {
        if column.is_empty() {
            return;
        }
        column.truncate(self.place.end);
        if !self.removed.is_empty() {
            let mut removed = self.removed.iter().peekable();
            let mut place = 0;
            column.retain(|_| {
                place += 1;
                removed.next_if(|removed| **removed + 1 == place).is_none()
            });
        }
        if self.place.start > self.from {
            column.drain(self.from..self.place.start);
        }
    }
}
