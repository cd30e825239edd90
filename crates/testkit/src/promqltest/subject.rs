//! What scripts are run on.

use std::fmt;
use std::sync::Arc;

use model::{FloatHistogram, Labels};

use super::load::LoadedSeries;

/// An engine and a store, wherever they are.
pub trait Subject {
    /// Forgets all samples.
    ///
    /// # Errors
    ///
    /// If the store cannot be emptied.
    fn clear(&mut self) -> Result<(), SubjectError>;

    /// Stores samples.
    ///
    /// # Errors
    ///
    /// If the store refuses one.
    fn load(&mut self, series: &[LoadedSeries]) -> Result<(), SubjectError>;

    /// Evaluates an expression at a time, in milliseconds.
    ///
    /// # Errors
    ///
    /// The error of the query, with the text that users see.
    fn instant(&mut self, query: &str, at_ms: i64) -> Result<Answer, SubjectError>;

    /// Evaluates an expression at the steps of a range.
    ///
    /// # Errors
    ///
    /// The error of the query, with the text that users see.
    fn range(&mut self, query: &str, range: QueryRange) -> Result<Answer, SubjectError>;
}

/// The steps of a range query, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryRange {
    /// The first step.
    pub start_ms: i64,
    /// The last step, if one falls on it.
    pub end_ms: i64,
    /// The distance of steps, positive.
    pub step_ms: i64,
}

/// What a query returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The value.
    pub value: AnswerValue,
    /// Warnings, with or without their place in the query.
    pub warnings: Vec<String>,
    /// Infos, with or without their place in the query.
    pub infos: Vec<String>,
}

/// The value of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerValue {
    /// A number.
    Scalar(f64),
    /// A text.
    String(String),
    /// Series with one point each, in the order of the answer.
    Vector(Vec<(Labels, Point)>),
    /// Series with any number of points, in the order of the answer.
    Matrix(Vec<AnswerSeries>),
}

impl AnswerValue {
    /// What the value is called.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "scalar",
            Self::String(_) => "string",
            Self::Vector(_) => "vector",
            Self::Matrix(_) => "matrix",
        }
    }
}

/// A series of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerSeries {
    /// Its labels.
    pub labels: Labels,
    /// Time in milliseconds and value of each point, by time.
    pub points: Vec<(i64, Point)>,
}

/// The value of a series at one time.
#[derive(Debug, Clone, PartialEq)]
pub enum Point {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<FloatHistogram>),
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => out.write_str(&model::number::format_general(*value)),
            Self::Histogram(histogram) => out.write_str(&histogram.notation()),
        }
    }
}

/// Why a subject could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SubjectError {
    message: String,
}

impl SubjectError {
    /// An error with the text of `error`.
    pub fn new(error: impl fmt::Display) -> Self {
        Self { message: error.to_string() }
    }
}
