//! Series of the head that a selector has found, and their samples.

use std::sync::Arc;

use chunks::{Encoding, XorAppender};
use model::{Annotations, Labels, SeriesRef};
use storage::{EncodedChunk, Error, Result, SampleColumns, SeriesSet, TimeRange};

use super::Head;
use super::chunk::FullChunk;
use super::isolation::ReadView;
use super::pages::number_of;
use super::series::Series;

/// Series of the head, by position.
pub(crate) struct HeadSet {
    pub(super) head: Arc<Head>,
    pub(super) view: Arc<ReadView>,
    pub(super) range: TimeRange,
    pub(super) series: Vec<SeriesRef>,
    /// Known where they were needed for sorting.
    pub(super) labels: Option<Vec<Labels>>,
}

/// What is read of a series under its lock; decoding comes after.
#[derive(Default)]
struct Taken {
    full: Vec<FullChunk>,
    /// The bytes of the open chunk, empty where it is not needed.
    open: Vec<u8>,
    /// How many of the newest samples are not to be seen.
    hidden: usize,
}

impl HeadSet {
    fn take(&self, position: usize, range: TimeRange) -> Option<Taken> {
        let series = *self.series.get(position)?;
        self.head.memory.pages.read(series, |series| take(series, range, self.view.horizon()))
    }

    fn clip(&self, range: TimeRange) -> TimeRange {
        TimeRange::new(range.start.max(self.range.start), range.end.min(self.range.end))
    }
}

fn take(series: &Series, range: TimeRange, horizon: u64) -> Taken {
    let hidden = series.hidden(horizon);
    // Hidden samples are counted from the end, so all behind the first of them must be at hand.
    let wanted =
        |start, end| TimeRange::new(start, end).overlaps(range) || (hidden > 0 && end >= range.start);
    let first = series.full.partition_point(|chunk| chunk.end < range.start);
    let full = series.full.iter().skip(first).filter(|chunk| wanted(chunk.start, chunk.end));
    let open = series.open.as_ref().filter(|open| wanted(open.start(), open.end()));
    Taken {
        full: full.cloned().collect(),
        open: open.map(|open| open.bytes().to_vec()).unwrap_or_default(),
        hidden,
    }
}

impl SeriesSet for HeadSet {
    fn len(&self) -> usize {
        self.series.len()
    }

    fn labels(&self, position: usize) -> Labels {
        match &self.labels {
            Some(labels) => labels.get(position).cloned().unwrap_or_default(),
            None => {
                let number = self.series.get(position).map_or(0, |series| number_of(*series));
                self.head.memory.labels.read().labels(number)
            }
        }
    }

    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()> {
        let range = self.clip(range);
        let Some(taken) = self.take(position, range) else { return Ok(()) };
        let start = out.timestamps.len();
        for chunk in &taken.full {
            decode(&chunk.bytes, &mut out.timestamps, &mut out.values)?;
        }
        if !taken.open.is_empty() {
            decode(&taken.open, &mut out.timestamps, &mut out.values)?;
        }
        let end = out.timestamps.len().saturating_sub(taken.hidden).max(start);
        out.timestamps.truncate(end);
        out.values.truncate(end);
        trim(out, start, range);
        if !out.start_timestamps.is_empty() {
            out.start_timestamps.resize(out.timestamps.len(), 0);
        }
        Ok(())
    }

    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>> {
        let range = self.clip(range);
        let Some(taken) = self.take(position, range) else { return Ok(Vec::new()) };
        let mut encoded: Vec<EncodedChunk> = Vec::with_capacity(taken.full.len() + 1);
        if taken.hidden > 0 {
            return recode(&taken, range);
        }
        for chunk in &taken.full {
            let data = chunk.bytes.to_vec();
            encoded.push(EncodedChunk {
                start: chunk.start,
                end: chunk.end,
                encoding: chunk.encoding.id(),
                data,
            });
        }
        if !taken.open.is_empty() {
            encoded.extend(recode(&Taken { full: Vec::new(), ..taken }, range)?);
        }
        Ok(encoded)
    }

    fn annotations(&self) -> Annotations {
        Annotations::new()
    }
}

/// Encodes the samples that may be seen into one new chunk.
fn recode(taken: &Taken, range: TimeRange) -> Result<Vec<EncodedChunk>> {
    let (mut timestamps, mut values) = (Vec::new(), Vec::new());
    for bytes in taken.full.iter().map(|chunk| &*chunk.bytes).chain([&*taken.open]) {
        if !bytes.is_empty() {
            decode(bytes, &mut timestamps, &mut values)?;
        }
    }
    timestamps.truncate(timestamps.len().saturating_sub(taken.hidden));
    let (Some(&start), Some(&end)) = (timestamps.first(), timestamps.last()) else { return Ok(Vec::new()) };
    if !TimeRange::new(start, end).overlaps(range) {
        return Ok(Vec::new());
    }
    let mut data = Vec::new();
    let mut appender = XorAppender::new(&mut data);
    for (timestamp, value) in timestamps.iter().zip(&values) {
        appender.append(&mut data, *timestamp, *value).map_err(Error::internal)?;
    }
    Ok(vec![EncodedChunk { start, end, encoding: Encoding::Xor.id(), data }])
}

fn decode(bytes: &[u8], timestamps: &mut Vec<i64>, values: &mut Vec<f64>) -> Result<()> {
    chunks::xor::decode(bytes, timestamps, values).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(())
}

/// Removes what lies outside of the range, from `start` on.
fn trim(out: &mut SampleColumns, start: usize, range: TimeRange) {
    let new = out.timestamps.get(start..).unwrap_or_default();
    let before = new.partition_point(|timestamp| *timestamp < range.start);
    let kept = new.partition_point(|timestamp| *timestamp <= range.end);
    out.timestamps.truncate(start + kept);
    out.values.truncate(start + kept);
    if before > 0 {
        out.timestamps.drain(start..start + before.min(kept));
        out.values.drain(start..start + before.min(kept));
    }
}
