//! The numbers are those of recorded notifications and of a recorded notification log.

use super::*;

fn times(starts_at: i64, ends_at: i64, updated_at: i64, ends_by_timeout: bool) -> Times {
    Times { starts_at, ends_at, updated_at, ends_by_timeout }
}

fn both(first: Times, second: Times) -> Times {
    Times::merged(first, second, 30).0
}

#[test]
fn fingerprints_are_those_of_recorded_notifications() {
    let shown =
        |pairs: &[(&str, &str)]| format!("{:016x}", fingerprint(&Labels::from_pairs(pairs.iter().copied())));
    assert_eq!(shown(&[("alertname", "A")]), "d2c6efc389df0927");
    assert_eq!(shown(&[("alertname", "B"), ("x", "1")]), "7c0665647a6ba759");
    assert_eq!(
        shown(&[("alertname", "HighCPU"), ("instance", "web-1"), ("sev", "critical")]),
        "d1dadcf6ac4505f4"
    );
}

#[test]
fn reports_that_overlap_keep_the_earliest_start() {
    let merged = both(times(10, 100, 10, true), times(20, 120, 20, true));
    assert_eq!((merged.starts_at, merged.ends_at), (10, 120));
    let separate = both(times(10, 15, 10, false), times(20, 120, 20, true));
    assert_eq!(separate.starts_at, 20);
}

#[test]
fn an_end_that_was_given_outlasts_one_by_timeout() {
    let merged = both(times(10, 200, 10, false), times(10, 120, 20, true));
    assert_eq!((merged.ends_at, merged.ends_by_timeout), (200, false));
    let merged = both(times(10, 200, 10, true), times(10, 120, 20, true));
    assert_eq!(merged.ends_at, 120);
    let resolved = both(times(10, 200, 10, false), times(10, 25, 20, false));
    assert_eq!(resolved.ends_at, 25, "a report that it is over counts");
    let both = both(times(10, 28, 10, false), times(10, 25, 20, false));
    assert_eq!(both.ends_at, 28);
}

#[test]
fn the_texts_of_the_later_report_count() {
    assert!(Times::merged(times(10, 100, 10, true), times(20, 120, 20, true), 30).1);
    assert!(!Times::merged(times(10, 100, 25, true), times(20, 120, 20, true), 30).1);
    assert!(Times::merged(times(10, 15, 25, true), times(20, 120, 20, true), 30).1, "of another span");
}
