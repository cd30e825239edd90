//! A corpus as a file of lines.

use std::io;
use std::path::Path;

use platform::FileSystem;

use super::corpus::{Corpus, Settings, Totals};

/// So much is written at once.
const WRITE_BYTES: usize = 1 << 20;

/// Writes the lines of a corpus to a file, each with a line feed behind it.
///
/// # Errors
/// The file cannot be written.
pub fn write(settings: Settings, path: &Path, fs: &dyn FileSystem) -> io::Result<Totals> {
    let mut file = fs.create(path)?;
    let mut corpus = Corpus::new(settings);
    let mut buffer = Vec::with_capacity(WRITE_BYTES + (64 << 10));
    while let Some(entry) = corpus.next() {
        buffer.extend_from_slice(entry.line);
        buffer.push(b'\n');
        if buffer.len() >= WRITE_BYTES {
            file.append(&buffer)?;
            buffer.clear();
        }
    }
    file.append(&buffer)?;
    Ok(corpus.totals())
}
