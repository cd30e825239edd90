//! Selectors and ranges.

use std::sync::Arc;

use model::Matcher;
use promql_syntax::ast::{Expr, Extension, MatrixSelector, Subquery as SubqueryExpr, VectorSelector};
use storage::{SelectHints, TimeRange};

use super::{Detail, Planner, unexpected};
use crate::Result;
use crate::grid::Grid;
use crate::operators::BoxedVector;
use crate::operators::instant::{InstantSelector, Reference};
use crate::operators::range::{RangeSource, SelectedRange, Windows};
use crate::operators::selection::Selection;
use crate::operators::smoothed::SmoothedSelector;
use crate::operators::subquery::{Subquery, aligned_grid};
use crate::operators::timestamp::{TimestampSelector, WhichTime};
use crate::series::Removed;

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
        let limits = &self.context().limits;
        limits.check()?;
        let set = if matchers.iter().any(|matcher| matcher.regex().is_some()) {
            // Comparing with expressions may take long.
            let interrupt = limits.interrupt();
            let matchers: Vec<Matcher> = matchers.iter().map(|own| own.clone().until(&interrupt)).collect();
            let found = self.querier.select(&matchers, &hints);
            limits.check()?;
            found?
        } else {
            self.querier.select(matchers, &hints)?
        };
        self.run.annotate(set.annotations());
        let one_metric = matchers.iter().any(Matcher::is_metric_name);
        let selection = Arc::new(Selection::new(set, range, one_metric)?);
        self.selections.known.push((matchers.to_vec(), range, Arc::clone(&selection)));
        Ok(selection)
    }

    /// What an instant selector reads.
    fn instant_selection(
        &mut self,
        selector: &VectorSelector,
        grid: Grid,
    ) -> Result<(Arc<Selection>, Reference)> {
        let ahead = if selector.extension == Some(Extension::Smoothed) { self.context().lookback } else { 0 };
        let reference = Reference::new(grid, self.at(selector.at), selector.offset.ms);
        let (first, last) = reference.span();
        let start = first.saturating_sub(self.context().lookback).saturating_add(1);
        let range = TimeRange::new(start, last.saturating_add(ahead));
        let hints =
            SelectHints { range: Some(range), sorted: true, step_ms: grid.step, ..SelectHints::default() };
        Ok((self.select(&selector.matchers, range, hints)?, reference))
    }

    pub(super) fn instant_selector(&mut self, selector: &VectorSelector, grid: Grid) -> Result<BoxedVector> {
        let (selection, reference) = self.instant_selection(selector, grid)?;
        let lookback = self.context().lookback;
        if selector.extension == Some(Extension::Smoothed) {
            return Ok(Box::new(SmoothedSelector { selection, reference, lookback }));
        }
        let tell_resets = self.detail == Detail::Counts;
        Ok(Box::new(InstantSelector { selection, reference, lookback, tell_resets }))
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

    /// The info series for an expression: their samples are read at the times of its first selector, as that is
    /// where the original looks.
    pub(super) fn info_selection(
        &mut self,
        base: &Expr,
        matchers: &[Matcher],
        grid: Grid,
    ) -> Result<Arc<Selection>> {
        let mut first_selector = None;
        base.for_each_selector(|selector| {
            first_selector.get_or_insert((selector.at, selector.offset.ms));
        });
        let (at, offset) = first_selector.unwrap_or((None, 0));
        let (first, last) = Reference::new(grid, self.at(at), offset).span();
        let start = first.saturating_sub(self.context().lookback).saturating_add(1);
        let range = TimeRange::new(start, last);
        let hints = SelectHints { range: Some(range), sorted: true, ..SelectHints::default() };
        self.select(matchers, range, hints)
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
        let reference = Reference::new(grid, self.at(selector.at), selector.offset.ms);
        let windows = Windows { reference, range: matrix.range.ms, extension: selector.extension };
        let lookback = self.context().lookback;
        let (before, behind) = match selector.extension {
            None => (0, 0),
            Some(Extension::Anchored) => (lookback, 0),
            Some(Extension::Smoothed) => (lookback, lookback),
        };
        let (first, last) = reference.span();
        let start = first.saturating_sub(windows.range).saturating_sub(before).saturating_add(1);
        let range = TimeRange::new(start, last.saturating_add(behind));
        let hints = SelectHints {
            range: Some(range),
            sorted: true,
            step_ms: grid.step,
            range_ms: windows.range,
            ..SelectHints::default()
        };
        let selection = self.select(&selector.matchers, range, hints)?;
        Ok(RangePlan {
            source: Box::new(SelectedRange { selection, tell_resets: self.detail == Detail::Counts }),
            windows,
        })
    }

    fn subquery(&mut self, subquery: &SubqueryExpr, grid: Grid) -> Result<RangePlan> {
        let reference = Reference::new(grid, self.at(subquery.at), subquery.offset.ms);
        let windows = Windows { reference, range: subquery.range.ms, extension: None };
        let (first, last) = reference.span();
        let step = subquery.step.as_ref().map_or(self.context().subquery_step, |step| step.ms);
        let inner = aligned_grid(first.saturating_sub(windows.range), last, step);
        let child =
            self.with_detail(Detail::Buckets, |planner| planner.vector_or_scalar(&subquery.expr, inner))?;
        Ok(RangePlan { source: Box::new(Subquery { child, grid: inner }), windows })
    }
}
