//! Blocks as stores that a query reads.

use std::sync::Arc;

use storage::merge::MergedQuerier;
use storage::{Querier, Queryable, Result, TimeRange};

use super::Blocks;
use crate::block::{Block, BlockQuerier, recode};

/// Stores that a query reads.
type Queriers = Vec<Box<dyn Querier>>;

impl Blocks {
    /// A querier of each block that has something in `range`: those of samples that came in order, and those of
    /// others.
    pub(crate) fn queriers(&self, range: TimeRange) -> (Queriers, Queriers) {
        let blocks = self.all();
        let overlapping = blocks.iter().filter(|block| block.range().overlaps(range));
        let (late, in_order): (Vec<_>, Vec<_>) = overlapping.partition(|block| block.is_from_out_of_order());
        let queriers = |blocks: Vec<&Arc<Block>>| -> Queriers {
            let querier = |block: &Arc<Block>| -> Box<dyn Querier> {
                let (selections, decoded) = (Arc::clone(&self.selections), self.decoded.clone());
                Box::new(BlockQuerier::knowing(Arc::clone(block), range, selections, decoded))
            };
            blocks.into_iter().map(querier).collect()
        };
        (queriers(in_order), queriers(late))
    }
}

impl Queryable for Blocks {
    fn querier(&self, range: TimeRange) -> Result<Box<dyn Querier>> {
        let (mut parts, mut late) = self.queriers(range);
        parts.append(&mut late);
        Ok(MergedQuerier::with_chunk_merge(parts, recode::merge_encoded))
    }
}
