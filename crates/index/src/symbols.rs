//! Texts kept once, counted, and forgotten with their last use.

#[cfg(test)]
mod tests;

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

/// Stands for a text of one [`SymbolTable`] while somebody holds a reference to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(u32);

impl Symbol {
    /// The place in tables by symbol; the numbers of a table's symbols are dense.
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }

    /// The symbol with a place.
    pub(crate) fn of_number(number: usize) -> Self {
        Self(number as u32)
    }
}

/// Label names and values, each text once.
///
/// Every [`SymbolTable::intern`] takes a reference, every [`SymbolTable::release`] gives one back; a text is
/// freed with its last reference, and its number is used again. Under churn the table stays as large as what
/// lives.
#[derive(Debug, Clone, Default)]
pub struct SymbolTable {
    entries: Vec<Entry>,
    /// Numbers of entries that hold nothing.
    free: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: RandomState,
    text_bytes: usize,
}

#[derive(Debug, Clone, Default)]
struct Entry {
    text: Box<str>,
    references: u32,
}

impl SymbolTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The symbol of a text, with one more reference.
    pub fn intern(&mut self, text: &str) -> Symbol {
        let Self { entries, free, numbers, hasher, text_bytes } = self;
        let is_text = |number: &u32| entry(entries, *number).is_some_and(|entry| *entry.text == *text);
        let rehash = |number: &u32| hash_of(hasher, entries, *number);
        match numbers.entry(hasher.hash_one(text), is_text, rehash) {
            Slot::Occupied(occupied) => {
                let number = *occupied.get();
                if let Some(entry) = entries.get_mut(number as usize) {
                    entry.references += 1;
                }
                Symbol(number)
            }
            Slot::Vacant(vacant) => {
                *text_bytes += text.len();
                let entry = Entry { text: text.into(), references: 1 };
                let number = match free.pop() {
                    Some(number) => number,
                    None => entries.len() as u32,
                };
                vacant.insert(number);
                match entries.get_mut(number as usize) {
                    Some(place) => *place = entry,
                    None => entries.push(entry),
                }
                Symbol(number)
            }
        }
    }

    /// Takes one more reference to a text.
    pub fn retain(&mut self, symbol: Symbol) {
        if let Some(entry) = self.entries.get_mut(symbol.0 as usize) {
            debug_assert!(entry.references > 0, "symbol {} is not in use", symbol.0);
            entry.references += 1;
        }
    }

    /// Gives one reference back.
    pub fn release(&mut self, symbol: Symbol) {
        let Self { entries, free, numbers, hasher, text_bytes } = self;
        let Some(entry) = entries.get_mut(symbol.0 as usize) else { return };
        debug_assert!(entry.references > 0, "symbol {} was released too often", symbol.0);
        entry.references = entry.references.saturating_sub(1);
        if entry.references > 0 {
            return;
        }
        let hash = hasher.hash_one(&*entry.text);
        if let Ok(found) = numbers.find_entry(hash, |number| *number == symbol.0) {
            found.remove();
            *text_bytes -= entry.text.len();
            *entry = Entry::default();
            free.push(symbol.0);
        }
    }

    /// The symbol of a text that is in use; takes no reference.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        let is_text = |number: &u32| entry(&self.entries, *number).is_some_and(|entry| *entry.text == *text);
        self.numbers.find(self.hasher.hash_one(text), is_text).map(|number| Symbol(*number))
    }

    /// The text of a symbol, empty for one that is not in use.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.entries.get(symbol.0 as usize).map_or("", |entry| &entry.text)
    }

    /// The number of texts in use.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether no text is in use.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Bytes on the heap, without what the allocator adds.
    pub fn heap_bytes(&self) -> usize {
        self.text_bytes
            + self.entries.capacity() * size_of::<Entry>()
            + self.free.capacity() * size_of::<u32>()
            + self.numbers.allocation_size()
    }
}

fn entry(entries: &[Entry], number: u32) -> Option<&Entry> {
    entries.get(number as usize)
}

fn hash_of(hasher: &RandomState, entries: &[Entry], number: u32) -> u64 {
    hasher.hash_one(entry(entries, number).map_or("", |entry| &entry.text))
}
