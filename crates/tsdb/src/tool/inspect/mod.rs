//! `inspect`: what stands in a file of a data directory, item by item.

mod block;
mod chunk;
mod log;
mod print;
mod snapshot;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use platform::{FileSystem, Mapped};

use super::ToolError;
use crate::Error;
use crate::block::{META_FILE, TOMBSTONES_FILE};
pub use print::InspectFormat;
use print::Printer;

/// How much is told of a file, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InspectOptions {
    /// In which form.
    pub format: InspectFormat,
    /// Whether only records and chunks are told, not the entries and samples in them.
    pub brief: bool,
}

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Meta,
    Index,
    Segment,
    Tombstones,
    HeadChunks,
    Log,
}

/// Writes what stands in a file: a segment of a log, head chunks, or a file of a block.
///
/// Damage is told where it stands and ends the file only where nothing behind it can be found.
///
/// # Errors
/// [`ToolError::UnknownFile`] where it is no file of a data directory; [`ToolError::Store`] where it cannot be read,
/// [`ToolError::Output`].
pub fn inspect(
    fs: &Arc<dyn FileSystem>,
    path: &Path,
    options: InspectOptions,
    out: &mut dyn Write,
) -> Result<(), ToolError> {
    let found = fs.metadata(path).map_err(Error::io("look up", path))?;
    if found.is_dir {
        return Err(ToolError::UnknownFile { path: path.to_owned(), what: "a folder" });
    }
    let bytes = fs.map(path, found.len).map_err(Error::io("map", path))?;
    let unknown = || ToolError::UnknownFile { path: path.to_owned(), what: "no file of a data directory" };
    let kind = kind_of(path, &bytes).ok_or_else(unknown)?;
    let mut printer = Printer::new(options, out);
    match kind {
        FileKind::Meta => block::meta(&bytes, path, &mut printer),
        FileKind::Index => block::index(bytes, path, &mut printer),
        FileKind::Tombstones => block::tombstones(&bytes, path, &mut printer),
        FileKind::Segment => chunk::segment(&bytes, path, &mut printer),
        FileKind::HeadChunks => chunk::head_chunks(&bytes, &mut printer),
        FileKind::Log => log::segment(&**fs, path, &mut printer),
    }
}

/// What a file is, by its first bytes and its name.
fn kind_of(path: &Path, bytes: &Mapped) -> Option<FileKind> {
    let name = path.file_name()?.to_str()?;
    let by_magic = match bytes.first_chunk::<4>().map(|magic| u32::from_be_bytes(*magic)) {
        Some(0xBAAA_D700) => Some(FileKind::Index),
        Some(0x85BD_40DD) => Some(FileKind::Segment),
        Some(0x0130_BA30) => Some(FileKind::Tombstones),
        Some(0x0130_BC91) => Some(FileKind::HeadChunks),
        _ => None,
    };
    let is_number = name.len() >= 8 && name.bytes().all(|byte| byte.is_ascii_digit());
    by_magic.or(match name {
        META_FILE => Some(FileKind::Meta),
        TOMBSTONES_FILE => Some(FileKind::Tombstones),
        _ => is_number.then_some(FileKind::Log),
    })
}
