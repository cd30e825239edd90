//! The segments of a log: gaps between them, damage in them.

use std::path::Path;
use std::sync::Arc;

use platform::FileSystem;
use tracing::warn;
use wal::record::DecodeError;
use wal::{Damage, DamageReason, Entry, Segment, SegmentReader};

use super::SEALED_MAX;
use crate::Error;
use crate::head::Memory;

/// A gap between segments of at most this many is closed with empty ones.
const GAP_MAX: u32 = 1024;

/// Segments behind the last one must not survive a crash of the machine that it does not survive whole.
pub(super) fn sync_last(fs: &dyn FileSystem, segments: &[Segment]) -> Result<(), Error> {
    let Some(last) = segments.last() else { return Ok(()) };
    let mut file = fs.open_append(&last.path).map_err(Error::io("open", &last.path))?;
    file.sync().map_err(Error::io("sync", &last.path))
}

/// Segments that are gone are lost, but the log must stay one that others can open. Says whether there are such.
pub(super) fn close_gaps(
    fs: &dyn FileSystem,
    folder: &Path,
    segments: &[Segment],
    memory: &Memory,
) -> Result<bool, Error> {
    let mut any = false;
    for (before, after) in segments.iter().zip(segments.iter().skip(1)) {
        let missing = before.number + 1..after.number;
        if missing.is_empty() {
            continue;
        }
        any = true;
        memory.metrics.log.corruptions.inc();
        warn!(
            from = missing.start,
            to = after.number - 1,
            "WAL segments are missing, their records are lost"
        );
        for number in missing.take(GAP_MAX as usize) {
            let path = wal::segment_path(folder, number);
            fs.create(&path).map_err(Error::io("create", path))?;
        }
    }
    Ok(any)
}

/// Takes a record and where it stands in its segment.
type TakeRecord<'a> = dyn FnMut(u64, &[u8]) -> Result<(), DecodeError> + 'a;

/// Hands the records of a segment and where they stand to `take`; says whether they made sense, and what is damaged.
pub(super) fn read_segment(
    fs: &Arc<dyn FileSystem>,
    segment: &Segment,
    memory: &Memory,
    take: &mut TakeRecord<'_>,
) -> Result<(bool, Vec<Damage>), Error> {
    let mut reader = SegmentReader::open(&**fs, segment)?;
    let mut damages: Vec<Damage> = Vec::new();
    let mut is_sound = true;
    while let Some(entry) = reader.next_entry()? {
        match entry {
            Entry::Damage(damage) => damages.push(damage),
            Entry::Record { offset, bytes } => {
                if memory.sealed.lock().len() >= SEALED_MAX {
                    // A start must not take more memory than the work before it did.
                    memory.file_chunks()?;
                }
                if let Err(error) = take(offset, bytes) {
                    tell_senseless(segment, offset, error, memory);
                    is_sound = false;
                }
            }
        }
    }
    tell_damaged(segment, &damages, memory);
    Ok((is_sound, damages))
}

/// Tells that a whole record makes no sense, or a part of it.
pub(super) fn tell_senseless(segment: &Segment, offset: u64, error: DecodeError, memory: &Memory) {
    let damage = Damage { segment: segment.number, offset, reason: DamageReason::Record(error) };
    warn!(path = %segment.path.display(), %damage, "WAL record makes no sense and is left out");
    memory.metrics.log.reader_corruptions.inc();
}

/// Tells what is damaged of a segment.
pub(super) fn tell_damaged(segment: &Segment, damages: &[Damage], memory: &Memory) {
    for damage in damages {
        warn!(path = %segment.path.display(), %damage, "WAL is damaged, the records there are lost");
        memory.metrics.log.reader_corruptions.inc();
    }
}

/// Makes a damaged segment one that others can read.
pub(super) fn repair(fs: &Arc<dyn FileSystem>, segment: &Segment, damages: &[Damage], memory: &Memory) {
    if damages.is_empty() {
        return;
    }
    memory.metrics.log.corruptions.inc();
    let compression = memory.settings().wal.compression;
    if let Err(error) = wal::repair(fs, segment, damages, compression) {
        warn!(%error, "WAL could not be repaired; it is read in spite of the damage");
    }
}
