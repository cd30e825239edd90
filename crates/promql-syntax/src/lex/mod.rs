//! Text to tokens.
//!
//! What a character may be depends on where it stands: between braces there are labels and strings, behind a
//! bracket a duration must come first. The lexer keeps that place itself ([`Place`]), so that it can name it in
//! its messages, as the original does.

mod keyword;
mod number;
mod series;
mod string;
mod token;

pub(crate) use string::unquote;
pub(crate) use token::{HistogramField, Keyword, SeriesToken, Token, TokenKind, Word};

use crate::ast::BinaryOp;
use crate::error::{ErrorKind, Located};
use crate::span::Span;

/// Where the next token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Anywhere else.
    Statement,
    /// Between braces.
    Braces,
    /// Behind a `[`, before the first number.
    Duration,
    /// In the values of a series description.
    SeriesValues,
    /// In a histogram of a series description.
    Histogram,
    /// In a list of numbers of such a histogram.
    Buckets,
}

/// A source of tokens.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    position: usize,
    /// Where the token being read begins.
    start: usize,
    place: Place,
    parens_open: usize,
    bracket_open: bool,
    colon_seen: bool,
    /// Whether there was a duration between any brackets so far: the original tells a colon at the wrong place
    /// another way then.
    duration_seen: bool,
    /// Whether a series description is being read: values follow the labels.
    series: bool,
}

type Lexed<'t> = Result<Token<'t>, Located>;

