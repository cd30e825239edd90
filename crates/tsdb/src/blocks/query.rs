//! Blocks as stores that a query reads.

use std::sync::Arc;

use storage::merge::MergedQuerier;
use storage::{Querier, Queryable, Result, TimeRange};

use super::Blocks;
use crate::block::BlockQuerier;

impl Blocks {
    /// A querier of each block that has something in `range`.
    pub fn queriers(&self, range: TimeRange) -> Vec<Box<dyn Querier>> {
        let blocks = self.all();
        let overlapping = blocks.iter().filter(|block| block.range().overlaps(range));
        overlapping.map(|block| Box::new(BlockQuerier::new(Arc::clone(block), range)) as _).collect()
    }
}

impl Queryable for Blocks {
    fn querier(&self, range: TimeRange) -> Result<Box<dyn Querier>> {
        Ok(MergedQuerier::of(self.queriers(range)))
    }
}
