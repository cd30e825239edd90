//! Reads a chunk snapshot into memory.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use chunks::Encoding;
use model::SeriesRef;
use platform::FileSystem;
use wal::record::{
    DecodeError, Exemplars, LabelTexts, SnapshotChunk, SnapshotRecord, Tombstone, decode_labels,
    decode_snapshot,
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

/// A part of what a snapshot holds, ready to be put in its place: the series first.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// The labels of the series, as they stand in their records.
    labels: Vec<u8>,
    series: Vec<RestoredSeries>,
    pub(crate) tombstones: Option<Vec<Tombstone>>,
    pub(crate) exemplars: Vec<Exemplars>,
}

/// A series of a snapshot.
#[derive(Debug)]
pub(crate) struct RestoredSeries {
    pub(crate) series: SeriesRef,
    /// Length of its labels.
    labels: usize,
    pub(crate) open: Option<OpenChunk>,
}

/// Takes the series of a part, each with its labels and their bytes.
pub(crate) type TakeSeries<'t, 'r> =
    dyn FnMut(RestoredSeries, &[(&'r str, &'r str)], &'r [u8]) -> Result<(), Unusable> + 't;

impl Restored {
    /// Hands the series to `take`.
    ///
    /// # Errors
    /// The first of `take`; [`Unusable::Record`] for labels that are none.
    pub(crate) fn take_series<'r>(&'r mut self, take: &mut TakeSeries<'_, 'r>) -> Result<(), Unusable> {
        let (mut rest, mut texts) = (self.labels.as_slice(), LabelTexts::default());
        for series in self.series.drain(..) {
            let (labels, behind) = rest.split_at_checked(series.labels).unwrap_or((rest, &[]));
            let bytes = decode_labels(labels, &mut texts)?;
            take(series, texts.pairs(), bytes)?;
            rest = behind;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.series.len() >= SERIES_PER_PART || !self.exemplars.is_empty()
    }
}

/// Reads ahead on a thread of its own.
pub(crate) struct SnapshotReader {
    fs: Arc<dyn FileSystem>,
    snapshot: Snapshot,
    shape: ChunkShape,
}

/// Series that are handed over together.
const SERIES_PER_PART: usize = 1024;
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
            let (sender, receiver): (_, Receiver<Restored>) = sync_channel(PARTS_AHEAD);
            let reading = scope.spawn(move || self.send(&sender));
            let taken = receiver.into_iter().try_for_each(&mut take);
            // A thread that panicked has read nothing of use; its panic is told where it came up.
            let read = reading.join().unwrap_or(Err(Unusable::Contradiction));
            taken.and(read)
        })
    }

    fn send(&self, sender: &SyncSender<Restored>) -> Result<(), Unusable> {
        let mut part = Restored::default();
        let mut is_whole = false;
        for segment in wal::segments(&*self.fs, &self.snapshot.path)? {
            let mut reader = SegmentReader::open(&*self.fs, &segment)?;
            while let Some(entry) = reader.next_entry()? {
                match entry {
                    Entry::Damage(damage) => return Err(Unusable::Damaged(damage)),
                    Entry::Record { bytes, .. } => self.restore(bytes, &mut part)?,
                }
                // They stand behind all series, whether there are any or not.
                is_whole |= part.tombstones.is_some();
                if part.is_full() && sender.send(std::mem::take(&mut part)).is_err() {
                    // Whoever takes them has failed, and says why.
                    return Ok(());
                }
            }
        }
        let _ = sender.send(part);
        if is_whole { Ok(()) } else { Err(Unusable::Short) }
    }

    fn restore(&self, record: &[u8], part: &mut Restored) -> Result<(), Unusable> {
        match decode_snapshot(record)? {
            SnapshotRecord::Series { series, labels, chunk } => {
                let open = chunk.map(|chunk| self.open(chunk)).transpose()?;
                part.labels.extend_from_slice(labels);
                part.series.push(RestoredSeries { series, labels: labels.len(), open });
            }
            SnapshotRecord::Tombstones(mut tombstones) => {
                part.tombstones.get_or_insert_default().append(&mut tombstones);
            }
            SnapshotRecord::Exemplars(exemplars) => part.exemplars.push(exemplars),
        }
        Ok(())
    }

    fn open(&self, chunk: SnapshotChunk<'_>) -> Result<OpenChunk, Unusable> {
        let encoding = Encoding::from_id(chunk.encoding)?;
        Ok(OpenChunk::resume(encoding, chunk.data, chunk.start, self.shape)?)
    }
}
