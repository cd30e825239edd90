//! Sets of series numbers as bitmaps, borrowed while they are as the index has them.

use std::borrow::Cow;

use roaring::{MultiOps, RoaringBitmap};

use crate::matching::IdSet;

impl IdSet for Cow<'_, RoaringBitmap> {
    fn empty() -> Self {
        Cow::Owned(RoaringBitmap::new())
    }

    fn len(&self) -> u64 {
        RoaringBitmap::len(self)
    }

    fn is_empty(&self) -> bool {
        RoaringBitmap::is_empty(self)
    }

    fn intersect(&mut self, other: &Self) {
        match self {
            // Cheaper than a copy that is then cut down.
            Cow::Borrowed(own) => *self = Cow::Owned(&**own & &**other),
            Cow::Owned(own) => *own &= &**other,
        }
    }

    fn subtract(&mut self, other: &Self) {
        match self {
            Cow::Borrowed(own) => *self = Cow::Owned(&**own - &**other),
            Cow::Owned(own) => *own -= &**other,
        }
    }

    fn union(mut sets: Vec<Self>) -> Self {
        match (sets.pop(), sets.is_empty()) {
            (Some(only), true) => only,
            (last, _) => Cow::Owned(sets.iter().chain(&last).map(|set| &**set).union()),
        }
    }

    fn retain<E>(&mut self, mut keep: impl FnMut(u32) -> Result<bool, E>) -> Result<(), E> {
        let mut kept = RoaringBitmap::new();
        for series in self.iter() {
            if keep(series)? {
                kept.insert(series);
            }
        }
        *self = Cow::Owned(kept);
        Ok(())
    }
}
