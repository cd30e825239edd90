//! Chunks to columns.

use chunks::{Encoding, HistogramAppender, ResetHeader, Xor2Appender, XorAppender, decode_floats};
use model::{FloatHistogram, Histogram};
use storage::{EncodedChunk, Error, Result, SampleColumns, TimeRange};

use super::chunk::FullChunk;
use super::kinds::HeadHistogram;
use crate::block::{Intervals, recode};
use crate::decoded::{ChunkKey, DecodedChunks};

/// Decodes chunks of a series, in the order of their times, into columns.
pub(crate) struct ColumnReader<'a> {
    out: &'a mut SampleColumns,
    /// Where the series begins in the columns.
    floats: usize,
    histograms: usize,
    /// How many of the newest samples are to be left out.
    hidden: usize,
    /// Where the floats of the newest chunk begin.
    newest: usize,
    /// Kinds and sizes of the chunks, where some samples are.
    decoded: Vec<(bool, usize)>,
}

impl<'a> ColumnReader<'a> {
    pub(crate) fn new(out: &'a mut SampleColumns, hidden: usize) -> Self {
        let (floats, histograms) = (out.timestamps.len(), out.histograms.timestamps.len());
        Self { out, floats, histograms, hidden, newest: floats, decoded: Vec::new() }
    }

    /// Adds the samples of the next chunk.
    ///
    /// # Errors
    /// `Corrupt` where the bytes are no chunk.
    pub(crate) fn add(&mut self, encoding: Encoding, bytes: &[u8]) -> Result<()> {
        self.newest = self.out.timestamps.len();
        let samples = decode(encoding, bytes, self.out).map_err(|error| Error::Corrupt(error.to_string()))?;
        if self.hidden > 0 {
            self.decoded.push((encoding.holds_floats(), samples));
        }
        Ok(())
    }

    /// Adds the samples of the next chunk in `range`, where it was decoded before; not while samples are hidden.
    pub(crate) fn add_known(&mut self, decoded: &DecodedChunks, key: ChunkKey, range: TimeRange) -> bool {
        decoded.read(key, range, self.out)
    }

    /// Times and values of the chunk that was added last, where it is one of floats.
    pub(crate) fn newest_floats(&self) -> (&[i64], &[f64]) {
        let newest = self.newest..;
        let timestamps = self.out.timestamps.get(newest.clone()).unwrap_or_default();
        (timestamps, self.out.values.get(newest).unwrap_or_default())
    }

    /// Removes the samples that are to be left out, those outside of the range and those that are deleted.
    pub(crate) fn finish(mut self, range: TimeRange, deleted: Option<&Intervals>) {
        while let Some((are_floats, samples)) = self.decoded.pop().filter(|_| self.hidden > 0) {
            let cut = samples.min(self.hidden);
            self.hidden -= cut;
            if are_floats {
                let kept = self.out.timestamps.len().saturating_sub(cut);
                truncate(floats(self.out), kept);
            } else {
                let kept = self.out.histograms.timestamps.len().saturating_sub(cut);
                truncate(histograms(self.out), kept);
            }
        }
        trim(floats(self.out), self.floats, range);
        trim(histograms(self.out), self.histograms, range);
        if let Some(deleted) = deleted.filter(|deleted| deleted.overlaps(range.start, range.end)) {
            remove(floats(self.out), self.floats, deleted);
            remove(histograms(self.out), self.histograms, deleted);
        }
    }
}

fn floats(out: &mut SampleColumns) -> Column<'_, f64> {
    (&mut out.timestamps, &mut out.values, &mut out.start_timestamps)
}

fn histograms(out: &mut SampleColumns) -> Column<'_, FloatHistogram> {
    let column = &mut out.histograms;
    (&mut column.timestamps, &mut column.values, &mut column.start_timestamps)
}

/// Times, values and start times (none, or one for each time).
type Column<'a, T> = (&'a mut Vec<i64>, &'a mut Vec<T>, &'a mut Vec<i64>);

fn decode(
    encoding: Encoding,
    bytes: &[u8],
    out: &mut SampleColumns,
) -> std::result::Result<usize, chunks::Error> {
    if !encoding.holds_floats() {
        let mut samples = 0;
        chunks::histogram::decode_as_float(encoding, bytes, |timestamp, start, histogram| {
            out.push_histogram(timestamp, start, histogram);
            samples += 1;
        })?;
        return Ok(samples);
    }
    if encoding == Encoding::Xor {
        let samples = chunks::xor::decode(bytes, &mut out.timestamps, &mut out.values)?;
        if !out.start_timestamps.is_empty() {
            out.start_timestamps.resize(out.timestamps.len(), 0);
        }
        return Ok(samples);
    }
    let before = out.timestamps.len();
    let mut starts = Vec::new();
    let samples = decode_floats(encoding, bytes, &mut out.timestamps, &mut out.values, &mut starts)?;
    if starts.iter().any(|start| *start != 0) || !out.start_timestamps.is_empty() {
        out.start_timestamps.resize(before, 0);
        out.start_timestamps.append(&mut starts);
    }
    Ok(samples)
}

fn truncate<T>((timestamps, values, starts): Column<'_, T>, len: usize) {
    timestamps.truncate(len);
    values.truncate(len);
    starts.truncate(len);
}

