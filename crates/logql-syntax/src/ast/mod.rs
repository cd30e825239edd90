//! The tree of a query: plain data, in the order of the text.

mod filter;
mod metric;
mod stage;

pub use filter::{Comparison, Condition, LabelFilter};
pub use metric::{
    Binary, BinaryOperator, Cardinality, Conversion, Grouping, LabelReplace, Matching, MetricExpr,
    RangeAggregation, RangeOperation, Unwrap, Variants, VectorAggregation, VectorOperation,
};
pub use stage::{
    Extraction, LabelChoice, LabelFormat, LabelValue, LineFilter, LineFilterOperator, LineOperand, Stage,
};

use model::Matcher;

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// It gives log lines.
    Log(LogExpr),
    /// It gives numbers.
    Metric(MetricExpr),
}

/// Streams, and what their lines go through.
#[derive(Debug, Clone, PartialEq)]
pub struct LogExpr {
    /// Conditions on the labels of the stream.
    pub matchers: Vec<Matcher>,
    /// What is done with each line, in order.
    pub stages: Vec<Stage>,
}
