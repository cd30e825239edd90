//! What a metric query gives.

use logql_syntax::ast::MetricExpr;
use model::Labels;
use vectors::is_absent;

use super::series::{Evaluated, Series};
use super::windows::Grid;

/// The answer to a metric query; times are nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricAnswer {
    /// A number.
    Scalar {
        /// The time asked for.
        time: i64,
        /// The number.
        value: f64,
    },
    /// One value of each series.
    Vector {
        /// The time asked for.
        time: i64,
        /// Labels and value; sorted by labels unless the query sorts by value.
        elements: Vec<(Labels, f64)>,
    },
    /// Values of series at several times, sorted by labels.
    Matrix(Vec<MatrixSeries>),
}

/// A series of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixSeries {
    /// Its labels.
    pub labels: Labels,
    /// Times and values, in order of time. A time may come more than once, where a query gives series the same labels.
    pub points: Vec<(i64, f64)>,
}

impl MetricAnswer {
    /// The number of its series.
    pub fn series(&self) -> usize {
        match self {
            Self::Scalar { .. } => 1,
            Self::Vector { elements, .. } => elements.len(),
            Self::Matrix(series) => series.len(),
        }
    }

    /// Leaves out series behind so many.
    pub fn truncate(&mut self, series: usize) {
        match self {
            Self::Scalar { .. } => {}
            Self::Vector { elements, .. } => elements.truncate(series),
            Self::Matrix(matrix) => matrix.truncate(series),
        }
    }

    pub(super) fn instant(evaluated: Evaluated, expr: &MetricExpr, time: i64) -> Self {
        let series = match evaluated {
            Evaluated::Number(value) => return Self::Scalar { time, value },
            Evaluated::Series(series) => series,
        };
        let elements = series.into_iter().map(|series| (series.labels, series.span.at(0)));
        let mut elements: Vec<(Labels, f64)> = elements.filter(|(_, value)| !is_absent(*value)).collect();
        if !sorts(expr) {
            elements.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        Self::Vector { time, elements }
    }

    pub(super) fn range(evaluated: Evaluated, grid: Grid) -> Self {
        let mut series = match evaluated {
            Evaluated::Number(value) => {
                let points = (0..grid.steps).map(|step| (grid.time(step), value)).collect();
                return Self::Matrix(vec![MatrixSeries { labels: Labels::empty(), points }]);
            }
            Evaluated::Series(series) => series,
        };
        series.sort_by(|a, b| a.labels.cmp(&b.labels));
        let mut matrix: Vec<MatrixSeries> = Vec::with_capacity(series.len());
        for Series { labels, span } in series {
            let points = span.points().map(|(step, value)| (grid.time(step), value));
            match matrix.last_mut() {
                Some(last) if last.labels == labels => {
                    last.points.extend(points);
                    last.points.sort_by_key(|(time, _)| *time);
                }
                _ => matrix.push(MatrixSeries { labels, points: points.collect() }),
            }
        }
        matrix.retain(|series| !series.points.is_empty());
        Self::Matrix(matrix)
    }
}

/// Whether the order of an expression's series is that of their values.
fn sorts(expr: &MetricExpr) -> bool {
    match expr {
        MetricExpr::Aggregation(aggregation) => {
            // Other aggregations order their series anew.
            aggregation.operation.is_sort()
        }
        MetricExpr::LabelReplace(replace) => sorts(&replace.expr),
        MetricExpr::Binary(binary) => sorts(&binary.left) || sorts(&binary.right),
        MetricExpr::Literal(_) | MetricExpr::Vector(_) | MetricExpr::Range(_) | MetricExpr::Variants(_) => {
            false
        }
    }
}
