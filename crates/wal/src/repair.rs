//! Rewrites a damaged segment so that it holds its sound records and nothing else.

use std::sync::Arc;

use platform::{AppendFile, FileSystem};

use crate::compression::{Compression, compress};
use crate::frame::{encode, page_rest};
use crate::{Damage, Entry, Error, Segment, SegmentReader};

const BUFFER_BYTES: usize = 1 << 20;

/// Makes a damaged segment sound again: readers that know no tolerance would stop at the damage and drop all
/// that follows. `damages` are what [`SegmentReader`] has found in it.
///
/// Damage at the very end is cut off; otherwise the sound records are copied into a new file that takes the
/// segment's place, so that a crash leaves the old or the new.
///
/// # Errors
/// [`Error::Io`]: the segment is then as it was, or cut at the damaged end.
pub fn repair(
    fs: &Arc<dyn FileSystem>,
    segment: &Segment,
    damages: &[Damage],
    compression: Compression,
) -> Result<(), Error> {
    let Some(first) = damages.first() else { return Ok(()) };
    if is_tail(&**fs, segment, first.offset)? {
        let mut file = fs.open_append(&segment.path).map_err(Error::io("open", &segment.path))?;
        file.truncate(first.offset).map_err(Error::io("cut", &segment.path))?;
        return file.sync().map_err(Error::io("sync", &segment.path));
    }
    let mut temporary = segment.path.clone().into_os_string();
    temporary.push(".repair.tmp");
    let temporary = std::path::PathBuf::from(temporary);
    let copied = fs
        .create(&temporary)
        .map_err(Error::io("create", &temporary))
        .and_then(|mut file| copy(&**fs, segment, compression, &mut *file));
    if let Err(error) = copied {
        // Best effort: a leftover is removed at the next start.
        let _ = fs.remove_file(&temporary);
        return Err(error);
    }
    fs.rename(&temporary, &segment.path).map_err(Error::io("rename", &temporary))?;
    match segment.path.parent() {
        Some(folder) => fs.sync_dir(folder).map_err(Error::io("sync", folder)),
        None => Ok(()),
    }
}

/// Whether no sound record stands behind `offset`.
fn is_tail(fs: &dyn FileSystem, segment: &Segment, offset: u64) -> Result<bool, Error> {
    let mut reader = SegmentReader::open(fs, segment)?;
    let mut tail = true;
    while let Some(entry) = reader.next_entry()? {
        if let Entry::Record { offset: at, .. } = entry {
            tail &= at < offset;
        }
    }
    Ok(tail)
}

fn copy(
    fs: &dyn FileSystem,
    segment: &Segment,
    compression: Compression,
    file: &mut dyn AppendFile,
) -> Result<(), Error> {
    let mut reader = SegmentReader::open(fs, segment)?;
    let (mut record, mut framed) = (Vec::new(), Vec::new());
    while let Some(entry) = reader.next_entry()? {
        let Entry::Record { bytes, .. } = entry else { continue };
        record.clear();
        let flags = compress(compression, bytes, &mut record);
        encode(file.len() + framed.len() as u64, flags, &record, &mut framed);
        if framed.len() >= BUFFER_BYTES {
            file.append(&framed).map_err(Error::io("write", &segment.path))?;
            framed.clear();
        }
    }
    let rest = page_rest(file.len() + framed.len() as u64);
    framed.resize(framed.len() + rest, 0);
    file.append(&framed).map_err(Error::io("write", &segment.path))?;
    file.sync().map_err(Error::io("sync", &segment.path))
}
