//! Writes a span of time of the head as a block.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use foldhash::fast::RandomState;
use index::{LabelPair, SymbolSet};
use model::{Labels, SeriesRef};
use platform::FileSystem;
use storage::TimeRange;

use super::chunk::{FullChunk, OpenChunk};
use super::files::FileChunk;
use super::memory::Memory;
use super::pages::number_of;
use super::series::Series;
use crate::Error;
use crate::block::{BlockMeta, BlockWriter, BlockWriterSettings, Chunk, Intervals, recode};

/// Which samples of the head a block is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Those that came in order.
    InOrder,
    /// The late ones that were chosen to leave.
    Late,
}

/// Where a block goes.
pub(crate) struct Target<'a> {
    pub(crate) fs: &'a Arc<dyn FileSystem>,
    pub(crate) folder: &'a Path,
    pub(crate) settings: BlockWriterSettings,
}

/// Series by their first label. Labels are sorted label by label, so series of one group follow each other.
type Groups = HashMap<LabelPair, Vec<SeriesRef>, RandomState>;

impl Memory {
    /// Writes the samples of `[meta.min_time, meta.max_time)` as a block; `None` where there are none.
    ///
    /// Nothing may be appended there in order any more. `go_on` is asked from time to time.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`], [`Error::Chunk`], [`Error::Stopped`].
    pub(crate) fn write_block(
        &self,
        target: &Target<'_>,
        meta: BlockMeta,
        origin: Origin,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<BlockMeta>, Error> {
        let range = TimeRange::new(meta.min_time, meta.max_time - 1);
        let deleted = self.deleted();
        let is_meant = |series: &Series| match origin {
            Origin::InOrder => series.overlaps(range),
            Origin::Late => series.late().is_some_and(|late| late.leaves(range)),
        };
        self.write_series(target, meta, go_on, is_meant, |series| match origin {
            Origin::InOrder => self.chunks_of(series, range, deleted.of(series.0)),
            Origin::Late => self.leaving_chunks(series, range),
        })
    }

    /// Writes a block of the series that are meant, with what `chunks_of` gives of each.
    pub(super) fn write_series(
        &self,
        target: &Target<'_>,
        meta: BlockMeta,
        go_on: &dyn Fn() -> bool,
        is_meant: impl Fn(&Series) -> bool,
        mut chunks_of: impl FnMut(SeriesRef) -> Result<Vec<Chunk<'static>>, Error>,
    ) -> Result<Option<BlockMeta>, Error> {
        let (groups, symbols) = self.groups(is_meant);
        if groups.is_empty() {
            return Ok(None);
        }
        let mut groups: Vec<(LabelPair, Vec<SeriesRef>)> = groups.into_iter().collect();
        {
            let known = self.labels.read();
            let texts = known.index().symbols();
            groups.sort_unstable_by(|(a, _), (b, _)| {
                let text = |pair: &LabelPair| (texts.text(pair.name), texts.text(pair.value));
                text(a).cmp(&text(b))
            });
        }
        let fs = Arc::clone(target.fs);
        let mut writer = BlockWriter::create(fs, target.folder, meta, symbols, target.settings)?;
        for (_, group) in groups {
            if !go_on() {
                return Err(Error::Stopped);
            }
            let mut series: Vec<(Labels, SeriesRef)> = {
                let known = self.labels.read();
                group.into_iter().map(|series| (known.labels(number_of(series)), series)).collect()
            };
            series.sort_unstable();
            for (labels, series) in series {
                let chunks = chunks_of(series)?;
                if !chunks.is_empty() {
                    writer.add_series(&labels, &chunks)?;
                }
            }
        }
        writer.finish()
    }

    /// The series that are meant, and all texts of their labels.
    fn groups(&self, is_meant: impl Fn(&Series) -> bool) -> (Groups, SymbolSet) {
        let known = self.labels.read();
        let mut groups = Groups::default();
        let mut used = std::collections::HashSet::<index::Symbol, RandomState>::default();
        for number in 0..known.page_count() {
            let Some(page) = self.pages.page(number) else { continue };
            let page = page.read();
            for series in page.iter().filter(|series| series.exists() && is_meant(series)) {
                let pairs = known.pairs(number_of(series.reference));
                let Some(first) = pairs.first() else { continue };
                groups.entry(*first).or_default().push(series.reference);
                used.extend(pairs.iter().flat_map(|pair| [pair.name, pair.value]));
            }
        }
        let texts = known.index().symbols();
        let symbols = SymbolSet::from_texts(used.iter().map(|symbol| texts.text(*symbol)));
        (groups, symbols)
    }

    /// The chunks of a series in a span of time, without what is deleted; those that reach beyond it are cut.
    pub(super) fn chunks_of(
        &self,
        series: SeriesRef,
        range: TimeRange,
        deleted: Option<&Intervals>,
    ) -> Result<Vec<Chunk<'static>>, Error> {
        let mut filed: Vec<FileChunk> = Vec::new();
        let mut full: Vec<FullChunk> = Vec::new();
        self.pages.read(series, |state| {
            let overlaps = |start, end| TimeRange::new(start, end).overlaps(range);
            filed.extend(state.filed().iter().filter(|chunk| overlaps(chunk.start(), chunk.end())));
            full.extend(state.full().iter().filter(|chunk| overlaps(chunk.start, chunk.end)).cloned());
            let open = state.open.as_ref().filter(|open| overlaps(open.start(), open.end()));
            full.extend(open.map(OpenChunk::copy));
        });
        let mut chunks = Vec::with_capacity(filed.len() + full.len());
        for chunk in &filed {
            let mut data = Vec::new();
            self.files.read(chunk, &mut data)?;
            let (start, end, encoding) = (chunk.start(), chunk.end(), chunk.encoding());
            push_within(Chunk { start, end, encoding, data: Cow::Owned(data) }, range, &mut chunks)?;
        }
        for FullChunk { start, end, encoding, bytes } in full {
            let data = Cow::Owned(bytes.to_vec());
            push_within(Chunk { start, end, encoding, data }, range, &mut chunks)?;
        }
        match deleted {
            Some(deleted) => without_deleted(chunks, deleted),
            None => Ok(chunks),
        }
    }
}

/// The chunks written anew where a part of them is deleted.
fn without_deleted(chunks: Vec<Chunk<'static>>, deleted: &Intervals) -> Result<Vec<Chunk<'static>>, Error> {
    let mut kept = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        if deleted.covers(chunk.start, chunk.end) {
            continue;
        }
        if !deleted.overlaps(chunk.start, chunk.end) {
            kept.push(chunk);
            continue;
        }
        let mut samples = Vec::new();
        recode::decode(chunk.encoding, &chunk.data, &mut samples)?;
        recode::remove_deleted(&mut samples, deleted);
        kept.extend(recode::encode(&samples)?);
    }
    Ok(kept)
}

/// Adds a chunk, cut to the range where it reaches beyond.
pub(super) fn push_within(
    chunk: Chunk<'static>,
    range: TimeRange,
    chunks: &mut Vec<Chunk<'static>>,
) -> Result<(), chunks::Error> {
    if range.start <= chunk.start && chunk.end <= range.end {
        chunks.push(chunk);
        return Ok(());
    }
    let mut samples = Vec::new();
    recode::decode(chunk.encoding, &chunk.data, &mut samples)?;
    samples.retain(|sample| range.contains(sample.timestamp));
    if !samples.is_empty() {
        chunks.extend(recode::encode(&samples)?);
    }
    Ok(())
}
