//! A tree of expressions to series.

use logql_syntax::ast::{
    Binary, BinaryOperator, Grouping as Clause, MetricExpr, RangeAggregation, RangeOperation,
    VectorAggregation, VectorOperation,
};
use model::Labels;
use model::matcher::MatchOp;

use super::Querier;
use super::aggregate::{aggregate, aggregation};
use super::binary::binary;
use super::choose::{choose, sort};
use super::identity::Identity;
use super::label_replace::label_replace;
use super::scan::{Selection, scan};
use super::series::{Evaluated, Series, kept, released};
use super::windows::lane::Span;
use super::windows::{Grid, Windows};
use crate::pipeline::{CompileOptions, Pipeline, Wanted};
use crate::{Control, Result};

/// Expressions nest no deeper than the parser lets them; a query that was built otherwise ends here.
const DEPTH_MAX: usize = 2 * logql_syntax::DEPTH_MAX;

/// What an evaluation works with.
pub(super) struct Evaluation<'a> {
    pub(super) querier: &'a Querier<'a>,
    pub(super) grid: Grid,
    pub(super) control: &'a Control,
}

impl Evaluation<'_> {
    /// The series of the whole query; not more than the query may give.
    pub(super) fn query(&self, expr: &MetricExpr) -> Result<Evaluated> {
        self.expr(expr, self.control.limits().series_max, 0)
    }

    /// Evaluates an expression; `series_max` is how many series it may give where it is the whole query.
    fn expr(&self, expr: &MetricExpr, series_max: Option<usize>, depth: usize) -> Result<Evaluated> {
        self.control.check()?;
        if depth > DEPTH_MAX {
            return Err(logql_syntax::ParseError::from(logql_syntax::ErrorKind::TooDeep(DEPTH_MAX)).into());
        }
        let series = match expr {
            MetricExpr::Literal(number) => return Ok(Evaluated::Number(*number)),
            MetricExpr::Vector(number) => vec![self.constant(*number)],
            MetricExpr::Range(range) if let Some(expr) = grouped_average(range) => {
                return self.expr(&expr, series_max, depth + 1);
            }
            MetricExpr::Range(range) => {
                let identity = range.grouping.as_ref().map_or(Identity::All, Identity::of);
                let wanted = identity.wanted();
                self.range(range, (identity, wanted), series_max)?
            }
            MetricExpr::Aggregation(aggregation) => self.aggregation(aggregation, series_max, depth)?,
            MetricExpr::LabelReplace(replace) => {
                let series = self.series(&replace.expr, series_max, depth)?;
                released(&series, self.control);
                kept(label_replace(replace, series)?, self.control)?
            }
            MetricExpr::Variants(variants) => self.variants(variants, depth)?,
            MetricExpr::Binary(operation) => {
                let left = self.expr(&operation.left, None, depth + 1)?;
                let right = self.expr(&operation.right, None, depth + 1)?;
                for side in [&left, &right] {
                    if let Evaluated::Series(series) = side {
                        released(series, self.control);
                    }
                }
                match binary(operation, left, right, self.grid.steps, self.control)? {
                    Evaluated::Series(series) => kept(series, self.control)?,
                    number @ Evaluated::Number(_) => return Ok(number),
                }
            }
        };
        Ok(Evaluated::Series(series))
    }

    /// Evaluates an expression whose numbers stand for a series without labels.
    pub(super) fn series(
        &self,
        expr: &MetricExpr,
        series_max: Option<usize>,
        depth: usize,
    ) -> Result<Vec<Series>> {
        Ok(match self.expr(expr, series_max, depth + 1)? {
            Evaluated::Series(series) => series,
            Evaluated::Number(number) => vec![self.constant(number)],
        })
    }

    /// A series without labels that has a value at all times.
    fn constant(&self, number: f64) -> Series {
        Series { labels: Labels::empty(), span: Span { first: 0, values: vec![number; self.grid.steps] } }
    }

    fn aggregation(
        &self,
        outer: &VectorAggregation,
        series_max: Option<usize>,
        depth: usize,
    ) -> Result<Vec<Series>> {
        if let MetricExpr::Range(range) = &outer.expr
            && let Some(joined) = joined(outer, range)
        {
            return self.range(range, joined, series_max);
        }
        let mut series = self.series(&outer.expr, None, depth)?;
        released(&series, self.control);
        let clause = outer.grouping.as_ref();
        let steps = self.grid.steps;
        let series = match (outer.operation, aggregation(outer.operation)) {
            (_, Some(aggregation)) => aggregate(series, aggregation, clause, steps, self.control)?,
            (operation @ (VectorOperation::Sort | VectorOperation::SortDescending), None) => {
                sort(&mut series, operation, steps);
                series
            }
            (operation, None) => {
                let wanted = (outer.count.unwrap_or(u64::MAX), clause);
                choose(series, operation, wanted, steps, self.control)?
            }
        };
        kept(series, self.control)
    }

    /// Evaluates an aggregation over time.
    fn range(
        &self,
        range: &RangeAggregation,
        (identity, wanted): (Identity, Wanted),
        series_max: Option<usize>,
    ) -> Result<Vec<Series>> {
        let operation = range.operation;
        let nanos = i64::try_from(range.range.as_nanos()).unwrap_or(i64::MAX);
        let windows = Windows::new(self.grid, nanos, range.offset_nanos);
        let is_absent = operation == RangeOperation::Absent;
        let (identity, wanted) = match is_absent {
            true => (Identity::By(Vec::new()), Wanted::Named(Vec::new())),
            false => (identity, wanted),
        };
        let line = matches!(operation, RangeOperation::Bytes | RangeOperation::BytesRate);
        let options = CompileOptions { labels: wanted, line, unwrap: range.unwrap.as_ref() };
        let selection = Selection {
            matchers: &range.log.matchers,
            pipeline: Pipeline::compile(&range.log.stages, &options)?,
            identity,
            operation,
            unwraps: range.unwrap.is_some(),
            windows,
            series_max,
        };
        let querier = (self.querier)(windows.span())?;
        let groups = scan(&selection, querier.as_ref(), self.control)?;
        let held = groups.bytes();
        let series = match is_absent {
            true => vec![Series { labels: asked_labels(range), span: groups.absent(&windows) }],
            false => groups.finish(operation, range.parameter, &windows),
        };
        let series = kept(series, self.control)?;
        self.control.return_bytes(held);
        Ok(series)
    }
}

