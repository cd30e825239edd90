//! Several stores read as one: the same series of two stores becomes one, of two samples at one time the first
//! store's stays.

mod columns;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use model::{Annotations, Labels, Matcher};

use crate::{EncodedChunk, Listing, Querier, Result, SampleColumns, SelectHints, SeriesSet, TimeRange};

use columns::Ends;
pub use columns::{append_columns, merge_columns};

/// Makes chunks that do not overlap in time of such that do; of samples at one time that of the first chunk stays.
pub type ChunkMerge = fn(Vec<EncodedChunk>) -> Result<Vec<EncodedChunk>>;

/// Queriers read as one, the first has precedence.
pub struct MergedQuerier {
    parts: Vec<Box<dyn Querier>>,
    merge_chunks: Option<ChunkMerge>,
}

impl MergedQuerier {
    /// Reads `parts` as one; a single part is given back as it is.
    pub fn of(parts: Vec<Box<dyn Querier>>) -> Box<dyn Querier> {
        Self::build(parts, None)
    }

    /// As [`MergedQuerier::of`], with a way to merge chunks of several parts that overlap; without one such chunks
    /// are an error.
    pub fn with_chunk_merge(parts: Vec<Box<dyn Querier>>, merge: ChunkMerge) -> Box<dyn Querier> {
        Self::build(parts, Some(merge))
    }

    fn build(mut parts: Vec<Box<dyn Querier>>, merge_chunks: Option<ChunkMerge>) -> Box<dyn Querier> {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Box::new(Self { parts, merge_chunks })
            }
            None => Box::new(Self { parts, merge_chunks }),
        }
    }

    fn list(&self, limit: Option<usize>, ask: impl Fn(&dyn Querier) -> Result<Listing>) -> Result<Listing> {
        let mut items = Vec::new();
        let mut annotations = Annotations::new();
        let mut truncated = false;
        for part in &self.parts {
            let listing = ask(part.as_ref())?;
            items.extend(listing.items);
            truncated |= listing.truncated;
            annotations.merge(listing.annotations);
        }
        let mut listing = Listing::new(items, limit);
        listing.truncated |= truncated;
        listing.annotations = annotations;
        Ok(listing)
    }
}

impl Querier for MergedQuerier {
    fn select(&self, matchers: &[Matcher], hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        let sets = self.parts.iter().map(|part| part.select(matchers, hints)).collect::<Result<Vec<_>>>()?;
        MergedSeries::build(sets, hints, self.merge_chunks)
    }

    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        self.list(limit, |part| part.label_names(matchers, limit))
    }

    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing> {
        self.list(limit, |part| part.label_values(name, matchers, limit))
    }
}

/// Series of several sets as one set.
pub struct MergedSeries {
    sets: Vec<Box<dyn SeriesSet>>,
    labels: Arc<[Labels]>,
    /// Where the places of each series begin, and where those of the last one end.
    firsts: Vec<u32>,
    /// Set and position in it.
    places: Vec<Place>,
    merge_chunks: Option<ChunkMerge>,
}

/// A set, and a position in it.
type Place = (u32, u32);

impl MergedSeries {
    /// Reads `sets` as one; sets without series are left out, a single one is given back as it is.
    ///
    /// # Errors
    /// Labels that cannot be read.
    pub fn of(sets: Vec<Box<dyn SeriesSet>>, hints: &SelectHints) -> Result<Box<dyn SeriesSet>> {
        Self::build(sets, hints, None)
    }

    fn build(
        mut sets: Vec<Box<dyn SeriesSet>>,
        hints: &SelectHints,
        merge_chunks: Option<ChunkMerge>,
    ) -> Result<Box<dyn SeriesSet>> {
        let annotations_everywhere = sets.iter().any(|set| !set.annotations().is_empty());
        if !annotations_everywhere {
            sets.retain(|set| !set.is_empty());
        }
        if sets.len() == 1
            && let Some(only) = sets.pop()
        {
            return Ok(only);
        }
        Ok(Box::new(Self::merge(sets, hints, merge_chunks)?))
    }

