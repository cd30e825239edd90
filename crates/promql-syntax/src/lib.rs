//! PromQL, the query language of Prometheus 3.14, as text and as a tree.
//!
//! Everything here works on text and plain data: no clock, no file, no storage. What a text may not do is told
//! with its place and in the original's words; any text, of any length, ends in a tree or in an error.
//!
//! Reading order: [`ast`], [`functions`], [`parse_expr`], [`span`]; inside, `lex` (text to tokens), `parse`
//! (tokens to a tree), `check` (what a tree may not be), `print` and [`json`]
//! (trees to text), `series` (series of test scripts), [`rewrite`].
#![deny(clippy::indexing_slicing)]

pub mod ast;
mod check;
mod durations;
mod error;
pub mod functions;
pub mod json;
mod lex;
mod options;
mod parse;
mod print;
pub mod rewrite;
mod series;
pub mod span;

pub use ast::{Expr, ValueType};
pub use durations::{DurationError, DurationErrorKind, resolve_durations};
pub use error::{CountQualifier, ErrorKind, ParseError, TypeContext};
pub use functions::{Function, FunctionId};
pub use options::Options;
pub use parse::{DEPTH_MAX, TEXT_BYTES_MAX, parse_expr, parse_metric, parse_metric_selector};
pub use series::{SERIES_VALUES_MAX, SeriesDescription, SeriesValue, SeriesValues, parse_series_description};
pub use span::{LineColumn, Span};
