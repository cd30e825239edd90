//! The groups of one match.

use std::ops::Range;

use crate::Regex;

/// What each group of a pattern matched in one text. Group 0 is the whole match.
#[derive(Debug, Clone)]
pub struct Captures<'t> {
    pub(crate) text: &'t str,
    pub(crate) regex: Regex,
    /// Start and end of each group, by index; `None` where the group took no part in the match.
    pub(crate) groups: Vec<Option<Range<usize>>>,
}

impl<'t> Captures<'t> {
    /// The text that group `index` matched; `None` if it took no part or does not exist.
    pub fn get(&self, index: usize) -> Option<&'t str> {
        self.text.get(self.range(index)?)
    }

    /// Where group `index` matched, in bytes.
    pub fn range(&self, index: usize) -> Option<Range<usize>> {
        self.groups.get(index).cloned().flatten()
    }

    /// The text of the first group called `name` that took part in the match. (Go allows a name twice.)
    pub fn name(&self, name: &str) -> Option<&'t str> {
        self.regex
            .capture_names()
            .enumerate()
            .filter(|(_, n)| *n == Some(name))
            .find_map(|(index, _)| self.get(index))
    }

    /// The number of groups, group 0 included.
    #[expect(clippy::len_without_is_empty, reason = "group 0 is always there")]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// The text of each group in order, group 0 first.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'t str>> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }
}
