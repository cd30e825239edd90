//! The numbers are those of recorded notifications and of a recorded notification log.

use super::*;

fn alert(starts_at: i64, ends_at: i64, updated_at: i64, ends_by_timeout: bool) -> Alert {
    Alert {
        labels: Labels::from_pairs([("alertname", "A")]),
        annotations: Annotations::empty(),
        starts_at,
        ends_at,
        updated_at,
        ends_by_timeout,
        generator_url: Arc::from(""),
    }
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
    let merged = Alert::merged(&alert(10, 100, 10, true), alert(20, 120, 20, true), 30);
    assert_eq!((merged.starts_at, merged.ends_at), (10, 120));
    let separate = Alert::merged(&alert(10, 15, 10, false), alert(20, 120, 20, true), 30);
    assert_eq!(separate.starts_at, 20);
}

#[test]
fn an_end_that_was_given_outlasts_one_by_timeout() {
    let merged = Alert::merged(&alert(10, 200, 10, false), alert(10, 120, 20, true), 30);
    assert_eq!((merged.ends_at, merged.ends_by_timeout), (200, false));
    let merged = Alert::merged(&alert(10, 200, 10, true), alert(10, 120, 20, true), 30);
    assert_eq!(merged.ends_at, 120);
    let resolved = Alert::merged(&alert(10, 200, 10, false), alert(10, 25, 20, false), 30);
    assert_eq!(resolved.ends_at, 25, "a report that it is over counts");
    let both = Alert::merged(&alert(10, 28, 10, false), alert(10, 25, 20, false), 30);
    assert_eq!(both.ends_at, 28);
}
