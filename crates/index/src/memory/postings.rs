//! The series of one label pair.

use std::borrow::Cow;
use std::ops::Range;

use roaring::RoaringBitmap;

use super::bitmap_bytes;

/// Most of the many distinct pairs of a store have one series, or two: those take no heap.
#[derive(Debug, Clone)]
pub(super) enum Postings {
    /// Up to [`FEW`] numbers, in no order.
    Few { count: u8, ids: [u32; FEW] },
    /// Any number of them.
    Many(Box<RoaringBitmap>),
}

/// As many as fit beside the discriminant of a 16-byte value.
const FEW: usize = 3;

impl Default for Postings {
    fn default() -> Self {
        Self::Few { count: 0, ids: [0; FEW] }
    }
}

impl Postings {
    /// Enters a series.
    pub(super) fn insert(&mut self, series: u32) {
        match self {
            Self::Many(bitmap) => {
                bitmap.insert(series);
            }
            Self::Few { count, ids } => {
                let held = ids.get(..usize::from(*count)).unwrap_or_default();
                if held.contains(&series) {
                    return;
                }
                if let Some(place) = ids.get_mut(usize::from(*count)) {
                    *place = series;
                    *count += 1;
                    return;
                }
                let mut bitmap: RoaringBitmap = ids.iter().copied().collect();
                bitmap.insert(series);
                *self = Self::Many(Box::new(bitmap));
            }
        }
    }

    /// Enters series that follow each other, behind all others.
    pub(super) fn append(&mut self, run: Range<u32>) {
        if let Self::Few { count, .. } = self {
            if usize::from(*count) + run.len() <= FEW {
                run.for_each(|series| self.insert(series));
                return;
            }
            *self = Self::Many(Box::new(self.few().collect()));
        }
        if let Self::Many(bitmap) = self {
            append_run(bitmap, run);
        }
    }

    /// Takes a series out, and says whether none is left.
    pub(super) fn remove(&mut self, series: u32) -> bool {
        match self {
            Self::Many(bitmap) => {
                bitmap.remove(series);
                if bitmap.len() > FEW as u64 {
                    return false;
                }
                let mut few = Self::default();
                for series in bitmap.iter() {
                    few.insert(series);
                }
                *self = few;
            }
            Self::Few { count, ids } => {
                let last = usize::from(*count).saturating_sub(1);
                let moved = ids.get(last).copied().unwrap_or_default();
                let held = ids.iter_mut().take(usize::from(*count));
                if let Some(place) = held.into_iter().find(|held| **held == series) {
                    *place = moved;
                    *count -= 1;
                }
            }
        }
        self.len() == 0
    }

    /// The number of series.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Few { count, .. } => u64::from(*count),
            Self::Many(bitmap) => bitmap.len(),
        }
    }

    /// The series as a set.
    pub(super) fn as_bitmap(&self) -> Cow<'_, RoaringBitmap> {
        match self {
            Self::Few { .. } => Cow::Owned(self.few().collect()),
            Self::Many(bitmap) => Cow::Borrowed(bitmap),
        }
    }

    /// Adds the series to a set.
    pub(super) fn add_to(&self, set: &mut RoaringBitmap) {
        match self {
            Self::Few { .. } => set.extend(self.few()),
            Self::Many(bitmap) => *set |= &**bitmap,
        }
    }

    /// Whether a series is in `set` too.
    pub(super) fn intersects(&self, set: &RoaringBitmap) -> bool {
        match self {
            Self::Few { .. } => self.few().any(|series| set.contains(series)),
            Self::Many(bitmap) => !bitmap.is_disjoint(set),
        }
    }

    /// The numbers of the inline form.
    fn few(&self) -> impl Iterator<Item = u32> {
        let (count, ids) = match self {
            Self::Few { count, ids } => (*count, *ids),
            Self::Many(_) => (0, [0; FEW]),
        };
        ids.into_iter().take(usize::from(count))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Few { .. } => 0,
            Self::Many(bitmap) => size_of::<RoaringBitmap>() + bitmap_bytes(bitmap),
        }
    }
}

/// A run of at least this many is entered as a whole.
const LONG_RUN: usize = 16;

/// Enters numbers that follow each other, which are mostly above all that are there.
pub(super) fn append_run(bitmap: &mut RoaringBitmap, run: Range<u32>) {
    if run.len() >= LONG_RUN {
        bitmap.insert_range(run);
        return;
    }
    for series in run {
        if bitmap.try_push(series).is_err() {
            bitmap.insert(series);
        }
    }
}
