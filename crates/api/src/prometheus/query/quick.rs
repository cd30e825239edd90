//! Which queries were quick when they were asked last: these are answered at once, by the thread that has the request,
//! as handing them to another one and back takes longer than they do.

#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::call::Call;

/// What was evaluated and written within this time is quick.
const QUICK: Duration = Duration::from_millis(1);
/// A quick query that takes longer than this after all is begun anew by another thread: other requests wait meanwhile.
pub(super) const AT_ONCE_MAX: Duration = Duration::from_millis(10);
/// So many queries are known; a power of two.
const PLACES: usize = 4096;
/// Longer texts are not even looked at.
const TEXT_BYTES_MAX: usize = 4096;

/// The queries that were quick when they were asked last, as hashes; each may be forgotten for another one.
#[derive(Debug)]
pub(crate) struct QuickQueries {
    hasher: RandomState,
    /// Each at the place that its lowest bits tell.
    places: Box<[AtomicU64]>,
}

/// A query as it is known here: its text, and how long a span it is asked over, but not when.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueryKey(u64);

impl QuickQueries {
    /// None is known.
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), places: (0..PLACES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The query of a request; `None` where it is too long for one that is quick.
    pub(super) fn key(&self, call: &Call) -> Option<QueryKey> {
        let text = call.params.get("query");
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let span = ["step", "lookback_delta", "stats"].map(|name| call.params.get(name));
        let time = |name| call.params.get(name).parse::<f64>().unwrap_or_default();
        let width = (time("end") - time("start")) as i64;
        Some(QueryKey(self.hasher.hash_one((text, span, width))))
    }

    /// Whether a query was quick last time.
    pub(super) fn is_quick(&self, key: QueryKey) -> bool {
        self.place(key).is_some_and(|place| place.load(Ordering::Relaxed) == key.0)
    }

    /// Notes how long a query took, its answer written.
    pub(super) fn note(&self, key: QueryKey, took: Duration) {
        let Some(place) = self.place(key) else { return };
        if took <= QUICK {
            place.store(key.0, Ordering::Relaxed);
        } else {
            // Another query in this place stays.
            let _ = place.compare_exchange(key.0, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn place(&self, key: QueryKey) -> Option<&AtomicU64> {
        self.places.get(key.0 as usize % PLACES)
    }
}
