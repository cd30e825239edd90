//! The time that a query reads.

use promql_syntax::ast::Expr;
use storage::TimeRange;

use super::fixed_time;
use crate::grid::Grid;
use crate::operators::subquery::aligned_grid;
use crate::run::Context;

/// From the first to the last time that any selector of the expression reads; `None` without selectors.
pub(crate) fn time_span(expr: &Expr, grid: Grid, context: &Context) -> Option<TimeRange> {
    let shifted = |at: Option<_>, offset: i64| {
        let at = fixed_time(at, context);
        let (first, last) = (at.unwrap_or(grid.start), at.unwrap_or(grid.end()));
        (first.saturating_sub(offset), last.saturating_sub(offset))
    };
    match expr {
        Expr::VectorSelector(selector) => {
            let (first, last) = shifted(selector.at, selector.offset.ms);
            let ahead = if selector.extension.is_some() { context.lookback } else { 0 };
            Some(TimeRange::new(first.saturating_sub(context.lookback), last.saturating_add(ahead)))
        }
        Expr::MatrixSelector(matrix) => {
            let (first, last) = shifted(matrix.selector.at, matrix.selector.offset.ms);
            let more = if matrix.selector.extension.is_some() { context.lookback } else { 0 };
            let start = first.saturating_sub(matrix.range.ms).saturating_sub(more);
            Some(TimeRange::new(start, last.saturating_add(more)))
        }
        Expr::Subquery(subquery) => {
            let (first, last) = shifted(subquery.at, subquery.offset.ms);
            let step = subquery.step.as_ref().map_or(context.subquery_step, |step| step.ms);
            let inner = aligned_grid(first.saturating_sub(subquery.range.ms), last, step);
            time_span(&subquery.expr, inner, context)
        }
        _ => expr
            .children()
            .into_iter()
            .filter_map(|child| time_span(child, grid, context))
            .reduce(|a, b| TimeRange::new(a.start.min(b.start), a.end.max(b.end))),
    }
}
