//! What numbers, durations and strings are worth.

use super::{Context, Parser};
use crate::ast::{NumberLiteral, StringLiteral};
use crate::error::{ErrorKind, Located, Parsed};
use crate::lex::{Token, TokenKind, unquote};

impl Parser<'_> {
    /// The value of a token that is a number or a duration; `None` for any other token.
    pub(super) fn number(&self, token: Token<'_>) -> Parsed<Option<NumberLiteral>> {
        let (value, duration) = match token.kind {
            TokenKind::Number => {
                (parse_number(token.text).map_err(|kind| Located::new(kind, token.span))?, false)
            }
            TokenKind::Duration => {
                let duration = model::duration::parse_duration(token.text)
                    .map_err(|error| Located::new(error.into(), token.span))?;
                (seconds(duration), true)
            }
            _ => return Ok(None),
        };
        Ok(Some(NumberLiteral { value, duration, span: token.span }))
    }

    pub(super) fn string(token: Token<'_>) -> StringLiteral {
        let text = unquote(token.text);
        let bytes = std::str::from_utf8(&text).is_err().then(|| text.clone());
        StringLiteral { value: shown_as_text(text), bytes, span: token.span }
    }

    /// Takes a number or duration, with or without a sign.
    pub(crate) fn signed_number(&mut self, context: Context) -> Parsed<NumberLiteral> {
        let sign = self.sign()?;
        let token = self.peek()?;
        let Some(mut number) = self.number(token)? else { return Err(self.unexpected(context)) };
        self.next()?;
        if let Some((negative, start)) = sign {
            number.span.start = start;
            number.value = if negative { -number.value } else { number.value };
        }
        Ok(number)
    }

    /// Takes a `+` or `-` if there is one, and tells whether it is `-` and where it stands.
    pub(crate) fn sign(&mut self) -> Parsed<Option<(bool, usize)>> {
        use crate::ast::BinaryOp::{Add, Sub};
        let token = self.peek()?;
        let negative = match token.kind {
            TokenKind::Operator(Sub) => true,
            TokenKind::Operator(Add) => false,
            _ => return Ok(None),
        };
        self.next()?;
        Ok(Some((negative, token.span.start)))
    }
}

/// Seconds as Go computes them: whole ones and the fraction apart.
fn seconds(duration: std::time::Duration) -> f64 {
    duration.as_secs() as f64 + f64::from(duration.subsec_nanos()) / 1e9
}

/// Bytes as text; what is not UTF-8 is replaced.
pub(crate) fn shown_as_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Reads a number as Go does: first as a whole number of any base, else as a float. `_` may stand between digits.
pub(crate) fn parse_number(text: &str) -> Result<f64, ErrorKind> {
    let invalid = |out_of_range| ErrorKind::InvalidNumber { text: text.to_owned(), out_of_range };
    if text.eq_ignore_ascii_case("inf") {
        return Ok(f64::INFINITY);
    }
    if text.eq_ignore_ascii_case("nan") {
        return Ok(f64::NAN);
    }
    let Some(plain) = without_underscores(text) else { return Err(invalid(false)) };
    if let Some(whole) = parse_whole(&plain) {
        return Ok(whole as f64);
    }
    if !plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')) {
        return Err(invalid(false));
    }
    let value: f64 = plain.parse().map_err(|_| invalid(false))?;
    if value.is_infinite() { Err(invalid(true)) } else { Ok(value) }
}

/// A whole number: hexadecimal behind `0x`, octal behind `0`, else decimal.
fn parse_whole(text: &str) -> Option<i64> {
    let digits = match text.strip_prefix('0') {
        Some(rest) => match rest.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => return i64::from_str_radix(unsigned(hexadecimal)?, 16).ok(),
            None if rest.is_empty() => return Some(0),
            None => return i64::from_str_radix(unsigned(rest)?, 8).ok(),
        },
        None => text,
    };
    unsigned(digits)?.parse().ok()
}

fn unsigned(digits: &str) -> Option<&str> {
    (!digits.starts_with(['+', '-'])).then_some(digits)
}

/// The number without its underscores; `None` where one does not stand between digits (or behind `0x`).
fn without_underscores(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let hexadecimal = text.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let is_digit = |byte: u8| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let mut plain = String::with_capacity(text.len());
    let (mut before, mut bytes) = (None, text.bytes().enumerate().peekable());
    while let Some((position, byte)) = bytes.next() {
        if byte == b'_' {
            let behind_prefix = hexadecimal && position == 2;
            let between =
                before.is_some_and(is_digit) && bytes.peek().is_some_and(|(_, next)| is_digit(*next));
            let after_prefix = behind_prefix && bytes.peek().is_some_and(|(_, next)| is_digit(*next));
            if !between && !after_prefix {
                return None;
            }
        } else {
            plain.push(char::from(byte));
        }
        before = Some(byte);
    }
    Some(plain.into())
}
