//! From text to tokens.
//!
//! Words, numbers and strings are those of Go, comments too (`//`, `/* */`) besides `#`.

mod keyword;
mod number;
mod string;
mod token;

pub(crate) use token::{Token, TokenKind, Value};

use crate::error::{ErrorKind, Place};
use crate::quantity;

/// Reads a text. The last token is [`TokenKind::End`], or [`TokenKind::Broken`] where it cannot go on.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, position: 0, start: 0, line: 0, column: 0, counted: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next_token();
        let last = matches!(token.kind, TokenKind::End | TokenKind::Broken);
        tokens.push(token);
        if last {
            return tokens;
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
    /// Where the token begins that is being read.
    start: usize,
    /// Line and column of the byte `counted`, from zero.
    line: u32,
    column: u32,
    counted: usize,
}

/// A token without its place.
type Lexed = Result<(TokenKind, Value), ErrorKind>;

impl<'t> Lexer<'t> {
    fn next_token(&mut self) -> Token {
        let skipped = self.skip_blank();
        self.start = self.position;
        let mut place = self.place();
        let lexed = match skipped {
            Ok(()) => self.lex(),
            Err(kind) => Err(kind),
        };
        let (kind, value) = lexed.unwrap_or_else(|kind| (TokenKind::Broken, Value::Broken(kind)));
        if self.forgets_line(kind, &value) {
            place.line = 0;
        }
        Token { kind, span: self.start..self.position, place, value }
    }

    /// The original reads these behind the back of the part that counts lines.
    fn forgets_line(&self, kind: TokenKind, value: &Value) -> bool {
        match kind {
            TokenKind::Range | TokenKind::Duration | TokenKind::Bytes | TokenKind::ParserFlag => true,
            TokenKind::Broken => {
                matches!(value, Value::Broken(ErrorKind::Range(_) | ErrorKind::RangeNotTerminated))
            }
            TokenKind::Or | TokenKind::By | TokenKind::On | TokenKind::Ip => false,
            _ => kind.name().len() == 2 && self.token_text() == kind.name(),
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.position..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += character.len_utf8();
        Some(character)
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.position += rest.find(|character| !wanted(character)).unwrap_or(rest.len());
    }

    fn token_text(&self) -> &'t str {
        self.text.get(self.start..self.position).unwrap_or("")
    }

    /// Line and column of the token; an empty text has none.
    fn place(&mut self) -> Place {
        if self.text.is_empty() {
            return Place { line: 0, column: 0 };
        }
        for character in self.text.get(self.counted..self.start).unwrap_or("").chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 0;
            } else {
                self.column += 1;
            }
        }
        self.counted = self.start;
        Place { line: self.line + 1, column: self.column + 1 }
    }

    /// Spaces and comments.
    fn skip_blank(&mut self) -> Result<(), ErrorKind> {
        loop {
            self.skip_while(|character| matches!(character, ' ' | '\t' | '\r' | '\n'));
            let rest = self.rest();
            if rest.starts_with('#') || rest.starts_with("//") {
                self.skip_while(|character| character != '\n');
            } else if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or(ErrorKind::CommentNotTerminated)?;
                // `/*/` is no whole comment.
                let end = if end < 2 {
                    rest.get(2..).and_then(|text| text.find("*/")).map(|at| at + 2)
                } else {
                    Some(end)
                };
                self.position += end.ok_or(ErrorKind::CommentNotTerminated)? + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn lex(&mut self) -> Lexed {
        let Some(first) = self.peek() else { return Ok((TokenKind::End, Value::None)) };
        match first {
            '"' => self.quoted(),
            '`' => self.raw(),
            '\'' => self.character(),
            '[' => self.range(),
            '0'..='9' => self.number(),
            '.' if self.rest().chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            '-' => self.minus(),
            _ if first == '_' || first.is_alphabetic() => {
                self.skip_while(|character| character == '_' || character.is_alphanumeric());
                let kind = keyword::word(self.token_text(), || self.is_call());
                Ok((kind, Value::None))
            }
            _ => Ok((self.operator(), Value::None)),
        }
    }

    /// What is no operator is taken for a name, as in the original.
    fn operator(&mut self) -> TokenKind {
        match keyword::operator(self.rest()) {
            Some((kind, length)) => {
                self.position += length;
                kind
            }
            None => {
                self.bump();
                TokenKind::Identifier
            }
        }
    }

    /// Whether `(`, `by` or `without` follows.
    fn is_call(&self) -> bool {
        let rest = self.rest().trim_start();
        let word_end = rest.find(|character: char| character != '_' && !character.is_alphanumeric());
        let word = rest.get(..word_end.unwrap_or(rest.len())).unwrap_or("");
        rest.starts_with('(') || word.eq_ignore_ascii_case("by") || word.eq_ignore_ascii_case("without")
    }

    /// `[5m]`
    fn range(&mut self) -> Lexed {
        self.bump();
        let rest = self.rest();
        let Some(length) = rest.find(']') else { return Err(ErrorKind::RangeNotTerminated) };
        self.position += length + 1;
        let range = model::duration::parse_duration(rest.get(..length).unwrap_or(""))?;
        Ok((TokenKind::Range, Value::Range(range)))
    }

    /// A minus, a negative duration or a flag of a parser.
    fn minus(&mut self) -> Lexed {
        let rest = self.rest();
        for flag in ["--strict", "--keep-empty"] {
            let behind = rest.strip_prefix(flag).map(|behind| behind.chars().next());
            if behind.is_some_and(|next| next.is_none_or(|next| next != '-' && !next.is_alphanumeric())) {
                self.position += flag.len();
                return Ok((TokenKind::ParserFlag, Value::None));
            }
        }
        self.bump();
        match self.quantity_end(number::is_duration_character) {
            Some(length) => {
                let text = self.rest().get(..length).unwrap_or("");
                match quantity::parse_duration(text).filter(|_| text.contains(char::is_alphabetic)) {
                    Some(nanos) => {
                        self.position += length;
                        Ok((TokenKind::Duration, Value::Nanos(-nanos)))
                    }
                    None => Ok((TokenKind::Subtract, Value::None)),
                }
            }
            None => Ok((TokenKind::Subtract, Value::None)),
        }
    }
}
