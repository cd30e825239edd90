//! Numbers, durations and sizes.

use super::{Lexed, Lexer, TokenKind, Value};
use crate::quantity;

impl Lexer<'_> {
    /// A number, or a duration or size that begins with one.
    pub(super) fn number(&mut self) -> Lexed {
        if let Some(length) = self.quantity_end(is_duration_character) {
            let text = self.rest().get(..length).unwrap_or("");
            if let Some(nanos) = quantity::parse_duration(text).filter(|_| has_unit(text)) {
                self.position += length;
                return Ok((TokenKind::Duration, Value::Nanos(nanos)));
            }
        }
        if let Some(length) =
            self.quantity_end(|character| "bikmgtpe".contains(character.to_ascii_lowercase()))
        {
            let text = self.rest().get(..length).unwrap_or("");
            if let Some(bytes) = quantity::parse_bytes(text).filter(|_| has_unit(text)) {
                self.position += length;
                return Ok((TokenKind::Bytes, Value::Bytes(bytes)));
            }
        }
        self.plain_number();
        Ok((TokenKind::Number, Value::None))
    }

    /// The length of what is made of digits, points and such characters, where no other letter follows.
    pub(super) fn quantity_end(&self, is_unit: impl Fn(char) -> bool) -> Option<usize> {
        let rest = self.rest();
        let inside = |character: char| character.is_ascii_digit() || character == '.' || is_unit(character);
        let length = rest.find(|character| !inside(character)).unwrap_or(rest.len());
        let begins = rest.starts_with(|character: char| character.is_ascii_digit() || character == '.');
        let goes_on = rest
            .get(length..)
            .is_some_and(|behind| behind.starts_with(|next: char| next == '_' || next.is_alphanumeric()));
        (begins && !goes_on && length > 0).then_some(length)
    }

    /// Digits, fraction and exponent, or a hexadecimal number.
    fn plain_number(&mut self) {
        let rest = self.rest();
        if rest.starts_with("0x") || rest.starts_with("0X") {
            self.position += 2;
            self.skip_while(|character| character.is_ascii_hexdigit() || "pP._".contains(character));
            return;
        }
        let digit = |character: char| character.is_ascii_digit();
        self.skip_while(digit);
        if self.peek() == Some('.') {
            self.bump();
            self.skip_while(digit);
        }
        if let Some(behind) = self.rest().strip_prefix(['e', 'E']) {
            let digits = behind.strip_prefix(['+', '-']).unwrap_or(behind);
            if digits.starts_with(digit) {
                self.position += 1 + behind.len() - digits.len();
                self.skip_while(digit);
            }
        }
    }
}

/// The characters of the units of durations.
pub(super) fn is_duration_character(character: char) -> bool {
    "nuµμmshdwy".contains(character)
}

/// A number alone is no quantity. An exponent is no unit.
fn has_unit(text: &str) -> bool {
    text.ends_with(char::is_alphabetic)
}
