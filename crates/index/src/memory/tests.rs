//! The head's index answers as its series' labels say, through insertion and removal.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Labels, Matcher};
use proptest::prelude::*;

use super::{LabelPair, MemoryIndex, SeriesLabels};
use crate::matching::tests::{check, selector, series};

#[derive(Default)]
struct Store {
    index: MemoryIndex,
    pairs: HashMap<u32, Box<[LabelPair]>>,
    labels: BTreeMap<u32, Labels>,
}

impl SeriesLabels for HashMap<u32, Box<[LabelPair]>> {
    fn pairs(&self, series: u32) -> &[LabelPair] {
        self.get(&series).map(|pairs| &**pairs).unwrap_or_default()
    }
}

impl Store {
    fn of(series: &[Labels]) -> Self {
        let mut store = Self::default();
        for (number, labels) in series.iter().enumerate() {
            // Spread over containers of the bitmaps.
            store.insert(number as u32 * 7919, labels);
        }
        store
    }

    fn insert(&mut self, number: u32, labels: &Labels) {
        let pairs = self.index.insert(number, labels);
        assert_eq!(self.index.labels(&pairs), *labels);
        self.pairs.insert(number, pairs);
        self.labels.insert(number, labels.clone());
    }

    fn remove(&mut self, number: u32) {
        self.index.remove(number, &self.pairs.remove(&number).unwrap());
        self.labels.remove(&number);
    }

    fn series(&self) -> Vec<(u32, Labels)> {
        self.labels.iter().map(|(number, labels)| (*number, labels.clone())).collect()
    }

    fn check(&self, matchers: &[Matcher]) {
        let view = self.index.view(&self.pairs);
        check(&view, &self.series(), matchers);
        let found = |labels: &&Labels| matchers.iter().all(|matcher| matcher.matches_labels(labels));
        let mut names = BTreeSet::new();
        let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, value) in self.labels.values().filter(found).flat_map(Labels::iter) {
            names.insert(name);
            values.entry(name).or_default().insert(value);
        }
        assert_eq!(view.label_names(matchers), Vec::from_iter(names), "{matchers:?}");
        for name in ["__name__", "instance", "job", "absent"] {
            let values = values.remove(name).unwrap_or_default();
            assert_eq!(view.label_values(name, matchers), Vec::from_iter(values), "{name} of {matchers:?}");
        }
    }
}

proptest! {
    #[test]
    fn selectors_find_what_their_matchers_say(series in series(), selectors in prop::collection::vec(selector(), 8)) {
        let store = Store::of(&series);
        for matchers in &selectors {
            store.check(matchers);
        }
    }

    #[test]
    fn removed_series_leave_nothing_behind(
        series in series(),
        removed in prop::collection::vec(any::<bool>(), 80),
        selectors in prop::collection::vec(selector(), 4),
    ) {
        let mut store = Store::of(&series);
        for (number, _) in store.series().iter().zip(&removed).filter(|(_, removed)| **removed).map(|(s, _)| s) {
            store.remove(*number);
        }
        for matchers in &selectors {
            store.check(matchers);
        }
        for (number, _) in store.series() {
            store.remove(number);
        }
        prop_assert!(store.index.symbols().is_empty());
        prop_assert_eq!(store.index.pair_count(), 0);
        prop_assert_eq!(store.index.label_names().count(), 0);
        store.check(&[]);
    }
}

proptest! {
    #[test]
    fn series_entered_at_once_are_found_as_those_entered_one_by_one(
        series in series(),
        gaps in prop::collection::vec(prop_oneof![4 => Just(1_u32), 1 => Just(2), 1 => Just(40)], 80),
        threads in 1..5_usize,
        removed in any::<bool>(),
        selectors in prop::collection::vec(selector(), 4),
    ) {
        let mut store = Store::default();
        // On both sides of where a bitmap's containers meet.
        let mut number = 65_500;
        for (labels, gap) in series.iter().zip(&gaps) {
            number += gap;
            let pairs = labels.iter().map(|(name, value)| store.index.intern(name, value)).collect();
            store.pairs.insert(number, pairs);
            store.labels.insert(number, labels.clone());
        }
        store.index.fill(&store.pairs, 65_000..number + 1, std::num::NonZero::new(threads).unwrap());
        for matchers in &selectors {
            store.check(matchers);
        }
        if removed {
            for (number, _) in store.series() {
                store.remove(number);
            }
            prop_assert!(store.index.symbols().is_empty());
        }
        let names: BTreeSet<&str> = store.labels.values().flat_map(Labels::iter).map(|pair| pair.0).collect();
        prop_assert_eq!(store.index.label_names().collect::<Vec<_>>(), Vec::from_iter(names));
        prop_assert_eq!(store.index.all_series().iter().collect::<Vec<_>>(), store.labels.keys().copied().collect::<Vec<_>>());
    }
}

#[test]
fn values_stay_sorted_while_many_come_and_go() {
    let mut store = Store::default();
    let labels = |number: u32| Labels::from_pairs([("id", format!("{:05}", number * 7919 % 10_007))]);
    for number in 0..5000 {
        store.insert(number, &labels(number));
    }
    for number in (0..5000).step_by(3) {
        store.remove(number);
    }
    let values: Vec<String> = store.index.label_values("id").map(|(value, _)| value.to_owned()).collect();
    let mut expected: Vec<String> =
        store.labels.values().map(|labels| labels.value("id").to_owned()).collect();
    expected.sort();
    assert_eq!(values, expected);
    assert_eq!(store.index.series_with_label("id"), expected.len() as u64);
}

#[test]
fn counts_tell_series_per_value() {
    let mut store = Store::default();
    for number in 0..10 {
        let job = if number < 7 { "node" } else { "db" };
        store.insert(number, &Labels::from_pairs([("job", job), ("n", &number.to_string())]));
    }
    assert_eq!(store.index.label_values("job").collect::<Vec<_>>(), [("db", 3), ("node", 7)]);
    assert_eq!(store.index.pair_count(), 12);
    assert_eq!(store.index.all_series().len(), 10);
}
