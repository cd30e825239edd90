//! Strings with Go's escapes, raw strings, and what stands in single quotes.

use super::{Lexed, Lexer, TokenKind, Value};
use crate::error::ErrorKind;

impl Lexer<'_> {
    /// A string in double quotes.
    pub(super) fn quoted(&mut self) -> Lexed {
        let bytes = self.until('"')?.0;
        Ok((TokenKind::String, Value::Text(text(bytes))))
    }

    /// A string in backticks; carriage returns go away, as in Go.
    pub(super) fn raw(&mut self) -> Lexed {
        self.bump();
        let rest = self.rest();
        let length = rest.find('`').ok_or(ErrorKind::LiteralNotTerminated)?;
        self.position += length + 1;
        let inside = rest.get(..length).unwrap_or("");
        Ok((TokenKind::String, Value::Text(inside.chars().filter(|character| *character != '\r').collect())))
    }

    /// A character of Go, which nothing in the language takes.
    pub(super) fn character(&mut self) -> Lexed {
        match self.until('\'')?.1 {
            1 => Ok((TokenKind::Identifier, Value::None)),
            _ => Err(ErrorKind::InvalidCharacter),
        }
    }

    /// What stands before the closing quote, and how many characters that is.
    fn until(&mut self, quote: char) -> Result<(Vec<u8>, usize), ErrorKind> {
        self.bump();
        let mut bytes = Vec::new();
        let mut count = 0;
        let mut code_invalid = false;
        loop {
            match self.bump() {
                None | Some('\n') => return Err(ErrorKind::LiteralNotTerminated),
                Some('\\') => match self.escape(quote)? {
                    Escaped::Byte(byte) => bytes.push(byte),
                    Escaped::Char(character) => push(&mut bytes, character),
                    Escaped::NoCharacter => code_invalid = true,
                },
                Some(character) if character == quote => {
                    return if code_invalid { Err(ErrorKind::InvalidString) } else { Ok((bytes, count)) };
                }
                Some(character) => push(&mut bytes, character),
            }
            count += 1;
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, quote: char) -> Result<Escaped, ErrorKind> {
        let character = match self.bump() {
            None => return Err(ErrorKind::LiteralNotTerminated),
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some('\\') => '\\',
            Some(first) if first == quote => first,
            Some('x') => {
                return Ok(self.digits(2, 16)?.try_into().map_or(Escaped::NoCharacter, Escaped::Byte));
            }
            Some('u') => return self.code(4),
            Some('U') => return self.code(8),
            Some('0'..='7') => {
                self.position -= 1;
                return Ok(self.digits(3, 8)?.try_into().map_or(Escaped::NoCharacter, Escaped::Byte));
            }
            Some(_) => return Err(ErrorKind::InvalidEscape),
        };
        Ok(Escaped::Char(character))
    }

    fn code(&mut self, count: usize) -> Result<Escaped, ErrorKind> {
        Ok(char::from_u32(self.digits(count, 16)?).map_or(Escaped::NoCharacter, Escaped::Char))
    }

    /// So many digits as one number.
    fn digits(&mut self, count: usize, radix: u32) -> Result<u32, ErrorKind> {
        let mut number = 0u32;
        for _ in 0..count {
            let digit = self
                .peek()
                .and_then(|character| character.to_digit(radix))
                .ok_or(ErrorKind::InvalidEscape)?;
            self.bump();
            number = number.wrapping_mul(radix).wrapping_add(digit);
        }
        Ok(number)
    }
}

/// What an escape stands for.
enum Escaped {
    /// One byte, which need not be valid UTF-8 by itself.
    Byte(u8),
    Char(char),
    /// A number that no character has.
    NoCharacter,
}

fn push(bytes: &mut Vec<u8>, character: char) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Bytes that are no text are replaced.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
