//! Selectors find what their matchers say, on every kind of index.

use std::fmt::Debug;

use model::matcher::MatchOp;
use model::{Labels, Matcher};
use proptest::prelude::*;

use super::{IdSet, SeriesIndex, select};

/// Checks a selector on an index against the matchers themselves.
pub(crate) fn check<I: SeriesIndex>(index: &I, series: &[(u32, Labels)], matchers: &[Matcher])
where
    I::Error: Debug,
{
    let mut found = Vec::new();
    let mut ids = select(index, matchers).unwrap();
    let len = ids.len();
    ids.retain(|id| {
        found.push(id);
        Ok::<_, I::Error>(true)
    })
    .unwrap();
    let fulfil = |labels: &Labels| matchers.iter().all(|matcher| matcher.matches_labels(labels));
    let mut expected: Vec<u32> = Vec::new();
    expected.extend(series.iter().filter(|(_, labels)| fulfil(labels)).map(|(id, _)| *id));
    expected.sort_unstable();
    assert_eq!(found, expected, "{matchers:?}");
    assert_eq!(len as usize, expected.len(), "{matchers:?}");
}

/// Few names and values, so that random selectors find something.
pub(crate) fn series() -> impl Strategy<Value = Vec<Labels>> {
    let value = prop_oneof![Just(String::new()), "[ab]{1,2}", (0..40_u8).prop_map(|n| format!("v{n:02}"))];
    prop::collection::btree_set(prop::collection::vec(value, 3), 0..80).prop_map(|series| {
        let names = ["__name__", "instance", "job"];
        let labels = |values: Vec<String>| Labels::from_pairs(names.into_iter().zip(values));
        let mut series: Vec<Labels> =
            series.into_iter().map(labels).filter(|labels| !labels.is_empty()).collect();
        series.sort();
        series
    })
}

pub(crate) fn selector() -> impl Strategy<Value = Vec<Matcher>> {
    let name = prop::sample::select(vec!["__name__", "instance", "job", "absent"]);
    let text = prop_oneof![
        Just(String::new()),
        "[ab]{1,2}",
        (0..40_u8).prop_map(|n| format!("v{n:02}")),
        prop::sample::select(vec![
            ".*",
            ".+",
            "",
            "a|b|v07",
            "a|",
            "|v.*",
            "v.*",
            "v1.*|a",
            ".*1",
            "a.?",
            "[^v].*",
            "v(01|02|03)",
            "x.*y"
        ])
        .prop_map(str::to_owned),
    ];
    let op = prop::sample::select(vec![MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex]);
    prop::collection::vec((name, op, text), 0..4).prop_map(|matchers| {
        matchers.into_iter().map(|(name, op, text)| Matcher::new(name, op, text).unwrap()).collect()
    })
}
