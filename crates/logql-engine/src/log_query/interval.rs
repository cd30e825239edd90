//! Entries that keep a distance.

use super::LogQuery;
use super::collect::Candidate;
use crate::pipeline::Order;

/// Keeps the entries that are far enough from each other.
pub(super) fn thin(entries: &mut Vec<Candidate>, query: &LogQuery<'_>) {
    let mut before: Option<i64> = None;
    entries.retain(|entry| {
        let is_far = before.is_none_or(|before| match query.order {
            Order::Forward => entry.timestamp >= before.saturating_add(query.interval),
            Order::Backward => entry.timestamp <= before.saturating_sub(query.interval),
        });
        if is_far {
            before = Some(entry.timestamp);
        }
        is_far
    });
}
