//! Series of the head that a selector has found, and their samples.

use std::sync::Arc;

use chunks::Encoding;
use model::{Annotations, Labels, SeriesRef};
use storage::merge::{append_columns, merge_columns};
use storage::{EncodedChunk, Result, SampleColumns, SeriesSet, TimeRange};

use super::Head;
use super::chunk::{FullChunk, OpenChunk};
use super::files::FileChunk;
use super::late::TakenLate;
use super::pages::number_of;
use super::querier::{HeadRange, View};
use super::read::{ColumnReader, without_deleted, without_newest};
use super::series::Series;
use crate::Error;
use crate::block::{Intervals, Tombstones, recode};

/// Series of the head, by position.
pub(crate) struct HeadSet {
    pub(super) head: Arc<Head>,
    pub(super) view: Arc<View>,
    pub(super) range: HeadRange,
    pub(super) series: Vec<SeriesRef>,
    /// What is hidden, by the series' references.
    pub(super) deleted: Arc<Tombstones>,
    /// Known where they were needed for sorting.
    pub(super) labels: Option<Vec<Labels>>,
}

/// What is read of a series under its lock; decoding comes after.
#[derive(Default)]
struct Taken {
    /// Chunks in files, the oldest.
    filed: Vec<FileChunk>,
    /// Full chunks in memory, and a copy of the open one.
    chunks: Vec<FullChunk>,
    /// How many of the newest samples are not to be seen.
    hidden: usize,
    /// What came out of order.
    late: Option<TakenLate>,
}

impl HeadSet {
    fn take(&self, position: usize, range: HeadRange) -> Option<Taken> {
        let series = *self.series.get(position)?;
        self.head.memory.pages.read(series, |series| take(series, range, self.view.commits.horizon()))
    }

    fn deleted_of(&self, position: usize) -> Option<&Intervals> {
        self.deleted.of(self.series.get(position)?.0)
    }

    /// Decodes what came in order, behind what `out` holds.
    fn read_in_order(
        &self,
        taken: &Taken,
        range: TimeRange,
        deleted: Option<&Intervals>,
        out: &mut SampleColumns,
    ) -> Result<()> {
        let mut columns = ColumnReader::new(out, taken.hidden);
        let mut buffer = Vec::new();
        let files = &self.head.memory.files;
        // Of samples that are hidden it must be known which chunk they came from.
        let decoded = files.decoded().filter(|_| taken.hidden == 0);
        for chunk in &taken.filed {
            if decoded.is_some_and(|decoded| columns.add_known(decoded, chunk.key(), range)) {
                continue;
            }
            files.read(chunk, &mut buffer)?;
            let keeper =
                decoded.filter(|decoded| chunk.encoding() == Encoding::Xor && decoded.wants(chunk.key()));
            columns.add(chunk.encoding(), &buffer)?;
            if let Some(decoded) = keeper {
                let (timestamps, values) = columns.newest_floats();
                decoded.keep(chunk.key(), timestamps, values);
            }
        }
        for chunk in &taken.chunks {
            columns.add(chunk.encoding, &chunk.bytes)?;
        }
        columns.finish(range, deleted);
        Ok(())
    }

    /// The chunks of what came in order.
    fn chunks_in_order(
        &self,
        taken: Taken,
        range: TimeRange,
        deleted: Option<&Intervals>,
    ) -> Result<Vec<EncodedChunk>> {
        let mut hidden = taken.hidden;
        let filed = taken.filed.iter().map(|chunk| self.head.memory.files.read_full(chunk));
        let mut chunks = filed.collect::<std::result::Result<Vec<FullChunk>, Error>>()?;
        chunks.extend(taken.chunks);
        let mut encoded = Vec::with_capacity(chunks.len());
        for chunk in chunks.iter().rev() {
            let whole = EncodedChunk {
                start: chunk.start,
                end: chunk.end,
                encoding: chunk.encoding.id(),
                data: chunk.bytes.to_vec(),
            };
            encoded.extend(if hidden > 0 { without_newest(chunk, &mut hidden)? } else { Some(whole) });
        }
        encoded.retain(|chunk| TimeRange::new(chunk.start, chunk.end).overlaps(range));
        encoded.reverse();
        without_deleted(encoded, deleted)
    }
}

fn take(series: &Series, range: HeadRange, horizon: u64) -> Taken {
    let late = series.late().filter(|late| late.overlaps(range.late));
    let late = late.map(|late| late.take(range.late, horizon));
    let range = range.in_order;
    let hidden = series.hidden(horizon);
    // Hidden samples are counted from the end, so all behind the first of them must be at hand.
    let wanted =
        |start, end| TimeRange::new(start, end).overlaps(range) || (hidden > 0 && end >= range.start);
    let first = series.full().partition_point(|chunk| chunk.end < range.start);
    let full = series.full().iter().skip(first).filter(|chunk| wanted(chunk.start, chunk.end)).cloned();
    let open = series.open.as_ref().filter(|open| wanted(open.start(), open.end())).map(OpenChunk::copy);
    let first = series.filed().partition_point(|chunk| chunk.end() < range.start);
    let filed = series.filed().iter().skip(first).filter(|chunk| wanted(chunk.start(), chunk.end()));
    Taken { filed: filed.copied().collect(), chunks: full.chain(open).collect(), hidden, late }
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
        let range = self.range.clip(range);
        let Some(mut taken) = self.take(position, range) else { return Ok(()) };
        let deleted = self.deleted_of(position);
        let Some(late) = taken.late.take() else {
            return self.read_in_order(&taken, range.in_order, deleted, out);
        };
        let (mut merged, mut columns) = (SampleColumns::new(), SampleColumns::new());
        self.read_in_order(&taken, range.in_order, deleted, &mut merged)?;
        for sample in late.decode(&self.head.memory.files)? {
            if range.late.contains(sample.timestamp) {
                recode::push(&mut columns, sample);
            }
        }
        merge_columns(&mut merged, columns);
        append_columns(out, merged);
        Ok(())
    }

    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>> {
        let range = self.range.clip(range);
        let Some(mut taken) = self.take(position, range) else { return Ok(Vec::new()) };
        let late = taken.late.take();
        let mut chunks = self.chunks_in_order(taken, range.in_order, self.deleted_of(position))?;
        if let Some(late) = late {
            let samples = late.decode(&self.head.memory.files)?;
            let encoded = recode::encode(&samples).map_err(Error::from)?.into_iter().map(recode::encoded);
            chunks
                .extend(encoded.filter(|chunk| TimeRange::new(chunk.start, chunk.end).overlaps(range.late)));
            chunks = recode::merge_encoded(chunks)?;
        }
        Ok(chunks)
    }

    fn annotations(&self) -> Annotations {
        Annotations::new()
    }
}
