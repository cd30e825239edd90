//! What selectors find, and what readers see while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::{MatchOp, Matcher};
use platform::simulated::SimulatedFileSystem;
use storage::{AppendOptions, Appendable, Queryable, SampleColumns, SelectHints, TimeRange};
use tsdb::TopEntry;

use crate::fixture::{append, labels, open, select};

fn name(name: &str) -> Matcher {
    Matcher::equal("__name__", name)
}

#[test]
fn samples_and_series_outside_of_the_range_are_left_out() {
    let db = open(&SimulatedFileSystem::new());
    let all: Vec<(i64, f64)> = (0..1000).map(|number| (number * 10_000, number as f64)).collect();
    append(&db, "a", &all);
    append(&db, "b", &[(9_990_000, 1.0)]);
    for (start, end) in [(0, 9_990_000), (5, 19_999), (1_234_567, 7_654_321), (9_990_000, 9_990_000)] {
        let found = select(&db, &[name("a")], TimeRange::new(start, end));
        let expected: Vec<_> = all.iter().copied().filter(|(time, _)| (start..=end).contains(time)).collect();
        assert_eq!(found[0].1, expected, "{start}..{end}");
    }
    let any = Matcher::new("__name__", MatchOp::Regex, ".+").unwrap();
    let early = db.querier(TimeRange::new(0, 1000)).unwrap();
    let hints = SelectHints { labels_only: true, ..SelectHints::default() };
    assert_eq!(early.select(&[any], &hints).unwrap().len(), 1);
    let after = db.querier(TimeRange::new(10_000_000, 20_000_000)).unwrap();
    assert!(after.label_names(&[], None).unwrap().items.is_empty());
}

#[test]
fn labels_are_listed_and_cut_at_the_limit() {
    let db = open(&SimulatedFileSystem::new());
    let mut appender = db.appender(AppendOptions::default());
    for (job, instance) in [("x", "1"), ("x", "2"), ("y", "3")] {
        let series = appender.series(&labels(&[("__name__", "up"), ("job", job), ("instance", instance)]));
        appender.append(series.unwrap(), 1000, 0, 1.0).unwrap();
    }
    appender.commit().unwrap();
    let querier = db.querier(TimeRange::ALL).unwrap();
    assert_eq!(querier.label_names(&[], None).unwrap().items, ["__name__", "instance", "job"]);
    let listing = querier.label_values("instance", &[Matcher::equal("job", "x")], Some(1)).unwrap();
    assert_eq!((listing.items, listing.truncated), (vec!["1".to_owned()], true));
    let hints = SelectHints { sorted: true, limit: Some(2), ..SelectHints::default() };
    let set = querier.select(&[name("up")], &hints).unwrap();
    assert_eq!(set.len(), 2);
    assert_eq!(set.labels(1).value("instance"), "2");

    let stats = db.head_stats(1);
    assert_eq!((stats.series, stats.label_pairs, stats.chunks), (3, 6, 3));
    assert_eq!((stats.min_time, stats.max_time), (Some(1000), Some(1000)));
    assert_eq!(stats.series_by_metric_name, [TopEntry { value: 3, name: "up".to_owned() }]);
    assert_eq!(stats.values_by_label_name, [TopEntry { value: 3, name: "instance".to_owned() }]);
    assert_eq!(stats.series_by_label_pair, [TopEntry { value: 3, name: "__name__=up".to_owned() }]);
}

/// A commit gives all series the same value; whoever reads sees equal values everywhere, whatever is being
/// written meanwhile.
#[test]
fn a_reader_never_sees_half_of_a_commit() {
    let db = open(&SimulatedFileSystem::new());
    let names: Vec<String> = (0..200).map(|number| format!("s{number}")).collect();
    let write = |value: i64| {
        let mut appender = db.appender(AppendOptions::default());
        for name in &names {
            let series = appender.series(&labels(&[("__name__", name)])).unwrap();
            appender.append(series, value * 15_000, 0, value as f64).unwrap();
        }
        appender.commit().unwrap();
    };
    write(0);
    let stop = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let any = [Matcher::new("__name__", MatchOp::Regex, "s.*").unwrap()];
            let mut rounds = 0;
            while !stop.load(Ordering::Relaxed) || rounds < 3 {
                let querier = db.querier(TimeRange::ALL).unwrap();
                let set = querier.select(&any, &SelectHints::default()).unwrap();
                let mut seen = Vec::new();
                for position in 0..set.len() {
                    let mut columns = SampleColumns::new();
                    set.read(position, TimeRange::ALL, &mut columns).unwrap();
                    seen.push((columns.timestamps.len(), columns.values.last().copied()));
                }
                assert_eq!(seen.len(), 200);
                assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
                rounds += 1;
            }
        });
        for value in 1..600 {
            write(value);
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
}

#[test]
fn encoded_chunks_hold_what_is_read() {
    let db = open(&SimulatedFileSystem::new());
    let all: Vec<(i64, f64)> = (0..500).map(|number| (number * 15_000, number as f64)).collect();
    append(&db, "a", &all);
    let querier = db.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[name("a")], &SelectHints::default()).unwrap();
    append(&db, "a", &[(9_000_000, 1.0)]);
    let encoded = set.chunks(0, TimeRange::ALL).unwrap();
    let (mut timestamps, mut values) = (Vec::new(), Vec::new());
    for chunk in &encoded {
        let before = timestamps.len();
        chunks::xor::decode(&chunk.data, &mut timestamps, &mut values).unwrap();
        assert_eq!((chunk.start, chunk.end), (timestamps[before], *timestamps.last().unwrap()));
    }
    assert_eq!(timestamps.into_iter().zip(values).collect::<Vec<_>>(), all);
}
