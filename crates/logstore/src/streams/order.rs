//! The orders of the streams of a tenant: by labels, as answers have them, and as they stand in parts.

use std::sync::Arc;

use model::Labels;

use super::{Entry, SERVICE_NAME};

/// Places of all streams, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Order {
    by_labels: Vec<u32>,
    labels: Arc<[Labels]>,
    places: Vec<u32>,
}

impl Order {
    /// The order of these streams; `before` was theirs when they were fewer, or more.
    pub(super) fn of(entries: &[Option<Entry>], before: &Self) -> Self {
        let entry = |id: &u32| entries.get(*id as usize).and_then(Option::as_ref);
        let mut is_new: Vec<bool> = entries.iter().map(Option::is_some).collect();
        let mut by_labels = before.by_labels.clone();
        // Where a number has got another stream, it is in a wrong place, which the sort mends.
        by_labels.retain(|id| is_new.get_mut(*id as usize).is_some_and(std::mem::take));
        by_labels.extend((0_u32..).zip(&is_new).filter(|(_, is_new)| **is_new).map(|(id, _)| id));
        // A sort that finds runs has little to do.
        by_labels
            .sort_by(|a, b| entry(a).map(|entry| &entry.labels).cmp(&entry(b).map(|entry| &entry.labels)));
        let mut in_parts: Vec<(&str, u32)> = by_labels
            .iter()
            .map(|id| (entry(id).and_then(|entry| entry.labels.get(SERVICE_NAME)).unwrap_or_default(), *id))
            .collect();
        in_parts.sort_by(|a, b| a.0.cmp(b.0));
        let mut places = vec![0; entries.len()];
        for (place, (_, id)) in (0_u32..).zip(in_parts) {
            if let Some(slot) = places.get_mut(id as usize) {
                *slot = place;
            }
        }
        let labels = by_labels.iter().filter_map(|id| Some(entry(id)?.labels.clone())).collect();
        Self { by_labels, labels, places }
    }

    /// The labels of all streams, sorted.
    pub(crate) fn labels(&self) -> &Arc<[Labels]> {
        &self.labels
    }

    /// The streams by labels.
    pub(crate) fn by_labels(&self) -> &[u32] {
        &self.by_labels
    }

    /// The place of a stream among those of a part: like ones stand beside each other, so that they compress well and who
    /// reads one service reads little else.
    pub(crate) fn place(&self, id: u32) -> u32 {
        self.places.get(id as usize).copied().unwrap_or(u32::MAX)
    }
}

/// The order that was found last, and whether it still holds.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) order: Arc<Order>,
    pub(super) is_current: bool,
}
