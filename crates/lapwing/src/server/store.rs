//! What the HTTP surface asks of the store.

use api::{HeadReport, NamedCount, StoreAdmin, StoreReport};
use model::Matcher;
use parking_lot::Mutex;
use storage::TimeRange;
use tsdb::{Db, TopEntry};

/// The store as the HTTP surface sees it.
pub(super) struct Store {
    pub(super) db: Db,
    /// The retention as text, as of the last reload.
    pub(super) retention: Mutex<String>,
}

impl StoreReport for Store {
    fn head(&self, limit: usize) -> HeadReport {
        let stats = self.db.head_stats(limit);
        HeadReport {
            series: stats.series,
            label_pairs: stats.label_pairs,
            chunks: stats.chunks,
            // An empty head shows the ends of time, as the original's does.
            min_time: stats.min_time.unwrap_or(i64::MAX),
            max_time: stats.max_time.unwrap_or(i64::MIN),
            series_by_metric: rows(stats.series_by_metric_name),
            values_by_label: rows(stats.values_by_label_name),
            bytes_by_label: rows(stats.memory_by_label_name),
            series_by_pair: rows(stats.series_by_label_pair),
        }
    }

    fn blocks(&self) -> Vec<serde_json::Value> {
        let blocks = self.db.blocks();
        blocks.iter().filter_map(|block| serde_json::from_str(&block.meta().to_json()).ok()).collect()
    }

    fn retention(&self) -> String {
        self.retention.lock().clone()
    }

    fn corruption_count(&self) -> u64 {
        self.db.damaged_blocks().len() as u64
    }
}

impl StoreAdmin for Store {
    fn delete_series(&self, range: TimeRange, matchers: &[Matcher]) -> storage::Result<()> {
        Ok(self.db.delete(range, matchers)?)
    }

    fn clean_tombstones(&self) -> storage::Result<()> {
        Ok(self.db.clean_tombstones()?)
    }

    fn snapshot(&self, name: &str, with_head: bool) -> storage::Result<()> {
        Ok(self.db.snapshot(name, with_head)?)
    }
}

fn rows(entries: Vec<TopEntry>) -> Vec<NamedCount> {
    entries.into_iter().map(|entry| NamedCount { name: entry.name, value: entry.value }).collect()
}
