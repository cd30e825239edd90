//! What stands behind a series: words with one blank before each.

use crate::exposition::error::ParseError;
use crate::exposition::float::parse_value;
use crate::exposition::lex::{Cursor, Token};

/// Reads one blank and what stands behind it up to the next blank or line break.
pub(super) fn word<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Token> {
    if cursor.at_end() {
        return Err(Token::End);
    }
    cursor.token = cursor.at;
    if cursor.peek() != b' ' {
        return Err(Token::Invalid);
    }
    cursor.at += 1;
    let rest = cursor.rest();
    let len = rest.iter().position(|byte| matches!(byte, b' ' | b'\n' | 0)).unwrap_or(rest.len());
    if len == 0 {
        return Err(Token::Invalid);
    }
    cursor.at += len;
    Ok(rest.get(..len).unwrap_or_default())
}

/// Reads what may stand behind a value or a time, and the word that it is, if it is one.
pub(super) fn behind_number<'a>(cursor: &mut Cursor<'a>) -> (Token, &'a [u8]) {
    if cursor.at_end() {
        return (Token::End, &[]);
    }
    cursor.token = cursor.at;
    match cursor.rest() {
        [b'\n', ..] => (cursor.single(Token::LineBreak), &[]),
        [b' ', b'#', b' ', b'{', ..] => {
            cursor.at += 4;
            (Token::Comment, &[])
        }
        [b' ', b'#', b' ', ..] => {
            cursor.at += 3;
            (Token::Invalid, &[])
        }
        _ => match word(cursor) {
            Ok(word) => (Token::Timestamp, word),
            Err(token) => (token, &[]),
        },
    }
}

/// Milliseconds from a number of seconds.
pub(super) fn time(cursor: &Cursor<'_>, seconds: &[u8], of: &'static str) -> Result<i64, ParseError> {
    let value = parse_value(seconds).map_err(|reason| cursor.wrong(reason))?;
    if !value.is_finite() {
        return Err(ParseError::Timestamp { of, value });
    }
    Ok((value * 1000.0) as i64)
}
