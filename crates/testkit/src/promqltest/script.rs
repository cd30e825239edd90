//! Scripts as data.

use model::Labels;

use super::expectation::Expectations;
use super::subject::{Point, QueryRange};

/// A script that was read.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) commands: Vec<Command>,
}

/// What is wrong with a script, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// A command of a script.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Clear { line: usize },
    Load(Load),
    Eval(Box<Eval>),
}

/// A block of series to be stored.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) line: usize,
    /// The distance of samples, in milliseconds.
    pub(super) step_ms: i64,
    /// Whether classic histograms are stored as native ones besides.
    pub(super) with_nhcb: bool,
    pub(super) series: Vec<DescribedSeries>,
}

/// A line of a load block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DescribedSeries {
    pub(super) labels: Labels,
    pub(super) values: Vec<Option<Point>>,
    /// Start times relative to the times of samples, in milliseconds; may be shorter or longer than `values`.
    pub(super) starts: Vec<Option<i64>>,
}

/// An expression and what comes out of it.
#[derive(Debug, Clone)]
pub(super) struct Eval {
    pub(super) line: usize,
    pub(super) query: String,
    pub(super) when: When,
    pub(super) expectations: Expectations,
    pub(super) expected: Expected,
}

/// At which times an expression is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Instant { at_ms: i64 },
    Range(QueryRange),
}

/// The value that is expected.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expected {
    Scalar(f64),
    String(String),
    /// The series of a vector (at one time) or of a matrix.
    Series(Vec<ExpectedSeries>),
    /// The series of a range vector at the steps of `times`.
    RangeVector {
        times: QueryRange,
        series: Vec<ExpectedSeries>,
    },
}

/// A series that is expected, with its values from step to step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExpectedSeries {
    pub(super) labels: Labels,
    pub(super) values: Vec<Option<ExpectedPoint>>,
}

/// A value that is expected.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExpectedPoint {
    pub(super) point: Point,
    /// Whether the counter reset hint of a histogram counts.
    pub(super) with_hint: bool,
}
