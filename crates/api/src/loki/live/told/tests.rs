//! Entries that come again.

use platform::simulated::SimulatedClock;

use super::super::{LiveEntries, Observer};
use super::*;

fn entry(timestamp: i64) -> EntryRef<'static> {
    EntryRef { timestamp, line: b"line", metadata: &[("pod", "a")] }
}

#[test]
fn a_follower_is_given_an_entry_once_though_it_is_stored_again() {
    let live = LiveEntries::new(std::sync::Arc::new(SimulatedClock::new(0)));
    let (stream, other) = (Labels::from_pairs([("job", "a")]), Labels::from_pairs([("job", "b")]));
    let following = live.follow("t", Vec::new());
    live.accepted("t", &stream, &[entry(1), entry(2)]);
    live.accepted("t", &stream, &[entry(1), entry(2), entry(3)]);
    live.accepted("t", &other, &[entry(1)]);
    let given = || -> Vec<(String, i64)> {
        let (entries, dropped) = following.follower.next(std::time::Duration::MAX, 100);
        assert!(dropped.is_empty());
        entries.iter().map(|entry| (entry.stream.to_string(), entry.timestamp)).collect()
    };
    let of = |stream: &Labels, time: i64| (stream.to_string(), time);
    assert_eq!(given(), [of(&stream, 1), of(&stream, 2), of(&stream, 3), of(&other, 1)]);
    live.accepted("t", &stream, &[entry(2)]);
    assert_eq!(given(), []);
    // Whoever comes later has not been given it.
    let later = live.follow("t", Vec::new());
    live.accepted("t", &stream, &[entry(2)]);
    assert_eq!(later.follower.next(std::time::Duration::MAX, 100).0.len(), 1);
}

#[test]
fn only_the_last_entries_are_known() {
    let (mut told, stream) = (Told::default(), Labels::default());
    for time in 0..=TOLD_MAX as i64 {
        let hash = told.unknown(&stream, &entry(time)).unwrap();
        told.add(hash);
    }
    assert!(told.unknown(&stream, &entry(0)).is_some());
    assert!(told.unknown(&stream, &entry(1)).is_none());
    assert_eq!((told.known.len(), told.order.len()), (TOLD_MAX, TOLD_MAX));
}
