//! A store that tells every entry twice, in blocks that overlap.

use model::{Labels, Matcher};

use super::MemoryLogs;
use crate::logs::{
    BlockHeader, BlockSet, Columns, EntryColumns, EntryRange, LogQuerier, LogQueryable, Needle,
};
use crate::{Listing, Result};

/// Two stores of the same entries, in blocks of sizes of their own.
#[derive(Debug, Clone)]
pub struct Doubled(pub MemoryLogs, pub MemoryLogs);

impl LogQueryable for Doubled {
    fn log_querier(&self, tenant: &str, range: EntryRange) -> Result<Box<dyn LogQuerier>> {
        Ok(Box::new(DoubledQuerier(self.0.log_querier(tenant, range)?, self.1.log_querier(tenant, range)?)))
    }
}

struct DoubledQuerier(Box<dyn LogQuerier>, Box<dyn LogQuerier>);

impl LogQuerier for DoubledQuerier {
    fn select(&self, matchers: &[Matcher]) -> Result<Box<dyn BlockSet>> {
        let sets = [self.0.select(matchers)?, self.1.select(matchers)?];
        assert_eq!(sets[0].streams(), sets[1].streams());
        let mut blocks: Vec<(BlockHeader, (usize, usize))> = Vec::new();
        for (set, blocks_of) in sets.iter().enumerate() {
            for (block, header) in blocks_of.blocks().iter().enumerate() {
                blocks.push((BlockHeader { exact: false, ..*header }, (set, block)));
            }
        }
        blocks.sort_by_key(|(header, _)| header.start);
        let (headers, places) = blocks.into_iter().unzip();
        Ok(Box::new(DoubledBlocks { sets, headers, places }))
    }

    fn streams(&self, matchers: &[Matcher]) -> Result<Vec<Labels>> {
        self.0.streams(matchers)
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        self.0.label_names(matchers, limit)
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        self.0.label_values(name, matchers, limit)
    }
}

struct DoubledBlocks {
    sets: [Box<dyn BlockSet>; 2],
    headers: Vec<BlockHeader>,
    places: Vec<(usize, usize)>,
}

impl BlockSet for DoubledBlocks {
    fn streams(&self) -> &[Labels] {
        self.sets[0].streams()
    }

    fn blocks(&self) -> &[BlockHeader] {
        &self.headers
    }

    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool {
        let (set, block) = self.places[block];
        self.sets[set].excludes(block, groups)
    }

    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        let (set, block) = self.places[block];
        self.sets[set].read(block, columns, out)
    }
}
