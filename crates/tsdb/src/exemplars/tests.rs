//! What is kept of exemplars, and what is refused.

use std::cell::Cell;
use std::time::Duration;

use model::{Exemplar, Labels, Matcher, SeriesRef};
use storage::{Error, TimeRange};
use telemetry::Registry;

use super::Exemplars;
use super::ring::{Offered, Ring};

fn series_labels(series: u64) -> Labels {
    Labels::from_pairs([("__name__", "m".to_owned()), ("s", format!("{series:04}"))])
}

fn offered(timestamp: i64, value: f64, trace: &str) -> Offered {
    let labels = Labels::from_pairs([("trace", trace)]);
    Offered { timestamp, has_own_time: true, value, labels }
}

fn add_late(ring: &mut Ring, series: u64, exemplar: Offered, window: i64) -> Result<(), Error> {
    let checked = ring.check(SeriesRef(series), || series_labels(series), &exemplar, window);
    let added = ring.add(SeriesRef(series), || series_labels(series), exemplar, window);
    assert_eq!(checked, added, "what is checked is what is done");
    added
}

fn add(ring: &mut Ring, series: u64, exemplar: Offered) -> Result<(), Error> {
    add_late(ring, series, exemplar, 0)
}

/// Times by series.
fn all(ring: &Ring) -> Vec<(String, Vec<i64>)> {
    let found = ring.find(TimeRange::ALL, &[vec![]]);
    let times = |exemplars: &[Exemplar]| exemplars.iter().filter_map(|one| one.timestamp).collect();
    found.iter().map(|one| (one.labels.value("s").to_owned(), times(&one.exemplars))).collect()
}

fn kept(series: &str, times: &[i64]) -> (String, Vec<i64>) {
    (series.to_owned(), times.to_vec())
}

#[test]
fn the_oldest_goes_where_there_is_no_room() {
    let mut ring = Ring::new(4);
    for time in 1..=6 {
        add(&mut ring, 1 + time as u64 % 2, offered(time, 1.0, "x")).unwrap();
    }
    assert_eq!(all(&ring), [kept("0001", &[4, 6]), kept("0002", &[3, 5])]);
    assert_eq!((ring.len(), ring.series_count(), ring.oldest_time()), (4, 2, Some(3)));
    for time in 7..=10 {
        add(&mut ring, 3, offered(time, 1.0, "x")).unwrap();
    }
    assert_eq!(all(&ring), [kept("0003", &[7, 8, 9, 10])]);
    assert_eq!(ring.series_count(), 1);
    let mut order = Vec::new();
    ring.for_each(|labels, exemplar| order.push((labels.value("s").to_owned(), exemplar.timestamp)));
    assert_eq!(order, [7, 8, 9, 10].map(|time| ("0003".to_owned(), time)));
}

#[test]
fn repeated_exemplars_and_older_ones_are_refused() {
    let mut ring = Ring::new(10);
    add(&mut ring, 1, offered(10, 2.0, "x")).unwrap();
    assert_eq!(add(&mut ring, 1, offered(10, 2.0, "x")), Err(Error::DuplicateExemplar));
    assert_eq!(add(&mut ring, 1, offered(9, 3.0, "y")), Err(Error::OutOfOrderExemplar));
    assert_eq!(add(&mut ring, 1, offered(10, 1.5, "x")), Err(Error::OutOfOrderExemplar));
    add(&mut ring, 1, offered(10, 2.5, "x")).unwrap();
    // Not the newest, but there.
    assert_eq!(add(&mut ring, 1, offered(10, 2.0, "x")), Err(Error::DuplicateExemplar));
    add(&mut ring, 1, offered(11, 1.0, "x")).unwrap();
    add(&mut ring, 2, offered(5, 1.0, "x")).unwrap();
    assert_eq!(all(&ring), [kept("0001", &[10, 10, 11]), kept("0002", &[5])]);
    add(&mut ring, 3, offered(5, f64::NAN, "x")).unwrap();
    assert_eq!(add(&mut ring, 3, offered(5, f64::NAN, "x")), Err(Error::DuplicateExemplar));
}

#[test]
fn of_two_at_one_time_and_value_only_one_order_is_taken() {
    let (a, b) = (offered(10, 2.0, "a"), offered(10, 2.0, "b"));
    let (first, second) = if a.labels.hash64() < b.labels.hash64() { (a, b) } else { (b, a) };
    let mut ring = Ring::new(10);
    add(&mut ring, 1, first.clone()).unwrap();
    add(&mut ring, 1, second.clone()).unwrap();
    let mut ring = Ring::new(10);
    add(&mut ring, 1, second).unwrap();
    assert_eq!(add(&mut ring, 1, first), Err(Error::OutOfOrderExemplar));
}

#[test]
fn an_exemplar_without_a_time_of_its_own_is_repeated_by_every_scrape() {
    let timeless = |timestamp, value| Offered { has_own_time: false, ..offered(timestamp, value, "x") };
    let mut ring = Ring::new(10);
    add(&mut ring, 1, timeless(10, 1.0)).unwrap();
    assert_eq!(add(&mut ring, 1, timeless(20, 1.0)), Err(Error::DuplicateExemplar));
    add(&mut ring, 1, timeless(30, 2.0)).unwrap();
    add(&mut ring, 1, timeless(40, 1.0)).unwrap();
    assert_eq!(all(&ring), [kept("0001", &[10, 30, 40])]);
}

