//! A reader's view of a block.

use std::sync::Arc;

use index::SeriesIndex;
use model::Matcher;
use storage::{Listing, Querier, Result, SelectHints, SeriesSet, TimeRange};

use super::Block;
use super::set::BlockSet;

/// A block as one of the stores that a query reads.
#[derive(Debug, Clone)]
pub struct BlockQuerier {
    block: Arc<Block>,
    range: TimeRange,
}

impl BlockQuerier {
    /// Reads what the block has in `range`.
    pub fn new(block: Arc<Block>, range: TimeRange) -> Self {
        Self { block, range }
    }

    fn overlaps(&self) -> bool {
        self.block.range().overlaps(self.range)
    }
}

impl Querier for BlockQuerier {
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        let hint = hints.range.unwrap_or(TimeRange::ALL);
        let range = TimeRange::new(self.range.start.max(hint.start), self.range.end.min(hint.end));
        let mut numbers = Vec::new();
        if self.block.range().overlaps(range) {
            let error = self.block.index_error();
            numbers = self.block.index().select(matchers).map_err(error)?.into_vec();
        }
        let mut set = BlockSet::new(Arc::clone(&self.block), self.range, numbers);
        // Who reads no samples must not be told of series that have none.
        if hints.labels_only || hints.limit.is_some() {
            set.keep_populated(range, hints.limit.unwrap_or(usize::MAX))?;
        }
        Ok(Box::new(set))
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        if !self.overlaps() {
            return Ok(Listing::default());
        }
        let names = self.block.index().label_names_of(matchers).map_err(self.block.index_error())?;
        Ok(Listing::new(names, limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        if !self.overlaps() || self.block.index().value_count(name) == 0 {
            return Ok(Listing::default());
        }
        let values = self.block.index().label_values_of(name, matchers).map_err(self.block.index_error())?;
        Ok(Listing::new(values, limit))
    }
}
