//! Appends full chunks to the present file.

use model::SeriesRef;
use platform::AppendFile;

use super::entry::{self, Head};
use super::{ChunkFile, ChunkFiles, FILE_BYTES_MAX, FileChunk, HEADER_BYTES, MAGIC, VERSION};
use crate::Error;
use crate::head::chunk::FullChunk;

/// A chunk that is to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) series: SeriesRef,
    pub(crate) chunk: &'a FullChunk,
    /// Whether its samples came out of order.
    pub(crate) out_of_order: bool,
}

/// The file that is being written.
#[derive(Debug, Default)]
pub(super) struct Writing {
    file: Option<(u32, Box<dyn AppendFile>)>,
    /// The number of the last file that was begun, or found.
    pub(super) last: u32,
    buffer: Vec<u8>,
}

/// So much is collected before it is written.
const BUFFER_BYTES: usize = 1 << 20;

impl ChunkFiles {
    /// Writes chunks and tells where each now stands; `None` for one that a file cannot hold.
    ///
    /// # Errors
    /// [`Error::Io`]: none of the chunks counts as written.
    pub(crate) fn write(&self, entries: &[Entry<'_>]) -> Result<Vec<Option<FileChunk>>, Error> {
        let mut writing = self.writing.lock();
        writing.buffer.clear();
        let mut places = Vec::with_capacity(entries.len());
        for entry in entries {
            let chunk = entry.chunk;
            let span = chunk.end.checked_sub(chunk.start).and_then(|span| u32::try_from(span).ok());
            let len = u16::try_from(chunk.bytes.len()).ok();
            let (Some(span), Some(len)) = (span, len) else {
                places.push(None);
                continue;
            };
            let (file, start) = self.place(&mut writing, usize::from(len))?;
            let head = Head {
                series: entry.series,
                start: chunk.start,
                end: chunk.end,
                encoding: Some(chunk.encoding),
                out_of_order: entry.out_of_order,
            };
            entry::encode(head, &chunk.bytes, &mut writing.buffer);
            // A file is shorter than 4 GiB.
            let offset = start as u32 + entry::head_bytes(usize::from(len)) as u32;
            let encoding = chunk.encoding;
            places.push(Some(FileChunk { start: chunk.start, span, file, offset, len, encoding }));
            if let Some(file) = self.files.write().get_mut(&file) {
                file.max_time = file.max_time.max(chunk.end);
            }
        }
        self.flush(&mut writing)?;
        let mut files = self.files.write();
        for (_, place) in entries.iter().zip(&places).filter(|(entry, _)| entry.out_of_order) {
            if let Some(file) = place.and_then(|place| files.get_mut(&place.file)) {
                file.late += 1;
            }
        }
        Ok(places)
    }

    /// The file and offset of the next entry; begins a file where there is none, or no room in it.
    fn place(&self, writing: &mut Writing, len: usize) -> Result<(u32, u64), Error> {
        if writing.buffer.len() >= BUFFER_BYTES {
            self.flush(writing)?;
        }
        let needed = (entry::head_bytes(len) + len + 4) as u64;
        if let Some((number, file)) = &writing.file {
            let end = file.len() + writing.buffer.len() as u64;
            if end + needed <= FILE_BYTES_MAX {
                return Ok((*number, end));
            }
            self.flush(writing)?;
            self.end(writing)?;
        }
        self.begin(writing)
    }

    fn begin(&self, writing: &mut Writing) -> Result<(u32, u64), Error> {
        self.fs.create_dir_all_synced(&self.folder).map_err(Error::io("create", &self.folder))?;
        let number = writing.last + 1;
        let path = self.path(number);
        let mut file = self.fs.create(&path).map_err(Error::io("create", &path))?;
        let mut header = MAGIC.to_be_bytes().to_vec();
        header.extend_from_slice(&[VERSION, 0, 0, 0]);
        file.append(&header).map_err(Error::io("write", &path))?;
        let reader = self.fs.open(&path).map_err(Error::io("open", &path))?;
        self.fs.sync_dir(&self.folder).map_err(Error::io("sync", &self.folder))?;
        self.files.write().insert(number, ChunkFile { reader, max_time: i64::MIN, late: 0 });
        writing.file = Some((number, file));
        writing.last = number;
        Ok((number, HEADER_BYTES))
    }

    fn flush(&self, writing: &mut Writing) -> Result<(), Error> {
        let Some((number, file)) = &mut writing.file else { return Ok(()) };
        let (number, len) = (*number, file.len());
        let written = file.append(&writing.buffer);
        writing.buffer.clear();
        if written.is_err() && file.truncate(len).is_err() {
            // What stands at the end of the file is no chunk: nothing may follow it.
            writing.file = None;
        }
        written.map_err(Error::io("write", self.path(number)))
    }

    fn end(&self, writing: &mut Writing) -> Result<(), Error> {
        match writing.file.take() {
            Some((number, mut file)) => file.sync().map_err(Error::io("sync", self.path(number))),
            None => Ok(()),
        }
    }

    /// Ends the present file if it has this number.
    pub(super) fn end_file(&self, writing: &mut Writing, number: u32) -> Result<(), Error> {
        if writing.file.as_ref().is_some_and(|(present, _)| *present == number) {
            self.end(writing)?;
        }
        Ok(())
    }

    /// Makes all that was written survive a crash of the machine.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn sync(&self) -> Result<(), Error> {
        match &mut self.writing.lock().file {
            Some((number, file)) => file.sync().map_err(Error::io("sync", self.path(*number))),
            None => Ok(()),
        }
    }

    /// Ends the present file: the last act of a clean stop.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn close(&self) -> Result<(), Error> {
        self.end(&mut self.writing.lock())
    }
}
