//! From the text of a pattern to an expression of `regex-syntax`.
//!
//! The parser reads left to right with a stack of open groups on the heap, so that no pattern, however it
//! nests, can overflow the call stack. What Go accepts, refuses and says is known from Go's documentation of
//! the syntax (<https://pkg.go.dev/regexp/syntax>) and from recorded answers (`testdata/`).

mod class;
mod escape;
mod group;
mod names;
mod node;
mod parser;
mod ranges;
mod repeat;

use regex_syntax::hir::Hir;

pub(crate) use self::names::is_name_char;
use crate::Error;

/// How to read a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether `.` matches a line feed without a flag that says so.
    pub(crate) dot_all: bool,
    /// Whether groups become captures; without them an engine that is only asked where a match is runs faster.
    pub(crate) captures: bool,
}

/// A parsed pattern.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) hir: Hir,
    /// How many levels it has, as Go counts them.
    pub(crate) height: u32,
    /// The name of each group by index, group 0 first; also filled where captures are not wanted.
    pub(crate) names: Vec<Option<Box<str>>>,
}

/// Parses `pattern`.
pub(crate) fn parse(pattern: &str, options: Options) -> Result<Parsed, Error> {
    parser::Parser::new(pattern, options).run()
}