/// An average over time by labels as the original computes it: the sum of the numbers by the count of all lines that
/// come out of the stages, those without a number among them.
fn grouped_average(range: &RangeAggregation) -> Option<MetricExpr> {
    let grouping =
        range.grouping.as_ref().filter(|grouping| !grouping.without && !grouping.labels.is_empty())?;
    if range.operation != RangeOperation::Average {
        return None;
    }
    let side = |operation, unwrap| {
        let range = RangeAggregation { operation, unwrap, grouping: None, ..range.clone() };
        MetricExpr::Aggregation(Box::new(VectorAggregation {
            operation: VectorOperation::Sum,
            count: None,
            grouping: Some(grouping.clone()),
            expr: MetricExpr::Range(Box::new(range)),
        }))
    };
    Some(MetricExpr::Binary(Box::new(Binary {
        operator: BinaryOperator::Divide,
        returns_bool: false,
        matching: None,
        left: side(RangeOperation::Sum, range.unwrap.clone()),
        right: side(RangeOperation::Count, None),
    })))
}

/// The labels that both an aggregation over time and one over its series leave, and those that stages are to find,
/// where both together are one aggregation over time.
///
/// As in the original, sums look for no other labels than they need, and see no errors beside them.
fn joined(outer: &VectorAggregation, range: &RangeAggregation) -> Option<(Identity, Wanted)> {
    if range.grouping.is_some() {
        return None;
    }
    let clause = outer.grouping.clone().unwrap_or(Clause { without: false, labels: Vec::new() });
    let identity = Identity::of(&clause);
    match (outer.operation, range.operation) {
        (
            VectorOperation::Sum,
            RangeOperation::Count
            | RangeOperation::Rate
            | RangeOperation::Bytes
            | RangeOperation::BytesRate
            | RangeOperation::Sum,
        ) => {
            let wanted = identity.wanted();
            Some((identity, wanted))
        }
        (VectorOperation::Max, RangeOperation::Max) | (VectorOperation::Min, RangeOperation::Min) => {
            Some((identity, Wanted::All))
        }
        _ => None,
    }
}

/// The labels that a selector asks for by one value each.
fn asked_labels(range: &RangeAggregation) -> Labels {
    let matchers = &range.log.matchers;
    let equal = matchers.iter().filter(|matcher| matcher.op() == MatchOp::Equal);
    let once =
        equal.filter(|matcher| matchers.iter().filter(|other| other.name() == matcher.name()).count() == 1);
    Labels::from_pairs(once.map(|matcher| (matcher.name(), matcher.value())))
}
