//! Aggregations keep per group and step only what they need, and parts can be merged.

use std::sync::Arc;

use model::histogram::CUSTOM_BUCKETS_SCHEMA;
use model::{FloatHistogram, Labels};

use super::select::{Best, End};
use super::{Accumulator, Aggregation, Grouping, Groups, quantile};
use crate::{ABSENT, Column, Remark, Remarks};

const ALL: [Aggregation; 9] = [
    Aggregation::Sum,
    Aggregation::Avg,
    Aggregation::Count,
    Aggregation::Group,
    Aggregation::Min,
    Aggregation::Max,
    Aggregation::Stddev,
    Aggregation::Stdvar,
    Aggregation::Quantile,
];

fn aggregate(aggregation: Aggregation, values: &[f64]) -> f64 {
    let mut accumulator = Accumulator::new(aggregation, 1, &[0.5]);
    let mut remarks = Remarks::new();
    for value in values {
        accumulator.add(&Column::from_floats(vec![*value]), &mut remarks);
    }
    let mut out = Column::default();
    accumulator.finish(&mut out, &mut remarks);
    out.values()[0]
}

#[test]
fn holes_do_not_count() {
    for aggregation in ALL {
        let with = aggregate(aggregation, &[ABSENT, 3.0, ABSENT, 5.0, 4.0, ABSENT]);
        assert_eq!(with, aggregate(aggregation, &[3.0, 5.0, 4.0]), "{aggregation:?}");
        assert_eq!(aggregate(aggregation, &[ABSENT]).to_bits(), ABSENT.to_bits(), "{aggregation:?}");
    }
    assert_eq!(aggregate(Aggregation::Avg, &[3.0, 5.0, 4.0]), 4.0);
    assert_eq!(aggregate(Aggregation::Stdvar, &[3.0, 5.0]), 1.0);
}

#[test]
fn merged_parts_equal_the_whole() {
    let values: Vec<f64> = (0..100).map(|value| f64::from(value * 37 % 101) / 7.0).collect();
    for aggregation in ALL {
        let mut remarks = Remarks::new();
        let mut parts: Vec<Accumulator> = Vec::new();
        for part in values.chunks(33) {
            let mut accumulator = Accumulator::new(aggregation, 1, &[0.5]);
            for value in part {
                accumulator.add(&Column::from_floats(vec![*value]), &mut remarks);
            }
            parts.push(accumulator);
        }
        let mut whole = parts.remove(0);
        for part in parts {
            whole.merge(part, &mut remarks);
        }
        let mut out = Column::default();
        whole.finish(&mut out, &mut remarks);
        let expected = aggregate(aggregation, &values);
        assert!((out.values()[0] - expected).abs() <= 1e-12 * expected.abs(), "{aggregation:?}");
    }
}

#[test]
fn averages_survive_sums_that_overflow() {
    let average = aggregate(Aggregation::Avg, &[f64::MAX, f64::MAX, f64::MAX]);
    assert!((average / f64::MAX - 1.0).abs() < 1e-12);
    assert_eq!(aggregate(Aggregation::Avg, &[f64::INFINITY, 1.0]), f64::INFINITY);
}

#[test]
fn what_comes_first_in_a_mixed_group_decides_what_is_told() {
    let histogram = |schema: i32| {
        let mut column = Column::new(1);
        column.set_histogram(0, Arc::new(FloatHistogram { schema, ..FloatHistogram::default() }));
        column
    };
    let (float, exponential, custom) =
        (Column::from_floats(vec![1.0]), histogram(0), histogram(CUSTOM_BUCKETS_SCHEMA));
    for aggregation in [Aggregation::Sum, Aggregation::Avg] {
        let told = |columns: &[&Column]| {
            let mut accumulator = Accumulator::new(aggregation, 1, &[]);
            let mut remarks = Remarks::new();
            columns.iter().for_each(|column| accumulator.add(column, &mut remarks));
            assert!(accumulator.is_mixed());
            let mut out = Column::default();
            accumulator.finish(&mut out, &mut remarks);
            assert!(out.is_blank());
            remarks.drain().collect::<Vec<_>>()
        };
        assert_eq!(told(&[&float, &exponential, &custom]), [Remark::MixedGroup]);
        assert_eq!(told(&[&exponential, &custom, &float]), [Remark::MixedSchemas]);
        assert_eq!(told(&[&exponential, &float, &custom]), [Remark::MixedSchemas, Remark::MixedGroup]);
    }
}

#[test]
fn extremes_prefer_numbers_to_nan() {
    assert_eq!(aggregate(Aggregation::Max, &[f64::NAN, 1.0, f64::NAN]), 1.0);
    assert!(aggregate(Aggregation::Min, &[f64::NAN, f64::NAN]).is_nan());
}

#[test]
fn quantiles_interpolate_and_count_nan_as_smallest() {
    assert_eq!(quantile(0.5, &mut [4.0, 1.0, 2.0, 3.0]), 2.5);
    assert_eq!(quantile(1.0, &mut [4.0, f64::NAN, 2.0]), 4.0);
    assert!(quantile(0.0, &mut [4.0, f64::NAN, 2.0]).is_nan());
    assert_eq!(quantile(-0.1, &mut [1.0]), f64::NEG_INFINITY);
    assert_eq!(quantile(1.1, &mut [1.0]), f64::INFINITY);
    assert!(quantile(0.5, &mut []).is_nan());
}

#[test]
fn groups_come_in_the_order_of_their_first_series() {
    let series: Vec<Labels> = [("b", "1"), ("a", "1"), ("b", "2")]
        .map(|(job, instance)| Labels::from_pairs([("__name__", "up"), ("job", job), ("instance", instance)]))
        .to_vec();
    let by = Grouping::new(vec!["job".to_owned()], false);
    let groups = Groups::plan(&series, &by, |_| true);
    assert_eq!(groups.of_series, [0, 1, 0]);
    assert_eq!(groups.members(), [vec![0, 2], vec![1]]);
    assert_eq!(groups.labels[1], Labels::from_pairs([("job", "a")]));
    let without = Grouping::new(vec!["instance".to_owned()], true);
    assert_eq!(Groups::plan(&series, &without, |_| true).labels, groups.labels);
    assert_eq!(Groups::plan(&series, &by, |name| name != "job").len(), 1);
}

#[test]
fn the_best_come_first_and_nan_last() {
    let choose = |end: End, wanted: usize, values: &[f64]| {
        let mut best = Best::new(end, vec![wanted]);
        for (series, value) in (0u32..).zip(values) {
            best.add(series, &Column::from_floats(vec![*value]));
        }
        let mut chosen = Vec::new();
        best.finish(|_, series, _| chosen.push(series));
        chosen
    };
    assert_eq!(choose(End::Top, 2, &[1.0, 5.0, f64::NAN, 3.0]), [1, 3]);
    assert_eq!(choose(End::Bottom, 9, &[1.0, 5.0, f64::NAN, 3.0]), [0, 3, 1, 2]);
    assert_eq!(choose(End::Top, 1, &[f64::NAN, 2.0, 2.0]), [1], "of equal values the first stays");
    assert_eq!(choose(End::Top, 0, &[1.0]), [] as [u32; 0]);
}
