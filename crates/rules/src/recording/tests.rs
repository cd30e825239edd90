//! What a recording rule writes, and what it remembers of it.

use std::collections::BTreeMap;

use model::{Labels, Matcher};
use parking_lot::Mutex;

use crate::rule::Written;
use crate::{Expression, Sample, SampleValue};

/// Series with these labels.
struct Gives(Vec<Labels>);

impl Expression for Gives {
    fn text(&self) -> &str {
        "given"
    }

    fn evaluate(&self, _: i64) -> Result<Vec<Sample>, String> {
        let sample = |labels: &Labels| Sample { labels: labels.clone(), value: SampleValue::Float(1.0) };
        Ok(self.0.iter().map(sample).collect())
    }

    fn selectors(&self) -> &[Vec<Matcher>] {
        &[]
    }
}

fn evaluate(given: &[&[(&str, &str)]], previous: &Mutex<Vec<Written>>) -> Result<Vec<String>, String> {
    let own = [("Above", "1"), ("gone", ""), ("job", "rule"), ("~", "2")];
    let own: BTreeMap<String, String> = own.map(|(name, value)| (name.into(), value.into())).into();
    let given = Gives(given.iter().map(|pairs| Labels::from_pairs(pairs.iter().copied())).collect());
    let samples = super::evaluate("a:b", &own, &given, 0, None, previous)?;
    *previous.lock() = samples.iter().map(|sample| (sample.labels.clone(), model::SeriesRef(0))).collect();
    Ok(samples.iter().map(|sample| sample.labels.to_string()).collect())
}

fn shown(label: &str) -> String {
    let labels = [("Above", "1"), ("__name__", "a:b"), ("i", label), ("job", "rule"), ("~", "2")];
    Labels::from_pairs(labels).to_string()
}

#[test]
fn labels_of_the_rule_stand_in_their_places_each_time() {
    let previous = Mutex::default();
    let one: &[(&str, &str)] = &[("__name__", "up"), ("gone", "x"), ("i", "1"), ("job", "node")];
    let two: &[(&str, &str)] = &[("__name__", "up"), ("i", "2")];
    for _ in 0..2 {
        assert_eq!(evaluate(&[one, two], &previous).unwrap(), [shown("1"), shown("2")]);
    }
    assert_eq!(evaluate(&[two], &previous).unwrap(), [shown("2")]);
    assert_eq!(evaluate(&[two, one], &previous).unwrap(), [shown("2"), shown("1")]);
}

#[test]
fn series_that_would_be_the_same_are_refused_each_time() {
    let previous = Mutex::default();
    let one: &[(&str, &str)] = &[("i", "1"), ("job", "a")];
    let same: &[(&str, &str)] = &[("i", "1"), ("job", "b")];
    assert_eq!(evaluate(&[one], &previous).unwrap(), [shown("1")]);
    for _ in 0..2 {
        let error = evaluate(&[one, same], &previous).unwrap_err();
        assert_eq!(error, "vector contains metrics with the same labelset after applying rule labels");
    }
}
