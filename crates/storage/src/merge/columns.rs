//! Sample columns of two stores as one.

use model::FloatHistogram;

use crate::SampleColumns;

/// Merges `other` into `columns` by time; at a time that both have (of either kind) the sample of `columns` stays.
pub fn merge_columns(columns: &mut SampleColumns, other: SampleColumns) {
    if other.is_empty() {
        return;
    }
    if columns.is_empty() {
        *columns = other;
        return;
    }
    if last(columns) < first(&other) {
        append(columns, other);
        return;
    }
    let mut taken: Vec<i64> = columns.timestamps.clone();
    taken.extend(&columns.histograms.timestamps);
    taken.sort_unstable();
    let free = |timestamp: i64| taken.binary_search(&timestamp).is_err();

    let mut floats: Vec<(i64, i64, f64)> = floats(columns).collect();
    floats.extend(self::floats(&other).filter(|sample| free(sample.0)));
    floats.sort_by_key(|sample| sample.0);
    let mut histograms = histograms(std::mem::take(&mut columns.histograms.values), columns);
    let mut others = other;
    let other_values = std::mem::take(&mut others.histograms.values);
    histograms.extend(self::histograms(other_values, &others).into_iter().filter(|sample| free(sample.0)));
    histograms.sort_by_key(|sample| sample.0);

    columns.clear();
    for (timestamp, start, value) in floats {
        columns.push_float(timestamp, start, value);
    }
    for (timestamp, start, value) in histograms {
        columns.push_histogram(timestamp, start, value);
    }
}

/// Puts the samples of `other` behind those of `columns`.
pub(super) fn append(columns: &mut SampleColumns, other: SampleColumns) {
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

fn histograms(values: Vec<FloatHistogram>, columns: &SampleColumns) -> Vec<(i64, i64, FloatHistogram)> {
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