#[test]
fn late_exemplars_within_the_window_are_put_in_their_places() {
    let mut ring = Ring::new(4);
    for (time, taken) in [(100, true), (60, true), (50, false), (80, true), (51, true)] {
        assert_eq!(add_late(&mut ring, 1, offered(time, 1.0, "x"), 50).is_ok(), taken, "{time}");
    }
    assert_eq!(all(&ring), [kept("0001", &[51, 60, 80, 100])]);
    assert_eq!(add_late(&mut ring, 1, offered(60, 1.0, "x"), 50), Err(Error::DuplicateExemplar));
    // The one that came first goes first, wherever it stands.
    add_late(&mut ring, 1, offered(90, 1.0, "x"), 50).unwrap();
    assert_eq!(all(&ring), [kept("0001", &[51, 60, 80, 90])]);
}

#[test]
fn a_series_that_comes_again_under_another_reference_is_the_same() {
    let mut ring = Ring::new(2);
    add(&mut ring, 1, offered(10, 1.0, "x")).unwrap();
    let labels_asked = Cell::new(0);
    let labels = || {
        labels_asked.set(labels_asked.get() + 1);
        series_labels(1)
    };
    let again = ring.add(SeriesRef(1 << 32 | 1), labels, offered(10, 1.0, "x"), 0);
    assert_eq!((again, labels_asked.get()), (Err(Error::DuplicateExemplar), 1));
    ring.add(SeriesRef(1 << 32 | 1), labels, offered(11, 1.0, "x"), 0).unwrap();
    assert_eq!(labels_asked.get(), 1, "the second time the reference is known");
    assert_eq!((ring.series_count(), ring.len()), (1, 2));
    add(&mut ring, 2, offered(1, 1.0, "x")).unwrap();
    add(&mut ring, 2, offered(2, 1.0, "x")).unwrap();
    assert_eq!(ring.series_count(), 1);
    add(&mut ring, 1, offered(1, 1.0, "x")).unwrap();
    assert_eq!(all(&ring), [kept("0001", &[1]), kept("0002", &[2])]);
}

#[test]
fn a_smaller_ring_keeps_the_newest_and_one_of_size_zero_nothing() {
    let mut ring = Ring::new(6);
    for time in 1..=6 {
        add(&mut ring, time as u64 % 3, offered(time, 1.0, "x")).unwrap();
    }
    ring.resize(2);
    assert_eq!(all(&ring), [kept("0000", &[6]), kept("0002", &[5])]);
    ring.resize(0);
    assert_eq!((ring.len(), ring.series_count(), ring.oldest_time()), (0, 0, None));
    add(&mut ring, 1, offered(9, 1.0, "x")).unwrap();
    assert_eq!(all(&ring), []);
    ring.resize(5);
    add(&mut ring, 1, offered(8, 1.0, "x")).unwrap();
    assert_eq!(all(&ring), [kept("0001", &[8])]);
}

#[test]
fn selectors_and_times_choose_what_is_found() {
    let mut ring = Ring::new(10);
    for (series, time) in [(2, 10), (2, 20), (1, 15), (3, 5)] {
        add(&mut ring, series, offered(time, 1.0, "x")).unwrap();
    }
    let found = |start, end, selectors: &[Vec<Matcher>]| -> Vec<String> {
        let found = ring.find(TimeRange::new(start, end), selectors);
        found.iter().map(|one| format!("{}:{}", one.labels.value("s"), one.exemplars.len())).collect()
    };
    let of = |value: &str| vec![Matcher::equal("s", value)];
    assert_eq!(found(10, 15, &[vec![]]), ["0001:1", "0002:1"]);
    assert_eq!(found(0, 99, &[of("0003"), of("0002"), of("0002")]), ["0002:2", "0003:1"]);
    assert_eq!(found(0, 99, &[[of("0003"), of("0002")].concat()]), Vec::<String>::new());
    assert_eq!(found(0, 99, &[]), Vec::<String>::new());
    assert_eq!(found(15, 10, &[vec![]]), Vec::<String>::new());
}

#[test]
fn labels_have_at_most_128_characters() {
    let registry = Registry::with_time(|| Duration::ZERO);
    let exemplars = Exemplars::new(&registry, Some(5));
    let add = |trace: &str| {
        let exemplar = offered(1, 1.0, trace);
        let checked = exemplars.check(SeriesRef(1), || series_labels(1), &exemplar, 0);
        let added = exemplars.add(SeriesRef(1), || series_labels(1), exemplar, 0);
        assert_eq!(checked, added);
        added
    };
    assert_eq!(add(&"ä".repeat(124)), Err(Error::ExemplarLabelLength));
    add(&"ä".repeat(123)).unwrap();
}

#[test]
fn gauges_show_what_is_kept() {
    let registry = Registry::with_time(|| Duration::ZERO);
    let exemplars = Exemplars::new(&registry, Some(3));
    for (series, time) in [(1, 2500), (1, 3500), (2, 1500), (2, 1000)] {
        let _ = exemplars.add(SeriesRef(series), || series_labels(series), offered(time, 1.0, "x"), 0);
    }
    let figures: Vec<(String, f64)> = registry
        .gather()
        .into_iter()
        .map(|family| {
            let value = family.metrics.first().map(|metric| metric.value.clone());
            let number = match value {
                Some(telemetry::Value::Counter(number) | telemetry::Value::Gauge(number)) => number,
                other => panic!("{other:?}"),
            };
            (family.name.trim_start_matches("prometheus_tsdb_exemplar_").to_owned(), number)
        })
        .collect();
    let expected = [
        ("exemplars_appended_total", 3.0),
        ("exemplars_in_storage", 3.0),
        ("last_exemplars_timestamp_seconds", 2.5),
        ("max_exemplars", 3.0),
        ("out_of_order_exemplars_total", 1.0),
        ("series_with_exemplars_in_storage", 2.0),
    ];
    assert_eq!(figures, expected.map(|(name, value)| (name.to_owned(), value)));
}
