//! LogQL, the query language of Loki, as text and as a tree.
//!
//! Everything here works on text and plain data: no clock, no file, no storage. What a text may not do is told in
//! the original's words; any text, of any length, ends in a tree or in an error.
//!
//! Reading order: [`ast`], [`parse`](parse()), [`check_stages`], [`ParseError`]; inside, `lex` (text to tokens),
//! `parse` (tokens to a tree), `check` (what a stage may not be), `print` (trees to text). The small languages inside
//! of strings have a module each: [`path`] (expressions of `json` and `logfmt`), [`pattern`], [`ip`]; [`quantity`]
//! reads durations and sizes.
#![deny(clippy::indexing_slicing)]

pub mod ast;
mod check;
mod error;
pub mod ip;
mod lex;
mod options;
mod parse;
pub mod path;
pub mod pattern;
mod print;
pub mod quantity;

pub use ast::{Expr, LogExpr, MetricExpr};
pub use check::{AnyTemplate, Checks, check_stages};
pub use error::{ErrorKind, ParseError, Place, StageError};
pub use options::Options;
pub use parse::{DEPTH_MAX, OPERATORS_MAX, TEXT_BYTES_MAX, parse, parse_log, parse_selector};
