//! `| decolorize`

use go_regex::Regex;

use super::parser::text::text_of;
use super::step::State;
use crate::{Error, Result};

/// Escape sequences of terminals: those that end with a bell, and those that end with a letter or sign of their kind.
const SEQUENCES: &str = "[\\x{1B}\\x{9B}][\\[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\\x{07})|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))";

/// `| decolorize`: takes escape sequences of terminals out of the line.
#[derive(Debug)]
pub(crate) struct Decolorize(Regex);

impl Decolorize {
    pub(crate) fn new() -> Result<Self> {
        Regex::new(SEQUENCES).map(Self).map_err(|error| Error::Evaluation(error.to_string()))
    }

    pub(crate) fn run(&self, state: &mut State<'_>) {
        // U+009B is these two bytes.
        if memchr::memchr(0x1B, state.line).is_none()
            && memchr::memmem::find(state.line, &[0xC2, 0x9B]).is_none()
        {
            return;
        }
        let line = self.0.replace_all_literal(text_of(state.line, state.arena), "");
        state.line = state.arena.alloc_str(&line).as_bytes();
    }
}
