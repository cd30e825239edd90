//! `| unpack`

use super::Flow;
use super::interest::{Interest, Repeated, name_of};
use super::json::ERROR;
use super::scan_json::{Json, Step, walk};
use super::text::{text_of, unescape, unquoted};
use crate::pipeline::step::State;

/// The key of the line that was packed.
const ENTRY: &[u8] = b"_entry";

/// `| unpack`: what `pack` made of labels and a line.
#[derive(Debug)]
pub(crate) struct Unpack {
    pub(crate) interest: Interest,
}

impl Unpack {
    /// Takes labels and line; `false` drops the row.
    pub(crate) fn run<'r>(&self, state: &mut State<'r>) -> bool {
        let line = state.line;
        if line.is_empty() {
            return true;
        }
        if line.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            state.labels.set_error(ERROR, "expecting json object(6), but it is not");
            return true;
        }
        // Only where there is a line in it were labels packed.
        let mut entry = None;
        let found = walk(line, |_, (key, _), value| {
            if key == ENTRY
                && let Some(Json::String(text, escaped)) = value
            {
                entry = Some((text, escaped));
            }
            Step::Next
        });
        if let Err(broken) = found {
            let details = state.arena.alloc_str(&broken.to_string());
            state.labels.set_error(ERROR, details);
            return true;
        }
        let Some((text, escaped)) = entry else { return true };
        let mark = state.labels.len();
        let mut drops = false;
        let mut scratch = String::new();
        let _ = walk(line, |_, (key, key_escaped), value| {
            let Some(Json::String(text, escaped)) = value else { return Step::Next };
            if key == ENTRY || key.is_empty() {
                return Step::Next;
            }
            let key: &'r [u8] = match key_escaped.then(|| unescape(key)).flatten() {
                Some(key) => state.arena.alloc_str(&key).as_bytes(),
                None => key,
            };
            let name = name_of(key, state.arena, &mut scratch);
            let value = unquoted(text, escaped, state.arena).unwrap_or("");
            match self.interest.take(state, name, value, (mark, Repeated::First)) {
                Flow::Drop => {
                    drops = true;
                    Step::End
                }
                _ => Step::Next,
            }
        });
        state.line = match escaped.then(|| unescape(text)).flatten() {
            Some(text) => state.arena.alloc_str(&text).as_bytes(),
            None => text_of(text, state.arena).as_bytes(),
        };
        !drops
    }
}
