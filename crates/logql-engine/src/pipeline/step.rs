//! A stage, compiled, and what it does with one row.

use bumpalo::Bump;

use super::RowLabels;
use super::choice::{Drop, Keep};
use super::format::{LabelFormats, LineFormat};
use super::label_filter::LabelCondition;
use super::line_filter::LineTest;
use super::number::Unwrapping;
use super::parser::json::JsonAll;
use super::parser::json_paths::JsonPaths;
use super::parser::logfmt::{Logfmt, LogfmtKeys};
use super::parser::pattern::Pattern;
use super::parser::regexp::Regexp;
use super::parser::unpack::Unpack;

/// A row on its way through the stages.
#[derive(Debug)]
pub(crate) struct State<'r> {
    /// Its time.
    pub(crate) timestamp: i64,
    /// The line as it is now.
    pub(crate) line: &'r [u8],
    /// The labels as they are now.
    pub(crate) labels: RowLabels<'r>,
    /// The number that was unwrapped.
    pub(crate) value: f64,
    /// Texts that stages made; they live as long as the row.
    pub(crate) arena: &'r Bump,
    /// The time of the query, for templates that ask.
    pub(crate) now: i64,
}

/// A stage, compiled.
#[derive(Debug)]
pub(crate) enum Step {
    Line(LineTest),
    Labels(LabelCondition),
    Json(JsonAll),
    JsonPaths(JsonPaths),
    Logfmt(Logfmt),
    LogfmtKeys(LogfmtKeys),
    Regexp(Regexp),
    Pattern(Pattern),
    Unpack(Unpack),
    Decolorize(super::decolorize::Decolorize),
    LineFormat(LineFormat),
    LabelFormat(LabelFormats),
    Drop(Drop),
    Keep(Keep),
    Unwrap(Unwrapping),
}

impl Step {
    /// Works on a row; `false` drops it.
    pub(crate) fn run<'r>(&'r self, state: &mut State<'r>) -> bool {
        match self {
            Self::Line(test) => test.keeps(state.line),
            Self::Labels(condition) => condition.keeps(&mut state.labels, state.arena),
            Self::Json(parser) => parser.run(state),
            Self::JsonPaths(parser) => parser.run(state),
            Self::Logfmt(parser) => parser.run(state),
            Self::LogfmtKeys(parser) => parser.run(state),
            Self::Regexp(parser) => parser.run(state),
            Self::Pattern(parser) => parser.run(state),
            Self::Unpack(parser) => parser.run(state),
            Self::Unwrap(unwrapping) => unwrapping.run(state),
            Self::Decolorize(stage) => {
                stage.run(state);
                true
            }
            Self::LineFormat(format) => {
                format.run(state);
                true
            }
            Self::LabelFormat(formats) => {
                formats.run(state);
                true
            }
            Self::Drop(drop) => {
                drop.run(&mut state.labels);
                true
            }
            Self::Keep(keep) => {
                keep.run(&mut state.labels);
                true
            }
        }
    }

    /// How often it goes through a line.
    pub(crate) fn passes(&self) -> usize {
        match self {
            Self::JsonPaths(parser) => parser.passes(),
            _ => 1,
        }
    }

    /// Whether it looks at the line.
    pub(crate) fn reads_line(&self) -> bool {
        match self {
            Self::Labels(_) | Self::Drop(_) | Self::Keep(_) | Self::Unwrap(_) => false,
            Self::Json(parser) => !parser.interest.is_nothing(),
            Self::Logfmt(parser) => !parser.interest.is_nothing(),
            Self::LabelFormat(formats) => formats.has_template(),
            _ => true,
        }
    }

    /// Adds the labels that it looks at; `false` where it may look at any.
    pub(crate) fn names(&self, names: &mut Vec<String>) -> bool {
        match self {
            Self::Labels(condition) => condition.names(names),
            Self::Unwrap(unwrapping) => names.extend(unwrapping.names()),
            Self::LabelFormat(formats) => return formats.names(names),
            Self::LineFormat(format) => return format.names(names),
            Self::Drop(drop) => drop.names(names),
            Self::Keep(keep) => keep.names(names),
            _ => {}
        }
        true
    }
}
