//! A stage, compiled, and what it does with one row.

use bumpalo::Bump;

use super::RowLabels;
use super::label_filter::LabelCondition;
use super::line_filter::LineTest;
use super::number::Unwrapping;

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
}

/// A stage, compiled.
#[derive(Debug)]
pub(crate) enum Step {
    /// A filter on the line.
    Line(LineTest),
    /// A filter on labels.
    Labels(LabelCondition),
    /// What makes the row a number.
    Unwrap(Unwrapping),
}

impl Step {
    /// Works on a row; `false` drops it.
    pub(crate) fn run(&self, state: &mut State<'_>) -> bool {
        match self {
            Self::Line(test) => test.keeps(state.line),
            Self::Labels(condition) => condition.keeps(&mut state.labels, state.arena),
            Self::Unwrap(unwrapping) => unwrapping.run(state),
        }
    }
}
