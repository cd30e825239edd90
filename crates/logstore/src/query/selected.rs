//! The streams that a selector names, as they were when it was looked up: their numbers may mean others later.

use std::sync::Arc;

use model::Labels;
use roaring::RoaringBitmap;

use super::gather::Found;
use crate::streams::{Order, Streams as TenantStreams};

/// With so many times more streams known than selected, those that were selected are sorted for themselves.
const KNOWN_PER_SELECTED: u64 = 16;

/// Streams that a selector names.
#[derive(Debug, Default)]
pub(super) struct Selected {
    ids: RoaringBitmap,
    /// Whether they are all streams of the tenant.
    are_all: bool,
    labels: Sorted,
}

/// Labels of streams, sorted, and the streams' numbers.
#[derive(Debug)]
enum Sorted {
    /// Of all streams of the tenant.
    All(Arc<Order>),
    /// Of the selected ones.
    Some(Vec<(Labels, u32)>),
}

impl Default for Sorted {
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

/// Labels of the streams that have blocks, sorted.
#[derive(Debug)]
pub(super) enum Streams {
    /// Those of all streams of the tenant.
    All(Arc<[Labels]>),
    /// Those of some.
    Some(Vec<Labels>),
}

impl Streams {
    pub(super) fn as_slice(&self) -> &[Labels] {
        match self {
            Self::All(labels) => labels,
            Self::Some(labels) => labels,
        }
    }
}

impl Selected {
    /// The streams of a tenant with these numbers.
    pub(super) fn of(known: &TenantStreams, ids: RoaringBitmap) -> Self {
        let are_all = ids.len() == known.len() as u64;
        let labels = if ids.len() * KNOWN_PER_SELECTED < known.len() as u64 {
            let mut labels: Vec<(Labels, u32)> =
                ids.iter().filter_map(|id| Some((known.labels(id)?.clone(), id))).collect();
            labels.sort_unstable();
            Sorted::Some(labels)
        } else {
            Sorted::All(known.order())
        };
        Self { ids, are_all, labels }
    }

    /// Their numbers.
    pub(super) fn ids(&self) -> &RoaringBitmap {
        &self.ids
    }

    /// Whether a stream of a part is one of them.
    pub(super) fn has(&self, id: u32) -> bool {
        self.are_all || self.ids.contains(id)
    }

    /// Gives each block the position of its stream among all that have one, which are given sorted.
    pub(super) fn number(&self, found: &mut [Found]) -> Streams {
        match &self.labels {
            Sorted::All(order) => number_all(found, order),
            Sorted::Some(labels) => Streams::Some(number_some(found, labels)),
        }
    }
}

fn number_some(found: &mut [Found], labels: &[(Labels, u32)]) -> Vec<Labels> {
    // By number: the place among the labels, then the position among those that have a block.
    let mut places: Vec<(u32, usize)> =
        labels.iter().enumerate().map(|(place, (_, id))| (*id, place)).collect();
    places.sort_unstable();
    let place_of = |id: u32| {
        let found = places.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        places.get(found).map(|(_, place)| *place)
    };
    let mut positions = vec![None; labels.len()];
    for block in found.iter() {
        if let Some(position) = place_of(block.id).and_then(|place| positions.get_mut(place)) {
            *position = Some(0);
        }
    }
    let mut with_blocks = Vec::new();
    for ((labels, _), position) in labels.iter().zip(&mut positions) {
        if let Some(position) = position {
            *position = with_blocks.len();
            with_blocks.push(labels.clone());
        }
    }
    for block in found {
        let position = place_of(block.id).and_then(|place| positions.get(place).copied().flatten());
        block.header.stream = position.unwrap_or_default();
    }
    with_blocks
}

fn number_all(found: &mut [Found], order: &Order) -> Streams {
    let ids = found.iter().map(|block| block.id as usize + 1).max().unwrap_or_default();
    let mut positions = vec![None; ids];
    for block in found.iter() {
        if let Some(position) = positions.get_mut(block.id as usize) {
            *position = Some(0);
        }
    }
    let (mut count, mut with_blocks) = (0, Vec::new());
    for (place, id) in order.by_labels().iter().enumerate() {
        if let Some(Some(position)) = positions.get_mut(*id as usize) {
            *position = count;
            count += 1;
            with_blocks.push(place);
        }
    }
    for block in found {
        block.header.stream = positions.get(block.id as usize).copied().flatten().unwrap_or_default();
    }
    let labels = order.labels();
    if count == labels.len() {
        return Streams::All(Arc::clone(labels));
    }
    Streams::Some(with_blocks.into_iter().filter_map(|place| labels.get(place).cloned()).collect())
}
