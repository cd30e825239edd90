//! From an operator's columns to the answer.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use model::Labels;
use storage::SampleColumns;
use vectors::{Cell, Column};

use crate::account::WindowTally;
use crate::answer::{InstantSample, SampleValue, SeriesColumns, Value};
use crate::grid::Grid;
use crate::operators::VectorOperator;
use crate::operators::distinct::{Equality, merge};
use crate::plan::RangePlan;
use crate::run::Run;
use crate::series::{Removed, SeriesList, repeats};
use crate::{Error, Result};

/// The labels of a series in the answer: names that were only marked to be removed are removed now.
fn labels(list: &SeriesList, position: usize) -> Labels {
    let labels = list.labels(position);
    if list.is_marked(position) { Removed::Metadata.from(&labels) } else { labels }
}

/// The series of a range query that have samples.
pub(super) fn series(mut operator: Box<dyn VectorOperator>, run: &Run<'_>) -> Result<Vec<(Labels, Column)>> {
    operator.prepare(run)?;
    let limits = &run.context.limits;
    let parts = run.chunks(operator.series().len(), |worker, range: Range<usize>| {
        let mut found = Vec::new();
        for position in range {
            let mut column = Column::default();
            worker.pull(operator.as_ref(), position, &mut column)?;
            if !column.is_blank() {
                limits.take_bytes(column.bytes())?;
                found.push((labels(operator.series(), position), column));
            }
        }
        Ok(found)
    })?;
    Ok(parts.into_iter().flatten().collect())
}

/// Sorts series by their labels; equal ones become one, unless they have samples at the same step.
pub(super) fn sorted(mut series: Vec<(Labels, Column)>, grid: Grid) -> Result<Vec<SeriesColumns>> {
    if !series.is_sorted_by(|a, b| a.0 < b.0) {
        series = in_order(series);
    }
    let mut result: Vec<(Labels, Column)> = Vec::with_capacity(series.len());
    for (labels, column) in series {
        match result.last_mut() {
            Some((last, known)) if *last == labels => {
                *known = merge(vec![std::mem::take(known), column], Equality::AtOneStep)?;
            }
            _ => result.push((labels, column)),
        }
    }
    Ok(result.into_iter().map(|(labels, column)| SeriesColumns::at_steps(labels, grid, column)).collect())
}

/// Sorts series by their labels; equal ones stay in their order.
///
/// Those of one aggregation mostly differ in the value of one label: its first bytes tell nearly all of them apart
/// without a look at the labels.
fn in_order(series: Vec<(Labels, Column)>) -> Vec<(Labels, Column)> {
    let head = |labels: &Labels| labels.iter().next().map(|(name, _)| name.to_owned());
    let name = series.first().and_then(|(labels, _)| head(labels));
    let key = |labels: &Labels| match (labels.iter().next(), &name) {
        (Some((own, value)), Some(name)) if own == name => Some(first_bytes(value)),
        _ => None,
    };
    let keys: Option<Vec<u64>> = series.iter().map(|(labels, _)| key(labels)).collect();
    let mut series: Vec<Option<(Labels, Column)>> = series.into_iter().map(Some).collect();
    let labels = |place: usize| series.get(place).and_then(Option::as_ref).map(|(labels, _)| labels);
    let mut order: Vec<(u64, usize)> = match keys {
        Some(keys) => keys.into_iter().zip(0..).collect(),
        None => (0..series.len()).map(|place| (0, place)).collect(),
    };
    order.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| labels(a.1).cmp(&labels(b.1))));
    order.into_iter().filter_map(|(_, place)| series.get_mut(place).and_then(Option::take)).collect()
}

/// The first bytes of a text, as a number of the same order.
fn first_bytes(text: &str) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(bytes)
}

/// The elements of an instant query, in the operator's order.
pub(super) fn instant(mut operator: Box<dyn VectorOperator>, run: &Run<'_>) -> Result<Vec<InstantSample>> {
    operator.prepare(run)?;
    let time = run.context.grid.start;
    let order = operator.order();
    let count = order.as_ref().map_or(operator.series().len(), Vec::len);
    let limits = &run.context.limits;
    let parts = run.chunks(count, |worker, range: Range<usize>| {
        let mut found = Vec::new();
        worker.with_column(|worker, column| {
            for place in range {
                let position = match &order {
                    Some(order) => order.get(place).copied().unwrap_or(0) as usize,
                    None => place,
                };
                worker.pull(operator.as_ref(), position, column)?;
                let value = match column.cell(0) {
                    Cell::Absent => continue,
                    Cell::Float(value) => SampleValue::Float(value),
                    Cell::Histogram(histogram) => SampleValue::Histogram(Arc::clone(histogram)),
                };
                let labels = labels(operator.series(), position);
                found.push(InstantSample { labels, time, value });
            }
            Ok(())
        })?;
        limits.take_bytes(found.len() * size_of::<InstantSample>())?;
        Ok(found)
    })?;
    let samples: Vec<InstantSample> = parts.into_iter().flatten().collect();
    if operator.series().stay_different() {
        return Ok(samples);
    }
    if repeats(samples.iter().map(|sample| &sample.labels)) { Err(Error::SameLabels) } else { Ok(samples) }
}

/// A scalar at every step: one series without labels.
pub(super) fn scalars(values: Vec<f64>, grid: Grid) -> Value {
    let column = Column::from_floats(values);
    Value::Matrix(vec![SeriesColumns::at_steps(Labels::empty(), grid, column)])
}

/// The samples of a range selector or subquery as they are, sorted by labels.
pub(super) fn stored(
    mut plan: RangePlan,
    tally: Option<&WindowTally>,
    run: &Run<'_>,
) -> Result<Vec<SeriesColumns>> {
    plan.source.prepare(run)?;
    let limits = &run.context.limits;
    let source = plan.source.as_ref();
    let (before, last) = plan.windows.bounds(0);
    let parts = run.chunks(source.series().len(), |worker, range: Range<usize>| {
        let mut found = Vec::new();
        for position in range {
            let mut samples = SampleColumns::new();
            source.samples(position, worker, &mut samples)?;
            if let Some(tally) = tally {
                tally.count(position, &samples, plan.windows, None)?;
            }
            if plan.windows.extension.is_some() {
                cut_at_ends(&mut samples, before, last);
            }
            if !samples.is_empty() {
                limits.take_bytes(16 * samples.len())?;
                found.push(SeriesColumns::stored(labels(source.series(), position), samples));
            }
        }
        Ok(found)
    })?;
    let mut series: Vec<SeriesColumns> = parts.into_iter().flatten().collect();
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    Ok(series)
}

/// Cuts the samples of an extended range at the ends of its window: a sample beyond an end, or with an anchored range
/// the last one before it, stands at the end.
fn cut_at_ends(samples: &mut SampleColumns, start: i64, end: i64) {
    let mut cut = SampleColumns::new();
    let times = &samples.timestamps;
    let before = times.partition_point(|time| *time <= start);
    let inside = times.partition_point(|time| *time < end);
    let value = |index: usize| samples.values.get(index).copied();
    if let Some(value) = before.checked_sub(1).and_then(value) {
        cut.push_float(start, 0, value);
    }
    for (time, value) in times.iter().zip(&samples.values).take(inside).skip(before) {
        cut.push_float(*time, 0, *value);
    }
    let at_end =
        if times.get(inside) == Some(&end) { value(inside) } else { inside.checked_sub(1).and_then(value) };
    if let Some(value) = at_end {
        cut.push_float(end, 0, value);
    }
    std::mem::swap(&mut cut.histograms, &mut samples.histograms);
    *samples = cut;
}
