//! Several blocks written as one.

use std::path::Path;
use std::sync::Arc;

use index::SymbolSet;
use platform::FileSystem;
use serde_json::{Map, Value};

use super::merge::Merge;
use crate::Error;
use crate::block::{Block, BlockMeta, BlockStats, BlockWriter, BlockWriterSettings, Parent, Ulid};

/// Told how many bytes of chunks were written since it was last asked; waits as long as others shall go first,
/// and says whether to go on.
pub trait Pace {
    /// See [`Pace`].
    fn go_on(&mut self, bytes: u64) -> bool;
}

impl<F: FnMut(u64) -> bool> Pace for F {
    fn go_on(&mut self, bytes: u64) -> bool {
        self(bytes)
    }
}

/// Writes `sources` as one block into `parent`, without what is deleted, and returns what it is.
///
/// `None` where nothing was left of them: they are marked as deletable. The sources stay; who opens the new block
/// finds them among its parents. When this returns the new block survives a crash of the machine. After an error
/// of the sources themselves they are marked, so that they are not tried again with others.
///
/// # Errors
/// [`Error::Io`], [`Error::Index`], [`Error::Damaged`], [`Error::Chunk`]; [`Error::Stopped`] where `pace` said so.
pub fn compact(
    fs: &Arc<dyn FileSystem>,
    parent: &Path,
    sources: &[Arc<Block>],
    ulid: Ulid,
    settings: BlockWriterSettings,
    pace: &mut dyn Pace,
) -> Result<Option<BlockMeta>, Error> {
    let mut sources: Vec<&Block> = sources.iter().map(|block| &**block).collect();
    sources.sort_by_key(|block| block.meta().min_time);
    let written = write(fs, parent, &sources, ulid, settings, pace);
    match &written {
        Ok(None) => {
            for block in &sources {
                block.update_meta(|meta| {
                    meta.compaction.deletable = true;
                    // What nothing is left of counts no samples.
                    meta.stats.num_samples = 0;
                })?;
            }
        }
        Err(error) if error.is_corruption() => {
            for block in &sources {
                block.update_meta(|meta| meta.compaction.failed = true)?;
            }
        }
        Ok(Some(_)) | Err(_) => {}
    }
    written
}

fn write(
    fs: &Arc<dyn FileSystem>,
    parent: &Path,
    sources: &[&Block],
    ulid: Ulid,
    settings: BlockWriterSettings,
    pace: &mut dyn Pace,
) -> Result<Option<BlockMeta>, Error> {
    let metas: Vec<BlockMeta> = sources.iter().map(|block| block.meta()).collect();
    let Some(meta) = merged_meta(&metas, ulid) else { return Ok(None) };
    let mut symbols = SymbolSet::default();
    for block in sources {
        for text in block.index().symbols() {
            symbols.insert(text.map_err(block.index_error())?);
        }
    }
    let mut writer = BlockWriter::create(Arc::clone(fs), parent, meta, symbols, settings)?;
    // Of samples at one time the one that came in order stays, as in the head.
    let mut ranked = sources.to_vec();
    ranked.sort_by_key(|block| block.meta().is_from_out_of_order());
    let mut merge = Merge::new(ranked)?;
    while let Some((labels, chunks)) = merge.next()? {
        if chunks.is_empty() {
            continue;
        }
        writer.add_series(&labels, &chunks)?;
        let bytes = chunks.iter().map(|chunk| chunk.data.len() as u64).sum();
        if !pace.go_on(bytes) {
            return Err(Error::Stopped);
        }
    }
    writer.finish()
}

/// What the block of several others is; `None` without any.
pub(super) fn merged_meta(sources: &[BlockMeta], ulid: Ulid) -> Option<BlockMeta> {
    let min_time = sources.iter().map(|meta| meta.min_time).min()?;
    let max_time = sources.iter().map(|meta| meta.max_time).max()?;
    let mut meta = BlockMeta::new(ulid, min_time, max_time);
    meta.stats = BlockStats::default();
    let compaction = &mut meta.compaction;
    compaction.level = sources.iter().map(|meta| meta.compaction.level).max()?.saturating_add(1);
    compaction.sources = sources.iter().flat_map(|meta| meta.compaction.sources.iter().copied()).collect();
    compaction.sources.sort_unstable();
    compaction.sources.dedup();
    let parent =
        |meta: &BlockMeta| Parent { ulid: meta.ulid, min_time: meta.min_time, max_time: meta.max_time };
    compaction.parents = sources.iter().map(parent).collect();
    // What is true of all of them stays true: their origin, and what others have noted.
    let (first, others) = sources.split_first()?;
    let in_all = |hint: &&String| others.iter().all(|meta| meta.has_hint(hint));
    compaction.hints = first.compaction.hints.iter().filter(in_all).cloned().collect();
    meta.extensions = noted_in_all(first, others, |meta| &meta.extensions);
    meta.compaction.extensions = noted_in_all(first, others, |meta| &meta.compaction.extensions);
    Some(meta)
}

/// What others than the store have noted of all blocks alike.
fn noted_in_all(
    first: &BlockMeta,
    others: &[BlockMeta],
    notes: fn(&BlockMeta) -> &Map<String, Value>,
) -> Map<String, Value> {
    let is_in_all =
        |(name, value): &(&String, &Value)| others.iter().all(|meta| notes(meta).get(*name) == Some(*value));
    let noted = notes(first).iter().filter(is_in_all);
    noted.map(|(name, value)| (name.clone(), value.clone())).collect()
}
