//! What the head can tell about itself: the tables of the status page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use model::labels::METRIC_NAME;

use super::memory::Memory;

/// Figures of the head.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeadStats {
    /// Series in memory.
    pub series: u64,
    /// Distinct label pairs.
    pub label_pairs: u64,
    /// Chunks in memory.
    pub chunks: u64,
    /// Time of the oldest sample; `None` without any.
    pub min_time: Option<i64>,
    /// Time of the newest sample; `None` without any.
    pub max_time: Option<i64>,
    /// Metric names by their number of series.
    pub series_by_metric_name: Vec<TopEntry>,
    /// Label names by their number of values.
    pub values_by_label_name: Vec<TopEntry>,
    /// Label names by the bytes that they and their values take, counted once for each series.
    pub memory_by_label_name: Vec<TopEntry>,
    /// Label pairs (`name=value`) by their number of series.
    pub series_by_label_pair: Vec<TopEntry>,
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopEntry {
    /// What is counted; the largest come first.
    pub value: u64,
    /// Of what.
    pub name: String,
}

/// The largest entries seen.
struct Top {
    limit: usize,
    heap: BinaryHeap<Reverse<(u64, Reverse<String>)>>,
}

impl Top {
    fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::new() }
    }

    fn add(&mut self, value: u64, name: impl FnOnce() -> String) {
        if self.heap.len() >= self.limit {
            match self.heap.peek() {
                Some(Reverse((least, _))) if value > *least => self.heap.pop(),
                _ => return,
            };
        }
        self.heap.push(Reverse((value, Reverse(name()))));
    }

    fn entries(self) -> Vec<TopEntry> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted.map(|Reverse((value, Reverse(name)))| TopEntry { value, name }).collect()
    }
}

impl Memory {
    /// The figures of the head, with tables of at most `limit` lines.
    pub(crate) fn stats(&self, limit: usize) -> HeadStats {
        let known = self.labels.read();
        let index = known.index();
        let (mut metrics, mut values) = (Top::new(limit), Top::new(limit));
        let (mut memory, mut pairs) = (Top::new(limit), Top::new(limit));
        for name in index.label_names() {
            let (mut count, mut bytes) = (0, 0);
            for (value, series) in index.label_values(name) {
                count += 1;
                bytes += (name.len() + value.len() + 2) as u64 * series;
                pairs.add(series, || format!("{name}={value}"));
                if name == METRIC_NAME {
                    metrics.add(series, || value.to_owned());
                }
            }
            values.add(count, || name.to_owned());
            memory.add(bytes, || name.to_owned());
        }
        let time = |time: i64, unset: i64| (time != unset).then_some(time);
        HeadStats {
            series: known.count() as u64,
            label_pairs: index.pair_count() as u64,
            chunks: self.chunk_count(),
            min_time: time(self.min_time(), i64::MAX),
            max_time: time(self.max_time(), i64::MIN),
            series_by_metric_name: metrics.entries(),
            values_by_label_name: values.entries(),
            memory_by_label_name: memory.entries(),
            series_by_label_pair: pairs.entries(),
        }
    }
}
