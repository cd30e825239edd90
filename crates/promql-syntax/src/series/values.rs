//! The values of a series: single ones, repetitions, and rows of sums.

use model::{Labels, stale_nan};

use super::{SERIES_VALUES_MAX, SeriesDescription, SeriesValue, SeriesValues};
use crate::error::{ErrorKind, Located, Parsed};
use crate::lex::{SeriesToken, Token, TokenKind};
use crate::parse::{Context, Parser};

pub(super) const VALUES: Context = Context::new("series values", "");
const VALUE: Context = Context::new("series values", "number or \"stale\"");

const SPACE: TokenKind = TokenKind::Series(SeriesToken::Space);
pub(super) const TIMES: TokenKind = TokenKind::Series(SeriesToken::Times);

impl Parser<'_> {
    pub(super) fn series_description(&mut self) -> Parsed<SeriesDescription> {
        let labels: Labels = self.metric("series values")?;
        if let Some(offsets) = self.start_offsets()? {
            return Ok(SeriesDescription { labels, values: SeriesValues::StartOffsets(offsets) });
        }
        let mut values = Vec::new();
        self.next_if(SPACE)?;
        while self.peek()?.kind != TokenKind::End {
            self.series_item(&mut values)?;
            if self.next_if(SPACE)?.is_none() {
                self.expect(TokenKind::End, Context::NONE)?;
            }
        }
        Ok(SeriesDescription { labels, values: SeriesValues::Samples(values) })
    }

    fn series_item(&mut self, values: &mut Vec<SeriesValue>) -> Parsed<()> {
        use crate::ast::BinaryOp::{Add, Sub};
        let token = self.peek()?;
        match token.kind {
            TokenKind::Series(SeriesToken::Blank) => {
                self.next()?;
                let times = self.repetition()?.unwrap_or(1);
                push_repeated(values, &SeriesValue::Omitted, times, token)
            }
            TokenKind::Identifier if token.text == "stale" => {
                self.next()?;
                push_repeated(values, &SeriesValue::Float(stale_nan()), 1, token)
            }
            TokenKind::Identifier => Err(self.unexpected(VALUE)),
            TokenKind::Number | TokenKind::Operator(Add | Sub) => self.series_numbers(values, token),
            TokenKind::Series(SeriesToken::OpenHistogram) => self.series_histograms(values, token),
            _ => Err(self.unexpected(Context::NONE)),
        }
    }

    /// Takes a number, `axn`, `a+bxn` or `a-bxn`.
    fn series_numbers(&mut self, values: &mut Vec<SeriesValue>, first: Token<'_>) -> Parsed<()> {
        use crate::ast::BinaryOp::{Add, Sub};
        let mut value = self.signed_number(VALUES)?.value;
        let TokenKind::Operator(Add | Sub) = self.peek()?.kind else {
            let times = self.repetition()?.map_or(1, |times| times.saturating_add(1));
            return push_repeated(values, &SeriesValue::Float(value), times, first);
        };
        let step = self.signed_number(VALUES)?.value;
        let Some(times) = self.repetition()? else { return Err(self.unexpected(VALUES)) };
        check_count(values.len(), times.saturating_add(1), first)?;
        for _ in 0..=times {
            values.push(SeriesValue::Float(value));
            value += step;
        }
        Ok(())
    }

    /// Takes `xn` if it comes.
    pub(super) fn repetition(&mut self) -> Parsed<Option<u64>> {
        if self.next_if(TIMES)?.is_none() {
            return Ok(None);
        }
        self.whole_number().map(Some)
    }

    /// Takes a whole number without a sign.
    pub(super) fn whole_number(&mut self) -> Parsed<u64> {
        let token = self.expect(TokenKind::Number, VALUES)?;
        token.text.parse().map_err(|_| {
            let out_of_range = token.text.bytes().all(|byte| byte.is_ascii_digit());
            let kind = ErrorKind::InvalidRepetition { text: token.text.to_owned(), out_of_range };
            Located::new(kind, token.span)
        })
    }
}

/// Refuses to write out more values than a series may have.
pub(super) fn check_count(present: usize, more: u64, token: Token<'_>) -> Parsed<()> {
    let fits = usize::try_from(more).is_ok_and(|more| present.saturating_add(more) <= SERIES_VALUES_MAX);
    if fits { Ok(()) } else { Err(Located::new(ErrorKind::TooManyValues(SERIES_VALUES_MAX), token.span)) }
}

pub(super) fn push_repeated(
    values: &mut Vec<SeriesValue>,
    value: &SeriesValue,
    times: u64,
    token: Token<'_>,
) -> Parsed<()> {
    check_count(values.len(), times, token)?;
    values.extend((0..times).map(|_| value.clone()));
    Ok(())
}
