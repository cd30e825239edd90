//! Histograms of a series: `{{schema:0 sum:1 count:2 buckets:[1 1]}}`.

use std::sync::Arc;

use model::{CounterResetHint, FloatHistogram, Span};

use super::SeriesValue;
use super::values::{TIMES, VALUES, check_count, push_repeated};
use crate::ast::BinaryOp;
use crate::error::{ErrorKind, Located, Parsed};
use crate::lex::{HistogramField, SeriesToken, Token, TokenKind};
use crate::parse::{Context, Parser};

const FIELD: Context =
    Context::new("histogram description", "histogram description key, e.g. buckets:[5 10 7]");

const SPACE: TokenKind = TokenKind::Series(SeriesToken::Space);
const CLOSE: TokenKind = TokenKind::Series(SeriesToken::CloseHistogram);

/// The fields as they were written.
#[derive(Default)]
struct Description {
    /// Which ones there are.
    present: Vec<HistogramField>,
    histogram: FloatHistogram,
    offset: i32,
    negative_offset: i32,
}

impl Parser<'_> {
    /// Takes a histogram, a repeated one, or a row of sums or differences.
    pub(super) fn series_histograms(
        &mut self,
        values: &mut Vec<SeriesValue>,
        first: Token<'_>,
    ) -> Parsed<()> {
        let mut histogram = Arc::new(self.series_histogram()?);
        let op = match self.peek()?.kind {
            TokenKind::Operator(op @ (BinaryOp::Add | BinaryOp::Sub)) => op,
            _ => {
                let times = self.repetition()?.map_or(1, |times| times.saturating_add(1));
                return push_repeated(values, &SeriesValue::Histogram(histogram), times, first);
            }
        };
        self.next()?;
        if self.peek()?.kind != TokenKind::Series(SeriesToken::OpenHistogram) {
            return Err(self.unexpected(VALUES));
        }
        let step = self.series_histogram()?;
        if self.peek()?.kind != TIMES {
            return Err(self.unexpected(VALUES));
        }
        let times = self.repetition()?.unwrap_or(0);
        check_count(values.len(), times.saturating_add(1), first)?;
        values.push(SeriesValue::Histogram(Arc::clone(&histogram)));
        for _ in 0..times {
            let mut next = FloatHistogram::clone(&histogram);
            let combined = if op == BinaryOp::Add { next.add(&step) } else { next.sub(&step) };
            combined.map_err(|error| Located::new(ErrorKind::HistogramAddition(error), first.span))?;
            histogram = Arc::new(next);
            values.push(SeriesValue::Histogram(Arc::clone(&histogram)));
        }
        Ok(())
    }

    fn series_histogram(&mut self) -> Parsed<FloatHistogram> {
        self.next()?;
        let mut description = Description::default();
        if self.next_if(SPACE)?.is_some() {
            self.expect(CLOSE, VALUES)?;
            return Ok(description.histogram);
        }
        if self.next_if(CLOSE)?.is_some() {
            return Ok(description.histogram);
        }
        let mut context = VALUES;
        loop {
            let TokenKind::Series(SeriesToken::Field(field)) = self.peek()?.kind else {
                return Err(self.unexpected(context));
            };
            self.next()?;
            self.expect(TokenKind::Colon, VALUES)?;
            if description.present.contains(&field) {
                let kind = ErrorKind::DuplicateHistogramField(field.name());
                return Err(Located::new(kind, (0..0).into()));
            }
            description.present.push(field);
            self.histogram_field(field, &mut description)?;
            context = FIELD;
            let separated = self.next_if(SPACE)?.is_some();
            if self.next_if(CLOSE)?.is_some() {
                return Ok(description.build());
            }
            if !separated {
                return Err(self.unexpected(FIELD));
            }
        }
    }

    fn histogram_field(&mut self, field: HistogramField, description: &mut Description) -> Parsed<()> {
        let histogram = &mut description.histogram;
        match field {
            HistogramField::Sum => histogram.sum = self.signed_number(VALUES)?.value,
            HistogramField::Count => histogram.count = self.signed_number(VALUES)?.value,
            HistogramField::ZeroBucket => histogram.zero_count = self.signed_number(VALUES)?.value,
            HistogramField::ZeroBucketWidth => {
                histogram.zero_threshold = self.signed_number(VALUES)?.value;
            }
            HistogramField::Schema => histogram.schema = self.signed_whole_number()?,
            HistogramField::Offset => description.offset = self.signed_whole_number()?,
            HistogramField::NegativeOffset => description.negative_offset = self.signed_whole_number()?,
            HistogramField::Buckets => histogram.positive_buckets = self.number_list()?,
            HistogramField::NegativeBuckets => histogram.negative_buckets = self.number_list()?,
            HistogramField::CustomValues => histogram.custom_values = self.number_list()?.into(),
            HistogramField::CounterResetHint => histogram.counter_reset_hint = self.hint()?,
        }
        Ok(())
    }

    fn signed_whole_number(&mut self) -> Parsed<i32> {
        let negative = self.sign()?.is_some_and(|(negative, _)| negative);
        // What 32 bits cannot hold is cut off, as in the original.
        let number = self.whole_number()? as i32;
        Ok(if negative { number.wrapping_neg() } else { number })
    }

    fn hint(&mut self) -> Parsed<CounterResetHint> {
        let TokenKind::Series(SeriesToken::Hint(hint)) = self.peek()?.kind else {
            return Err(self.unexpected(VALUES));
        };
        self.next()?;
        Ok(hint)
    }

    /// Takes `[1 2 3]`; at least one number must be there.
    fn number_list(&mut self) -> Parsed<Vec<f64>> {
        self.expect(TokenKind::LeftBracket, VALUES)?;
        let mut numbers = vec![self.signed_number(VALUES)?.value];
        loop {
            let separated = self.next_if(SPACE)?.is_some();
            if self.next_if(TokenKind::RightBracket)?.is_some() {
                return Ok(numbers);
            }
            if !separated {
                return Err(self.unexpected(VALUES));
            }
            numbers.push(self.signed_number(VALUES)?.value);
        }
    }
}

impl Description {
    fn build(self) -> FloatHistogram {
        let mut histogram = self.histogram;
        histogram.positive_spans = spans(self.offset, &histogram.positive_buckets);
        histogram.negative_spans = spans(self.negative_offset, &histogram.negative_buckets);
        histogram
    }
}

/// One span over all buckets.
fn spans(offset: i32, buckets: &[f64]) -> Vec<Span> {
    match u32::try_from(buckets.len()) {
        Ok(0) | Err(_) => Vec::new(),
        Ok(length) => vec![Span { offset, length }],
    }
}
