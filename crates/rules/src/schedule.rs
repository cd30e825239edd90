//! When groups are evaluated: slots at multiples of the interval, moved by an offset that each group has of its own.

use std::time::Duration;

use model::Labels;

use crate::context::nanos;

/// How far the slots of a group are moved: by its name and file, so that groups do not all run at once.
pub(crate) fn offset_ns(file: &str, name: &str, interval: Duration) -> i64 {
    let hash = Labels::from_pairs([("file", file), ("name", name)]).hash64();
    let interval = nanos(interval).max(1).unsigned_abs();
    i64::try_from(hash % interval).unwrap_or(0)
}

/// The first slot of a group at or after a time, in nanoseconds since the Unix epoch.
pub fn first_slot_ns(file: &str, name: &str, interval: Duration, from_ns: i64) -> i64 {
    let before = slot_before(from_ns, interval, offset_ns(file, name, interval));
    if before < from_ns { before.saturating_add(nanos(interval)) } else { before }
}

/// The slot at or before `now_ns`.
pub(crate) fn slot_before(now_ns: i64, interval: Duration, offset_ns: i64) -> i64 {
    let interval = nanos(interval).max(1);
    let shifted = now_ns.saturating_sub(offset_ns);
    shifted.saturating_sub(shifted.rem_euclid(interval)).saturating_add(offset_ns)
}

/// The slot to evaluate when the one before was `last_ns`, and how many were missed between them.
pub(crate) fn next_slot(last_ns: i64, now_ns: i64, interval: Duration) -> (i64, u64) {
    let interval = nanos(interval).max(1);
    let missed = (now_ns.saturating_sub(last_ns) / interval - 1).max(0);
    let next = last_ns.saturating_add((missed + 1).saturating_mul(interval));
    (next, missed.unsigned_abs())
}
