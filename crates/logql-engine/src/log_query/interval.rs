//! Entries that keep a distance.

use super::LogQuery;
use super::collect::Candidate;
use crate::pipeline::Order;

/// Whether an entry is far enough from the one taken before.
pub(super) fn is_far(time: i64, before: Option<i64>, query: &LogQuery<'_>) -> bool {
    before.is_none_or(|before| match query.order {
        Order::Forward => time >= before.saturating_add(query.interval),
        Order::Backward => time <= before.saturating_sub(query.interval),
    })
}

/// Keeps the entries that are far enough from each other, and as many as are wanted.
pub(super) fn thin(entries: &mut Vec<Candidate>, query: &LogQuery<'_>) {
    let mut before = None;
    entries.retain(|entry| {
        let stays = is_far(entry.timestamp, before, query);
        if stays {
            before = Some(entry.timestamp);
        }
        stays
    });
    entries.truncate(query.limit);
}
