//! The packed byte form of a label set.

use std::cmp::Ordering;

/// The longest name or value that the form can carry, in bytes; a longer one is cut at a character.
///
/// Every way in refuses far shorter texts, so that only a query's own `label_join` can come near it.
pub const TEXT_BYTES_MAX: usize = 0xFF_FFFF;

/// Appends one label.
pub(super) fn push(bytes: &mut Vec<u8>, name: &str, value: &str) {
    push_text(bytes, name);
    push_text(bytes, value);
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    let mut len = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    match u8::try_from(len) {
        Ok(short) if short < 0xFF => bytes.push(short),
        _ => {
            bytes.push(0xFF);
            bytes.extend(len.to_le_bytes().iter().take(3));
        }
    }
    bytes.extend_from_slice(text.as_bytes().get(..len).unwrap_or_default());
}

/// Whether `bytes` are whole labels of valid text, sorted by name without repetition.
pub(super) fn is_valid(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut previous: Option<&[u8]> = None;
    while !rest.is_empty() {
        let Some((name, after)) = split_text(rest) else { return false };
        let Some((value, after)) = split_text(after) else { return false };
        let sorted = previous.is_none_or(|previous| previous < name);
        if !sorted || std::str::from_utf8(name).is_err() || std::str::from_utf8(value).is_err() {
            return false;
        }
        previous = Some(name);
        rest = after;
    }
    true
}

fn split_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0xFF {
        return rest.split_at_checked(usize::from(first));
    }
    let (len, rest) = rest.split_first_chunk::<3>()?;
    rest.split_at_checked(usize::from(len[0]) | usize::from(len[1]) << 8 | usize::from(len[2]) << 16)
}

/// A label as it is packed.
pub(super) struct Entry<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
    /// Both with their lengths.
    pub(super) whole: &'a [u8],
}

/// The labels of a packed buffer as bytes, in order.
pub(super) fn entries(bytes: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let before = rest;
        let (name, after) = split_text(before)?;
        let (value, after) = split_text(after)?;
        rest = after;
        let whole = before.get(..before.len() - after.len())?;
        Some(Entry { name, value, whole })
    })
}

/// Compares label by label, name before value.
pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let (Some((text, after)), Some((other, other_after))) = (split_text(left), split_text(right)) else {
            // The one that goes on is the greater one.
            return left.len().cmp(&right.len());
        };
        // The order of bytes is the order of the texts.
        let order = text.cmp(other);
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (after, other_after);
    }
}

/// The labels of a packed buffer, in order.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iter<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn next_text(&mut self) -> Option<&'a str> {
        let (text, rest) = split_text(self.rest)?;
        self.rest = rest;
        // Only valid text is ever packed; the check is cheap beside what callers do with the text.
        std::str::from_utf8(text).ok()
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.next_text()?, self.next_text()?))
    }
}
