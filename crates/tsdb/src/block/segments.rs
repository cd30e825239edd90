//! The chunk files of a block: `chunks/000001` and so on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chunks::Encoding;
use platform::{AppendFile, FileSystem, Mapped};

use super::bytes::{crc32c, put_uvarint, take_uvarint};
use crate::Error;

/// Name of the folder.
pub(crate) const CHUNKS_FOLDER: &str = "chunks";
/// The first four bytes of a segment.
const MAGIC: u32 = 0x85BD_40DD;
/// The only version there is.
const VERSION: u8 = 1;
/// Magic, version and three zeros.
const HEADER: [u8; 8] = {
    let [a, b, c, d] = MAGIC.to_be_bytes();
    [a, b, c, d, VERSION, 0, 0, 0]
};
/// A segment ends before it gets longer than this.
pub const SEGMENT_BYTES_MAX: u64 = 512 << 20;
/// Bytes that are collected before they are handed to the file.
const BUFFER_BYTES: usize = 1 << 20;

/// The chunk files of a block, mapped.
#[derive(Debug)]
pub(crate) struct Segments {
    folder: PathBuf,
    segments: Vec<Mapped>,
}

impl Segments {
    /// Opens the chunk files of the block in `folder`.
    pub(crate) fn open(fs: &dyn FileSystem, folder: &Path) -> Result<Self, Error> {
        let folder = folder.join(CHUNKS_FOLDER);
        let mut segments = Vec::new();
        let entries = match fs.list(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Error::io("list", folder)(error)),
        };
        for entry in entries {
            let Ok(number) = entry.name.parse::<usize>() else { continue };
            let path = folder.join(&entry.name);
            if number != segments.len() + 1 {
                return Err(Error::Damaged { path, what: "sequence of chunk files" });
            }
            let len = fs.metadata(&path).map_err(Error::io("look up", &path))?.len;
            let segment = fs.map(&path, len).map_err(Error::io("map", &path))?;
            if segment.get(..5) != HEADER.get(..5) {
                return Err(Error::Damaged { path, what: "header of a chunk file" });
            }
            segments.push(segment);
        }
        Ok(Self { folder, segments })
    }

    /// Encoding and bytes of the chunk that a reference leads to, its checksum checked.
    pub(crate) fn chunk(&self, reference: u64) -> Result<(Encoding, &[u8]), Error> {
        self.find(reference).ok_or_else(|| Error::Damaged {
            path: self.folder.join(format!("{:06}", (reference >> 32) + 1)),
            what: "chunk",
        })
    }

    fn find(&self, reference: u64) -> Option<(Encoding, &[u8])> {
        let segment = self.segments.get((reference >> 32) as usize)?;
        let mut rest = segment.get(reference as u32 as usize..)?;
        let len = usize::try_from(take_uvarint(&mut rest)?).ok()?;
        // The checksum covers the encoding and the data.
        let (checked, rest) = rest.split_at_checked(len.checked_add(1)?)?;
        let crc = rest.first_chunk::<4>()?;
        if crc32c(checked) != u32::from_be_bytes(*crc) {
            return None;
        }
        let (encoding, data) = checked.split_first()?;
        Some((Encoding::from_id(*encoding).ok()?, data))
    }

    /// Length of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.len() as u64).sum()
    }
}

/// Writes the chunk files of a block.
#[derive(Debug)]
pub(super) struct SegmentWriter {
    fs: Arc<dyn FileSystem>,
    folder: PathBuf,
    bytes_max: u64,
    /// Number of the open segment, from 0.
    number: u64,
    open: Option<Box<dyn AppendFile>>,
    /// What is not yet handed to the file.
    buffer: Vec<u8>,
    /// Length of the open segment, with what is in the buffer.
    len: u64,
    total: u64,
}

impl SegmentWriter {
    /// Writes into the folder of a block; segments end before they get longer than `bytes_max`.
    pub(super) fn create(fs: Arc<dyn FileSystem>, block: &Path, bytes_max: u64) -> Result<Self, Error> {
        let folder = block.join(CHUNKS_FOLDER);
        fs.create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let bytes_max = bytes_max.min(SEGMENT_BYTES_MAX);
        Ok(Self { fs, folder, bytes_max, number: 0, open: None, buffer: Vec::new(), len: 0, total: 0 })
    }

    /// Writes a chunk and returns the reference that leads to it.
    pub(super) fn add(&mut self, encoding: Encoding, data: &[u8]) -> Result<u64, Error> {
        let mut entry = Vec::with_capacity(data.len() + 10);
        put_uvarint(&mut entry, data.len() as u64);
        let checked = entry.len();
        entry.push(encoding.id());
        entry.extend_from_slice(data);
        let crc = crc32c(entry.get(checked..).unwrap_or_default());
        entry.extend(crc.to_be_bytes());
        if self.open.is_some() && self.len + entry.len() as u64 > self.bytes_max {
            self.close()?;
            self.number += 1;
        }
        if self.open.is_none() {
            let path = self.path();
            self.open = Some(self.fs.create(&path).map_err(Error::io("create", path))?);
            self.buffer.extend_from_slice(&HEADER);
            self.len = HEADER.len() as u64;
        }
        let reference = self.number << 32 | self.len;
        self.buffer.extend_from_slice(&entry);
        self.len += entry.len() as u64;
        if self.buffer.len() > BUFFER_BYTES {
            self.drain()?;
        }
        Ok(reference)
    }

    /// Writes the rest and makes the files survive a machine crash; returns the length of all.
    pub(super) fn finish(mut self) -> Result<u64, Error> {
        self.close()?;
        self.fs.sync_dir(&self.folder).map_err(Error::io("sync", &self.folder))?;
        Ok(self.total)
    }

    fn close(&mut self) -> Result<(), Error> {
        self.drain()?;
        if let Some(mut file) = self.open.take() {
            file.sync().map_err(Error::io("sync", self.path()))?;
            self.total += self.len;
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Error> {
        let path = self.path();
        if let Some(file) = &mut self.open {
            file.append(&self.buffer).map_err(Error::io("write", path))?;
        }
        self.buffer.clear();
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{:06}", self.number + 1))
    }
}
