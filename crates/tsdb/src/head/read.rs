//! Chunks to columns.

use chunks::{Encoding, HistogramAppender, ResetHeader, Xor2Appender, XorAppender, decode_floats};
use model::{FloatHistogram, Histogram};
use storage::{EncodedChunk, Error, Result, SampleColumns, TimeRange};

use super::chunk::FullChunk;
use super::kinds::HeadHistogram;

/// Decodes chunks in the order of their times, and leaves the `hidden` newest samples and those outside of the
/// range out.
pub(crate) fn read_chunks(
    chunks: &[FullChunk],
    hidden: usize,
    range: TimeRange,
    out: &mut SampleColumns,
) -> Result<()> {
    let floats = out.timestamps.len();
    let histograms = out.histograms.timestamps.len();
    let mut decoded = Vec::with_capacity(if hidden > 0 { chunks.len() } else { 0 });
    for chunk in chunks {
        let samples = decode(chunk, out).map_err(|error| Error::Corrupt(error.to_string()))?;
        if hidden > 0 {
            decoded.push((chunk.encoding.holds_floats(), samples));
        }
    }
    let mut hidden = hidden;
    while let Some((are_floats, samples)) = decoded.pop().filter(|_| hidden > 0) {
        let cut = samples.min(hidden);
        hidden -= cut;
        let column = if are_floats { &out.timestamps } else { &out.histograms.timestamps };
        let kept = column.len().saturating_sub(cut);
        if are_floats {
            truncate((&mut out.timestamps, &mut out.values, &mut out.start_timestamps), kept);
        } else {
            let column = &mut out.histograms;
            truncate((&mut column.timestamps, &mut column.values, &mut column.start_timestamps), kept);
        }
    }
    trim((&mut out.timestamps, &mut out.values, &mut out.start_timestamps), floats, range);
    let column = &mut out.histograms;
    trim((&mut column.timestamps, &mut column.values, &mut column.start_timestamps), histograms, range);
    Ok(())
}

/// Times, values and start times (none, or one for each time).
type Column<'a, T> = (&'a mut Vec<i64>, &'a mut Vec<T>, &'a mut Vec<i64>);

fn decode(chunk: &FullChunk, out: &mut SampleColumns) -> std::result::Result<usize, chunks::Error> {
    if !chunk.encoding.holds_floats() {
        let mut samples = 0;
        chunks::histogram::decode_as_float(chunk.encoding, &chunk.bytes, |timestamp, start, histogram| {
            out.push_histogram(timestamp, start, histogram);
            samples += 1;
        })?;
        return Ok(samples);
    }
    if chunk.encoding == Encoding::Xor {
        let samples = chunks::xor::decode(&chunk.bytes, &mut out.timestamps, &mut out.values)?;
        if !out.start_timestamps.is_empty() {
            out.start_timestamps.resize(out.timestamps.len(), 0);
        }
        return Ok(samples);
    }
    let before = out.timestamps.len();
    let mut starts = Vec::new();
    let samples =
        decode_floats(chunk.encoding, &chunk.bytes, &mut out.timestamps, &mut out.values, &mut starts)?;
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
