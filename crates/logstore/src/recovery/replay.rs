//! Reads the log into memory.

use std::sync::Arc;

use parking_lot::MutexGuard;
use platform::FileSystem;
use tracing::warn;
use wal::{Entry, Segment, SegmentReader};

use super::Covered;
use super::record::{LoggedEntry, Names, decode};
use crate::Error;
use crate::head::{Buffer, ChunkBuilder, Place, Stream};

/// What a start has read.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Replayed {
    pub(crate) records: u64,
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) duplicates: u64,
    pub(crate) damages: u64,
    /// Bytes of memory of the chunks that hold entries.
    pub(crate) chunk_bytes: usize,
}

/// The streams that the log has named, those that cannot take entries among them.
pub(crate) type LoggedStreams = Names<Option<Arc<Stream>>>;

/// Reads one segment. `names` is what those before it have told of streams; `stream` gives the stream of a tenant's labels,
/// or `None` for none; `covered` says which entries are in parts already.
///
/// # Errors
/// [`Error::Wal`] where the segment cannot be read; damage is no error.
pub(crate) fn replay(
    fs: &dyn FileSystem,
    segment: &Segment,
    replayed: &mut Replayed,
    names: &mut LoggedStreams,
    mut stream: impl FnMut(&str, &model::Labels) -> Option<Arc<Stream>>,
    covered: &Covered,
) -> Result<(), Error> {
    let mut reader = SegmentReader::open(fs, segment)?;
    while let Some(entry) = reader.next_entry()? {
        let record = match entry {
            Entry::Record { bytes, .. } => bytes,
            Entry::Damage(damage) => {
                replayed.damages += 1;
                warn!(%damage, "log of entries is damaged; what stood there is lost");
                continue;
            }
        };
        replayed.records += 1;
        let mut found: Vec<(Arc<Stream>, LoggedEntry<'_>)> = Vec::new();
        let begin = |tenant, labels| stream(tenant, &labels);
        let done = decode(record, names, begin, |tenant, stream, entry| {
            if let Some(stream) = stream
                && !covered.holds(tenant, entry.timestamp, segment.number)
            {
                found.push((Arc::clone(stream), entry));
            }
        });
        take_all(&found, replayed);
        match done {
            Some(0) => {}
            Some(streams) => {
                replayed.damages += 1;
                warn!(
                    segment = segment.number,
                    streams,
                    "entries of the log are lost: the record that told the labels of their streams is damaged"
                );
            }
            None => {
                replayed.damages += 1;
                warn!(
                    segment = segment.number,
                    "a record of the log of entries means nothing from some place on"
                );
            }
        }
    }
    Ok(())
}

/// Takes the entries of a record.
fn take_all(found: &[(Arc<Stream>, LoggedEntry<'_>)], replayed: &mut Replayed) {
    let mut chunk = ChunkBuilder::with_room(found.iter().map(|(_, entry)| entry.line.len()).sum());
    // A record is so short that every place has 32 bits.
    let places: Vec<Option<Place>> =
        found.iter().map(|(_, entry)| chunk.add(entry.line, entry.set)).collect();
    let chunk = chunk.finish();
    let entries_before = replayed.entries;
    for ((stream, entry), place) in found.iter().zip(places) {
        let Some(place) = place else { continue };
        let is_new = take(stream, |buffer| buffer.push(entry.timestamp, &chunk, place));
        replayed.bytes += entry.line.len() as u64;
        if is_new { replayed.entries += 1 } else { replayed.duplicates += 1 }
    }
    if replayed.entries > entries_before {
        replayed.chunk_bytes += chunk.heap_bytes();
    }
}

fn take(stream: &Stream, add: impl FnOnce(&mut MutexGuard<'_, Buffer>) -> bool) -> bool {
    let buffer = stream.buffer();
    let mut buffer = buffer.lock();
    let is_new = add(&mut buffer);
    buffer.show();
    let mut intake = stream.intake.lock();
    intake.newest = intake.newest.max(Some(buffer.newest()));
    is_new
}
