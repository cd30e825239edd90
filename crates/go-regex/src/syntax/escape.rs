//! Escapes that stand for one character.

use crate::{Error, ErrorCode};

/// Reads the escape that `text` begins with. Returns the code point, which may be a surrogate (and then matches
/// nothing), and what follows.
pub(super) fn read_escape(text: &str) -> Result<(u32, &str), Error> {
    let mut rest = text.chars();
    rest.next();
    let Some(first) = rest.next() else {
        return Err(Error::new(ErrorCode::TrailingBackslash, ""));
    };
    let after = rest.as_str();
    let code = match first {
        // One digit alone would be a reference back to a group.
        '1'..='7' if !after.starts_with(is_octal) => return Err(invalid(text, after)),
        '0'..='7' => return Ok(read_octal(first, after)),
        'x' => return read_hexadecimal(text, after),
        'a' => 7,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => u32::from(c),
        _ => return Err(invalid(text, after)),
    };
    Ok((code, after))
}

/// The error for the escape that `text` begins with and that was read up to `rest`.
pub(super) fn invalid(text: &str, rest: &str) -> Error {
    let read = text.strip_suffix(rest).unwrap_or(text);
    Error::new(ErrorCode::InvalidEscape, read)
}

fn is_octal(c: char) -> bool {
    c.is_digit(8)
}

fn read_octal(first: char, after: &str) -> (u32, &str) {
    let (mut code, mut rest) = (first.to_digit(8).unwrap_or(0), after.chars());
    for _ in 0..2 {
        let Some(digit) = rest.clone().next().and_then(|c| c.to_digit(8)) else {
            break;
        };
        code = code * 8 + digit;
        rest.next();
    }
    (code, rest.as_str())
}

/// Reads `41` or `{10FFFF}` after `\x`.
fn read_hexadecimal<'t>(text: &'t str, after: &'t str) -> Result<(u32, &'t str), Error> {
    let mut rest = after.chars();
    if !after.starts_with('{') {
        // Both are read before either is judged, which shows in the error.
        let digits = (rest.next(), rest.next());
        let value = |digit: Option<char>| digit.and_then(|c| c.to_digit(16));
        let code = value(digits.0).zip(value(digits.1)).map(|(high, low)| high * 16 + low);
        return Ok((code.ok_or_else(|| invalid(text, rest.as_str()))?, rest.as_str()));
    }
    rest.next();
    let (mut code, mut digits) = (0, 0);
    loop {
        match rest.next() {
            Some('}') if digits > 0 => return Ok((code, rest.as_str())),
            Some(c) => {
                let digit = c.to_digit(16).ok_or_else(|| invalid(text, rest.as_str()))?;
                code = code * 16 + digit;
                digits += 1;
                if code > u32::from(char::MAX) {
                    return Err(invalid(text, rest.as_str()));
                }
            }
            None => return Err(invalid(text, "")),
        }
    }
}
