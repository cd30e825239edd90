//! `chunks_head/`: files that full chunks of the head go to, so that they leave the heap.
//!
//! The files hold nothing that the log does not hold too: what is damaged is dropped, with all that follows, and
//! comes back from the log. Format: `docs/formats/chunks_head.md`.

pub(crate) mod entry;
mod load;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chunks::Encoding;
use parking_lot::{Mutex, RwLock};
use platform::{FileSystem, ReadFile};

use super::chunk::FullChunk;
use crate::Error;
use crate::decoded::{ChunkKey, DecodedChunks};
pub(crate) use load::Loaded;
pub(crate) use write::Entry;
use write::Writing;

/// A file ends before it gets longer than this.
const FILE_BYTES_MAX: u64 = 128 << 20;
/// Bytes of magic, version and padding.
const HEADER_BYTES: u64 = 8;
const MAGIC: u32 = 0x0130_BC91;
const VERSION: u8 = 1;

/// A chunk in a file; as small as can be, since series have many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileChunk {
    start: i64,
    /// From the first sample to the last, in milliseconds.
    span: u32,
    file: u32,
    /// Where the encoded samples begin in the file.
    offset: u32,
    len: u16,
    encoding: Encoding,
}

impl FileChunk {
    /// Time of the first sample.
    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    /// Time of the last sample.
    pub(crate) fn end(&self) -> i64 {
        self.start.saturating_add(i64::from(self.span))
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What its samples are kept under once they are decoded.
    pub(crate) fn key(&self) -> ChunkKey {
        ChunkKey::of_head(self.reference())
    }

    /// What the write-behind log calls the chunk: the place of its entry.
    pub(crate) fn reference(&self) -> u64 {
        let head = entry::head_bytes(usize::from(self.len)) as u64;
        u64::from(self.file) << 32 | u64::from(self.offset).saturating_sub(head)
    }
}

/// The chunk files of a head.
#[derive(Debug)]
pub(crate) struct ChunkFiles {
    fs: Arc<dyn FileSystem>,
    folder: PathBuf,
    writing: Mutex<Writing>,
    files: RwLock<BTreeMap<u32, ChunkFile>>,
    /// What queries decoded of the chunks.
    decoded: Option<Arc<DecodedChunks>>,
}

#[derive(Debug)]
struct ChunkFile {
    reader: Arc<dyn ReadFile>,
    /// Time of the newest sample in the file.
    max_time: i64,
    /// Chunks of late samples that are still needed; of what times they are says nothing about how long.
    late: usize,
}

impl ChunkFiles {
    /// The chunk files in `folder`, which need not be there; [`ChunkFiles::load`] reads them.
    pub(crate) fn new(fs: Arc<dyn FileSystem>, folder: &Path) -> Self {
        let (writing, files) = (Mutex::default(), RwLock::default());
        Self { fs, folder: folder.to_owned(), writing, files, decoded: None }
    }

    /// Has queries keep what they decode, and ask first for what others did.
    pub(crate) fn with_decoded(self, decoded: Option<Arc<DecodedChunks>>) -> Self {
        Self { decoded, ..self }
    }

    /// What queries decoded of the chunks, where it is kept.
    pub(crate) fn decoded(&self) -> Option<&DecodedChunks> {
        self.decoded.as_deref()
    }

    /// Reads the encoded samples of a chunk into `buffer`.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn read(&self, chunk: &FileChunk, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let reader = self.files.read().get(&chunk.file).map(|file| Arc::clone(&file.reader));
        let path = || self.path(chunk.file);
        let reader = reader.ok_or_else(|| Error::io("open", path())(io::ErrorKind::NotFound.into()))?;
        buffer.resize(usize::from(chunk.len), 0);
        reader.read_exact_at(buffer, u64::from(chunk.offset)).map_err(Error::io("read", path()))
    }

    /// A chunk as it was when it was written.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn read_full(&self, chunk: &FileChunk) -> Result<FullChunk, Error> {
        let mut bytes = Vec::new();
        self.read(chunk, &mut bytes)?;
        let (start, end, encoding) = (chunk.start(), chunk.end(), chunk.encoding);
        Ok(FullChunk { start, end, encoding, bytes: bytes.into() })
    }

    /// Says that a chunk of late samples is not needed any more.
    pub(crate) fn release(&self, chunk: &FileChunk) {
        if let Some(file) = self.files.write().get_mut(&chunk.file) {
            file.late = file.late.saturating_sub(1);
        }
    }

    /// Removes the files that hold no sample from `min_time` on and no late one, oldest first; the present one is
    /// ended before.
    ///
    /// # Errors
    /// [`Error::Io`] at the first that cannot be removed.
    pub(crate) fn remove_before(&self, min_time: i64) -> Result<usize, Error> {
        let mut removed = 0;
        // Held all along, so that no chunk comes to a file that is found to be of no use.
        let mut writing = self.writing.lock();
        loop {
            let oldest = {
                let files = self.files.read();
                let is_old = |(_, file): &(&u32, &ChunkFile)| file.max_time < min_time && file.late == 0;
                files.first_key_value().filter(is_old).map(|(number, _)| *number)
            };
            let Some(number) = oldest else { break };
            self.end_file(&mut writing, number)?;
            let path = self.path(number);
            self.fs.remove_file(&path).map_err(Error::io("remove", path))?;
            self.files.write().remove(&number);
            if let Some(decoded) = &self.decoded {
                decoded.forget_file(number);
            }
            removed += 1;
        }
        drop(writing);
        if removed > 0 {
            self.fs.sync_dir(&self.folder).map_err(Error::io("sync", &self.folder))?;
        }
        Ok(removed)
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:06}"))
    }
}