impl<'t> Lexer<'t> {
    /// Reads an expression, or a part of one.
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            position: 0,
            start: 0,
            place: Place::Statement,
            parens_open: 0,
            bracket_open: false,
            colon_seen: false,
            duration_seen: false,
            series: false,
        }
    }

    /// Reads a series description: labels, then values.
    pub(crate) fn for_series(text: &'t str) -> Self {
        Self { series: true, ..Self::new(text) }
    }

    /// The next token; [`TokenKind::End`] at the end, as often as asked.
    pub(crate) fn next_token(&mut self) -> Lexed<'t> {
        match self.place {
            Place::Statement => self.statement(),
            Place::Braces => self.braces(),
            Place::Duration => self.duration(),
            Place::SeriesValues => self.series_values(),
            Place::Histogram => self.histogram(),
            Place::Buckets => self.buckets(),
        }
    }

    fn peek_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.position..).unwrap_or("")
    }

    /// Steps over the next character, of whatever length.
    fn bump(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.position += character.len_utf8();
        Some(character)
    }

    /// Steps over the next byte if it is this one.
    fn accept(&mut self, byte: u8) -> bool {
        let accepted = self.peek_byte() == Some(byte);
        self.position += usize::from(accepted);
        accepted
    }

    fn accept_if(&mut self, accepts: impl FnOnce(u8) -> bool) -> bool {
        let accepted = self.peek_byte().is_some_and(accepts);
        self.position += usize::from(accepted);
        accepted
    }

    fn accept_while(&mut self, accepts: impl Fn(u8) -> bool) {
        let length = self.rest().bytes().take_while(|byte| accepts(*byte)).count();
        self.position += length;
    }

    fn token(&self, kind: TokenKind) -> Lexed<'t> {
        let span = Span::new(self.start, self.position);
        Ok(Token { kind, text: self.text.get(self.start..self.position).unwrap_or(""), span })
    }

    fn failed<T>(&self, kind: ErrorKind) -> Result<T, Located> {
        Err(Located { kind, span: Span::new(self.start, self.position) })
    }

    /// [`Lexer::failed`] at the place behind what was read.
    fn failed_behind<T>(&self, kind: ErrorKind) -> Result<T, Located> {
        Err(Located { kind, span: Span::new(self.position, self.position) })
    }

    fn skip_blanks(&mut self) {
        self.accept_while(is_blank);
    }

    fn skip_comment(&mut self) {
        self.accept_while(|byte| !matches!(byte, b'\n' | b'\r'));
    }

    fn statement(&mut self) -> Lexed<'t> {
        loop {
            self.start = self.position;
            match self.peek_byte() {
                None => return self.statement_end(),
                Some(b'#') => self.skip_comment(),
                Some(byte) if is_blank(byte) => self.skip_blanks(),
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b':') if !self.bracket_open => return self.word(),
                Some(b'0'..=b'9') => return self.number_or_duration(),
                Some(b'"' | b'\'') => return self.quoted(),
                Some(b'`') => return self.raw(),
                Some(_) => return self.symbol(),
            }
        }
    }

    fn statement_end(&self) -> Lexed<'t> {
        if self.parens_open > 0 {
            return self.failed(ErrorKind::UnclosedParen);
        }
        if self.bracket_open {
            return self.failed(ErrorKind::UnclosedBracket);
        }
        self.token(TokenKind::End)
    }

    /// A name or a keyword.
    fn word(&mut self) -> Lexed<'t> {
        self.accept_while(|byte| is_alphanumeric(byte) || byte == b':');
        let word = self.text.get(self.start..self.position).unwrap_or("");
        let kind = match keyword::lookup(word) {
            // These three are keywords only where a value follows.
            Some(TokenKind::Keyword(Keyword::Fill | Keyword::FillLeft | Keyword::FillRight))
                if !self.rest().trim_start_matches([' ', '\t', '\n', '\r']).starts_with('(') =>
            {
                TokenKind::Identifier
            }
            Some(kind) => kind,
            None if word.contains(':') => TokenKind::MetricIdentifier,
            None => TokenKind::Identifier,
        };
        if self.series && self.peek_byte() != Some(b'{') {
            self.place = Place::SeriesValues;
        }
        self.token(kind)
    }

    fn symbol(&mut self) -> Lexed<'t> {
        let Some(character) = self.bump() else { return self.statement_end() };
        let kind = match character {
            ',' => TokenKind::Comma,
            '@' => TokenKind::At,
            '+' | '-' | '*' | '/' | '%' | '^' => TokenKind::Operator(arithmetic(character)),
            '=' | '!' | '<' | '>' => return self.comparison(character),
            '.' if self.peek_byte().is_some_and(|byte| byte.is_ascii_digit()) => {
                self.position = self.start;
                return self.number_or_duration();
            }
            '(' => return self.left_paren(),
            ')' => return self.right_paren(),
            '{' => {
                self.place = Place::Braces;
                TokenKind::LeftBrace
            }
            '[' => return self.left_bracket(),
            ']' => return self.right_bracket(),
            // Letters get here inside of brackets only.
            ':' | 'a'..='z' | 'A'..='Z' | '_' => return self.colon_or_word(character),
            _ => return self.failed(ErrorKind::UnexpectedCharacter(character)),
        };
        self.token(kind)
    }

    fn comparison(&mut self, first: char) -> Lexed<'t> {
        let kind = match first {
            '=' if self.accept(b'=') => TokenKind::Operator(BinaryOp::Eq),
            '=' if self.peek_byte() == Some(b'~') => {
                return self.failed(ErrorKind::UnexpectedAfter { before: '=', found: Some('~') });
            }
            '=' => TokenKind::Assign,
            '!' if self.accept(b'=') => TokenKind::Operator(BinaryOp::NotEq),
            '!' => {
                let found = self.rest().chars().next();
                return self.failed(ErrorKind::UnexpectedAfter { before: '!', found });
            }
            '<' if self.accept(b'=') => TokenKind::Operator(BinaryOp::LtEq),
            '<' if self.accept(b'/') => TokenKind::Operator(BinaryOp::TrimUpper),
            '<' => TokenKind::Operator(BinaryOp::Lt),
            _ if self.accept(b'=') => TokenKind::Operator(BinaryOp::GtEq),
            _ if self.accept(b'/') => TokenKind::Operator(BinaryOp::TrimLower),
            _ => TokenKind::Operator(BinaryOp::Gt),
        };
        self.token(kind)
    }

    fn left_paren(&mut self) -> Lexed<'t> {
        self.parens_open += 1;
        self.token(TokenKind::LeftParen)
    }

    fn right_paren(&mut self) -> Lexed<'t> {
        match self.parens_open.checked_sub(1) {
            Some(left) => self.parens_open = left,
            None => return self.failed_behind(ErrorKind::UnopenedParen),
        }
        self.token(TokenKind::RightParen)
    }

    fn left_bracket(&mut self) -> Lexed<'t> {
        if self.bracket_open {
            return self.failed(ErrorKind::BracketInBrackets);
        }
        self.bracket_open = true;
        self.colon_seen = false;
        self.place = Place::Duration;
        self.token(TokenKind::LeftBracket)
    }

    fn right_bracket(&mut self) -> Lexed<'t> {
        if !self.bracket_open {
            return self.failed(ErrorKind::UnopenedBracket);
        }
        self.bracket_open = false;
        self.place = Place::Statement;
        self.token(TokenKind::RightBracket)
    }

    /// Inside of brackets, behind the first number.
    fn colon_or_word(&mut self, character: char) -> Lexed<'t> {
        if character == ':' {
            if self.colon_seen || !self.bracket_open {
                return self.failed(ErrorKind::UnexpectedColon(character));
            }
            self.colon_seen = true;
            return self.token(TokenKind::Colon);
        }
        match self.duration_word() {
            Some(kind) => self.token(kind),
            None => self.failed(ErrorKind::ExpectedColon(character)),
        }
    }

    /// Steps over a word of duration expressions whose first letter is behind.
    fn duration_word(&mut self) -> Option<TokenKind> {
        self.accept_while(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let word = self.text.get(self.start..self.position)?;
        keyword::lookup(word).filter(|kind| {
            matches!(kind, TokenKind::Word(Word::Step | Word::Range | Word::MaxOf | Word::MinOf))
        })
    }

    /// Behind a `[` until the first number.
    fn duration(&mut self) -> Lexed<'t> {
        self.skip_blanks();
        self.start = self.position;
        let Some(character) = self.bump() else {
            return self.failed(ErrorKind::EndInDuration);
        };
        let kind = match character {
            '0'..='9' => return self.first_duration(),
            '.' if self.peek_byte().is_some_and(|byte| byte.is_ascii_digit()) => {
                return self.first_duration();
            }
            ']' => return self.right_bracket(),
            ':' if !self.duration_seen => return self.failed_behind(ErrorKind::ColonBeforeDuration),
            ':' => TokenKind::Colon,
            '(' => return self.left_paren(),
            ')' => return self.right_paren(),
            ',' => TokenKind::Comma,
            '+' | '-' | '*' | '/' | '%' | '^' => TokenKind::Operator(arithmetic(character)),
            'a'..='z' | 'A'..='Z' | '_' => match self.duration_word() {
                Some(kind) => {
                    self.place = Place::Statement;
                    self.duration_seen = true;
                    kind
                }
                None => return self.failed(ErrorKind::UnexpectedInDuration(character)),
            },
            _ => return self.failed(ErrorKind::UnexpectedInDuration(character)),
        };
        self.token(kind)
    }

    fn first_duration(&mut self) -> Lexed<'t> {
        self.position = self.start;
        self.place = Place::Statement;
        self.duration_seen = true;
        self.number_or_duration()
    }

    /// Between braces.
    fn braces(&mut self) -> Lexed<'t> {
        loop {
            self.start = self.position;
            match self.peek_byte() {
                None => return self.failed(ErrorKind::EndInBraces),
                Some(b'#') => self.skip_comment(),
                Some(byte) if is_blank(byte) => self.skip_blanks(),
                Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                    self.accept_while(is_alphanumeric);
                    return self.token(TokenKind::Identifier);
                }
                Some(b'"' | b'\'') => return self.quoted(),
                Some(b'`') => return self.raw(),
                Some(_) => return self.brace_symbol(),
            }
        }
    }

    fn brace_symbol(&mut self) -> Lexed<'t> {
        let kind = match self.bump() {
            Some('{') => return self.failed(ErrorKind::BraceInBraces),
            Some('}') => {
                self.place = if self.series { Place::SeriesValues } else { Place::Statement };
                TokenKind::RightBrace
            }
            Some(',') => TokenKind::Comma,
            Some('=') if self.accept(b'~') => TokenKind::RegexMatch,
            Some('=') => TokenKind::Assign,
            Some('!') if self.accept(b'~') => TokenKind::RegexNotMatch,
            Some('!') if self.accept(b'=') => TokenKind::Operator(BinaryOp::NotEq),
            Some('!') => {
                let found = self.rest().chars().next();
                return self.failed(ErrorKind::UnexpectedAfterInBraces { before: '!', found });
            }
            Some(other) => return self.failed(ErrorKind::UnexpectedInBraces(other)),
            None => return self.failed(ErrorKind::EndInBraces),
        };
        self.token(kind)
    }
}

fn arithmetic(symbol: char) -> BinaryOp {
    match symbol {
        '+' => BinaryOp::Add,
        '-' => BinaryOp::Sub,
        '*' => BinaryOp::Mul,
        '/' => BinaryOp::Div,
        '%' => BinaryOp::Mod,
        _ => BinaryOp::Pow,
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
