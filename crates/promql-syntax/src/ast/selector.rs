//! Selectors, ranges over them, and subqueries.

use model::matcher::Matcher;

use super::{DurationValue, Expr};
use crate::span::Span;

/// The fixed time of the `@` modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    /// `@ 1700000000`, in milliseconds.
    Timestamp(i64),
    /// `@ start()`: the first step of the query.
    Start,
    /// `@ end()`: the last step of the query.
    End,
}

/// How a range is extended beyond the samples in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// `anchored`: the last samples at or before both ends are taken.
    Anchored,
    /// `smoothed`: values at both ends are interpolated.
    Smoothed,
}

impl Extension {
    /// The modifier as it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anchored => "anchored",
            Self::Smoothed => "smoothed",
        }
    }
}

/// Series by their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorSelector {
    /// The metric's name where it stands before the braces, else empty: `up`, `up{…}`.
    pub name: String,
    /// What the labels must match, in the order of the text, that of [`VectorSelector::name`] last.
    pub matchers: Vec<Matcher>,
    /// How far back; negative is ahead. `0` without the modifier.
    pub offset: DurationValue,
    /// The fixed time, `None` for that of the step.
    pub at: Option<At>,
    /// Extension of a range, or `smoothed` on an instant selector.
    pub extension: Option<Extension>,
    /// From the name to the last modifier.
    pub span: Span,
}

/// A range of samples of each series.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixSelector {
    /// The series; carries the modifiers too.
    pub selector: VectorSelector,
    /// How long the range is.
    pub range: DurationValue,
    /// From the name to the last modifier.
    pub span: Span,
}

/// A range over the results of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// The instant vector that is evaluated at each step.
    pub expr: Expr,
    /// How long the range is.
    pub range: DurationValue,
    /// Distance of the evaluations, `None` for the default.
    pub step: Option<DurationValue>,
    /// How far back; negative is ahead. `0` without the modifier.
    pub offset: DurationValue,
    /// The fixed time, `None` for that of the step.
    pub at: Option<At>,
    /// From the expression to the last modifier.
    pub span: Span,
}
