//! An open block.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chunks::Encoding;
use index::{ChunkMeta, IndexReader};
use model::Labels;
use parking_lot::{Mutex, RwLock};
use platform::FileSystem;
use storage::TimeRange;

use super::meta::META_FILE;
use super::segments::Segments;
use super::tombstones::TOMBSTONES_FILE;
use super::{BlockMeta, Chunk, Intervals, Tombstones, Ulid};
use crate::Error;

/// Name of the index file.
pub(crate) const INDEX_FILE: &str = "index";

/// An open block; shared by the queries that read it.
#[derive(Debug)]
pub struct Block {
    fs: Arc<dyn FileSystem>,
    folder: PathBuf,
    ulid: Ulid,
    is_from_out_of_order: bool,
    meta: RwLock<BlockMeta>,
    index: IndexReader,
    segments: Segments,
    tombstones: RwLock<Arc<Tombstones>>,
    /// Held while what is deleted changes on disk.
    deleting: Mutex<()>,
    small_file_bytes: u64,
}

/// A series of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockSeries {
    /// Its number in the index.
    pub number: u32,
    /// Its labels.
    pub labels: Labels,
    /// Where its chunks stand, sorted by time.
    pub chunks: Vec<ChunkMeta>,
}

impl Block {
    /// Opens the block in `folder`. Index and chunk files are mapped, and their tables checked.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Meta`], [`Error::Index`], [`Error::Damaged`].
    pub fn open(fs: Arc<dyn FileSystem>, folder: &Path) -> Result<Self, Error> {
        let meta = BlockMeta::read(&*fs, folder)?;
        let path = folder.join(INDEX_FILE);
        let len = fs.metadata(&path).map_err(Error::io("look up", &path))?.len;
        let file = fs.map(&path, len).map_err(Error::io("map", &path))?;
        let index = IndexReader::open(file).map_err(Error::index(&path))?;
        let segments = Segments::open(&*fs, folder)?;
        let tombstones = Tombstones::read(&*fs, folder)?;
        let size = |name| fs.metadata(&folder.join(name)).map_or(0, |metadata| metadata.len);
        let small_file_bytes = size(META_FILE) + size(TOMBSTONES_FILE);
        Ok(Self {
            folder: folder.to_owned(),
            ulid: meta.ulid,
            is_from_out_of_order: meta.is_from_out_of_order(),
            meta: RwLock::new(meta),
            index,
            segments,
            tombstones: RwLock::new(Arc::new(tombstones)),
            deleting: Mutex::new(()),
            small_file_bytes,
            fs,
        })
    }

    /// What the block is.
    pub fn meta(&self) -> BlockMeta {
        self.meta.read().clone()
    }

    /// Its name.
    pub fn ulid(&self) -> Ulid {
        self.ulid
    }

    /// Whether its samples came out of order.
    pub(crate) fn is_from_out_of_order(&self) -> bool {
        self.is_from_out_of_order
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The span of time that it has samples for, both ends included.
    pub fn range(&self) -> TimeRange {
        let meta = self.meta.read();
        TimeRange::new(meta.min_time, meta.max_time.saturating_sub(1))
    }

    /// Length of all files in bytes.
    pub fn bytes(&self) -> u64 {
        self.index.file_bytes() + self.segments.bytes() + self.small_file_bytes
    }

    /// Bytes on the heap, without what is mapped.
    pub fn heap_bytes(&self) -> usize {
        self.index.heap_bytes()
    }

    /// The index.
    pub fn index(&self) -> &IndexReader {
        &self.index
    }

    /// What is deleted.
    pub fn tombstones(&self) -> Arc<Tombstones> {
        Arc::clone(&self.tombstones.read())
    }

    /// A series by its number in the index.
    ///
    /// # Errors
    /// [`Error::Index`].
    pub fn series(&self, number: u32) -> Result<BlockSeries, Error> {
        let entry = self.index.series(number).map_err(self.index_error())?;
        Ok(BlockSeries { number, labels: entry.labels, chunks: entry.chunks })
    }

    /// Encoding and bytes of a chunk.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn chunk(&self, reference: u64) -> Result<(Encoding, &[u8]), Error> {
        self.segments.chunk(reference)
    }

    /// The chunk that an entry of a series leads to.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn chunk_of(&self, meta: &ChunkMeta) -> Result<Chunk<'_>, Error> {
        let (encoding, data) = self.segments.chunk(meta.reference)?;
        Ok(Chunk { start: meta.start, end: meta.end, encoding, data: Cow::Borrowed(data) })
    }

    /// Deletes spans of time of series, told by their numbers in the index; on disk before this returns.
    ///
    /// What was deleted is gone from queries at once, and from the disk when the block is compacted.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing more is deleted then.
    pub fn delete(&self, deleted: impl IntoIterator<Item = (u32, Intervals)>) -> Result<(), Error> {
        let _one_at_a_time = self.deleting.lock();
        let mut tombstones = Tombstones::clone(&self.tombstones());
        for (series, intervals) in deleted {
            for interval in intervals.iter() {
                tombstones.add(u64::from(series), interval);
            }
        }
        let mut meta = self.meta();
        meta.stats.num_tombstones = tombstones.count();
        tombstones.write(&*self.fs, &self.folder)?;
        meta.write(&*self.fs, &self.folder)?;
        *self.tombstones.write() = Arc::new(tombstones);
        *self.meta.write() = meta;
        Ok(())
    }

    /// Changes `meta.json`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn update_meta(&self, change: impl FnOnce(&mut BlockMeta)) -> Result<(), Error> {
        let _one_at_a_time = self.deleting.lock();
        let mut meta = self.meta();
        change(&mut meta);
        meta.write(&*self.fs, &self.folder)?;
        *self.meta.write() = meta;
        Ok(())
    }

    /// Wraps an error of the index with its path.
    pub(crate) fn index_error(&self) -> impl Fn(index::Error) -> Error + '_ {
        move |error| Error::index(&self.folder.join(INDEX_FILE))(error)
    }
}
