//! The metadata of one row as bytes: name and value of each pair behind their lengths, sorted by name.

use crate::bytes::{Cursor, put_sized};

/// Appends the pairs.
pub(crate) fn pack(metadata: &[(&str, &str)], out: &mut Vec<u8>) {
    for (name, value) in metadata {
        put_sized(out, name.as_bytes());
        put_sized(out, value.as_bytes());
    }
}

/// The pairs of a packed set; ends where the bytes mean nothing.
pub(crate) fn pairs(set: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let mut cursor = Cursor::new(set);
    std::iter::from_fn(move || Some((cursor.text()?, cursor.text()?)))
}

/// Bytes of the names and values.
pub(crate) fn text_bytes(set: &[u8]) -> u64 {
    let mut cursor = Cursor::new(set);
    std::iter::from_fn(|| cursor.sized()).map(|text| text.len() as u64).sum()
}
