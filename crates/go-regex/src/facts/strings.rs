//! Small sets of strings.

/// How many strings a set may hold: as many as a query of a megabyte can list.
const COUNT_MAX: usize = 1 << 19;

/// How many strings may come of putting two sets, both of several strings, one behind the other.
const PRODUCT_MAX: usize = 256;

/// How many bytes a set may hold.
const BYTES_MAX: usize = 1 << 20;

/// A set of strings. (One may stand in it twice until it is sorted.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strings(Vec<String>);

impl Strings {
    /// The set of nothing at all.
    pub(crate) fn none() -> Strings {
        Strings(Vec::new())
    }

    /// The set of `text` alone.
    pub(crate) fn one(text: impl Into<String>) -> Strings {
        Strings(vec![text.into()])
    }

    /// The set of words, unless these are too many.
    pub(crate) fn from_words<'a>(words: impl Iterator<Item = &'a str>) -> Option<Strings> {
        let words: Vec<String> = words.take(COUNT_MAX + 1).map(String::from).collect();
        (words.len() <= COUNT_MAX).then_some(Strings(words))
    }

    pub(crate) fn from_chars(chars: impl Iterator<Item = char>) -> Strings {
        let mut strings: Vec<String> = chars.map(String::from).collect();
        strings.sort_unstable();
        strings.dedup();
        Strings(strings)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(String::len).sum()
    }

    /// Whether the empty string is in it.
    pub(crate) fn has_empty(&self) -> bool {
        self.0.iter().any(String::is_empty)
    }

    pub(crate) fn into_sorted(mut self) -> Vec<String> {
        self.0.sort_unstable();
        self.0.dedup();
        self.0
    }

    /// Every string of this set with every one of `next` behind it, unless these are too many.
    pub(crate) fn followed_by(&self, next: &Strings) -> Option<Strings> {
        let count = self.len().checked_mul(next.len())?;
        let bytes = self.bytes() * next.len() + next.bytes() * self.len();
        let several = self.len() > 1 && next.len() > 1;
        if count > COUNT_MAX || bytes > BYTES_MAX || (several && count > PRODUCT_MAX) {
            return None;
        }
        let joined = self.iter().flat_map(|a| next.iter().map(move |b| [a, b].concat()));
        Some(Strings(joined.collect()))
    }

    /// The strings of both, unless these are too many.
    pub(crate) fn or(mut self, other: Strings) -> Option<Strings> {
        if self.len() + other.len() > COUNT_MAX {
            return None;
        }
        self.0.extend(other.0);
        Some(self)
    }

    /// What all of them begin with.
    pub(crate) fn common_prefix(&self) -> String {
        let Some((first, others)) = self.0.split_first() else {
            return String::new();
        };
        let mut prefix = first.as_str();
        for other in others {
            let same = prefix.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
            let end = same.map_or(prefix.len().min(other.len()), |((at, _), _)| at);
            prefix = prefix.get(..end).unwrap_or_default();
        }
        prefix.into()
    }

    /// What all of them end with.
    pub(crate) fn common_suffix(&self) -> String {
        let Some((first, others)) = self.0.split_first() else {
            return String::new();
        };
        let mut suffix = first.as_str();
        for other in others {
            let pairs = suffix.char_indices().rev().zip(other.chars().rev());
            let same = pairs.take_while(|((_, a), b)| a == b).last();
            suffix = same.and_then(|((at, _), _)| suffix.get(at..)).unwrap_or_default();
        }
        suffix.into()
    }
}
