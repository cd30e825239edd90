//! Numbers, characters and quoted texts to what they stand for.

use super::tree::Number;

/// Reads a number or a character constant.
///
/// # Errors
/// A complaint, when it is neither.
pub(crate) fn number(written: &str, is_character: bool) -> Result<Number, String> {
    let mut number =
        Number { written: written.to_owned(), int: None, uint: None, float: None, imaginary: false };
    if is_character {
        let code = character(written).ok_or_else(|| format!("malformed character constant: {written}"))?;
        number.int = Some(i64::from(code));
        number.uint = Some(u64::from(code));
        number.float = Some(f64::from(code));
        return Ok(number);
    }
    if let Some(part) = written.strip_suffix('i') {
        number.imaginary = true;
        number.float = float(part);
        return if number.float.is_some() { Ok(number) } else { Err(bad(written)) };
    }
    let whole = integer(written);
    number.uint =
        whole.filter(|_| !written.starts_with(['+', '-'])).and_then(|whole| u64::try_from(whole).ok());
    number.int = whole.and_then(|whole| i64::try_from(whole).ok());
    match (number.int, number.uint) {
        (Some(int), _) => number.float = Some(int as f64),
        (None, Some(uint)) => number.float = Some(uint as f64),
        (None, None) => {
            let value = float(written).ok_or_else(|| bad(written))?;
            if !written.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", model::quote::quote(written)));
            }
            number.float = Some(value);
            let rounded = value as i64;
            if rounded as f64 == value && value.abs() < i64::MAX as f64 {
                number.int = Some(rounded);
                number.uint = u64::try_from(rounded).ok();
            }
        }
    }
    Ok(number)
}

fn bad(written: &str) -> String {
    format!("illegal number syntax: {}", model::quote::quote(written))
}

/// An integer of any base, underscores between digits allowed.
fn integer(written: &str) -> Option<i128> {
    let (negative, digits) = match written.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, written.strip_prefix('+').unwrap_or(written)),
    };
    let (base, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        Some("0o" | "0O") => (8, digits.get(2..)?),
        Some("0b" | "0B") => (2, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if digits.is_empty() || digits.ends_with('_') || digits.contains("__") || digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(&digits.replace('_', ""), base).ok()?;
    Some(if negative { -value } else { value })
}

fn float(written: &str) -> Option<f64> {
    model::number::parse_float(&written.replace('_', ""))
}

fn character(written: &str) -> Option<u32> {
    let inner = written.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut rest = inner;
    let piece = piece(&mut rest, '\'')?;
    if !rest.is_empty() {
        return None;
    }
    Some(match piece {
        Piece::Character(character) => u32::from(character),
        Piece::Byte(byte) => u32::from(byte),
    })
}

/// The text that a quoted one stands for; `None` when an escape is none.
pub(crate) fn unquote(written: &str) -> Option<String> {
    if let Some(raw) = written.strip_prefix('`') {
        return Some(raw.strip_suffix('`')?.replace('\r', ""));
    }
    let mut rest = written.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        match piece(&mut rest, '"')? {
            Piece::Character(character) => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes())
            }
            Piece::Byte(byte) => bytes.push(byte),
        }
    }
    Some(
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    )
}

enum Piece {
    Character(char),
    Byte(u8),
}

fn piece(rest: &mut &str, quote: char) -> Option<Piece> {
    let mut characters = rest.chars();
    let first = characters.next()?;
    if first == quote || first == '\n' {
        return None;
    }
    if first != '\\' {
        *rest = characters.as_str();
        return Some(Piece::Character(first));
    }
    let kind = characters.next()?;
    *rest = characters.as_str();
    let mut digits = |count: usize, base: u32| -> Option<u32> {
        let digits = rest.get(..count)?;
        if !digits.chars().all(|digit| digit.is_digit(base)) {
            return None;
        }
        *rest = rest.get(count..)?;
        u32::from_str_radix(digits, base).ok()
    };
    let simple = match kind {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        _ if kind == quote => quote,
        'x' => return digits(2, 16).and_then(|code| u8::try_from(code).ok()).map(Piece::Byte),
        'u' => return digits(4, 16).and_then(char::from_u32).map(Piece::Character),
        'U' => return digits(8, 16).and_then(char::from_u32).map(Piece::Character),
        '0'..='7' => {
            let tail = digits(2, 8)?;
            let code = kind.to_digit(8)? * 64 + tail;
            return u8::try_from(code).ok().map(Piece::Byte);
        }
        _ => return None,
    };
    Some(Piece::Character(simple))
}
