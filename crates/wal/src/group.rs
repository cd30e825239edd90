//! Group commit: many appenders, one write, and one sync for all that wait.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use platform::AppendFile;

use crate::segment::segment_path;
use crate::{Batch, Error, Log, Parts, Position, Settings, SyncMode};

/// A log that many appenders write at once.
///
/// Whoever finds the log free writes for all that have come meanwhile; nobody waits for a thread of its own.
#[derive(Debug)]
pub struct GroupLog {
    parts: Parts,
    waiting: Mutex<Vec<Waiting>>,
    log: Mutex<Log>,
    sync: Mutex<Synced>,
}

#[derive(Debug)]
struct Waiting {
    batch: Batch,
    done: Arc<Mutex<Option<Done>>>,
}

#[derive(Debug)]
struct Done {
    batch: Batch,
    result: Result<(), Error>,
    written_bytes: u64,
}

#[derive(Debug, Default)]
struct Synced {
    /// All bytes that were written before the last sync.
    bytes: u64,
    /// A second handle of the present segment, so that a sync keeps no appender waiting.
    handle: Option<(u32, Box<dyn AppendFile>)>,
}

impl GroupLog {
    /// Opens the log as [`Log::open`] does.
    ///
    /// # Errors
    /// Those of [`Log::open`].
    pub fn open(parts: Parts, folder: &Path, settings: Settings) -> Result<Self, Error> {
        let log = Mutex::new(Log::open(parts.clone(), folder, settings)?);
        Ok(Self { parts, waiting: Mutex::default(), log, sync: Mutex::default() })
    }

    /// Writes a batch, alone or together with others, and gives its emptied memory back.
    ///
    /// Once this returns, the batch survives a crash of the process, and of the machine too with
    /// [`SyncMode::Always`].
    ///
    /// # Errors
    /// Those of [`Log::append`]: the batch is not in the log, or not certainly.
    pub fn commit(&self, batch: Batch) -> Result<Batch, Error> {
        let done = Arc::new(Mutex::new(None));
        self.waiting.lock().push(Waiting { batch, done: Arc::clone(&done) });
        let mut log = self.log.lock();
        if done.lock().is_none() {
            let group = std::mem::take(&mut *self.waiting.lock());
            write(&mut log, group);
        }
        let always = log.settings().sync == SyncMode::Always;
        drop(log);
        let mut done = done.lock().take().ok_or(Error::Abandoned)?;
        done.result?;
        if always {
            self.sync_to(done.written_bytes)?;
        }
        done.batch.clear();
        Ok(done.batch)
    }

    /// Makes all that was committed so far survive a crash of the machine; appenders go on meanwhile.
    ///
    /// # Errors
    /// [`Error::Io`]: what was written since the last sync is uncertain; the log goes on in a new segment.
    pub fn sync(&self) -> Result<(), Error> {
        let written = self.log.lock().written_bytes();
        self.sync_to(written)
    }

    fn sync_to(&self, bytes: u64) -> Result<(), Error> {
        let mut synced = self.sync.lock();
        if synced.bytes >= bytes {
            return Ok(());
        }
        let (number, written, path) = {
            let log = self.log.lock();
            let number = log.position().segment;
            (number, log.written_bytes(), segment_path(log.folder(), number))
        };
        // Segments before this one were synced when they ended.
        let result = match &mut synced.handle {
            Some((open, handle)) if *open == number => self.parts.time_sync(&mut **handle),
            _ => self.parts.fs.open_append(&path).and_then(|mut handle| {
                let result = self.parts.time_sync(&mut *handle);
                synced.handle = Some((number, handle));
                result
            }),
        };
        match result {
            Ok(()) => {
                synced.bytes = written;
                Ok(())
            }
            Err(error) => {
                let mut log = self.log.lock();
                if log.position().segment == number {
                    log.distrust();
                }
                Err(Error::io("sync", path)(error))
            }
        }
    }

    /// Ends the present segment and begins the next; gives the new number.
    ///
    /// # Errors
    /// Those of [`Log::next_segment`].
    pub fn next_segment(&self) -> Result<u32, Error> {
        self.log.lock().next_segment()
    }

    /// Removes the segments before `number`.
    ///
    /// # Errors
    /// Those of [`Log::remove_before`].
    pub fn remove_before(&self, number: u32) -> Result<usize, Error> {
        self.log.lock().remove_before(number)
    }

    /// How many bytes were appended since the log was opened.
    pub fn written_bytes(&self) -> u64 {
        self.log.lock().written_bytes()
    }

    /// Where the next record goes.
    pub fn position(&self) -> Position {
        self.log.lock().position()
    }

    /// Syncs what was written: the last act of a clean stop.
    ///
    /// # Errors
    /// Those of [`GroupLog::sync`].
    pub fn close(&self) -> Result<(), Error> {
        self.log.lock().sync()
    }
}

fn write(log: &mut Log, group: Vec<Waiting>) {
    let results = log.append_all(group.iter().map(|waiting| &waiting.batch));
    let written_bytes = log.written_bytes();
    for (waiting, result) in group.into_iter().zip(results) {
        *waiting.done.lock() = Some(Done { batch: waiting.batch, result, written_bytes });
    }
}
