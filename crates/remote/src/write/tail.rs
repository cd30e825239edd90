//! The log as it grows.

use std::path::PathBuf;
use std::sync::Arc;

use platform::FileSystem;
use wal::{DamageReason, Entry, Position, Segment, SegmentReader, segment_path, segments};

use crate::Error;

/// Reads records from a place on, and those that are appended later.
pub(super) struct Tail {
    files: Arc<dyn FileSystem>,
    folder: PathBuf,
    /// The start of the next record.
    position: Position,
    reader: Option<SegmentReader>,
}

/// How a look at the log ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// There may be more.
    More,
    /// The next segment was begun.
    NextSegment,
    /// All was read that is there.
    End,
    /// The segment is not there any more.
    Gone,
}

impl Tail {
    pub(super) fn new(files: Arc<dyn FileSystem>, folder: PathBuf, position: Position) -> Self {
        Self { files, folder, position, reader: None }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// Goes on elsewhere.
    pub(super) fn seek(&mut self, position: Position) {
        self.position = position;
        self.reader = None;
    }

    /// Hands records to `visit` until it says that these are enough, or there is no other.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(super) fn read(&mut self, mut visit: impl FnMut(&[u8]) -> bool) -> Result<Look, Error> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => match self.open()? {
                Some(reader) => reader,
                None => return Ok(Look::Gone),
            },
        };
        loop {
            let enough = match reader.next_entry()? {
                Some(Entry::Record { bytes, .. }) => visit(bytes),
                Some(Entry::Damage(damage)) => {
                    if damage.reason == DamageReason::Torn {
                        // The record is still being written, or was when the machine stopped.
                        let look = self.look_behind(reader.len())?;
                        if look != Look::NextSegment {
                            return Ok(look);
                        }
                    }
                    tracing::warn!(%damage, "a record of the log cannot be read and is not sent");
                    false
                }
                None => {
                    self.position.offset = reader.position();
                    return self.at_end(reader.len());
                }
            };
            self.position.offset = reader.position();
            if enough {
                self.reader = Some(reader);
                return Ok(Look::More);
            }
        }
    }

    fn open(&self) -> Result<Option<SegmentReader>, Error> {
        let path = segment_path(&self.folder, self.position.segment);
        if !self.files.exists(&path).unwrap_or(true) {
            return Ok(None);
        }
        let segment = Segment { number: self.position.segment, path };
        Ok(Some(SegmentReader::open_at(self.files.as_ref(), &segment, self.position.offset)?))
    }

    /// Goes on to the next segment where there is one and the present one is read up.
    fn at_end(&mut self, len: u64) -> Result<Look, Error> {
        // Looked for first: what was appended before the next segment was begun is seen then.
        let next = self.next()?;
        let look = self.look_behind(len)?;
        if let (Look::NextSegment, Some(number)) = (look, next) {
            self.position = Position { segment: number, offset: 0 };
        }
        Ok(look)
    }

    /// What there is behind the first `len` bytes of the segment.
    fn look_behind(&self, len: u64) -> Result<Look, Error> {
        let next = self.next()?;
        Ok(match (self.open()?, next) {
            (None, _) => Look::Gone,
            (Some(reader), _) if reader.len() > len => Look::More,
            (Some(_), Some(_)) => Look::NextSegment,
            (Some(_), None) => Look::End,
        })
    }

    fn next(&self) -> Result<Option<u32>, Error> {
        let all = segments(self.files.as_ref(), &self.folder)?;
        Ok(all.into_iter().map(|segment| segment.number).find(|number| *number > self.position.segment))
    }
}
