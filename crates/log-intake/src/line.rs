//! Fields of lines, found without reading the rest: of JSON and of logfmt, malformed ones as far as they go.

use memchr::{memchr, memchr2};

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// An object of JSON.
    Json,
    /// Names and values with `=` between them.
    Logfmt,
    /// Anything else.
    Text,
}

/// Bytes of a line that are looked at for fields.
const BYTES_MAX: usize = 64 << 10;
/// Objects within objects at most.
const DEPTH_MAX: usize = 16;

/// What a line looks like, by its ends.
pub(crate) fn form_of(line: &[u8]) -> Form {
    let trimmed = line.trim_ascii();
    if trimmed.first() == Some(&b'{') && trimmed.last() == Some(&b'}') {
        return Form::Json;
    }
    let head = line.get(..BYTES_MAX).unwrap_or(line);
    if memchr(b'=', head).is_some() { Form::Logfmt } else { Form::Text }
}

/// The value of the first of the named fields that the line has, in objects down to a depth (1: the outermost alone;
/// 0: all). Texts come without quotes, escapes in them unread.
pub(crate) fn json_field<'a>(line: &'a [u8], names: &[String], depth: usize) -> Option<&'a [u8]> {
    let depth = if depth == 0 { DEPTH_MAX } else { depth.min(DEPTH_MAX) };
    let head = line.get(..BYTES_MAX).unwrap_or(line);
    ranked(Members::of(head)?, names, depth).map(|(_, value)| value)
}

fn ranked<'a>(members: Members<'a>, names: &[String], depth: usize) -> Option<(usize, &'a [u8])> {
    let mut best: Option<(usize, &'a [u8])> = None;
    for (name, value) in members {
        let found = match value.first() {
            Some(b'{') if depth > 1 => {
                Members::of(value).and_then(|members| ranked(members, names, depth - 1))
            }
            Some(b'{' | b'[') | None => None,
            Some(_) => {
                names.iter().position(|known| known.as_bytes() == name).map(|rank| (rank, unquoted(value)))
            }
        };
        if let Some((rank, value)) = found
            && best.is_none_or(|(better, _)| rank < better)
        {
            best = Some((rank, value));
        }
    }
    best
}

/// The value at a path of names in a line of JSON.
pub(crate) fn json_path<'a>(line: &'a [u8], path: &str) -> Option<&'a [u8]> {
    let mut value = line.get(..BYTES_MAX).unwrap_or(line);
    for part in path.split('.') {
        value = Members::of(value)?.find(|(name, _)| *name == part.as_bytes())?.1;
    }
    Some(unquoted(value))
}

fn unquoted(value: &[u8]) -> &[u8] {
    let inside = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    inside.unwrap_or(value)
}

/// Names and values of an object, as they are written; it ends where the text is no object any more.
struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let rest = text.trim_ascii_start().strip_prefix(b"{")?;
        Some(Self { rest })
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut rest = self.rest.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        let name_len = text_len(rest)?;
        let (name, after) = rest.split_at_checked(name_len)?;
        let value = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (value, after) = value.split_at_checked(value_len(value)?)?;
        self.rest = after;
        Some((unquoted(name), value))
    }
}

/// Bytes of the text in quotes that `bytes` begins with.
fn text_len(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Bytes of the value that `bytes` begins with.
fn value_len(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' => text_len(bytes),
        b'{' | b'[' => nested_len(bytes),
        _ => {
            let len = bytes
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace());
            len.filter(|len| *len > 0)
        }
    }
}

fn nested_len(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match bytes.get(at)? {
            b'"' => at += text_len(bytes.get(at..)?)? - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The value of the first of the named fields that a line of logfmt has; texts without quotes, escapes unread.
pub(crate) fn logfmt_field<'a>(line: &'a [u8], names: &[String]) -> Option<&'a [u8]> {
    let mut rest = line.get(..BYTES_MAX).unwrap_or(line);
    let mut best: Option<(usize, &'a [u8])> = None;
    while let Some(equals) = memchr(b'=', rest) {
        let (before, after) = rest.split_at_checked(equals)?;
        let after = after.strip_prefix(b"=")?;
        let key_start = before.iter().rposition(u8::is_ascii_whitespace).map_or(0, |space| space + 1);
        let key = before.get(key_start..).unwrap_or_default();
        let len = match after.first() {
            Some(b'"') => text_len(after).unwrap_or(after.len()),
            _ => after.iter().position(u8::is_ascii_whitespace).unwrap_or(after.len()),
        };
        let (value, next) = after.split_at_checked(len)?;
        if let Some(rank) = names.iter().position(|name| name.as_bytes() == key)
            && best.is_none_or(|(better, _)| rank < better)
        {
            best = Some((rank, unquoted(value)));
        }
        rest = next;
    }
    best.map(|(_, value)| value)
}
