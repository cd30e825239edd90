//! Aggregations that choose series or order them: `topk`, `bottomk`, `approx_topk`, `sort`, `sort_desc`.

use std::cmp::Ordering;

use logql_syntax::ast::{Grouping as Clause, VectorOperation};
use vectors::aggregate::select::{Best, End};
use vectors::{ABSENT, Column};

use super::aggregate::groups;
use super::series::Series;
use super::windows::lane::Span;
use crate::{Control, Result};

/// The best `count` elements of each group at each step.
pub(super) fn choose(
    mut series: Vec<Series>,
    operation: VectorOperation,
    (count, clause): (u64, Option<&Clause>),
    steps: usize,
    control: &Control,
) -> Result<Vec<Series>> {
    let end = if operation == VectorOperation::BottomK { End::Bottom } else { End::Top };
    // Of equal values the first one stays.
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    let groups = groups(&series, clause);
    let mut chosen: Vec<Span> = Vec::new();
    chosen.resize_with(series.len(), Span::default);
    let mut column = Column::new(steps);
    for members in groups.members() {
        let wanted = usize::try_from(count).unwrap_or(usize::MAX).min(members.len());
        let mut best = Best::new(end, vec![wanted; steps]);
        for position in members {
            control.check()?;
            if let Some(member) = series.get(position as usize) {
                column.reset(steps);
                for (step, value) in member.span.points() {
                    column.set_float(step, value);
                }
                best.add(position, &column);
            }
        }
        best.finish(|step, position, value| {
            if let Some(span) = chosen.get_mut(position as usize) {
                put(span, step, value);
            }
        });
    }
    Ok(series.into_iter().zip(chosen).map(|(series, span)| Series { labels: series.labels, span }).collect())
}

/// Puts a value behind those of earlier steps.
fn put(span: &mut Span, step: usize, value: f64) {
    if span.values.is_empty() {
        span.first = step;
    }
    span.values.resize((step - span.first).max(span.values.len()), ABSENT);
    span.values.push(value);
}

/// Orders series by their values at the first step at which they differ; what is no number comes last.
pub(super) fn sort(series: &mut [Series], operation: VectorOperation, steps: usize) {
    let descending = operation == VectorOperation::SortDescending;
    series.sort_by(|a, b| {
        let by_value = (0..steps).map(|step| compare(a.span.at(step), b.span.at(step), descending));
        by_value.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.labels.cmp(&b.labels))
    });
}

fn compare(a: f64, b: f64, descending: bool) -> Ordering {
    let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
    a.is_nan().cmp(&b.is_nan()).then(if descending { order.reverse() } else { order })
}
