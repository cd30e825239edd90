//! The one writer of a log: frames records, begins segments, takes back what failed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use platform::{AppendFile, Clock, FileSystem};

use crate::frame::{self, page_rest};
use crate::segment::{last_checkpoint, segment_path, segments};
use crate::{Batch, Error, Metrics, Settings};

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// The segment's number.
    pub segment: u32,
    /// Where in the segment, in bytes.
    pub offset: u64,
}

/// What a log works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where the log stands.
    pub fs: Arc<dyn FileSystem>,
    /// Times the syncs.
    pub clock: Arc<dyn Clock>,
    /// Counts what is written.
    pub metrics: Metrics,
}

impl Parts {
    /// Syncs a file and notes how long that took.
    pub(crate) fn time_sync(&self, file: &mut dyn AppendFile) -> io::Result<()> {
        let start = self.clock.monotonic();
        let result = file.sync();
        self.metrics.sync_duration.observe(self.clock.monotonic().saturating_sub(start).as_secs_f64());
        result
    }
}

/// A log open for appending.
#[derive(Debug)]
pub struct Log {
    parts: Parts,
    folder: PathBuf,
    settings: Settings,
    number: u32,
    file: Box<dyn AppendFile>,
    /// The present segment's end is not what it should be: nothing more may be appended to it.
    broken: bool,
    buffer: Vec<u8>,
    /// All bytes ever appended.
    written_bytes: u64,
}

impl Log {
    /// Opens a log, created if missing, and begins a new segment after those that are there.
    ///
    /// # Errors
    /// [`Error::Io`] where the folder or the segment cannot be created.
    pub fn open(parts: Parts, folder: &Path, settings: Settings) -> Result<Self, Error> {
        let fs = &*parts.fs;
        fs.create_dir_all_synced(folder).map_err(Error::io("create", folder))?;
        let last = segments(fs, folder)?.last().map(|segment| segment.number);
        let checkpoint = last_checkpoint(fs, folder)?.map(|checkpoint| checkpoint.number);
        let number = match last.max(checkpoint) {
            Some(number) => following(folder, number)?,
            None => 0,
        };
        let file = begin(fs, folder, number)?;
        parts.metrics.segment_current.set(f64::from(number));
        let (folder, buffer) = (folder.to_owned(), Vec::new());
        Ok(Self { parts, folder, settings, number, file, broken: false, buffer, written_bytes: 0 })
    }

    /// Where the next record goes.
    pub fn position(&self) -> Position {
        Position { segment: self.number, offset: self.file.len() }
    }

    /// How many bytes were appended since the log was opened.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// How the log is written.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The log's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends the records of a batch and hands them to the operating system in one write.
    ///
    /// A record never stands in two segments; where one does not fit, the next segment is begun.
    ///
    /// # Errors
    /// [`Error::Io`]: then nothing of the present segment's part remains, unless taking it back failed too; in
    /// that case the log goes on in a new segment and the reader of this one finds a damaged end.
    pub fn append(&mut self, batch: &Batch) -> Result<(), Error> {
        self.append_all(std::slice::from_ref(batch)).into_iter().next().unwrap_or(Ok(()))
    }

