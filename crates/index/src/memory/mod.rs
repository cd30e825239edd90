//! The index of the head: every label pair with the numbers of its series.

mod fill;
mod ids;
mod postings;
mod sorted;
#[cfg(test)]
mod tests;
mod view;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use model::Labels;
use roaring::RoaringBitmap;

use crate::{Symbol, SymbolTable};
use postings::Postings;
use sorted::SortedSymbols;
pub use view::{MemoryView, SeriesLabels};

/// A label of a series, name and value as symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LabelPair {
    /// The name.
    pub name: Symbol,
    /// The value.
    pub value: Symbol,
}

/// Label pairs to series numbers, with the table of their texts.
///
/// The numbers are the store's own, dense from 0 and used again after [`MemoryIndex::remove`]. The store keeps
/// the [`LabelPair`]s of each series; they hold the references that keep the texts alive.
#[derive(Debug, Clone, Default)]
pub struct MemoryIndex {
    symbols: SymbolTable,
    names: HashMap<Symbol, Name, RandomState>,
    sorted_names: SortedSymbols,
    all: RoaringBitmap,
}

/// What is known of one label name.
#[derive(Debug, Clone, Default)]
struct Name {
    /// The series that have the label.
    having: RoaringBitmap,
    values: HashMap<Symbol, Postings, RandomState>,
    sorted_values: SortedSymbols,
}

impl MemoryIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a series and returns its labels as symbols, in the order of `labels`.
    pub fn insert(&mut self, series: u32, labels: &Labels) -> Box<[LabelPair]> {
        let Self { symbols, names, sorted_names, all } = self;
        let mut pairs = Vec::with_capacity(labels.len());
        for (name_text, value_text) in labels {
            let pair = LabelPair { name: symbols.intern(name_text), value: symbols.intern(value_text) };
            let name = names.entry(pair.name).or_insert_with(|| {
                sorted_names.insert(pair.name, symbols);
                Name::default()
            });
            name.having.insert(series);
            name.values
                .entry(pair.value)
                .or_insert_with(|| {
                    name.sorted_values.insert(pair.value, symbols);
                    Postings::default()
                })
                .insert(series);
            pairs.push(pair);
        }
        all.insert(series);
        pairs.into()
    }

    /// Takes a series out; `pairs` is what [`MemoryIndex::insert`] returned, and means nothing afterwards.
    pub fn remove(&mut self, series: u32, pairs: &[LabelPair]) {
        let Self { symbols, names, sorted_names, all } = self;
        for pair in pairs {
            if let Some(name) = names.get_mut(&pair.name) {
                name.having.remove(series);
                if let Some(postings) = name.values.get_mut(&pair.value)
                    && postings.remove(series)
                {
                    name.values.remove(&pair.value);
                    name.sorted_values.remove(pair.value, symbols);
                }
                if name.values.is_empty() {
                    names.remove(&pair.name);
                    sorted_names.remove(pair.name, symbols);
                }
            }
        }
        all.remove(series);
        // Only now: the sorted lists find their places by the texts.
        for pair in pairs {
            symbols.release(pair.name);
            symbols.release(pair.value);
        }
    }

    /// The texts of the labels.
    pub fn symbols(&self) -> &SymbolTable {
        &self.symbols
    }

    /// The labels that symbols stand for.
    pub fn labels(&self, pairs: &[LabelPair]) -> Labels {
        Labels::from_sorted(
            pairs.iter().map(|pair| (self.symbols.text(pair.name), self.symbols.text(pair.value))),
        )
    }

    /// The numbers of all series.
    pub fn all_series(&self) -> &RoaringBitmap {
        &self.all
    }

    /// The label names in use, sorted.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.sorted_names.iter().map(|symbol| self.symbols.text(symbol))
    }

    /// The values of a label in use, sorted, with the number of series of each.
    pub fn label_values(&self, name: &str) -> impl Iterator<Item = (&str, u64)> {
        self.values_from(name, "").map(|(value, postings)| (value, postings.len()))
    }

    /// The number of series that have a label.
    pub fn series_with_label(&self, name: &str) -> u64 {
        self.name(name).map_or(0, |name| name.having.len())
    }

    /// The number of label pairs in use.
    pub fn pair_count(&self) -> usize {
        self.names.values().map(|name| name.values.len()).sum()
    }

    /// A view that selectors are evaluated on; `series` tells the labels of a series.
    pub fn view<S: SeriesLabels>(&self, series: S) -> MemoryView<'_, S> {
        MemoryView::new(self, series)
    }

    /// Bytes on the heap, without what the allocator adds.
    pub fn heap_bytes(&self) -> usize {
        let names = self.names.values().map(Name::heap_bytes).sum::<usize>();
        self.symbols.heap_bytes()
            + self.names.allocation_size()
            + names
            + self.sorted_names.heap_bytes()
            + bitmap_bytes(&self.all)
    }

    fn name(&self, name: &str) -> Option<&Name> {
        self.names.get(&self.symbols.find(name)?)
    }

    /// The values of a label at and behind `from`, sorted, with their series.
    fn values_from(&self, name: &str, from: &str) -> impl Iterator<Item = (&str, &Postings)> {
        self.name(name).into_iter().flat_map(move |name| {
            name.sorted_values
                .iter_from(from, &self.symbols)
                .filter_map(|value| Some((self.symbols.text(value), name.values.get(&value)?)))
        })
    }
}

impl Name {
    fn heap_bytes(&self) -> usize {
        let postings = self.values.values().map(Postings::heap_bytes).sum::<usize>();
        bitmap_bytes(&self.having)
            + self.values.allocation_size()
            + postings
            + self.sorted_values.heap_bytes()
    }
}

/// Bytes of a bitmap on the heap, about.
fn bitmap_bytes(bitmap: &RoaringBitmap) -> usize {
    let statistics = bitmap.statistics();
    let containers = statistics.n_containers as usize * 40;
    containers
        + (statistics.n_bytes_array_containers
            + statistics.n_bytes_bitset_containers
            + statistics.n_bytes_run_containers) as usize
}
