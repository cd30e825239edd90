//! Words that are looked for in the lines of a whole block at once, in one case or in any.
//!
//! For any case the text is copied, a piece at a time, with the bit set that tells ASCII letters of either case apart, and lower
//! case is looked for in the copy: so a word has one form, and what finds it has few others to tell it from. Other
//! characters become alike by that too, so that what was found is compared again unless a word has letters alone.

use aho_corasick::Span;
use aho_corasick::packed::Searcher;
use go_regex::{Folding, RequiredLiterals};
use storage::logs::EntryColumns;

use super::line_filter::row_of;
use super::rows::Rows;

/// So much text is copied at once, which stays in the caches nearest to the processor.
const PIECE_BYTES: usize = 16 << 10;
/// A piece is so many times longer than a word at least.
const WORDS_OF_PIECE: usize = 8;
/// The bit that tells letters of either case apart.
const CASE: u8 = 0x20;

/// Words of which a line has one.
#[derive(Debug)]
pub(super) struct Words {
    searcher: Searcher,
    words: Vec<Vec<u8>>,
    any_case: bool,
    /// Whether a word that is found in the copy stands in the text.
    is_certain: bool,
    len_max: usize,
}

impl Words {
    /// `None` where they are too many to be looked for in this way, or the processor cannot.
    pub(super) fn new(literals: &RequiredLiterals) -> Option<Self> {
        let words: Vec<Vec<u8>> = literals.any_of.iter().map(|word| word.clone().into_bytes()).collect();
        let any_case = literals.folding == Folding::Ascii;
        let looked_for = |word: &Vec<u8>| {
            let fold = |byte: &u8| if any_case { byte | CASE } else { *byte };
            word.iter().map(fold).collect::<Vec<u8>>()
        };
        Some(Self {
            searcher: Searcher::new(words.iter().map(looked_for))?,
            is_certain: !any_case || words.iter().flatten().all(u8::is_ascii_lowercase),
            len_max: words.iter().map(Vec::len).max()?,
            any_case,
            words,
        })
    }

    /// Adds the rows whose lines have one.
    pub(super) fn search(&self, columns: &EntryColumns, found: &mut Rows) {
        if !self.any_case {
            self.search_piece(columns, &columns.text, (0, 0), found);
            return;
        }
        let text = &columns.text;
        let piece_bytes = PIECE_BYTES.max(self.len_max * WORDS_OF_PIECE);
        let mut folded = Vec::with_capacity(piece_bytes);
        let (mut row, mut from) = (0, 0);
        while from < text.len() {
            let end = text.len().min(from + piece_bytes);
            folded.clear();
            folded.extend(text.get(from..end).unwrap_or_default().iter().map(|byte| byte | CASE));
            let next;
            (row, next) = self.search_piece(columns, &folded, (row, from), found);
            // A word may begin in one piece and end in the next.
            from = if end == text.len() { end } else { next.max(end + 1 - self.len_max) };
        }
    }

    /// Adds rows, not before `row`, in whose lines a word begins in a piece of the text, which stands at `from`; says which row
    /// comes next, and where the line begins behind the last one that was found.
    fn search_piece(
        &self,
        columns: &EntryColumns,
        piece: &[u8],
        (mut row, from): (usize, usize),
        found: &mut Rows,
    ) -> (usize, usize) {
        let (mut at, mut next) = (0, from);
        while at < piece.len() {
            let Some(hit) = self.searcher.find_in(piece, Span { start: at, end: piece.len() }) else { break };
            let place = from + hit.start();
            if !self.is_certain && !self.stands_at(columns.text.get(place..).unwrap_or_default()) {
                at = hit.start() + 1;
                continue;
            }
            (row, next) = row_of(columns, row, place);
            if row >= columns.rows {
                return (row, columns.text.len());
            }
            found.insert(row);
            row += 1;
            at = next - from;
        }
        (row, next)
    }

    /// Whether a text begins with one of the words.
    fn stands_at(&self, text: &[u8]) -> bool {
        let begins = |word: &Vec<u8>| {
            text.get(..word.len()).is_some_and(|start| {
                if self.any_case { start.eq_ignore_ascii_case(word) } else { start == word.as_slice() }
            })
        };
        self.words.iter().any(begins)
    }
}

#[cfg(test)]
mod tests;
