//! Reads a chunk snapshot into memory.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use chunks::Encoding;
use model::{Labels, SeriesRef};
use platform::FileSystem;
use wal::record::{
    DecodeError, Exemplars, SnapshotChunk, SnapshotRecord, Tombstone, decode_snapshot, pack_labels,
};
use wal::{Damage, Entry, SegmentReader};

use super::Snapshot;
use crate::head::chunk::{ChunkShape, OpenChunk};

/// Why a snapshot is not used; the log then gives everything back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error(transparent)]
    Log(#[from] wal::Error),
    #[error("damaged: {0}")]
    Damaged(Damage),
    #[error(transparent)]
    Record(#[from] DecodeError),
    #[error(transparent)]
    Chunk(#[from] chunks::Error),
    #[error("it ends before its end")]
    Short,
    #[error("its newest samples do not fit to the chunks in files")]
    Contradiction,
}

/// What a snapshot holds, ready to be put in its place.
#[derive(Debug)]
pub(crate) enum Restored {
    Series { series: SeriesRef, labels: Labels, open: Option<OpenChunk> },
    Tombstones(Vec<Tombstone>),
    Exemplars(Exemplars),
}

/// Reads ahead on a thread of its own.
pub(crate) struct SnapshotReader {
    fs: Arc<dyn FileSystem>,
    snapshot: Snapshot,
    shape: ChunkShape,
}

/// Records that are handed over together.
const RECORDS_PER_PART: usize = 1024;
/// Parts that wait for being taken.
const PARTS_AHEAD: usize = 8;

impl SnapshotReader {
    pub(crate) fn new(fs: &Arc<dyn FileSystem>, snapshot: &Snapshot, shape: ChunkShape) -> Self {
        Self { fs: Arc::clone(fs), snapshot: snapshot.clone(), shape }
    }

    /// Calls `take` with all that the snapshot holds, until that fails.
    ///
    /// # Errors
    /// The first failure; what was taken before it is sound.
    pub(crate) fn read(self, mut take: impl FnMut(Restored) -> Result<(), Unusable>) -> Result<(), Unusable> {
        std::thread::scope(|scope| {
            let (sender, receiver): (_, Receiver<Vec<Restored>>) = sync_channel(PARTS_AHEAD);
            let reading = scope.spawn(move || self.send(&sender));
            let taken = receiver.into_iter().flatten().try_for_each(&mut take);
            // A thread that panicked has read nothing of use; its panic is told where it came up.
            let read = reading.join().unwrap_or(Err(Unusable::Contradiction));
            taken.and(read)
        })
    }

    fn send(&self, sender: &SyncSender<Vec<Restored>>) -> Result<(), Unusable> {
        let mut part = Vec::with_capacity(RECORDS_PER_PART);
        let mut is_whole = false;
        for segment in wal::segments(&*self.fs, &self.snapshot.path)? {
            let mut reader = SegmentReader::open(&*self.fs, &segment)?;
            while let Some(entry) = reader.next_entry()? {
                match entry {
                    Entry::Damage(damage) => return Err(Unusable::Damaged(damage)),
                    Entry::Record { bytes, .. } => part.push(self.restore(bytes)?),
                }
                // They stand behind all series, whether there are any or not.
                is_whole |= matches!(part.last(), Some(Restored::Tombstones(_)));
                if part.len() >= RECORDS_PER_PART {
                    let full = std::mem::replace(&mut part, Vec::with_capacity(RECORDS_PER_PART));
                    if sender.send(full).is_err() {
                        // Whoever takes them has failed, and says why.
                        return Ok(());
                    }
                }
            }
        }
        let _ = sender.send(part);
        if is_whole { Ok(()) } else { Err(Unusable::Short) }
    }

    fn restore(&self, record: &[u8]) -> Result<Restored, Unusable> {
        Ok(match decode_snapshot(record)? {
            SnapshotRecord::Series { series, labels, chunk } => {
                let open = chunk.map(|chunk| self.open(chunk)).transpose()?;
                Restored::Series { series, labels: pack_labels(&labels), open }
            }
            SnapshotRecord::Tombstones(tombstones) => Restored::Tombstones(tombstones),
            SnapshotRecord::Exemplars(exemplars) => Restored::Exemplars(exemplars),
        })
    }

    fn open(&self, chunk: SnapshotChunk<'_>) -> Result<OpenChunk, Unusable> {
        let encoding = Encoding::from_id(chunk.encoding)?;
        Ok(OpenChunk::resume(encoding, chunk.data, (chunk.start, chunk.end), self.shape)?)
    }
}