/// Removes what lies outside of the range, from `first` on.
fn trim<T>((timestamps, values, starts): Column<'_, T>, first: usize, range: TimeRange) {
    let new = timestamps.get(first..).unwrap_or_default();
    let kept = new.partition_point(|timestamp| *timestamp <= range.end);
    let before = new.partition_point(|timestamp| *timestamp < range.start).min(kept);
    truncate((timestamps, values, starts), first + kept);
    if before > 0 {
        timestamps.drain(first..first + before);
        values.drain(first..first + before);
        if !starts.is_empty() {
            starts.drain(first..first + before);
        }
    }
}

/// Removes what is deleted, from `first` on.
fn remove<T>((timestamps, values, starts): Column<'_, T>, first: usize, deleted: &Intervals) {
    let new = timestamps.get(first..).unwrap_or_default();
    let kept: Vec<bool> = new.iter().map(|timestamp| !deleted.contains(*timestamp)).collect();
    if kept.iter().all(|kept| *kept) {
        return;
    }
    retain_from(timestamps, first, &kept);
    retain_from(values, first, &kept);
    retain_from(starts, first, &kept);
}

/// Keeps what stands before `first`, and behind it what is marked.
fn retain_from<T>(column: &mut Vec<T>, first: usize, kept: &[bool]) {
    let mut marks = std::iter::repeat_n(&true, first).chain(kept);
    column.retain(|_| marks.next().copied().unwrap_or(false));
}

/// The chunks without what is deleted.
pub(crate) fn without_deleted(
    chunks: Vec<EncodedChunk>,
    deleted: Option<&Intervals>,
) -> Result<Vec<EncodedChunk>> {
    let Some(deleted) = deleted else { return Ok(chunks) };
    let corrupt = |error: chunks::Error| Error::Corrupt(error.to_string());
    let mut kept = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        if !deleted.overlaps(chunk.start, chunk.end) {
            kept.push(chunk);
            continue;
        }
        let mut samples = Vec::new();
        let encoding = Encoding::from_id(chunk.encoding).map_err(corrupt)?;
        recode::decode(encoding, &chunk.data, &mut samples).map_err(corrupt)?;
        recode::remove_deleted(&mut samples, deleted);
        kept.extend(recode::encode(&samples).map_err(corrupt)?.into_iter().map(recode::encoded));
    }
    Ok(kept)
}

/// The chunk encoded anew without its `hidden` newest samples, from which the removed ones are taken; `None` where
/// nothing is left.
pub(crate) fn without_newest(chunk: &FullChunk, hidden: &mut usize) -> Result<Option<EncodedChunk>> {
    let corrupt = |error: chunks::Error| Error::Corrupt(error.to_string());
    let encoded = match chunk.encoding {
        Encoding::Xor | Encoding::Xor2 => floats_without_newest(chunk, hidden),
        Encoding::Histogram | Encoding::HistogramSt => histograms_without_newest::<Histogram>(chunk, hidden),
        Encoding::FloatHistogram | Encoding::FloatHistogramSt => {
            histograms_without_newest::<FloatHistogram>(chunk, hidden)
        }
    };
    encoded.map_err(corrupt)
}

fn floats_without_newest(
    chunk: &FullChunk,
    hidden: &mut usize,
) -> std::result::Result<Option<EncodedChunk>, chunks::Error> {
    let (mut timestamps, mut values, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    let samples = decode_floats(chunk.encoding, &chunk.bytes, &mut timestamps, &mut values, &mut starts)?;
    let kept = samples.saturating_sub(*hidden);
    *hidden -= samples - kept;
    starts.resize(samples, 0);
    let mut data = Vec::with_capacity(chunk.bytes.len());
    let all = timestamps.iter().zip(&starts).zip(&values).take(kept);
    if chunk.encoding == Encoding::Xor2 {
        let mut appender = Xor2Appender::new(&mut data);
        for ((timestamp, start), value) in all {
            appender.append(&mut data, (*timestamp, *start), *value)?;
        }
    } else {
        let mut appender = XorAppender::new(&mut data);
        for ((timestamp, _), value) in all {
            appender.append(&mut data, *timestamp, *value)?;
        }
    }
    Ok(encoded_until(chunk, kept.checked_sub(1).and_then(|last| timestamps.get(last)), data))
}

fn histograms_without_newest<H: HeadHistogram>(
    chunk: &FullChunk,
    hidden: &mut usize,
) -> std::result::Result<Option<EncodedChunk>, chunks::Error> {
    let mut all = Vec::new();
    chunks::histogram::decode::<H>(chunk.encoding, &chunk.bytes, |timestamp, start, histogram| {
        all.push(((timestamp, start), histogram));
    })?;
    let kept = all.len().saturating_sub(*hidden);
    *hidden -= all.len() - kept;
    let reset: ResetHeader = chunks::histogram::reset_header(chunk.encoding, &chunk.bytes)?;
    let with_starts = chunk.encoding.has_start_timestamps();
    let mut data = Vec::with_capacity(chunk.bytes.len());
    let mut appender: Option<HistogramAppender<H>> = None;
    for (time, histogram) in all.iter().take(kept) {
        match &mut appender {
            Some(appender) => drop(appender.append(&mut data, *time, histogram)?),
            None => {
                appender = Some(HistogramAppender::start(&mut data, with_starts, reset, *time, histogram)?);
            }
        }
    }
    let last = kept.checked_sub(1).and_then(|last| all.get(last)).map(|((timestamp, _), _)| timestamp);
    Ok(encoded_until(chunk, last, data))
}

fn encoded_until(chunk: &FullChunk, end: Option<&i64>, data: Vec<u8>) -> Option<EncodedChunk> {
    let encoding = chunk.encoding.id();
    end.map(|end| EncodedChunk { start: chunk.start, end: *end, encoding, data })
}
