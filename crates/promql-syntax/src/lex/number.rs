//! Numbers and durations: how far they reach. What they are worth is read later (`parse::literal`).

use super::{Lexed, Lexer, TokenKind, is_alphanumeric};
use crate::error::ErrorKind;

impl<'t> Lexer<'t> {
    /// A number, or a number with a unit behind it.
    pub(super) fn number_or_duration(&mut self) -> Lexed<'t> {
        if self.scan_number(true) && !self.peek_byte().is_some_and(is_alphanumeric) {
            return self.token(TokenKind::Number);
        }
        // Where the digits ended badly, what is left may still be a duration: the original goes on from there.
        if self.scan_units() {
            return self.token(TokenKind::Duration);
        }
        let text = self.text.get(self.start..self.position).unwrap_or("").to_owned();
        self.failed(ErrorKind::BadNumberOrDuration(text))
    }

    /// Steps over a number; `false` where it breaks off badly, behind the character that broke it.
    pub(super) fn scan_number(&mut self, hexadecimal_allowed: bool) -> bool {
        let begin = self.position;
        let mut hexadecimal = false;
        if hexadecimal_allowed && self.accept(b'0') && self.accept_if(|byte| matches!(byte, b'x' | b'X')) {
            hexadecimal = true;
            self.accept(b'_');
        }
        let is_digit = |byte: u8| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        self.accept(b'.');
        self.accept_if(is_digit);
        let (mut point_seen, mut exponent_seen) = (false, false);
        loop {
            match self.peek_byte() {
                Some(b'.') => {
                    self.position += 1;
                    if point_seen || self.accept_if(|byte| matches!(byte, b'.' | b'_')) || hexadecimal {
                        return false;
                    }
                    point_seen = true;
                }
                Some(b'e' | b'E') => {
                    self.position += 1;
                    if exponent_seen {
                        return false;
                    }
                    exponent_seen = true;
                    self.accept_if(|byte| matches!(byte, b'+' | b'-'));
                    if !self.digit_may_follow() {
                        return false;
                    }
                }
                Some(b'_') => {
                    self.position += 1;
                    if !self.digit_may_follow() {
                        return false;
                    }
                }
                Some(byte) if is_digit(byte) => self.position += 1,
                _ => return self.position > begin,
            }
        }
    }

    /// Whether neither the end nor one of `._eE` follows; those characters are stepped over.
    fn digit_may_follow(&mut self) -> bool {
        !self.accept_if(|byte| matches!(byte, b'.' | b'_' | b'e' | b'E')) && self.peek_byte().is_some()
    }

    /// Steps over a unit and what may follow of a duration. Order and spelling of the units are checked when the
    /// duration is read; only `y` must be the first here.
    fn scan_units(&mut self) -> bool {
        if !self.accept_if(|byte| b"smhdwy".contains(&byte)) {
            return false;
        }
        self.accept(b's');
        while self.accept_if(|byte| byte.is_ascii_digit()) {
            self.accept_while(|byte| byte.is_ascii_digit());
            if !self.accept_if(|byte| b"smhdw".contains(&byte)) {
                return false;
            }
            self.accept(b's');
        }
        // The character that spoils it is shown too.
        !self.accept_if(is_alphanumeric)
    }
}
