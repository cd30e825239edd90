//! Series as test scripts and unit tests describe them:
//! `name{l="v"} 1 2 _ 4 stale 0+10x5 {{schema:0 sum:1 count:2 buckets:[1 1]}}x3`.

mod histogram;
mod start;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;

use model::{FloatHistogram, Labels};

use crate::error::{ErrorKind, Located, ParseError};
use crate::lex::Lexer;
use crate::options::Options;
use crate::parse::{Parser, TEXT_BYTES_MAX};

/// The most values that one series may have, repetitions written out.
pub const SERIES_VALUES_MAX: usize = 5_000_000;

/// Labels, and what stands at each step.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesDescription {
    /// The labels, name included.
    pub labels: Labels,
    /// One entry per step, from time 0 on.
    pub values: SeriesValues,
}

/// What a line of a series description gives.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesValues {
    /// Samples.
    Samples(Vec<SeriesValue>),
    /// `series@st`: start timestamps of the samples that another line with the same labels gives, in
    /// milliseconds from the time of each sample; `None` where it has none.
    StartOffsets(Vec<Option<i64>>),
}

/// What stands at one step.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesValue {
    /// `_`: nothing.
    Omitted,
    /// A number, or the staleness marker.
    Float(f64),
    /// A native histogram; repetitions share it.
    Histogram(Arc<FloatHistogram>),
}

/// Reads a series description.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_series_description(text: &str) -> Result<SeriesDescription, ParseError> {
    if text.len() > TEXT_BYTES_MAX {
        let kind = ErrorKind::TextTooLong(TEXT_BYTES_MAX);
        return Err(ParseError::new(*Located::new(kind, (0..0).into()), text));
    }
    Parser::new(Lexer::for_series(text), Options::default())
        .series_description()
        .map_err(|located| ParseError::new(*located, text))
}
