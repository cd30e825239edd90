//! Functions of native histograms: `histogram_count`, `histogram_sum`, `histogram_avg`, …

use model::FloatHistogram;
use vectors::{ABSENT, Column};

macro_rules! histogram_functions {
    ($($name:ident: $function:expr;)*) => {
        $(pub(super) fn $name(column: &mut Column, _: &[Vec<f64>]) {
            map(column, $function);
        })*
    };
}

histogram_functions! {
    count: |histogram| histogram.count;
    sum: |histogram| histogram.sum;
    avg: FloatHistogram::average;
    stddev: FloatHistogram::deviation;
    stdvar: FloatHistogram::variance;
}

/// A float for each histogram; floats are dropped.
fn map(column: &mut Column, function: impl Fn(&FloatHistogram) -> f64) {
    let values: Vec<f64> = match column.histograms() {
        [] => vec![ABSENT; column.len()],
        histograms => histograms
            .iter()
            .map(|histogram| histogram.as_ref().map_or(ABSENT, |histogram| function(histogram)))
            .collect(),
    };
    *column = Column::from_floats(values);
}
