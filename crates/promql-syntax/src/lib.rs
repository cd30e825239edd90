//! PromQL, the query language of Prometheus 3.14, as text and as a tree.
//!
//! Everything here works on text and plain data: no clock, no file, no storage. What a text may not do is told
//! with its place and in the original's words; any text, of any length, ends in a tree or in an error.
//!
//! Reading order: [`ast`], [`functions`], [`span`].
#![deny(clippy::indexing_slicing)]

pub mod ast;
pub mod functions;
pub mod span;

pub use ast::{Expr, ValueType};
pub use functions::{Function, FunctionId};
pub use span::{LineColumn, Span};
