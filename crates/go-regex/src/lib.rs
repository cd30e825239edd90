//! The regular expressions of Go (RE2 syntax) with Go's meaning, on `regex-automata`.
//!
//! Users write patterns for programs that read them with Go's `regexp`. The Rust engines read another dialect:
//! they refuse patterns that Go takes, take patterns that Go refuses, and give `\d`, `\w`, `\s` and `\b` another
//! meaning. So this crate has its own parser; nothing a user wrote reaches a Rust regex parser.
//!
//! Most patterns in label matchers and log filters are no real expressions: `foo`, `foo|bar`, `foo.*`, `.*foo.*`.
//! Those are answered by string comparison, and what literals a real expression needs is told to
//! who holds an index (see [`Regex::set_matches`], [`Regex::prefix`], [`Regex::required_literals`]).
//!
//! Reading order: [`Regex`], `syntax` (text to expression), `facts` (what can be said without an engine),
//! `plan` (how a text is answered), `expand` (templates such as `$1`).
#![deny(clippy::indexing_slicing)]

mod captures;
mod decode;
mod engine;
mod error;
mod expand;
mod facts;
mod find;
mod plan;
mod recent;
mod regex;
mod syntax;

pub use captures::Captures;
pub use decode::decoded;
pub use error::{Error, ErrorCode};
pub use facts::{Folding, RequiredLiterals};
pub use find::FindIter;
pub use regex::Regex;
