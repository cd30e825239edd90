//! Several stores read as one: the same series of two stores becomes one, of two samples at one time the first
//! store's stays.

mod columns;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use model::{Annotations, Labels, Matcher};

use crate::{EncodedChunk, Listing, Querier, Result, SampleColumns, SelectHints, SeriesSet, TimeRange};

pub use columns::merge_columns;

/// Queriers read as one, the first has precedence.
pub struct MergedQuerier {
    parts: Vec<Box<dyn Querier>>,
}

impl MergedQuerier {
    /// Reads `parts` as one; a single part is given back as it is.
    pub fn of(mut parts: Vec<Box<dyn Querier>>) -> Box<dyn Querier> {
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Box::new(Self { parts })
            }
            None => Box::new(Self { parts }),
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
        Ok(MergedSeries::of(sets, hints))
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
    /// Per series its labels and where it stands: `places[first..first + count]`.
    series: Vec<Merged>,
    /// Set and position in it.
    places: Vec<(u32, u32)>,
}

struct Merged {
    labels: Labels,
    first: u32,
    count: u32,
}

impl MergedSeries {
    /// Reads `sets` as one; sets without series are left out, a single one is given back as it is.
    pub fn of(mut sets: Vec<Box<dyn SeriesSet>>, hints: &SelectHints) -> Box<dyn SeriesSet> {
        let annotations_everywhere = sets.iter().any(|set| !set.annotations().is_empty());
        if !annotations_everywhere {
            sets.retain(|set| !set.is_empty());
        }
        if sets.len() == 1
            && let Some(only) = sets.pop()
        {
            return only;
        }
        Box::new(Self::merge(sets, hints))
    }

    fn merge(sets: Vec<Box<dyn SeriesSet>>, hints: &SelectHints) -> Self {
        let mut numbers: HashMap<Labels, u32> = HashMap::new();
        let mut found: Vec<(Labels, Vec<(u32, u32)>)> = Vec::new();
        for (set_number, set) in (0u32..).zip(&sets) {
            for position in 0..set.len() {
                let labels = set.labels(position);
                let place = (set_number, position as u32);
                let next = found.len() as u32;
                let number = *numbers.entry(labels.clone()).or_insert(next);
                match found.get_mut(number as usize) {
                    Some((_, places)) => places.push(place),
                    None => found.push((labels, vec![place])),
                }
            }
        }
        if hints.sorted {
            found.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        }
        found.truncate(hints.limit.unwrap_or(usize::MAX));
        let mut series = Vec::with_capacity(found.len());
        let mut places = Vec::with_capacity(found.len());
        for (labels, own) in found {
            series.push(Merged { labels, first: places.len() as u32, count: own.len() as u32 });
            places.extend(own);
        }
        Self { sets, series, places }
    }

    fn places(&self, position: usize) -> impl Iterator<Item = (&dyn SeriesSet, usize)> {
        let merged = &self.series[position];
        let places = &self.places[merged.first as usize..(merged.first + merged.count) as usize];
        places.iter().map(|(set, place)| (self.sets[*set as usize].as_ref(), *place as usize))
    }
}

impl SeriesSet for MergedSeries {
    fn len(&self) -> usize {
        self.series.len()
    }

    fn labels(&self, position: usize) -> Labels {
        self.series[position].labels.clone()
    }

    fn read(&self, position: usize, range: TimeRange, out: &mut SampleColumns) -> Result<()> {
        let mut places = self.places(position);
        let Some((set, place)) = places.next() else { return Ok(()) };
        if self.series[position].count == 1 {
            return set.read(place, range, out);
        }
        let mut merged = SampleColumns::new();
        set.read(place, range, &mut merged)?;
        for (set, place) in places {
            let mut other = SampleColumns::new();
            set.read(place, range, &mut other)?;
            merge_columns(&mut merged, other);
        }
        columns::append(out, merged);
        Ok(())
    }

    fn chunks(&self, position: usize, range: TimeRange) -> Result<Vec<EncodedChunk>> {
        let mut all = Vec::new();
        for (set, place) in self.places(position) {
            all.extend(set.chunks(place, range)?);
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
