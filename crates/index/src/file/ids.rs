//! Sets of series numbers: as they stand in the file, or worked out.

use crate::matching::IdSet;

/// Ascending series numbers.
#[derive(Debug, Clone)]
pub enum StoredIds<'a> {
    /// As they stand in the file, big endian.
    Stored(&'a [[u8; 4]]),
    /// Worked out.
    Owned(Vec<u32>),
}

/// From this ratio of lengths on, the members of the short list are searched in the long one.
const SEARCH_RATIO: usize = 8;
/// Up to so many numbers are sorted, more are entered in a bitmap.
const SORTED_MAX: usize = 4096;

impl<'a> StoredIds<'a> {
    /// The number at a position.
    #[inline]
    fn at(&self, position: usize) -> Option<u32> {
        match self {
            Self::Stored(stored) => stored.get(position).map(|bytes| u32::from_be_bytes(*bytes)),
            Self::Owned(owned) => owned.get(position).copied(),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Stored(stored) => stored.len(),
            Self::Owned(owned) => owned.len(),
        }
    }

    /// The numbers in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let (stored, owned): (&[[u8; 4]], &[u32]) = match self {
            Self::Stored(stored) => (stored, &[]),
            Self::Owned(owned) => (&[], owned),
        };
        stored.iter().map(|bytes| u32::from_be_bytes(*bytes)).chain(owned.iter().copied())
    }

    /// The numbers as a list of their own.
    pub fn into_vec(self) -> Vec<u32> {
        match self {
            Self::Stored(_) => self.iter().collect(),
            Self::Owned(owned) => owned,
        }
    }

    /// Whether a number is in both.
    pub fn intersects(&self, other: &Self) -> bool {
        let (short, long) = if self.count() <= other.count() { (self, other) } else { (other, self) };
        let mut walker = Walker::new(long, short.count());
        short.iter().any(|id| walker.contains(id))
    }

    fn filtered(&self, other: &Self, keep: bool) -> Self {
        let mut walker = Walker::new(other, self.count());
        Self::Owned(self.iter().filter(|id| walker.contains(*id) == keep).collect())
    }
}

impl IdSet for StoredIds<'_> {
    fn empty() -> Self {
        Self::Owned(Vec::new())
    }

    fn len(&self) -> u64 {
        self.count() as u64
    }

    fn intersect(&mut self, other: &Self) {
        *self = if self.count() <= other.count() {
            self.filtered(other, true)
        } else {
            other.filtered(self, true)
        };
    }

    fn subtract(&mut self, other: &Self) {
        if other.count() > 0 {
            *self = self.filtered(other, false);
        }
    }

    fn union(sets: Vec<Self>) -> Self {
        union(sets)
    }

    fn retain<E>(&mut self, mut keep: impl FnMut(u32) -> Result<bool, E>) -> Result<(), E> {
        let mut kept = Vec::new();
        for id in self.iter() {
            if keep(id)? {
                kept.push(id);
            }
        }
        *self = Self::Owned(kept);
        Ok(())
    }
}

/// The union of many lists.
fn union<'a>(mut lists: Vec<StoredIds<'a>>) -> StoredIds<'a> {
    let total: usize = lists.iter().map(StoredIds::count).sum();
    if lists.len() <= 1 {
        return lists.pop().unwrap_or(StoredIds::Owned(Vec::new()));
    }
    if total <= SORTED_MAX {
        let mut all = Vec::with_capacity(total);
        all.extend(lists.iter().flat_map(StoredIds::iter));
        all.sort_unstable();
        all.dedup();
        return StoredIds::Owned(all);
    }
    let first = lists.iter().filter_map(|list| list.at(0)).min().unwrap_or_default();
    let last = lists.iter().filter_map(|list| list.at(list.count().wrapping_sub(1))).max();
    let mut bitmap = Bitmap::new(first, last.unwrap_or_default());
    for id in lists.iter().flat_map(StoredIds::iter) {
        bitmap.insert(id);
    }
    StoredIds::Owned(bitmap.to_vec(total))
}

/// Asks one list for the ascending members of another.
struct Walker<'a, 'b> {
    list: &'b StoredIds<'a>,
    position: usize,
    searches: bool,
}

impl<'a, 'b> Walker<'a, 'b> {
    fn new(list: &'b StoredIds<'a>, questions: usize) -> Self {
        Self { list, position: 0, searches: questions.saturating_mul(SEARCH_RATIO) < list.count() }
    }

    /// Whether a number is in the list; numbers are asked in ascending order.
    #[inline]
    fn contains(&mut self, id: u32) -> bool {
        if self.searches {
            self.gallop(id);
        }
        while let Some(here) = self.list.at(self.position) {
            if here >= id {
                return here == id;
            }
            self.position += 1;
        }
        false
    }

    /// Moves close before the first number that is not below `id`, by steps that double and then halve.
    fn gallop(&mut self, id: u32) {
        let below = |position: usize| self.list.at(position).is_some_and(|here| here < id);
        let mut step = 1;
        while below(self.position + step) {
            step *= 2;
        }
        let (mut low, mut high) = (self.position + step / 2, self.position + step);
        while low + 1 < high {
            let middle = low.midpoint(high);
            if below(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.position = low;
    }
}

/// A bit for each number of a range.
struct Bitmap {
    first: u32,
    words: Vec<u64>,
}

impl Bitmap {
    /// For numbers from `first` to `last`.
    fn new(first: u32, last: u32) -> Self {
        let words = (last.saturating_sub(first) as usize + 1).div_ceil(64);
        Self { first, words: vec![0; words] }
    }

    /// Enters a number of the range.
    #[inline]
    fn insert(&mut self, id: u32) {
        let bit = id.wrapping_sub(self.first);
        if let Some(word) = self.words.get_mut(bit as usize / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    fn to_vec(&self, capacity: usize) -> Vec<u32> {
        let mut ids = Vec::with_capacity(capacity);
        for (base, word) in (self.first..).step_by(64).zip(&self.words) {
            let mut word = *word;
            while word != 0 {
                ids.push(base + word.trailing_zeros());
                word &= word - 1;
            }
        }
        ids
    }
}
