//! Selectors on an index file.

use std::collections::BTreeSet;

use model::Matcher;

use super::ids::StoredIds;
use super::reader::IndexReader;
use super::series::read_labels;
use crate::Error;
use crate::matching::{IdSet, SeriesIndex, select};

/// With so many times more series than a label has values, the values are looked through instead of the series.
const SERIES_PER_VALUE: u64 = 4;

impl IndexReader {
    /// The numbers of the series that fulfil every matcher, in the order of their labels.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn select(&self, matchers: &[Matcher]) -> Result<StoredIds<'_>, Error> {
        select(self, matchers)
    }

    /// The values of a label in series that fulfil every matcher, sorted.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn label_values_of(&self, name: &str, matchers: &[Matcher]) -> Result<Vec<String>, Error> {
        if matchers.is_empty() {
            return Ok(self.label_values(name)?.into_iter().map(str::to_owned).collect());
        }
        let found = self.select(matchers)?;
        if found.len() < SERIES_PER_VALUE * self.table.value_count(name) as u64 {
            let mut values = BTreeSet::new();
            for series in found.iter() {
                values.extend(self.value_of(series, name)?);
            }
            return Ok(values.into_iter().map(str::to_owned).collect());
        }
        let mut values = Vec::new();
        for entry in self.table.entries_from(&self.file, name, "")? {
            let (value, list) = entry?;
            if self.list(list)?.intersects(&found) {
                values.push(value.to_owned());
            }
        }
        Ok(values)
    }

    /// The names of the labels of series that fulfil every matcher, sorted.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum`.
    pub fn label_names_of(&self, matchers: &[Matcher]) -> Result<Vec<String>, Error> {
        if matchers.is_empty() {
            return Ok(self.label_names().map(str::to_owned).collect());
        }
        let mut symbols = BTreeSet::new();
        for series in self.select(matchers)?.iter() {
            read_labels(&mut self.entry(series)?, |name, _| {
                symbols.insert(name);
                Ok(())
            })?;
        }
        let names: Result<BTreeSet<&str>, Error> =
            symbols.into_iter().map(|symbol| self.text(symbol)).collect();
        Ok(names?.into_iter().map(str::to_owned).collect())
    }
}

impl SeriesIndex for IndexReader {
    type Error = Error;
    type Ids<'a> = StoredIds<'a>;

    fn all(&self) -> Result<StoredIds<'_>, Error> {
        self.all_series()
    }

    fn with_value(&self, name: &str, value: &str) -> Result<StoredIds<'_>, Error> {
        self.postings(name, value)
    }

    fn with_label(&self, name: &str) -> Result<StoredIds<'_>, Error> {
        self.with_value_where(name, "", &mut |_| true)
    }

    fn with_value_where(
        &self,
        name: &str,
        prefix: &str,
        accepts: &mut dyn FnMut(&str) -> bool,
    ) -> Result<StoredIds<'_>, Error> {
        let mut lists = Vec::new();
        for entry in self.table.entries_from(&self.file, name, prefix)? {
            let (value, list) = entry?;
            if !value.starts_with(prefix) {
                break;
            }
            if accepts(value) {
                lists.push(self.list(list)?);
            }
        }
        Ok(StoredIds::union(lists))
    }

    fn value_count(&self, name: &str) -> usize {
        self.table.value_count(name)
    }

    fn value_of(&self, series: u32, name: &str) -> Result<Option<&str>, Error> {
        let mut found = None;
        read_labels(&mut self.entry(series)?, |name_symbol, value| {
            if found.is_none() && self.text(name_symbol)? == name {
                found = Some(self.text(value)?);
            }
            Ok(())
        })?;
        Ok(found)
    }
}
