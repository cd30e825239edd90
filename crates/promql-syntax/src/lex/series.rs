//! Tokens of the values in a series description: `1 2 _ 4 stale 0+10x5 {{schema:0 sum:1}}x3`.

use model::CounterResetHint;

use super::{
    HistogramField, Lexed, Lexer, Place, SeriesToken, TokenKind, arithmetic, is_alphanumeric, is_blank,
    keyword,
};
use crate::error::ErrorKind;

impl<'t> Lexer<'t> {
    /// What is left of the text.
    pub(crate) fn remainder(&self) -> (usize, &'t str) {
        (self.position, self.rest())
    }

    pub(super) fn series_values(&mut self) -> Lexed<'t> {
        self.start = self.position;
        let Some(character) = self.bump() else { return self.token(TokenKind::End) };
        let kind = match character {
            ' ' | '\t' | '\n' | '\r' => return self.series_blanks(),
            '+' | '-' => TokenKind::Operator(arithmetic(character)),
            'x' => TokenKind::Series(SeriesToken::Times),
            '_' => TokenKind::Series(SeriesToken::Blank),
            '0'..='9' | '.' => return self.series_number(),
            '{' if self.accept(b'{') => {
                self.place = Place::Histogram;
                TokenKind::Series(SeriesToken::OpenHistogram)
            }
            'a'..='z' | 'A'..='Z' => return self.series_word(),
            _ => return self.failed(ErrorKind::UnexpectedInSeries(character)),
        };
        self.token(kind)
    }

    fn series_blanks(&mut self) -> Lexed<'t> {
        self.accept_while(is_blank);
        self.token(TokenKind::Series(SeriesToken::Space))
    }

    /// A number that a repetition may follow at once: `1x5`. So `0x5` is no hexadecimal number here.
    fn series_number(&mut self) -> Lexed<'t> {
        self.position = self.start;
        let behind_is_no_name = |byte: u8| byte == b'x' || !is_alphanumeric(byte);
        if self.scan_number(false) && self.peek_byte().is_none_or(behind_is_no_name) {
            return self.token(TokenKind::Number);
        }
        self.failed(ErrorKind::BadNumber(self.text.get(self.start..self.position).unwrap_or("").to_owned()))
    }

    fn series_word(&mut self) -> Lexed<'t> {
        self.accept_while(|byte| is_alphanumeric(byte) || byte == b':');
        let word = self.text.get(self.start..self.position).unwrap_or("");
        let name = if word.contains(':') { TokenKind::MetricIdentifier } else { TokenKind::Identifier };
        self.token(keyword::lookup(word).unwrap_or(name))
    }

    pub(super) fn histogram(&mut self) -> Lexed<'t> {
        self.start = self.position;
        let Some(character) = self.bump() else { return self.failed(ErrorKind::HistogramIncomplete(None)) };
        let kind = match character {
            ' ' | '\t' | '\n' | '\r' => return self.series_blanks(),
            '-' => TokenKind::Operator(arithmetic('-')),
            ':' => TokenKind::Colon,
            '0'..='9' | '.' => return self.series_number(),
            '[' => {
                self.place = Place::Buckets;
                TokenKind::LeftBracket
            }
            '}' if self.accept(b'}') => {
                self.place = Place::SeriesValues;
                TokenKind::Series(SeriesToken::CloseHistogram)
            }
            'a'..='z' | 'A'..='Z' | '_' => return self.histogram_word(),
            _ => return self.failed(ErrorKind::HistogramIncomplete(Some(character))),
        };
        self.token(kind)
    }

    fn histogram_word(&mut self) -> Lexed<'t> {
        self.accept_while(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        let word = self.text.get(self.start..self.position).unwrap_or("").to_ascii_lowercase();
        if let Some(field) = HistogramField::named(&word) {
            if self.peek_byte() != Some(b':') {
                return self.failed(ErrorKind::MissingColonInHistogram);
            }
            return self.token(TokenKind::Series(SeriesToken::Field(field)));
        }
        let hint = match word.as_str() {
            "gauge" => CounterResetHint::Gauge,
            "reset" => CounterResetHint::Reset,
            "not_reset" => CounterResetHint::NotReset,
            "unknown" => CounterResetHint::Unknown,
            "inf" | "nan" => return self.token(TokenKind::Number),
            _ => {
                let word = self.text.get(self.start..self.position).unwrap_or("").to_owned();
                return self.failed(ErrorKind::BadHistogramField(word));
            }
        };
        self.token(TokenKind::Series(SeriesToken::Hint(hint)))
    }

    pub(super) fn buckets(&mut self) -> Lexed<'t> {
        self.start = self.position;
        let Some(character) = self.bump() else { return self.failed(ErrorKind::BadInBuckets(None)) };
        let kind = match character {
            ' ' | '\t' | '\n' | '\r' => return self.series_blanks(),
            '-' => TokenKind::Operator(arithmetic('-')),
            '0'..='9' | '.' => return self.series_number(),
            ']' => {
                self.place = Place::Histogram;
                TokenKind::RightBracket
            }
            'a'..='z' | 'A'..='Z' => {
                self.accept_while(|byte| byte.is_ascii_alphabetic());
                match keyword::lookup(self.text.get(self.start..self.position).unwrap_or("")) {
                    Some(TokenKind::Number) => TokenKind::Number,
                    _ => return self.failed(ErrorKind::BadInBuckets(Some(character))),
                }
            }
            _ => return self.failed(ErrorKind::BadInBuckets(Some(character))),
        };
        self.token(kind)
    }
}

impl HistogramField {
    /// The field of this name, in lower case.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sum" => Self::Sum,
            "count" => Self::Count,
            "schema" => Self::Schema,
            "offset" => Self::Offset,
            "n_offset" => Self::NegativeOffset,
            "buckets" => Self::Buckets,
            "n_buckets" => Self::NegativeBuckets,
            "z_bucket" => Self::ZeroBucket,
            "z_bucket_w" => Self::ZeroBucketWidth,
            "custom_values" => Self::CustomValues,
            "counter_reset_hint" => Self::CounterResetHint,
            _ => return None,
        })
    }

    /// The name as it is written.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Schema => "schema",
            Self::Offset => "offset",
            Self::NegativeOffset => "n_offset",
            Self::Buckets => "buckets",
            Self::NegativeBuckets => "n_buckets",
            Self::ZeroBucket => "z_bucket",
            Self::ZeroBucketWidth => "z_bucket_w",
            Self::CustomValues => "custom_values",
            Self::CounterResetHint => "counter_reset_hint",
        }
    }
}
