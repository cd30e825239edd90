//! Symbols in the order of their texts.

use crate::{Symbol, SymbolTable};

/// Symbols kept sorted by text, in runs of bounded length, so that an insertion moves little and a prefix is
/// found by halving.
#[derive(Debug, Clone, Default)]
pub(super) struct SortedSymbols {
    /// None is empty.
    runs: Vec<Vec<Symbol>>,
}

/// A run that grows beyond this is halved; 2 KiB are moved in no time.
const RUN_LEN_MAX: usize = 512;

impl SortedSymbols {
    /// Symbols that are different, in any order.
    pub(super) fn of(values: Vec<Symbol>, symbols: &SymbolTable) -> Self {
        // What texts begin with decides nearly always, and lies side by side.
        let mut sorted: Vec<(u64, Symbol)> =
            values.into_iter().map(|symbol| (beginning(symbols.text(symbol)), symbol)).collect();
        sorted.sort_unstable_by(|(a, one), (b, other)| {
            a.cmp(b).then_with(|| symbols.text(*one).cmp(symbols.text(*other)))
        });
        let runs = sorted.chunks(RUN_LEN_MAX);
        Self { runs: runs.map(|run| run.iter().map(|(_, symbol)| *symbol).collect()).collect() }
    }

    /// Enters a symbol that is not there.
    pub(super) fn insert(&mut self, symbol: Symbol, symbols: &SymbolTable) {
        let text = symbols.text(symbol);
        let number = self.run_of(text, symbols);
        let Some(run) = self.runs.get_mut(number) else {
            self.runs.push(vec![symbol]);
            return;
        };
        let place = run.partition_point(|other| symbols.text(*other) < text);
        run.insert(place, symbol);
        if run.len() > RUN_LEN_MAX {
            // Values often come in ascending order: then the full run stays full and a new one begins.
            let appended = place + 1 == run.len();
            let upper = run.split_off(if appended { place } else { RUN_LEN_MAX / 2 });
            self.runs.insert(number + 1, upper);
        }
    }

    /// Takes a symbol out; its text must still be there.
    pub(super) fn remove(&mut self, symbol: Symbol, symbols: &SymbolTable) {
        let text = symbols.text(symbol);
        let number = self.run_of(text, symbols);
        let Some(run) = self.runs.get_mut(number) else { return };
        let place = run.partition_point(|other| symbols.text(*other) < text);
        if run.get(place) == Some(&symbol) {
            run.remove(place);
        }
        if run.is_empty() {
            self.runs.remove(number);
        }
    }

    /// All symbols in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Symbol> {
        self.runs.iter().flatten().copied()
    }

    /// The symbols whose texts are not below `from`, in order.
    pub(super) fn iter_from(&self, from: &str, symbols: &SymbolTable) -> impl Iterator<Item = Symbol> {
        let number = self.run_of(from, symbols);
        let first = self.runs.get(number).map(Vec::as_slice).unwrap_or_default();
        let place = first.partition_point(|other| symbols.text(*other) < from);
        let first = first.get(place..).unwrap_or_default();
        let others = self.runs.get(number + 1..).unwrap_or_default();
        first.iter().chain(others.iter().flatten()).copied()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let symbols = self.runs.iter().map(|run| run.capacity() * size_of::<Symbol>()).sum::<usize>();
        symbols + self.runs.capacity() * size_of::<Vec<Symbol>>()
    }

    /// The number of the run that a text belongs to: the last one that does not start behind it.
    fn run_of(&self, text: &str, symbols: &SymbolTable) -> usize {
        let starts_at_or_before =
            |run: &Vec<Symbol>| run.first().is_some_and(|first| symbols.text(*first) <= text);
        self.runs.partition_point(starts_at_or_before).saturating_sub(1)
    }
}

/// The first bytes of a text as a number, ordered as texts are; texts of the same number may be in any order.
fn beginning(text: &str) -> u64 {
    let mut first = [0; 8];
    for (place, byte) in first.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(first)
}
