//! Selectors and ranges.

use std::sync::Arc;

use model::Matcher;
use promql_syntax::ast::{Expr, MatrixSelector, Subquery as SubqueryExpr, VectorSelector};
use storage::{SelectHints, TimeRange};

use super::{Planner, unexpected};
use crate::grid::Grid;
use crate::operators::BoxedVector;
use crate::operators::instant::{InstantSelector, Reference};
use crate::operators::range::{RangeSource, SelectedRange, Windows};
use crate::operators::selection::Selection;
use crate::operators::subquery::{Subquery, aligned_grid};
use crate::operators::timestamp::{TimestampSelector, WhichTime};
use crate::series::Removed;
use crate::{Error, Result};

/// What was selected, by matchers and time.
#[derive(Default)]
pub(super) struct Selections {
    known: Vec<(Vec<Matcher>, TimeRange, Arc<Selection>)>,
}

/// A source of samples and the windows over it.
pub(crate) struct RangePlan {
    pub(crate) source: Box<dyn RangeSource>,
    pub(crate) windows: Windows,
}

impl Planner<'_> {
    /// The series that fulfil the matchers, shared with equal selectors.
    fn select(
        &mut self,
        matchers: &[Matcher],
        range: TimeRange,
        hints: SelectHints,
    ) -> Result<Arc<Selection>> {
        let known = self.selections.known.iter();
        if let Some((_, _, selection)) =
            known.into_iter().find(|(own, time, _)| own == matchers && *time == range)
        {
            return Ok(Arc::clone(selection));
        }
        self.context().limits.check()?;
        let set = self.querier.select(matchers, &hints)?;
        self.run.annotate(set.annotations());
        let one_metric = matchers.iter().any(Matcher::is_metric_name);
        let selection = Arc::new(Selection::new(set, range, one_metric));
        self.selections.known.push((matchers.to_vec(), range, Arc::clone(&selection)));
        Ok(selection)
    }

    /// What an instant selector reads.
    fn instant_selection(
        &mut self,
        selector: &VectorSelector,
        grid: Grid,
    ) -> Result<(Arc<Selection>, Reference)> {
        if selector.extension.is_some() {
            return Err(Error::Unsupported("smoothed"));
        }
        let reference = Reference::new(grid, self.at(selector.at), selector.offset.ms);
        let (first, last) = reference.span();
        let start = first.saturating_sub(self.context().lookback).saturating_add(1);
        let range = TimeRange::new(start, last);
        let hints =
            SelectHints { range: Some(range), sorted: true, step_ms: grid.step, ..SelectHints::default() };
        Ok((self.select(&selector.matchers, range, hints)?, reference))
    }

    pub(super) fn instant_selector(&mut self, selector: &VectorSelector, grid: Grid) -> Result<BoxedVector> {
        let (selection, reference) = self.instant_selection(selector, grid)?;
        Ok(Box::new(InstantSelector { selection, reference, lookback: self.context().lookback }))
    }

    pub(super) fn timestamp_selector(
        &mut self,
        selector: &VectorSelector,
        which: WhichTime,
        grid: Grid,
    ) -> Result<BoxedVector> {
        let (selection, reference) = self.instant_selection(selector, grid)?;
        let context = self.context();
        let list = selection.list.renamed(Removed::Metadata, context.delayed_names);
        let lookback = context.lookback;
        Ok(Box::new(TimestampSelector { selection, list, reference, lookback, which }))
    }

    /// Plans a range selector or subquery.
    pub(crate) fn range(&mut self, expr: &Expr, grid: Grid) -> Result<RangePlan> {
        match expr.unwrap_parens() {
            Expr::MatrixSelector(matrix) => self.range_selector(matrix, grid),
            Expr::Subquery(subquery) => self.subquery(subquery, grid),
            _ => Err(unexpected(expr)),
        }
    }

    fn range_selector(&mut self, matrix: &MatrixSelector, grid: Grid) -> Result<RangePlan> {
        let selector = &matrix.selector;
        if selector.extension.is_some() {
            return Err(Error::Unsupported("anchored or smoothed"));
        }
        let reference = Reference::new(grid, self.at(selector.at), selector.offset.ms);
        let windows = Windows { reference, range: matrix.range.ms };
        let (first, last) = reference.span();
        let range = TimeRange::new(first.saturating_sub(windows.range).saturating_add(1), last);
        let hints = SelectHints {
            range: Some(range),
            sorted: true,
            step_ms: grid.step,
            range_ms: windows.range,
            ..SelectHints::default()
        };
        let selection = self.select(&selector.matchers, range, hints)?;
        Ok(RangePlan { source: Box::new(SelectedRange { selection }), windows })
    }

    fn subquery(&mut self, subquery: &SubqueryExpr, grid: Grid) -> Result<RangePlan> {
        let reference = Reference::new(grid, self.at(subquery.at), subquery.offset.ms);
        let windows = Windows { reference, range: subquery.range.ms };
        let (first, last) = reference.span();
        let step = subquery.step.as_ref().map_or(self.context().subquery_step, |step| step.ms);
        let inner = aligned_grid(first.saturating_sub(windows.range), last, step);
        let child = self.vector_or_scalar(&subquery.expr, inner)?;
        Ok(RangePlan { source: Box::new(Subquery { child, grid: inner }), windows })
    }
}
