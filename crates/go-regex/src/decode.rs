//! Text that need not be UTF-8.

use std::borrow::Cow;

/// `text` as Go's regular expressions see it: every single byte that is no part of a valid character is U+FFFD.
/// (`String::from_utf8_lossy` makes one U+FFFD of several such bytes.)
pub fn decoded(text: &[u8]) -> Cow<'_, str> {
    let mut chunks = text.utf8_chunks().peekable();
    match chunks.peek() {
        None => return Cow::Borrowed(""),
        Some(chunk) if chunk.invalid().is_empty() => return Cow::Borrowed(chunk.valid()),
        Some(_) => {}
    }
    let mut out = String::with_capacity(text.len() + 8);
    for chunk in chunks {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(out)
}
