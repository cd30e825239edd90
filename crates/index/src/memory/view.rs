//! The index together with the labels of each series: what selectors are evaluated on.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::convert::Infallible;

use model::Matcher;
use roaring::RoaringBitmap;

use super::{LabelPair, MemoryIndex};
use crate::matching::{SeriesIndex, select};

/// Who knows the labels of a series by its number.
pub trait SeriesLabels {
    /// The labels that [`MemoryIndex::insert`] returned; none for a series that is gone.
    fn pairs(&self, series: u32) -> &[LabelPair];
}

impl<T: SeriesLabels + ?Sized> SeriesLabels for &T {
    fn pairs(&self, series: u32) -> &[LabelPair] {
        (**self).pairs(series)
    }
}

/// A [`MemoryIndex`] that selectors can be evaluated on.
#[derive(Debug)]
pub struct MemoryView<'a, S> {
    index: &'a MemoryIndex,
    series: S,
}

/// With so many times more series than a label has values, the values are looked through instead of the series.
const SERIES_PER_VALUE: u64 = 4;

impl<'a, S: SeriesLabels> MemoryView<'a, S> {
    pub(super) fn new(index: &'a MemoryIndex, series: S) -> Self {
        Self { index, series }
    }

    /// The numbers of the series that fulfil every matcher.
    pub fn select(&self, matchers: &[Matcher]) -> Cow<'_, RoaringBitmap> {
        match select(self, matchers) {
            Ok(found) => found,
            Err(never) => match never {},
        }
    }

    /// The values of a label in series that fulfil every matcher, sorted.
    pub fn label_values(&self, name: &str, matchers: &[Matcher]) -> Vec<String> {
        if matchers.is_empty() {
            return self.index.label_values(name).map(|(value, _)| value.to_owned()).collect();
        }
        let found = self.select(matchers);
        if found.len() < SERIES_PER_VALUE * self.value_count(name) as u64 {
            let values: BTreeSet<&str> =
                found.iter().filter_map(|series| self.text_of(series, name)).collect();
            return values.into_iter().map(str::to_owned).collect();
        }
        let values = self.index.values_from(name, "");
        values
            .filter(|(_, postings)| postings.intersects(&found))
            .map(|(value, _)| value.to_owned())
            .collect()
    }

    /// The names of the labels of series that fulfil every matcher, sorted.
    pub fn label_names(&self, matchers: &[Matcher]) -> Vec<String> {
        if matchers.is_empty() {
            return self.index.label_names().map(str::to_owned).collect();
        }
        let found = self.select(matchers);
        let has_it = |name: &&str| self.index.name(name).is_some_and(|name| !name.having.is_disjoint(&found));
        self.index.label_names().filter(has_it).map(str::to_owned).collect()
    }

    fn text_of(&self, series: u32, name: &str) -> Option<&str> {
        let name = self.index.symbols.find(name)?;
        let pair = self.series.pairs(series).iter().find(|pair| pair.name == name)?;
        Some(self.index.symbols.text(pair.value))
    }
}

impl<S: SeriesLabels> SeriesIndex for MemoryView<'_, S> {
    type Error = Infallible;
    type Ids<'b>
        = Cow<'b, RoaringBitmap>
    where
        Self: 'b;

    fn all(&self) -> Result<Self::Ids<'_>, Infallible> {
        Ok(Cow::Borrowed(&self.index.all))
    }

    fn with_value(&self, name: &str, value: &str) -> Result<Self::Ids<'_>, Infallible> {
        let value = self.index.symbols.find(value);
        let postings = value.and_then(|value| self.index.name(name)?.values.get(&value));
        Ok(postings.map(super::Postings::as_bitmap).unwrap_or_default())
    }

    fn with_label(&self, name: &str) -> Result<Self::Ids<'_>, Infallible> {
        Ok(self.index.name(name).map(|name| Cow::Borrowed(&name.having)).unwrap_or_default())
    }

    fn with_value_where(
        &self,
        name: &str,
        prefix: &str,
        accepts: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Self::Ids<'_>, Infallible> {
        let mut found = RoaringBitmap::new();
        let values = self.index.values_from(name, prefix);
        for (value, postings) in values.take_while(|(value, _)| value.starts_with(prefix)) {
            if accepts(value) {
                postings.add_to(&mut found);
            }
        }
        Ok(Cow::Owned(found))
    }

    fn value_count(&self, name: &str) -> usize {
        self.index.name(name).map_or(0, |name| name.values.len())
    }

    fn value_of(&self, series: u32, name: &str) -> Result<Option<&str>, Infallible> {
        Ok(self.text_of(series, name))
    }
}
