//! Sets of rows of a block.

use std::ops::Range;

/// A set of the rows of one block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// A bit for each row.
    words: Vec<u64>,
    rows: usize,
}

impl Rows {
    /// Makes it the set of all of so many rows.
    pub(crate) fn fill(&mut self, rows: usize) {
        self.rows = rows;
        self.words.clear();
        self.words.resize(rows.div_ceil(64), u64::MAX);
        self.cut();
    }

    /// Makes it the empty set out of so many rows.
    pub(crate) fn clear(&mut self, rows: usize) {
        self.rows = rows;
        self.words.clear();
        self.words.resize(rows.div_ceil(64), 0);
    }

    /// Removes what lies behind the last row.
    fn cut(&mut self) {
        let over = self.rows % 64;
        if over > 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << over) - 1;
        }
    }

    /// Adds a row.
    pub(crate) fn insert(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    /// Removes a row.
    pub(crate) fn remove(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    /// Keeps the rows that another set has too.
    pub(crate) fn retain_in(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Removes the rows that another set has.
    pub(crate) fn remove_all(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many there are among some rows.
    pub(crate) fn count_in(&self, rows: &Range<usize>) -> usize {
        let last = rows.end.div_ceil(64);
        let words = self.words.get(rows.start / 64..last).unwrap_or_default();
        let ones = words.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        let before = words.first().map_or(0, |word| (word & !(u64::MAX << (rows.start % 64))).count_ones());
        let behind = match rows.end % 64 {
            0 => 0,
            over => words.last().map_or(0, |word| (word & (u64::MAX << over)).count_ones()),
        };
        ones.saturating_sub((before + behind) as usize)
    }

    /// The first one at or behind a row.
    pub(crate) fn at_or_after(&self, row: usize) -> Option<usize> {
        let mut index = row / 64;
        let mut word = self.words.get(index)? & (u64::MAX << (row % 64));
        while word == 0 {
            index += 1;
            word = *self.words.get(index)?;
        }
        Some(index * 64 + word.trailing_zeros() as usize)
    }

    /// The last one before a row.
    pub(crate) fn before(&self, row: usize) -> Option<usize> {
        let last = row.checked_sub(1)?;
        let mut index = last / 64;
        let mut word = self.words.get(index).copied().unwrap_or(0) & (u64::MAX >> (63 - last % 64));
        while word == 0 {
            index = index.checked_sub(1)?;
            word = *self.words.get(index)?;
        }
        Some(index * 64 + 63 - word.leading_zeros() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_between_any_two() {
        let mut rows = Rows::default();
        rows.clear(200);
        (0..200).filter(|row| row % 7 < 3).for_each(|row| rows.insert(row));
        for start in 0..200 {
            for end in start..=200 {
                let expected = (start..end).filter(|row| row % 7 < 3).count();
                assert_eq!(rows.count_in(&(start..end)), expected, "{start}..{end}");
            }
        }
    }
}