    /// Appends many batches with as few writes as segments allow; one result for each.
    pub(crate) fn append_all<'a>(
        &mut self,
        batches: impl IntoIterator<Item = &'a Batch>,
    ) -> Vec<Result<(), Error>> {
        let mut results: Vec<Result<(), Error>> = Vec::new();
        // The first batch that has bytes in the buffer.
        let mut unwritten = 0;
        self.buffer.clear();
        for batch in batches {
            let mut result = Ok(());
            for (flags, record) in batch.records() {
                if !self.fits(record) {
                    if let Err(error) = self.flush() {
                        fail_from(&mut results, unwritten, &error);
                        result = Err(error);
                        break;
                    }
                    if let Err(error) = self.next_segment() {
                        result = Err(error);
                        break;
                    }
                }
                if self.buffer.is_empty() {
                    unwritten = results.len();
                }
                frame::encode(self.file.len() + self.buffer.len() as u64, flags, record, &mut self.buffer);
                self.parts.metrics.record_parts.inc();
            }
            self.parts.metrics.saved(self.settings.compression, batch.saved_bytes() as u64);
            results.push(result);
        }
        if let Err(error) = self.flush() {
            fail_from(&mut results, unwritten, &error);
        }
        results
    }

    /// Whether a record may go behind what stands in the segment and in the buffer.
    fn fits(&self, record: &[u8]) -> bool {
        let position = self.file.len() + self.buffer.len() as u64;
        let room = frame::room(position, self.settings.segment_bytes());
        !self.broken && (position == 0 || record.len() as u64 <= room)
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let len = self.file.len();
        let written = self.file.append(&self.buffer);
        match written {
            Ok(()) => {
                let page = frame::PAGE_BYTES as u64;
                self.written_bytes += self.buffer.len() as u64;
                let metrics = &self.parts.metrics;
                metrics.record_bytes.add(self.buffer.len() as u64);
                metrics.page_flushes.inc();
                metrics.completed_pages.add(self.file.len() / page - len / page);
                self.buffer.clear();
                Ok(())
            }
            Err(error) => {
                self.buffer.clear();
                self.parts.metrics.writes_failed.inc();
                self.broken = self.file.truncate(len).is_err();
                Err(Error::io("write", segment_path(&self.folder, self.number))(error))
            }
        }
    }

    /// Ends the present segment, synced, and begins the next; gives the new number.
    ///
    /// # Errors
    /// [`Error::Io`]: the log then tries again before the next record.
    pub fn next_segment(&mut self) -> Result<u32, Error> {
        let number = following(&self.folder, self.number)?;
        let rest = page_rest(self.file.len());
        if !self.broken {
            self.broken = true;
            let path = segment_path(&self.folder, self.number);
            self.file.append(&vec![0; rest]).map_err(Error::io("write", &path))?;
            self.parts.time_sync(&mut *self.file).map_err(Error::io("sync", &path))?;
        }
        self.file = begin(&*self.parts.fs, &self.folder, number)?;
        self.number = number;
        self.parts.metrics.segment_current.set(f64::from(number));
        self.broken = false;
        Ok(number)
    }

    /// Makes all that was appended survive a crash of the machine.
    ///
    /// # Errors
    /// [`Error::Io`]: what the segment holds is then uncertain, and the log goes on in a new one.
    pub fn sync(&mut self) -> Result<(), Error> {
        let path = segment_path(&self.folder, self.number);
        let synced = self.parts.time_sync(&mut *self.file).map_err(Error::io("sync", path));
        self.broken |= synced.is_err();
        synced
    }

    /// Notes that the present segment is not to be trusted: the next record begins a new one.
    pub(crate) fn distrust(&mut self) {
        self.broken = true;
    }

    /// Removes the segments before `number`, oldest first; gives how many.
    ///
    /// # Errors
    /// [`Error::Io`] at the first that cannot be removed.
    pub fn remove_before(&mut self, number: u32) -> Result<usize, Error> {
        let old: Vec<_> = segments(&*self.parts.fs, &self.folder)?
            .into_iter()
            .filter(|segment| segment.number < number.min(self.number))
            .collect();
        for segment in &old {
            self.parts.fs.remove_file(&segment.path).map_err(Error::io("remove", &segment.path))?;
        }
        Ok(old.len())
    }
}

fn following(folder: &Path, number: u32) -> Result<u32, Error> {
    number.checked_add(1).ok_or_else(|| Error::NumbersExhausted { folder: folder.to_owned() })
}

fn begin(fs: &dyn FileSystem, folder: &Path, number: u32) -> Result<Box<dyn AppendFile>, Error> {
    let path = segment_path(folder, number);
    let file = fs.create(&path).map_err(Error::io("create", &path))?;
    fs.sync_dir(folder).map_err(Error::io("sync", folder))?;
    Ok(file)
}

fn fail_from(results: &mut [Result<(), Error>], first: usize, error: &Error) {
    for result in results.iter_mut().skip(first) {
        *result = Err(error.clone());
    }
}
