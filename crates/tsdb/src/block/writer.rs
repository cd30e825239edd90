//! Writing a block: series by series, in the order of their labels.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use index::{ChunkMeta, IndexWriter, SymbolSet};
use model::Labels;
use platform::FileSystem;

use super::reader::INDEX_FILE;
use super::segments::{SEGMENT_BYTES_MAX, SegmentWriter};
use super::{BlockMeta, BlockStats, Chunk, Tombstones};
use crate::Error;

/// Added to the name of a folder that is not complete; those are removed when the store opens.
pub(crate) const UNFINISHED_SUFFIX: &str = ".tmp-for-creation";

/// How blocks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockWriterSettings {
    /// A chunk file ends before it gets longer than this.
    pub segment_bytes_max: u64,
}

impl Default for BlockWriterSettings {
    fn default() -> Self {
        Self { segment_bytes_max: SEGMENT_BYTES_MAX }
    }
}

/// Writes a block into a folder with an unfinished name, and gives it its name when it is complete.
#[derive(Debug)]
pub struct BlockWriter {
    fs: Arc<dyn FileSystem>,
    parent: PathBuf,
    unfinished: PathBuf,
    meta: BlockMeta,
    /// Both present until the block is completed.
    files: Option<(SegmentWriter, IndexWriter)>,
    stats: BlockStats,
    /// Whether the folder must be removed when the writer is dropped.
    abandoned: bool,
}

impl BlockWriter {
    /// Begins a block of which `meta` tells all but the figures; `symbols` are the texts of all labels to come.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`].
    pub fn create(
        fs: Arc<dyn FileSystem>,
        parent: &Path,
        meta: BlockMeta,
        symbols: SymbolSet,
        settings: BlockWriterSettings,
    ) -> Result<Self, Error> {
        let unfinished = parent.join(format!("{}{UNFINISHED_SUFFIX}", meta.ulid));
        fs.create_dir_all(&unfinished).map_err(Error::io("create", &unfinished))?;
        let stats = BlockStats::default();
        let parent = parent.to_owned();
        // From here on the folder is removed with the writer, whatever fails.
        let mut writer = Self { fs, parent, unfinished, meta, files: None, stats, abandoned: true };
        let (fs, unfinished) = (&writer.fs, &writer.unfinished);
        let segments = SegmentWriter::create(Arc::clone(fs), unfinished, settings.segment_bytes_max)?;
        let path = unfinished.join(INDEX_FILE);
        let file = fs.create(&path).map_err(Error::io("create", &path))?;
        let index = IndexWriter::new(file, symbols).map_err(Error::index(&path))?;
        writer.files = Some((segments, index));
        Ok(writer)
    }

    /// Adds a series, which must be behind the one before in the order of labels, with its chunks by time.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`], [`Error::Chunk`].
    pub fn add_series(&mut self, labels: &Labels, chunks: &[Chunk<'_>]) -> Result<(), Error> {
        let Some((segments, index)) = &mut self.files else { return Ok(()) };
        let mut metas = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let samples = u64::from(chunks::sample_count(chunk.encoding, &chunk.data)?);
            self.stats.num_samples += samples;
            if chunk.encoding.holds_floats() {
                self.stats.num_float_samples += samples;
            } else {
                self.stats.num_histogram_samples += samples;
            }
            let reference = segments.add(chunk.encoding, &chunk.data)?;
            metas.push(ChunkMeta { start: chunk.start, end: chunk.end, reference });
        }
        let path = self.unfinished.join(INDEX_FILE);
        index.add_series(labels, &metas).map_err(Error::index(&path))?;
        self.stats.num_series += 1;
        self.stats.num_chunks += metas.len() as u64;
        Ok(())
    }

    /// Bytes of memory taken, about.
    pub fn heap_bytes(&self) -> usize {
        self.files.as_ref().map_or(0, |(_, index)| index.heap_bytes())
    }

    /// Completes the block and returns what it is; `None` (and no block) if it has no sample.
    ///
    /// The block survives a crash of the machine once this returns.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Index`].
    pub fn finish(mut self) -> Result<Option<BlockMeta>, Error> {
        if self.stats.num_samples == 0 {
            return Ok(None);
        }
        let fs = Arc::clone(&self.fs);
        let folder = self.parent.join(self.meta.ulid.to_string());
        let meta = self.write_rest()?;
        fs.rename(&self.unfinished, &folder).map_err(Error::io("rename", &self.unfinished))?;
        self.abandoned = false;
        fs.sync_dir(&self.parent).map_err(Error::io("sync", &self.parent))?;
        Ok(Some(meta))
    }

    /// Writes all that is missing in the folder.
    fn write_rest(&mut self) -> Result<BlockMeta, Error> {
        let path = self.unfinished.join(INDEX_FILE);
        if let Some((segments, index)) = self.files.take() {
            segments.finish()?;
            index.finish().map_err(Error::index(&path))?;
        }
        self.meta.stats = std::mem::take(&mut self.stats);
        self.meta.write(&*self.fs, &self.unfinished)?;
        // The last of the files; each of these two syncs the folder too.
        Tombstones::default().write(&*self.fs, &self.unfinished)?;
        Ok(self.meta.clone())
    }
}

impl Drop for BlockWriter {
    fn drop(&mut self) {
        if self.abandoned {
            // What stays is removed when the store opens.
            let _ = self.fs.remove_dir_all(&self.unfinished);
        }
    }
}
