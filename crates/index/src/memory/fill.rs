//! Many series at once, as a start finds them: their labels first, and then the postings of all, name by name.
//!
//! Series that follow each other share most of their labels, so that a label pair's series come in runs; a run costs
//! about what a single series does.

use std::num::NonZero;
use std::ops::Range;

use super::postings::append_run;
use super::{LabelPair, MemoryIndex, Name, SeriesLabels, SortedSymbols};
use crate::{Symbol, SymbolTable};

impl MemoryIndex {
    /// The symbols of a label of a series that [`MemoryIndex::fill`] will enter; they are the series' own, as those
    /// that [`MemoryIndex::insert`] returns.
    pub fn intern(&mut self, name: &str, value: &str) -> LabelPair {
        LabelPair { name: self.symbols.intern(name), value: self.symbols.intern(value) }
    }

    /// The symbols of a label that another series has too.
    pub fn retain(&mut self, pair: LabelPair) {
        self.symbols.retain(pair.name);
        self.symbols.retain(pair.value);
    }

    /// Enters all series among `numbers` that `series` knows labels of, up to `threads` label names at a time.
    ///
    /// The index must hold no series before; their labels come from [`MemoryIndex::intern`] and
    /// [`MemoryIndex::retain`].
    pub fn fill<S: SeriesLabels + Sync>(&mut self, series: &S, numbers: Range<u32>, threads: NonZero<usize>) {
        debug_assert!(self.all.is_empty(), "series are filled in behind others");
        let mut all = Run::default();
        let mut weights = Vec::new();
        for number in numbers.clone() {
            let pairs = series.pairs(number);
            if pairs.is_empty() {
                continue;
            }
            if let Some(ended) = all.extend(number) {
                append_run(&mut self.all, ended);
            }
            for pair in pairs {
                count(&mut weights, pair.name);
            }
        }
        append_run(&mut self.all, all.0);
        let symbols = &self.symbols;
        let lots = share(&weights, threads.get());
        let filled = std::thread::scope(|scope| {
            let mut lots = lots.into_iter();
            let own = lots.next();
            let others: Vec<_> = lots
                .map(|lot| {
                    let numbers = numbers.clone();
                    scope.spawn(move || fill_names(&lot, symbols, series, numbers))
                })
                .collect();
            let mut filled = own.map(|lot| fill_names(&lot, symbols, series, numbers)).unwrap_or_default();
            for other in others {
                match other.join() {
                    Ok(names) => filled.extend(names),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            filled
        });
        self.names.reserve(filled.len());
        for (symbol, name) in filled {
            self.sorted_names.insert(symbol, &self.symbols);
            self.names.insert(symbol, name);
        }
    }
}

/// Counts a symbol in a table by number.
fn count(weights: &mut Vec<u32>, symbol: Symbol) {
    let number = symbol.number();
    if weights.len() <= number {
        weights.resize(number + 1, 0);
    }
    if let Some(weight) = weights.get_mut(number) {
        *weight += 1;
    }
}

/// Names dealt out so that every lot has about as many series.
fn share(weights: &[u32], lots: usize) -> Vec<Vec<Symbol>> {
    let names = weights.iter().enumerate().filter(|(_, weight)| **weight > 0);
    let mut heaviest: Vec<(u32, Symbol)> =
        names.map(|(number, weight)| (*weight, Symbol::of_number(number))).collect();
    heaviest.sort_unstable_by(|a, b| b.cmp(a));
    let mut dealt: Vec<(u64, Vec<Symbol>)> = vec![(0, Vec::new()); lots.clamp(1, heaviest.len().max(1))];
    for (weight, symbol) in heaviest {
        if let Some((load, lot)) = dealt.iter_mut().min_by_key(|(load, _)| *load) {
            *load += u64::from(weight);
            lot.push(symbol);
        }
    }
    dealt.into_iter().map(|(_, lot)| lot).collect()
}

/// Numbers that follow each other: the first, and the one behind the last; as many as none before any has come.
#[derive(Debug, Clone, Default)]
struct Run(Range<u32>);

impl Run {
    /// Takes a number; gives the run that it ends.
    #[inline]
    fn extend(&mut self, number: u32) -> Option<Range<u32>> {
        if self.0.end == number && !self.0.is_empty() {
            self.0.end = number + 1;
            return None;
        }
        let ended = std::mem::replace(&mut self.0, number..number + 1);
        Some(ended).filter(|ended| !ended.is_empty())
    }
}

/// A name on its way.
struct Filling {
    symbol: Symbol,
    having: Run,
    /// The value of the last series, and those that have it in a row.
    value: Option<Symbol>,
    run: Run,
    name: Name,
}

impl Filling {
    fn new(symbol: Symbol) -> Self {
        Self { symbol, having: Run::default(), value: None, run: Run::default(), name: Name::default() }
    }

    #[inline]
    fn add(&mut self, value: Symbol, number: u32) {
        if let Some(ended) = self.having.extend(number) {
            append_run(&mut self.name.having, ended);
        }
        if self.value == Some(value) {
            if let Some(ended) = self.run.extend(number) {
                self.append(value, ended);
            }
            return;
        }
        let ended = std::mem::replace(&mut self.run, Run(number..number + 1));
        if let Some(before) = self.value.replace(value) {
            self.append(before, ended.0);
        }
    }

    fn append(&mut self, value: Symbol, run: Range<u32>) {
        self.name.values.entry(value).or_default().append(run);
    }

    fn finish(mut self, symbols: &SymbolTable) -> (Symbol, Name) {
        if let Some(value) = self.value {
            let run = std::mem::take(&mut self.run);
            self.append(value, run.0);
        }
        append_run(&mut self.name.having, self.having.0);
        self.name.sorted_values = SortedSymbols::of(self.name.values.keys().copied().collect(), symbols);
        (self.symbol, self.name)
    }
}

/// The postings of some names.
fn fill_names(
    lot: &[Symbol],
    symbols: &SymbolTable,
    series: &impl SeriesLabels,
    numbers: Range<u32>,
) -> Vec<(Symbol, Name)> {
    let mut names: Vec<Filling> = lot.iter().map(|symbol| Filling::new(*symbol)).collect();
    let mut places: Vec<u32> = Vec::new();
    for (place, symbol) in lot.iter().enumerate() {
        if places.len() <= symbol.number() {
            places.resize(symbol.number() + 1, u32::MAX);
        }
        if let Some(found) = places.get_mut(symbol.number()) {
            *found = place as u32;
        }
    }
    for number in numbers {
        for pair in series.pairs(number) {
            let place = places.get(pair.name.number()).copied().unwrap_or(u32::MAX);
            if let Some(name) = names.get_mut(place as usize) {
                name.add(pair.value, number);
            }
        }
    }
    names.into_iter().map(|name| name.finish(symbols)).collect()
}
