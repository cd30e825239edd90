//! Names and values as labels can hold them.

use std::borrow::Cow;

use bumpalo::Bump;

/// Whether a key is a name as it stands: letters, digits and underscores, no digit first.
pub(crate) fn is_name(key: &[u8]) -> bool {
    key.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && !key.first().is_none_or(u8::is_ascii_digit)
}

/// Appends a key with every character that no name has replaced by `_`; one that would begin the name with a digit
/// gets one before it.
pub(crate) fn push_name(key: &[u8], out: &mut String) {
    if out.is_empty() && key.first().is_some_and(u8::is_ascii_digit) {
        out.push('_');
    }
    if key.is_ascii() {
        let clean = |byte: &u8| if byte.is_ascii_alphanumeric() { char::from(*byte) } else { '_' };
        out.extend(key.iter().map(clean));
    } else {
        let clean = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
        out.extend(String::from_utf8_lossy(key).chars().map(clean));
    }
}

/// A value as text: what is no UTF-8 is replaced.
pub(crate) fn text_of<'r>(bytes: &'r [u8], arena: &'r Bump) -> &'r str {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => arena.alloc_str(&text),
    }
}

/// Undoes the escapes of JSON; `None` where one is none. A half of a pair of surrogates becomes U+FFFD.
pub(crate) fn unescape(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(place) = memchr::memchr(b'\\', rest) {
        let (before, from) = rest.split_at_checked(place)?;
        out.extend_from_slice(before);
        let (kind, after) = from.get(1..)?.split_first()?;
        rest = after;
        let plain = match kind {
            b'"' | b'\\' | b'/' | b'\'' => *kind,
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let (character, after) = unicode(rest)?;
                rest = after;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            _ => return None,
        };
        out.push(plain);
    }
    out.extend_from_slice(rest);
    Some(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// The character behind `\u`, two escapes where they are a pair.
fn unicode(rest: &[u8]) -> Option<(char, &[u8])> {
    let (first, after) = unit(rest)?;
    if (0xD800..0xDC00).contains(&first)
        && let Some((second, behind)) = after.strip_prefix(b"\\u").and_then(unit)
        && (0xDC00..0xE000).contains(&second)
    {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return Some((char::from_u32(code)?, behind));
    }
    Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), after))
}

fn unit(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, after) = bytes.split_at_checked(4)?;
    let value =
        digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))?;
    Some((value, after))
}

/// A quoted value: its text between the quotes, its escapes undone where it has any.
pub(crate) fn unquoted<'r>(bytes: &'r [u8], escaped: bool, arena: &'r Bump) -> Option<&'r str> {
    if escaped { Some(arena.alloc_str(&unescape(bytes)?)) } else { Some(text_of(bytes, arena)) }
}
