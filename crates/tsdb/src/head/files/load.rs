//! Reads the chunk files that the last process has left.

use std::collections::HashSet;

use model::SeriesRef;
use tracing::warn;

use super::entry::{self, Fault};
use super::{ChunkFile, ChunkFiles, FileChunk, HEADER_BYTES, MAGIC, VERSION};
use crate::Error;

/// A chunk that was found in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) series: SeriesRef,
    pub(crate) chunk: FileChunk,
    /// Whether its samples came out of order.
    pub(crate) out_of_order: bool,
}

/// What has come of reading all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Found {
    /// Damaged places.
    pub(crate) damaged: usize,
    /// Series with a chunk that cannot be read.
    unknown: usize,
}

impl Found {
    /// Whether every chunk was read.
    pub(crate) fn are_whole(self) -> bool {
        self.damaged == 0 && self.unknown == 0
    }
}

/// Why a file is not read to its end.
#[derive(Debug, thiserror::Error)]
enum Damage {
    #[error("no chunk file of a known version")]
    Header,
    #[error("{0}")]
    Entry(#[from] Fault),
    #[error("the file before it is missing")]
    Gap,
}

impl ChunkFiles {
    /// Calls `visit` with every chunk in the order in which they were written, and tells what could
    /// not be read.
    ///
    /// Damage ends it: the file is cut there and those behind it are removed, since a series' later chunks would
    /// hide from the log's reader what is missing before them.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn load(&self, mut visit: impl FnMut(Loaded)) -> Result<Found, Error> {
        let numbers = self.numbers()?;
        let mut unknown = HashSet::new();
        let mut previous = None;
        for (place, number) in numbers.iter().enumerate() {
            self.writing.lock().last = *number;
            let gap = previous.is_some_and(|previous| previous + 1 != *number);
            previous = Some(*number);
            let damage = if gap {
                Some((0, Damage::Gap))
            } else {
                self.load_file(*number, &mut |loaded, known| {
                    // Of a series with a chunk that cannot be read, what follows comes from the log; late
                    // samples follow nothing.
                    if !known && !loaded.out_of_order {
                        unknown.insert(loaded.series);
                    }
                    if known && (loaded.out_of_order || !unknown.contains(&loaded.series)) {
                        visit(loaded);
                    }
                })?
            };
            if let Some((offset, damage)) = damage {
                warn!(path = %self.path(*number).display(), offset, %damage,
                    "Chunk file is damaged; what follows is read from the WAL");
                self.cut(*number, offset, numbers.get(place + 1..).unwrap_or_default())?;
                return Ok(Found { damaged: 1, unknown: unknown.len() });
            }
        }
        if let Some(number) = numbers.last() {
            // Files behind it must not survive a crash of the machine that it does not survive whole.
            let path = self.path(*number);
            let mut file = self.fs.open_append(&path).map_err(Error::io("open", &path))?;
            file.sync().map_err(Error::io("sync", &path))?;
        }
        Ok(Found { damaged: 0, unknown: unknown.len() })
    }

    /// The numbers of the files, ascending.
    fn numbers(&self) -> Result<Vec<u32>, Error> {
        if !self.fs.exists(&self.folder).map_err(Error::io("look up", &self.folder))? {
            return Ok(Vec::new());
        }
        let entries = self.fs.list(&self.folder).map_err(Error::io("list", &self.folder))?;
        let is_number = |name: &str| name.len() >= 6 && name.bytes().all(|byte| byte.is_ascii_digit());
        let files = entries.into_iter().filter(|entry| !entry.is_dir && is_number(&entry.name));
        let mut numbers: Vec<u32> = files.filter_map(|entry| entry.name.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn load_file(
        &self,
        number: u32,
        visit: &mut dyn FnMut(Loaded, bool),
    ) -> Result<Option<(u64, Damage)>, Error> {
        let path = self.path(number);
        let len = self.fs.metadata(&path).map_err(Error::io("look up", &path))?.len;
        let bytes = self.fs.map(&path, len).map_err(Error::io("map", &path))?;
        let reader = self.fs.open(&path).map_err(Error::io("open", &path))?;
        let header = bytes.first_chunk::<5>().filter(|_| len >= HEADER_BYTES);
        if header.is_none_or(|header| header.strip_prefix(&MAGIC.to_be_bytes()) != Some(&[VERSION])) {
            // Another version, or the last process ended as it began the file.
            return Ok(Some((0, Damage::Header)));
        }
        let (mut max_time, mut late) = (i64::MIN, 0);
        let mut at = HEADER_BYTES as usize;
        let damage = loop {
            let found = match entry::decode(bytes.get(at..).unwrap_or_default()) {
                Ok(Some(found)) => found,
                Ok(None) => break None,
                Err(fault) => break Some((at as u64, Damage::Entry(fault))),
            };
            let head = found.head;
            max_time = max_time.max(head.end);
            let span = head.end.checked_sub(head.start).and_then(|span| u32::try_from(span).ok());
            let len = u16::try_from(found.data.len()).ok();
            let offset = u32::try_from(at + found.data.start).ok();
            let known = head.encoding.zip(span).zip(len).zip(offset);
            let (((encoding, span), len), offset) = known.unwrap_or((((chunks::Encoding::Xor, 0), 0), 0));
            let chunk = FileChunk { start: head.start, span, file: number, offset, len, encoding };
            let loaded = Loaded { series: head.series, chunk, out_of_order: head.out_of_order };
            late += usize::from(head.out_of_order && known.is_some());
            visit(loaded, known.is_some());
            at += found.end;
        };
        self.files.write().insert(number, ChunkFile { reader, max_time, late });
        Ok(damage)
    }

    /// Cuts a file at its first damaged place, and removes those behind it.
    fn cut(&self, number: u32, offset: u64, behind: &[u32]) -> Result<(), Error> {
        for number in behind.iter().rev() {
            let path = self.path(*number);
            self.fs.remove_file(&path).map_err(Error::io("remove", path))?;
        }
        let path = self.path(number);
        if offset <= HEADER_BYTES {
            self.files.write().remove(&number);
            self.fs.remove_file(&path).map_err(Error::io("remove", path))?;
        } else {
            let mut file = self.fs.open_append(&path).map_err(Error::io("open", &path))?;
            file.truncate(offset).map_err(Error::io("cut", &path))?;
            file.sync().map_err(Error::io("sync", &path))?;
        }
        // A number that is used again must not be that of a file that a crash brings back.
        self.fs.sync_dir(&self.folder).map_err(Error::io("sync", &self.folder))?;
        let mut writing = self.writing.lock();
        writing.last = if offset <= HEADER_BYTES { number.saturating_sub(1) } else { number };
        Ok(())
    }
}
