//! Which of the values in a window is the nth: a tree of counts over the ranks of all values.

/// How many values of each rank are in the window.
#[derive(Debug)]
pub(super) struct RankCounts {
    /// A Fenwick tree, from 1.
    tree: Vec<u32>,
    top: usize,
}

impl RankCounts {
    /// Counts of so many ranks, all 0.
    pub(super) fn new(ranks: usize) -> Self {
        let top = if ranks == 0 { 0 } else { 1 << ranks.ilog2() };
        Self { tree: vec![0; ranks + 1], top }
    }

    /// Puts a value into the window.
    pub(super) fn insert(&mut self, rank: usize) {
        self.change(rank, 1);
    }

    /// Takes a value out of the window.
    pub(super) fn remove(&mut self, rank: usize) {
        self.change(rank, u32::MAX);
    }

    fn change(&mut self, rank: usize, by: u32) {
        let mut node = rank + 1;
        while let Some(count) = self.tree.get_mut(node) {
            *count = count.wrapping_add(by);
            node += node & node.wrapping_neg();
        }
    }

    /// The rank of the value with so many before it.
    pub(super) fn nth(&self, before: usize) -> usize {
        let (mut node, mut left, mut width) = (0, before as u64, self.top);
        while width > 0 {
            if let Some(count) = self.tree.get(node + width)
                && u64::from(*count) <= left
            {
                node += width;
                left -= u64::from(*count);
            }
            width /= 2;
        }
        node
    }
}
