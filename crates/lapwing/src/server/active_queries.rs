//! The file `queries.active` of the data directory: what queries were running when a process died.
//!
//! As in the original: `[`, then a place of [`PLACE_BYTES`] for each query that may run at once, which holds a JSON
//! object, zero bytes and a comma, or zero bytes alone.
#![expect(
    clippy::disallowed_methods,
    reason = "places are written again and again, which `FileSystem` does not offer"
)]

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use promql_engine::{ActiveJournal, ActiveQuery};

/// The bytes of a place.
const PLACE_BYTES: usize = 1000;

/// The name of the file.
const NAME: &str = "queries.active";

/// The largest file that is looked at for what has been left over.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// The journal of running queries.
#[derive(Debug)]
pub(super) struct ActiveQueriesFile {
    file: File,
    places: usize,
}

impl ActiveQueriesFile {
    /// Tells in the log what has been left over by a process before this one, and begins a new file with so many
    /// places.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub(super) fn create(folder: &Path, places: usize) -> io::Result<Self> {
        let path = folder.join(NAME);
        std::fs::create_dir_all(folder)?;
        if std::fs::metadata(&path).is_ok_and(|known| known.len() <= FILE_BYTES_MAX) {
            let queries = left_over(&std::fs::read(&path)?);
            if !queries.is_empty() {
                tracing::warn!(queries, "these queries did not finish in the last run");
            }
        }
        let file = File::create(&path)?;
        file.set_len((1 + places * PLACE_BYTES) as u64)?;
        file.write_all_at(b"[", 0)?;
        Ok(Self { file, places })
    }
}

impl ActiveJournal for ActiveQueriesFile {
    fn write(&self, place: usize, query: Option<&ActiveQuery>) {
        if place >= self.places {
            return;
        }
        let entry = query.map(entry);
        let bytes = entry.as_deref().unwrap_or(&[0; PLACE_BYTES]);
        if let Err(error) = self.file.write_all_at(bytes, (1 + place * PLACE_BYTES) as u64) {
            tracing::warn!(%error, "running query not noted");
        }
    }
}

/// What a place holds for a query: as much of its text as there is room for.
fn entry(query: &ActiveQuery) -> Vec<u8> {
    let mut text = query.text.as_str();
    loop {
        let mut bytes = Vec::with_capacity(PLACE_BYTES);
        bytes.extend_from_slice(b"{\"query\":");
        // A text always has a JSON form, and a vector takes all of it.
        let _ = serde_json::to_writer(&mut bytes, text);
        let _ = write!(bytes, ",\"timestamp_sec\":{}}}", query.began_ms.div_euclid(1000));
        if bytes.len() < PLACE_BYTES || text.is_empty() {
            bytes.resize(PLACE_BYTES - 1, 0);
            bytes.push(b',');
            return bytes;
        }
        let excess = bytes.len() + 1 - PLACE_BYTES;
        // What is escaped takes up to six bytes for one.
        text = &text[..text.floor_char_boundary(text.len().saturating_sub(excess.div_ceil(6)))];
    }
}

/// The entries that are still in a file, as a JSON array; nothing where there are none.
fn left_over(bytes: &[u8]) -> String {
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&text);
    let entries = text.trim_start_matches('[').trim_end_matches(',');
    if entries.is_empty() { String::new() } else { format!("[{entries}]") }
}
