//! Percent-encoding, by the part of the address.

use model::quote::quote;

/// The part of an address that a text belongs to: each has its own characters that stand for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    UserInfo,
    Host,
    Zone,
    Path,
    Fragment,
}

/// Whether the byte has to be encoded in `part`.
fn must_escape(c: u8, part: Part) -> bool {
    if c.is_ascii_alphanumeric() {
        return false;
    }
    if matches!(part, Part::Host | Part::Zone)
        && matches!(
            c,
            b'!' | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'['
                | b']'
                | b'<'
                | b'>'
                | b'"'
        )
    {
        return false;
    }
    match c {
        b'-' | b'_' | b'.' | b'~' => false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match part {
            Part::Path => c == b'?',
            Part::UserInfo => matches!(c, b'@' | b'/' | b'?' | b':'),
            Part::Fragment => false,
            Part::Host | Part::Zone => true,
        },
        b'!' | b'(' | b')' | b'*' => part != Part::Fragment,
        _ => true,
    }
}

/// Encodes what has to be.
pub(super) fn escape(text: &str, part: Part) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.bytes() {
        if must_escape(c, part) {
            out.push_str(&format!("%{c:02X}"));
        } else {
            out.push(char::from(c));
        }
    }
    out
}

/// Decodes a text. Bytes that are no UTF-8 become the replacement character.
///
/// # Errors
/// A `%` without two hexadecimal digits, or a character that the part cannot hold; the message is Go's.
pub(super) fn unescape(text: &str, part: Part) -> Result<String, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&c) = bytes.get(at) {
        if c == b'%' {
            let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
            let code = digits.filter(|d| d.bytes().all(|c| c.is_ascii_hexdigit()));
            let Some(code) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                let piece = bytes.get(at..(at + 3).min(bytes.len())).unwrap_or_default();
                return Err(format!("invalid URL escape {}", quote(&String::from_utf8_lossy(piece))));
            };
            // A host holds encoded bytes only for what is no ASCII.
            if part == Part::Host && code < 0x80 && code != b'%' {
                return Err(format!("invalid URL escape \"%{code:02X}\""));
            }
            out.push(code);
            at += 3;
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && c < 0x80 && must_escape(c, part) {
            return Err(format!("invalid character {} in host name", quote(&char::from(c).to_string())));
        }
        out.push(c);
        at += 1;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Whether a text is a proper encoding as it stands.
pub(super) fn valid_encoded(text: &str, part: Part) -> bool {
    text.bytes().all(|c| match c {
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@' => true,
        b'[' | b']' | b'%' => true,
        _ => !must_escape(c, part),
    })
}
