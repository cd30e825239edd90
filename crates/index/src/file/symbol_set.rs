//! The texts of an index that is to be written.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Label names and values, sorted, each once, in one buffer; the place in the order is the symbol.
///
/// Collected with [`SymbolSet::from_texts`], or [`SymbolSet::insert`] and [`SymbolSet::sort`].
#[derive(Debug, Clone, Default)]
pub struct SymbolSet {
    text: String,
    /// Where each text ends and the next begins, in the order of the set.
    places: Vec<(u32, u32)>,
    numbers: HashTable<u32>,
    hasher: RandomState,
    sorted: bool,
}

impl SymbolSet {
    /// The set of these texts, sorted.
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for text in texts {
            set.insert(text);
        }
        set.sort();
        set
    }

    /// Adds a text; [`SymbolSet::sort`] must follow before symbols are asked for.
    pub fn insert(&mut self, text: &str) {
        let Self { text: all, places, numbers, hasher, sorted } = self;
        let is_text = |number: &u32| text_at(all, places, *number) == text;
        let rehash = |number: &u32| hasher.hash_one(text_at(all, places, *number));
        let entry = numbers.entry(hasher.hash_one(text), is_text, rehash);
        if let hashbrown::hash_table::Entry::Vacant(vacant) = entry {
            vacant.insert(places.len() as u32);
            let start = all.len() as u32;
            all.push_str(text);
            places.push((start, all.len() as u32));
            *sorted = false;
        }
    }

    /// Puts the texts in order.
    pub fn sort(&mut self) {
        if self.sorted {
            return;
        }
        let Self { text, places, numbers, hasher, sorted } = self;
        let text_of = |(start, end): (u32, u32)| text.get(start as usize..end as usize).unwrap_or_default();
        places.sort_unstable_by(|a, b| text_of(*a).cmp(text_of(*b)));
        let hash = |number: &u32| hasher.hash_one(text_at(text, places, *number));
        numbers.clear();
        for number in 0..places.len() as u32 {
            numbers.insert_unique(hash(&number), number, hash);
        }
        *sorted = true;
    }

    /// The symbol of a text, `None` where it is not in the set.
    pub fn symbol(&self, text: &str) -> Option<u32> {
        debug_assert!(self.sorted || self.places.is_empty(), "symbols are asked for before they are sorted");
        let is_text = |number: &u32| text_at(&self.text, &self.places, *number) == text;
        self.numbers.find(self.hasher.hash_one(text), is_text).copied()
    }

    /// The text of a symbol, empty where there is none.
    pub fn text(&self, symbol: u32) -> &str {
        text_at(&self.text, &self.places, symbol)
    }

    /// The texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.places.len() as u32).map(|symbol| self.text(symbol))
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The length of all texts together in bytes.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }
}

fn text_at<'a>(text: &'a str, places: &[(u32, u32)], number: u32) -> &'a str {
    let place = places.get(number as usize);
    place.and_then(|(start, end)| text.get(*start as usize..*end as usize)).unwrap_or_default()
}
