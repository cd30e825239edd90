//! Strings with Go's escapes.

use super::{Lexed, Lexer, TokenKind};
use crate::error::{ErrorKind, Located};

/// A broken escape.
type Broken = ErrorKind;

impl<'t> Lexer<'t> {
    /// A string in double or single quotes.
    pub(super) fn quoted(&mut self) -> Lexed<'t> {
        let Some(quote) = self.bump() else { return self.failed(ErrorKind::UnterminatedString) };
        loop {
            match self.bump() {
                None | Some('\n') => return self.failed(ErrorKind::UnterminatedString),
                Some('\\') => {
                    let mut rest = self.rest();
                    let decoded = escape(&mut rest, quote);
                    self.position = self.text.len() - rest.len();
                    if let Err(kind) = decoded {
                        return Err(Located { kind, span: (self.start..self.position).into() });
                    }
                }
                Some(char::REPLACEMENT_CHARACTER) => return self.failed(ErrorKind::InvalidUtf8),
                Some(character) if character == quote => return self.token(TokenKind::String),
                Some(_) => {}
            }
        }
    }

    /// A string in backticks.
    pub(super) fn raw(&mut self) -> Lexed<'t> {
        self.bump();
        let rest = self.rest();
        let (length, failure) = match rest.find(['`', char::REPLACEMENT_CHARACTER]) {
            Some(length) if rest.get(length..).is_some_and(|end| end.starts_with('`')) => (length + 1, None),
            Some(length) => (length, Some(ErrorKind::InvalidUtf8)),
            None => (rest.len(), Some(ErrorKind::UnterminatedRawString)),
        };
        self.position += length;
        match failure {
            Some(kind) => self.failed(kind),
            None => self.token(TokenKind::String),
        }
    }
}

/// What an escape stands for.
enum Escaped {
    /// One byte, which need not be valid UTF-8 by itself.
    Byte(u8),
    Char(char),
}

/// Reads the escape behind a backslash off `rest`.
fn escape(rest: &mut &str, quote: char) -> Result<Escaped, Broken> {
    let mut characters = rest.chars();
    let first = characters.next().ok_or(ErrorKind::UnterminatedEscape)?;
    let behind = characters.as_str();
    let simple = match first {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        '0'..='7' => return Ok(Escaped::Byte(byte_of(digits(rest, 3, 8)?)?)),
        'x' => {
            *rest = behind;
            return Ok(Escaped::Byte(byte_of(digits(rest, 2, 16)?)?));
        }
        'u' | 'U' => {
            *rest = behind;
            let code = digits(rest, if first == 'u' { 4 } else { 8 }, 16)?;
            return char::from_u32(code).map(Escaped::Char).ok_or(ErrorKind::InvalidCodePoint);
        }
        _ if first == quote => {
            *rest = behind;
            return Ok(Escaped::Char(quote));
        }
        _ => {
            *rest = behind;
            return Err(ErrorKind::UnknownEscape(first));
        }
    };
    *rest = behind;
    Ok(Escaped::Byte(simple))
}

/// Reads exactly so many digits.
fn digits(rest: &mut &str, count: usize, base: u32) -> Result<u32, Broken> {
    let mut code: u32 = 0;
    for _ in 0..count {
        let mut characters = rest.chars();
        let character = characters.next().ok_or(ErrorKind::UnterminatedEscape)?;
        let digit = character.to_digit(base).ok_or(ErrorKind::IllegalInEscape(character))?;
        // Eight hexadecimal digits fit.
        code = code.wrapping_mul(base).wrapping_add(digit);
        *rest = characters.as_str();
    }
    Ok(code)
}

fn byte_of(code: u32) -> Result<u8, Broken> {
    u8::try_from(code).map_err(|_| ErrorKind::InvalidCodePoint)
}

/// The bytes that a string token stands for: quotes taken off, escapes resolved.
///
/// They need not be UTF-8: `"\xff"` is one byte.
pub(crate) fn unquote(token: &str) -> Vec<u8> {
    let mut characters = token.chars();
    let (Some(quote), Some(_)) = (characters.next(), characters.next_back()) else { return Vec::new() };
    let mut rest = characters.as_str();
    if quote == '`' {
        return rest.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((before, behind)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        rest = behind;
        match escape(&mut rest, quote) {
            Ok(Escaped::Byte(byte)) => bytes.push(byte),
            Ok(Escaped::Char(character)) => {
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            // The lexer has refused it before.
            Err(_) => break,
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
