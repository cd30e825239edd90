//! Views of the in-memory store.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Labels, Matcher};

use super::{MemoryStore, position};
use crate::{
    EncodedChunk, Error, Listing, Querier, Result, SampleColumns, SelectHints, SeriesSet, TimeRange,
};

pub(super) struct MemoryQuerier {
    store: MemoryStore,
    range: TimeRange,
}

impl MemoryQuerier {
    pub(super) fn new(store: MemoryStore, range: TimeRange) -> Self {
        Self { store, range }
    }

    /// Series with samples in the range, sorted by labels.
    fn matching(&self, matchers: &[Matcher]) -> Vec<(Labels, Arc<SampleColumns>)> {
        let state = self.store.state.read();
        let matches = |labels: &Labels| matchers.iter().all(|matcher| matcher.matches_labels(labels));
        let mut found = Vec::new();
        for (labels, series) in state.by_labels.iter().filter(|(labels, _)| matches(labels)) {
            let columns = position(*series).and_then(|position| state.series.get(position));
            if let Some(columns) = columns.filter(|columns| has_samples(columns, self.range)) {
                found.push((labels.clone(), Arc::clone(columns)));
            }
        }
        found
    }
}

fn has_samples(columns: &SampleColumns, range: TimeRange) -> bool {
    !slice(&columns.timestamps, range).is_empty() || !slice(&columns.histograms.timestamps, range).is_empty()
}

/// Positions of the times in a range.
fn slice(timestamps: &[i64], range: TimeRange) -> std::ops::Range<usize> {
    let start = timestamps.partition_point(|timestamp| *timestamp < range.start);
    let end = timestamps.partition_point(|timestamp| *timestamp <= range.end);
    start..end.max(start)
}

impl Querier for MemoryQuerier {
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        let mut series = self.matching(matchers);
        series.truncate(hints.limit.unwrap_or(usize::MAX));
        Ok(Box::new(MemorySeries { series, range: self.range }))
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let mut names = BTreeSet::new();
        for (labels, _) in self.matching(matchers) {
            names.extend(labels.iter().map(|(name, _)| name.to_owned()));
        }
        Ok(Listing::new(names.into_iter().collect(), limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        let matching = self.matching(matchers);
        let values = matching.iter().filter_map(|(labels, _)| labels.get(name)).map(str::to_owned).collect();
        Ok(Listing::new(values, limit))
    }
}

struct MemorySeries {
    series: Vec<(Labels, Arc<SampleColumns>)>,
    range: TimeRange,
}

impl SeriesSet for MemorySeries {
    fn len(&self) -> usize {
        self.series.len()
    }

    fn labels(&self, position: usize) -> Labels {
        self.series[position].0.clone()
    }

    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()> {
        let columns = &self.series[position].1;
        let range = TimeRange::new(range.start.max(self.range.start), range.end.min(self.range.end));
        for sample in slice(&columns.timestamps, range) {
            let start = columns.start_timestamps.get(sample).copied().unwrap_or(0);
            out.push_float(columns.timestamps[sample], start, columns.values[sample]);
        }
        let histograms = &columns.histograms;
        for sample in slice(&histograms.timestamps, range) {
            let start = histograms.start_timestamps.get(sample).copied().unwrap_or(0);
            out.push_histogram(histograms.timestamps[sample], start, histograms.values[sample].clone());
        }
        Ok(())
    }

    fn chunks(&self, _position: usize, _range: TimeRange) -> Result<Vec<EncodedChunk>> {
        Err(Error::Unsupported("reading encoded chunks"))
    }
}
