//! Sample columns of two stores as one.

use model::{CounterResetHint, FloatHistogram};

use crate::{HistogramColumn, SampleColumns};

/// Merges `other` into `columns` by time; at a time that both have (of either kind) the sample of `columns` stays.
///
/// That a histogram is no reset says its store of the sample before it there: where the two alternate, nothing is
/// known of it.
pub fn merge_columns(columns: &mut SampleColumns, other: SampleColumns) {
    if other.is_empty() {
        return;
    }
    if columns.is_empty() {
        *columns = other;
        return;
    }
    if last(columns) < first(&other) {
        append_columns(columns, other);
        return;
    }
    let mut taken: Vec<i64> = columns.timestamps.clone();
    taken.extend(&columns.histograms.timestamps);
    taken.sort_unstable();
    let free = |timestamp: i64| taken.binary_search(&timestamp).is_err();

    let mut floats: Vec<(i64, i64, f64)> = floats(columns).collect();
    floats.extend(self::floats(&other).filter(|sample| free(sample.0)));
    floats.sort_by_key(|sample| sample.0);
    let own_values = std::mem::take(&mut columns.histograms.values);
    let mut histograms: Vec<(bool, Histogram)> =
        histograms(own_values, columns).into_iter().map(|sample| (true, sample)).collect();
    let mut others = other;
    let other_values = std::mem::take(&mut others.histograms.values);
    let added = self::histograms(other_values, &others).into_iter().filter(|sample| free(sample.0));
    histograms.extend(added.map(|sample| (false, sample)));
    histograms.sort_by_key(|(_, sample)| sample.0);
    forget_resets(&mut histograms);

    columns.clear();
    for (timestamp, start, value) in floats {
        columns.push_float(timestamp, start, value);
    }
    for (_, (timestamp, start, value)) in histograms {
        columns.push_histogram(timestamp, start, value);
    }
}

/// Where columns end: the numbers of floats and of histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    floats: usize,
    histograms: usize,
}

impl Ends {
    pub(super) fn of(columns: &SampleColumns) -> Self {
        Self { floats: columns.timestamps.len(), histograms: columns.histograms.timestamps.len() }
    }
}

/// Makes one series of the samples from `start` and those from `before` on, which were read from another store;
/// where they are all later, as those of the next block are, nothing is to be done.
pub(super) fn join(columns: &mut SampleColumns, start: Ends, before: Ends) {
    let last = |times: &[i64], from: usize, to: usize| times.get(from..to).and_then(<[i64]>::last).copied();
    let first = |times: &[i64], from: usize| times.get(from).copied();
    let (floats, histograms) = (&columns.timestamps, &columns.histograms.timestamps);
    let last_before =
        last(floats, start.floats, before.floats).max(last(histograms, start.histograms, before.histograms));
    let first_behind =
        first(floats, before.floats).into_iter().chain(first(histograms, before.histograms)).min();
    let (Some(last_before), Some(first_behind)) = (last_before, first_behind) else { return };
    if last_before < first_behind {
        return;
    }
    let other = split_off(columns, before);
    let mut own = split_off(columns, start);
    merge_columns(&mut own, other);
    append_columns(columns, own);
}

/// Takes out the samples from `ends` on.
fn split_off(columns: &mut SampleColumns, ends: Ends) -> SampleColumns {
    fn tail<T>(items: &mut Vec<T>, from: usize) -> Vec<T> {
        items.split_off(from.min(items.len()))
    }
    let histograms = &mut columns.histograms;
    SampleColumns {
        timestamps: tail(&mut columns.timestamps, ends.floats),
        values: tail(&mut columns.values, ends.floats),
        start_timestamps: tail(&mut columns.start_timestamps, ends.floats),
        histograms: HistogramColumn {
            timestamps: tail(&mut histograms.timestamps, ends.histograms),
            values: tail(&mut histograms.values, ends.histograms),
            start_timestamps: tail(&mut histograms.start_timestamps, ends.histograms),
        },
    }
}

/// Time, start time and value.
type Histogram = (i64, i64, FloatHistogram);

/// Makes hints that there was no reset ones that nothing is known, where another store's sample has come before.
fn forget_resets(histograms: &mut [(bool, Histogram)]) {
    let mut before = None;
    for (own, (_, _, histogram)) in histograms {
        let alternates = before.is_some_and(|before| before != *own);
        if alternates && histogram.counter_reset_hint == CounterResetHint::NotReset {
            histogram.counter_reset_hint = CounterResetHint::Unknown;
        }
        before = Some(*own);
    }
}

/// Puts the samples of `other` behind those of `columns`.
pub fn append_columns(columns: &mut SampleColumns, other: SampleColumns) {
    for (timestamp, start, value) in floats(&other) {
        columns.push_float(timestamp, start, value);
    }
    let mut other = other;
    let values = std::mem::take(&mut other.histograms.values);
    for (timestamp, start, value) in histograms(values, &other) {
        columns.push_histogram(timestamp, start, value);
    }
}

fn floats(columns: &SampleColumns) -> impl Iterator<Item = (i64, i64, f64)> + '_ {
    let starts = columns.start_timestamps.iter().copied().chain(std::iter::repeat(0));
    columns
        .timestamps
        .iter()
        .zip(starts)
        .zip(&columns.values)
        .map(|((timestamp, start), value)| (*timestamp, start, *value))
}

fn histograms(values: Vec<FloatHistogram>, columns: &SampleColumns) -> Vec<Histogram> {
    let column = &columns.histograms;
    let starts = column.start_timestamps.iter().copied().chain(std::iter::repeat(0));
    column
        .timestamps
        .iter()
        .zip(starts)
        .zip(values)
        .map(|((timestamp, start), value)| (*timestamp, start, value))
        .collect()
}

fn first(columns: &SampleColumns) -> Option<i64> {
    columns.timestamps.first().into_iter().chain(columns.histograms.timestamps.first()).min().copied()
}

fn last(columns: &SampleColumns) -> Option<i64> {
    columns.timestamps.last().into_iter().chain(columns.histograms.timestamps.last()).max().copied()
}
