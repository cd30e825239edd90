//! Matches one after the other.

use std::ops::Range;

use regex_automata::meta;

/// The successive non-overlapping matches of a pattern in a text, leftmost first, as byte ranges.
/// An empty match right after another match is left out, as in Go.
#[derive(Debug)]
pub struct FindIter<'r, 't> {
    pub(crate) matches: Option<meta::FindMatches<'r, 't>>,
}

impl Iterator for FindIter<'_, '_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        Some(self.matches.as_mut()?.next()?.range())
    }
}
