//! Series by matchers.

use model::{Labels, MatchOp, Matcher};
use storage::{SelectHints, TimeRange};

use super::{Store, commit_floats, named, read, select};

const JOBS: [(&str, &[(&str, &str)]); 5] = [
    ("up", &[("job", "api"), ("instance", "a:1")]),
    ("up", &[("job", "api"), ("instance", "b:1")]),
    ("up", &[("job", "db")]),
    ("down", &[("job", "api"), ("instance", "a:1")]),
    ("up", &[("job", "été"), ("path", "x\"\\y\n")]),
];

fn fill(store: &dyn Store) {
    for (name, labels) in JOBS {
        commit_floats(store, &named(name, labels), &[(1000, 1.0)]);
    }
}

/// The numbers in [`JOBS`] of the series that are found, ascending.
#[track_caller]
fn found(store: &dyn Store, matchers: &[Matcher]) -> Vec<usize> {
    let set = select(store, TimeRange::ALL, matchers);
    let all: Vec<Labels> = JOBS.iter().map(|(name, labels)| named(name, labels)).collect();
    let number = |labels: &Labels| all.iter().position(|known| known == labels).unwrap();
    let mut numbers: Vec<usize> = (0..set.len()).map(|position| number(&set.labels(position))).collect();
    numbers.sort_unstable();
    numbers
}

/// Every kind of matcher, alone and together; a label that is not there is empty.
pub fn matchers_select_series(store: &dyn Store) {
    fill(store);
    let equal = Matcher::equal;
    let matcher = |name: &str, op, value: &str| Matcher::new(name, op, value).unwrap();
    assert_eq!(found(store, &[]), [0, 1, 2, 3, 4]);
    assert_eq!(found(store, &[equal("__name__", "up")]), [0, 1, 2, 4]);
    assert_eq!(found(store, &[equal("__name__", "up"), equal("job", "api")]), [0, 1]);
    assert_eq!(found(store, &[equal("job", "étÉ")]), [] as [usize; 0]);
    assert_eq!(found(store, &[equal("job", "été"), equal("path", "x\"\\y\n")]), [4]);
    assert_eq!(found(store, &[equal("instance", "")]), [2, 4]);
    assert_eq!(found(store, &[matcher("instance", MatchOp::NotEqual, "")]), [0, 1, 3]);
    assert_eq!(found(store, &[matcher("job", MatchOp::NotEqual, "api")]), [2, 4]);
    assert_eq!(found(store, &[matcher("instance", MatchOp::NotEqual, "a:1")]), [1, 2, 4]);
    assert_eq!(found(store, &[matcher("job", MatchOp::Regex, "a.i|db")]), [0, 1, 2, 3]);
    assert_eq!(found(store, &[matcher("job", MatchOp::Regex, "ap")]), [] as [usize; 0]);
    assert_eq!(found(store, &[matcher("instance", MatchOp::Regex, "(a:1)?")]), [0, 2, 3, 4]);
    assert_eq!(found(store, &[matcher("instance", MatchOp::Regex, ".*")]), [0, 1, 2, 3, 4]);
    assert_eq!(found(store, &[matcher("instance", MatchOp::Regex, ".+")]), [0, 1, 3]);
    assert_eq!(found(store, &[matcher("instance", MatchOp::NotRegex, ".+")]), [2, 4]);
    assert_eq!(found(store, &[matcher("job", MatchOp::NotRegex, "api|db")]), [4]);
    assert_eq!(found(store, &[matcher("nothing", MatchOp::NotEqual, "x")]), [0, 1, 2, 3, 4]);
    let both = [matcher("job", MatchOp::Regex, "api"), matcher("job", MatchOp::NotRegex, "api")];
    assert_eq!(found(store, &both), [] as [usize; 0]);
    let negative_only =
        [matcher("job", MatchOp::NotEqual, "db"), matcher("__name__", MatchOp::NotRegex, "down")];
    assert_eq!(found(store, &negative_only), [0, 1, 4]);
}

/// A series out of the range may be found but then holds no samples there.
pub fn series_without_samples_in_the_range_are_left_out_or_empty(store: &dyn Store) {
    commit_floats(store, &named("a", &[]), &[(1000, 1.0)]);
    commit_floats(store, &named("b", &[]), &[(9_000_000, 1.0)]);
    let range = TimeRange::new(0, 5000);
    let set = select(store, range, &[]);
    let counts: Vec<(String, usize)> = (0..set.len())
        .map(|position| {
            (set.labels(position).metric_name().to_owned(), read(set.as_ref(), position, range).len())
        })
        .filter(|(_, samples)| *samples > 0)
        .collect();
    assert_eq!(counts, [("a".to_owned(), 1)]);
}

/// With the hint, series come in the order of their labels.
pub fn sorted_series_are_sorted(store: &dyn Store) {
    for number in [3, 1, 20, 100, 2] {
        let number = number.to_string();
        commit_floats(store, &named("a", &[("x", &number), ("y", "1")]), &[(1000, 1.0)]);
        commit_floats(store, &named("a", &[("x", &number)]), &[(1000, 1.0)]);
    }
    let set = select(store, TimeRange::ALL, &[]);
    let labels: Vec<Labels> = (0..set.len()).map(|position| set.labels(position)).collect();
    assert_eq!(labels.len(), 10);
    assert!(labels.is_sorted(), "{labels:?}");
}

/// No more series than the hint wants, and the first ones where they are sorted.
pub fn limits_cut_the_number_of_series(store: &dyn Store) {
    fill(store);
    let querier = store.querier(TimeRange::ALL).unwrap();
    let hints = SelectHints { sorted: true, limit: Some(2), ..SelectHints::default() };
    let limited = querier.select(&[], &hints).unwrap();
    let all = select(store, TimeRange::ALL, &[]);
    assert_eq!(limited.len(), 2);
    assert_eq!((limited.labels(0), limited.labels(1)), (all.labels(0), all.labels(1)));
}

/// Threads read different series of one set at once.
pub fn positions_can_be_read_by_many_threads(store: &dyn Store) {
    for number in 0..32 {
        let samples: Vec<(i64, f64)> = (1i64..=300).map(|step| (step * 1000, f64::from(number))).collect();
        commit_floats(store, &named("a", &[("x", &number.to_string())]), &samples);
    }
    let set = select(store, TimeRange::ALL, &[]);
    std::thread::scope(|scope| {
        for first in 0..4 {
            let set = set.as_ref();
            scope.spawn(move || {
                for position in (first..set.len()).step_by(4) {
                    let number: f64 = set.labels(position).value("x").parse().unwrap();
                    let columns = read(set, position, TimeRange::ALL);
                    assert_eq!(columns.timestamps.len(), 300);
                    assert!(columns.values.iter().all(|value| *value == number));
                }
            });
        }
    });
}
