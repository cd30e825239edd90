//! A reader's view of a block.

use std::sync::Arc;

use index::SeriesIndex;
use model::Matcher;
use storage::{Listing, Querier, Result, SelectHints, SeriesSet, TimeRange};

use super::Block;
use super::selections::{Found, Selections};
use super::set::BlockSet;
use crate::decoded::DecodedChunks;

/// A block as one of the stores that a query reads.
#[derive(Debug, Clone)]
pub struct BlockQuerier {
    block: Arc<Block>,
    range: TimeRange,
    selections: Option<Arc<Selections>>,
    decoded: Option<Arc<DecodedChunks>>,
}

impl BlockQuerier {
    /// Reads what the block has in `range`.
    pub fn new(block: Arc<Block>, range: TimeRange) -> Self {
        Self { block, range, selections: None, decoded: None }
    }

    /// As [`BlockQuerier::new`], asking first what other queries found and decoded.
    pub(crate) fn knowing(
        block: Arc<Block>,
        range: TimeRange,
        selections: Arc<Selections>,
        decoded: Option<Arc<DecodedChunks>>,
    ) -> Self {
        Self { block, range, selections: Some(selections), decoded }
    }

    fn overlaps(&self) -> bool {
        self.block.range().overlaps(self.range)
    }
}

impl Querier for BlockQuerier {
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        let hint = hints.range.unwrap_or(TimeRange::ALL);
        let range = TimeRange::new(self.range.start.max(hint.start), self.range.end.min(hint.end));
        let found = match &self.selections {
            _ if !self.block.range().overlaps(range) => Arc::new(Found::of(Vec::new(), Arc::default())),
            Some(selections) => selections.find(&self.block, matchers)?,
            None => Arc::new(Found::new(&self.block, matchers, Arc::default())?),
        };
        let (selections, decoded) = (self.selections.clone(), self.decoded.clone());
        let mut set = BlockSet::new(Arc::clone(&self.block), self.range, found, selections, decoded);
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