    fn merge(
        sets: Vec<Box<dyn SeriesSet>>,
        hints: &SelectHints,
        merge_chunks: Option<ChunkMerge>,
    ) -> Result<Self> {
        let all: Vec<Arc<[Labels]>> = sets.iter().map(|set| set.all_labels()).collect::<Result<_>>()?;
        let mut merging = Merging::default();
        if hints.sorted && all.iter().all(|labels| labels.is_sorted()) {
            merge_sorted(&all, &mut merging);
        } else {
            merge_any(&all, hints.sorted, &mut merging);
        }
        let Merging { mut labels, mut firsts, places } = merging;
        let limit = hints.limit.unwrap_or(usize::MAX);
        labels.truncate(limit);
        firsts.push(places.len() as u32);
        Ok(Self { sets, labels: labels.into(), firsts, places, merge_chunks })
    }

    fn places(&self, position: usize) -> &[Place] {
        let range = self.firsts[position] as usize..self.firsts[position + 1] as usize;
        &self.places[range]
    }
}

/// Series while they are found.
#[derive(Default)]
struct Merging {
    labels: Vec<Labels>,
    firsts: Vec<u32>,
    places: Vec<Place>,
}

impl Merging {
    /// Begins a series.
    fn begin(&mut self, labels: &Labels) {
        self.labels.push(labels.clone());
        self.firsts.push(self.places.len() as u32);
    }
}

/// Sets whose series are sorted: what comes first in any of them comes next.
fn merge_sorted(sets: &[Arc<[Labels]>], merging: &mut Merging) {
    let mut rests: Vec<&[Labels]> = sets.iter().map(|labels| &**labels).collect();
    while let Some(least) = rests.iter().filter_map(|rest| rest.first()).min() {
        merging.begin(least);
        for ((number, labels), rest) in (0_u32..).zip(sets).zip(&mut rests) {
            while let Some((_, after)) = rest.split_first().filter(|(first, _)| *first == least) {
                merging.places.push((number, (labels.len() - rest.len()) as u32));
                *rest = after;
            }
        }
    }
}

/// Sets whose series come in any order.
fn merge_any(sets: &[Arc<[Labels]>], sorted: bool, merging: &mut Merging) {
    let mut numbers: HashMap<&Labels, usize> = HashMap::new();
    let mut found: Vec<(&Labels, Vec<Place>)> = Vec::new();
    for (set, labels) in (0_u32..).zip(sets) {
        for (position, labels) in (0_u32..).zip(labels.iter()) {
            let next = found.len();
            let number = *numbers.entry(labels).or_insert(next);
            match found.get_mut(number) {
                Some((_, places)) => places.push((set, position)),
                None => found.push((labels, vec![(set, position)])),
            }
        }
    }
    if sorted {
        found.sort_unstable_by(|a, b| a.0.cmp(b.0));
    }
    for (labels, places) in found {
        merging.begin(labels);
        merging.places.extend(places);
    }
}

impl SeriesSet for MergedSeries {
    fn len(&self) -> usize {
        self.labels.len()
    }

    fn labels(&self, position: usize) -> Labels {
        self.labels[position].clone()
    }

    fn all_labels(&self) -> Result<Arc<[Labels]>> {
        Ok(Arc::clone(&self.labels))
    }

    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()> {
        let start = Ends::of(out);
        for (set, place) in self.places(position) {
            let before = Ends::of(out);
            self.sets[*set as usize].read(*place as usize, range, out)?;
            columns::join(out, start, before);
        }
        Ok(())
    }

    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>> {
        let mut all = Vec::new();
        for (set, place) in self.places(position) {
            all.extend(self.sets[*set as usize].chunks(*place as usize, range)?);
        }
        let mut sorted: Vec<&EncodedChunk> = all.iter().collect();
        sorted.sort_by_key(|chunk| (chunk.start, chunk.end));
        if let Some(merge) = self.merge_chunks
            && !sorted.is_sorted_by(|a, b| a.end < b.start)
        {
            return merge(all);
        }
        all.sort_by_key(|chunk: &EncodedChunk| (chunk.start, chunk.end));
        Ok(all)
    }

    fn annotations(&self) -> Annotations {
        let mut annotations = Annotations::new();
        for set in &self.sets {
            annotations.merge(set.annotations());
        }
        annotations
    }
}
