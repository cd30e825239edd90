//! Reads the log into memory.

use std::sync::Arc;

use parking_lot::MutexGuard;
use platform::FileSystem;
use tracing::warn;
use wal::{Entry, Segment, SegmentReader};

use super::Covered;
use super::record::decode;
use crate::Error;
use crate::head::{Buffer, Stream};

/// What a start has read.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Replayed {
    pub(crate) records: u64,
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    pub(crate) duplicates: u64,
    pub(crate) damages: u64,
}

/// Reads one segment; `stream` gives the stream of a tenant's labels, or `None` for none; `covered` says which entries are in
/// parts already.
///
/// # Errors
/// [`Error::Wal`] where the segment cannot be read; damage is no error.
pub(crate) fn replay(
    fs: &dyn FileSystem,
    segment: &Segment,
    replayed: &mut Replayed,
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
        let counts = &mut *replayed;
        let begin = |tenant, labels| Target { tenant, stream: stream(tenant, &labels) };
        let done = decode(record, begin, |target, entry| {
            if covered.holds(target.tenant, entry.timestamp, segment.number) {
                return;
            }
            let Some(stream) = &target.stream else { return };
            let is_new = take(stream, |buffer| buffer.push_packed(entry.timestamp, entry.line, entry.set));
            counts.bytes += entry.line.len() as u64;
            if is_new { counts.entries += 1 } else { counts.duplicates += 1 }
        });
        if done.is_none() {
            replayed.damages += 1;
            warn!(
                segment = segment.number,
                "a record of the log of entries means nothing from some place on"
            );
        }
    }
    Ok(())
}

/// Where the entries of a part of a record go.
struct Target<'a> {
    tenant: &'a str,
    stream: Option<Arc<Stream>>,
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
