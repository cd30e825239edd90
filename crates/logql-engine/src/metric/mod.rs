//! Metric queries: numbers from log lines.
//!
//! A range aggregation reads the lines of its windows once: rows become samples of series, samples fall into panes,
//! panes join to windows. `sum by (…)` and its like around it are part of the same step, so that series exist that
//! the answer has, and no others; where nothing but a count of all rows is asked for, blocks inside of one pane are
//! counted by their headers. All other operators work on whole series.
//!
//! Reading order: [`query_instant`], [`query_range`], [`MetricAnswer`]; `evaluate`, `scan`, `windows`, then the
//! operators.

mod aggregate;
mod answer;
mod binary;
mod choose;
mod evaluate;
mod groups;
mod identity;
mod label_replace;
mod scan;
mod series;
#[cfg(test)]
mod tests;
mod variants;
mod windows;

use logql_syntax::ast::{Expr, MetricExpr};
use storage::logs::{EntryRange, LogQuerier};

use crate::{Control, Error, Result};
use evaluate::Evaluation;
use windows::Grid;

pub use answer::{MatrixSeries, MetricAnswer};

/// Opens a view of the entries in a span of time, which is the one that a range aggregation looks at.
pub type Querier<'a> = dyn Fn(EntryRange) -> storage::Result<Box<dyn LogQuerier>> + 'a;

/// The most steps that a range query may have, the first one aside.
pub const STEPS_MAX: i64 = 11_000;

/// Evaluates a query at one time.
///
/// # Errors
/// `LogQueryAsInstant` for a log query, and all that an evaluation can end with.
pub fn query_instant(
    querier: &Querier<'_>,
    expr: &Expr,
    time: i64,
    control: &Control,
) -> Result<MetricAnswer> {
    let Expr::Metric(expr) = expr else { return Err(Error::LogQueryAsInstant) };
    let evaluation = Evaluation { querier, grid: Grid::instant(time), control };
    let answer = MetricAnswer::instant(evaluation.query(expr)?, expr, time);
    checked(answer, control)
}

/// Evaluates a metric query at the multiples of `step` from `start` to `end`, the first and the last one rounded
/// outwards.
///
/// # Errors
/// `Evaluation` for a step that is not positive or too small, and all that an evaluation can end with.
pub fn query_range(
    querier: &Querier<'_>,
    expr: &MetricExpr,
    (start, end): (i64, i64),
    step: i64,
    control: &Control,
) -> Result<MetricAnswer> {
    if step <= 0 {
        let text = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(Error::Evaluation(text.to_owned()));
    }
    if end.saturating_sub(start) / step > STEPS_MAX {
        let text = "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter";
        return Err(Error::Evaluation(text.to_owned()));
    }
    let grid = Grid::aligned(start, end, step);
    let evaluation = Evaluation { querier, grid, control };
    let answer = MetricAnswer::range(evaluation.query(expr)?, grid);
    checked(answer, control)
}

/// Fails where an answer has more series than it may.
fn checked(answer: MetricAnswer, control: &Control) -> Result<MetricAnswer> {
    match control.limits().series_max {
        Some(max) if answer.series() > max => Err(Error::TooManySeries(max)),
        _ => Ok(answer),
    }
}
