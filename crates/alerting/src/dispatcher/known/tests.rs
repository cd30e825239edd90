//! Places of alerts: kept while somebody needs them, and no longer.

use super::*;
use crate::Annotations;

fn alert(n: &str, updated_at: i64) -> Alert {
    Alert {
        labels: Labels::from_pairs([("alertname", "A"), ("n", n)]),
        annotations: Annotations::from_pairs([("summary", format!("what is to be said of number {n}"))]),
        starts_at: 0,
        ends_at: 100 + updated_at,
        updated_at,
        ends_by_timeout: false,
        generator_url: Arc::from("http://rule"),
    }
}

fn insert(known: &mut KnownAlerts, alert: Alert) -> AlertId {
    known.insert(alert.fingerprint(), alert)
}

#[test]
fn reports_of_a_known_alert_change_it_where_it_is() {
    let mut known = KnownAlerts::new();
    let ids: Vec<AlertId> = ["1", "2", "3"].iter().map(|n| insert(&mut known, alert(n, 1))).collect();
    let bytes = known.get(ids[1]).unwrap().labels.as_bytes().as_ptr();
    assert!(!known.merge(ids[1], alert("2", 2), 2), "a later end is no news");
    let same = known.get(ids[1]).unwrap();
    assert_eq!((same.labels.as_bytes().as_ptr(), same.alert()), (bytes, alert("2", 2)));
    let says_more = Alert { annotations: Annotations::from_pairs([("summary", "else")]), ..alert("2", 3) };
    assert!(known.merge(ids[1], says_more.clone(), 3));
    assert_eq!(known.get(ids[1]).unwrap().alert(), says_more);
    assert!(known.merge(ids[1], Alert { ends_at: 4, ..says_more }, 4), "its end is news");
    assert_eq!(known.find(alert("2", 1).fingerprint()), Some(ids[1]));
    assert_eq!(known.iter().count(), 3);
}

#[test]
fn a_report_that_was_made_before_leaves_the_texts() {
    let mut known = KnownAlerts::new();
    let id = insert(&mut known, alert("1", 5));
    let older = Alert { annotations: Annotations::empty(), ..alert("1", 3) };
    assert!(!known.merge(id, older, 6));
    assert_eq!(known.get(id).unwrap().alert().annotations, alert("1", 5).annotations);
}

#[test]
fn alerts_of_one_rule_share_where_they_come_from() {
    let mut known = KnownAlerts::new();
    let (one, two) = (insert(&mut known, alert("1", 1)), insert(&mut known, alert("2", 1)));
    let urls = [one, two].map(|id| known.get(id).unwrap().generator_url.clone());
    assert!(Arc::ptr_eq(&urls[0], &urls[1]));
    drop(urls);
    known.forget(one);
    known.forget(two);
    known.collect_garbage();
    assert_eq!((known.urls.len(), known.models.len(), known.places.len()), (0, 0, 0));
}

#[test]
fn a_place_that_is_held_waits_for_its_alert_or_for_those_who_hold_it() {
    let mut known = KnownAlerts::new();
    let one = insert(&mut known, alert("1", 1));
    known.hold(one);
    known.forget(one);
    assert_eq!(known.find(alert("1", 1).fingerprint()), None);
    assert!(known.get(one).unwrap().is_forgotten, "whoever holds it still needs it");
    let first = known.get(one).unwrap().report;

    assert_eq!(insert(&mut known, alert("1", 2)), one, "it is back");
    assert!(known.get(one).unwrap().report > first);
    known.forget(one);
    known.release(one);
    assert!(known.get(one).is_none());

    let two = insert(&mut known, alert("2", 3));
    assert_eq!(two, one, "the place is another's now");
    assert_eq!(known.find(alert("2", 3).fingerprint()), Some(two));
    assert_eq!(known.find(alert("1", 3).fingerprint()), None);
}

#[test]
fn addresses_and_texts_that_are_new_with_every_report_do_not_pile_up() {
    let mut known = KnownAlerts::new();
    let id = insert(&mut known, alert("1", 1));
    for at in 2..10_000 {
        let generator_url = Arc::from(format!("http://rule?at={at}"));
        let annotations = Annotations::from_pairs([("summary", "x".repeat(at as usize % 50))]);
        known.merge(id, Alert { generator_url, annotations, ..alert("1", at) }, at);
    }
    assert!(known.urls.len() <= 4096 && known.models.len() <= 1024);
}
