//! `| json`

use super::Flow;
use super::interest::{Interest, Repeated};
use super::scan_json::{Json, Step, walk};
use super::text::{push_name, text_of, unescape, unquoted};
use crate::pipeline::step::State;

/// What the error label says.
pub(crate) const ERROR: &str = "JSONParserErr";

/// `| json` of everything: keys of nested objects become `a_b_c`, arrays and `null` nothing.
#[derive(Debug)]
pub(crate) struct JsonAll {
    pub(crate) interest: Interest,
}

/// The names of the objects around a key, joined.
#[derive(Default)]
struct Path {
    name: String,
    /// How long the name is at each depth.
    ends: Vec<usize>,
}

impl Path {
    /// Makes the name that of a key at a depth.
    fn set(&mut self, depth: usize, (key, escaped): (&[u8], bool)) {
        let end = depth.checked_sub(1).and_then(|outer| self.ends.get(outer)).copied().unwrap_or(0);
        self.name.truncate(end);
        if depth > 0 {
            self.name.push('_');
        }
        match escaped.then(|| unescape(key)).flatten() {
            Some(key) => push_name(key.as_bytes(), &mut self.name),
            None => push_name(key, &mut self.name),
        }
    }

    /// Goes into the object of the key.
    fn enter(&mut self, depth: usize) {
        self.ends.truncate(depth);
        self.ends.push(self.name.len());
    }
}

impl JsonAll {
    /// Takes the labels of a line; `false` drops the row.
    pub(crate) fn run(&self, state: &mut State<'_>) -> bool {
        if self.interest.is_nothing() {
            return true;
        }
        if self.interest.tries_first() && !self.holds(state) {
            return false;
        }
        let mark = state.labels.len();
        let line = state.line;
        let mut path = Path::default();
        let mut drops = false;
        let result = walk(line, |depth, key, value| {
            if depth == 0 && !key.1 && value.is_some() && self.interest.passes_over(key.0) {
                return Step::Next;
            }
            if key.0.is_empty() {
                return Step::Next;
            }
            let is_plain = depth == 0 && !key.1 && super::text::is_name(key.0);
            path.set(depth, key);
            let Some(value) = value else {
                path.enter(depth);
                return if self.interest.may_want_under(path.name.as_bytes()) {
                    Step::Into
                } else {
                    Step::Next
                };
            };
            if !self.interest.may_want(path.name.as_bytes()) {
                return Step::Next;
            }
            let Some(text) = text(value, state) else { return Step::Next };
            let name = match std::str::from_utf8(key.0) {
                Ok(name) if is_plain => name,
                _ => state.arena.alloc_str(&path.name),
            };
            match self.interest.take(state, name, text, (mark, Repeated::First)) {
                Flow::Drop => {
                    drops = true;
                    Step::End
                }
                _ if self.interest.has_all(&state.labels, mark) => Step::End,
                _ => Step::Next,
            }
        });
        if let Err(broken) = result {
            let details = state.arena.alloc_str(&broken.to_string());
            state.labels.set_error(ERROR, details);
        }
        !drops
    }

    /// Whether the conditions right behind hold, as far as the line says.
    fn holds(&self, state: &State<'_>) -> bool {
        let mut path = Path::default();
        let mut holds = true;
        let _ = walk(state.line, |depth, key, value| {
            let is_plain = depth == 0 && !key.1 && super::text::is_name(key.0);
            if is_plain && value.is_some() && !self.interest.may_try(key.0) {
                return Step::Next;
            }
            path.set(depth, key);
            let Some(value) = value else {
                path.enter(depth);
                return if self.interest.may_try_under(path.name.as_bytes()) {
                    Step::Into
                } else {
                    Step::Next
                };
            };
            if !self.interest.may_try(path.name.as_bytes()) {
                return Step::Next;
            }
            if let Some(text) = text(value, state)
                && !self.interest.holds(&state.labels, path.name.as_bytes(), text)
            {
                holds = false;
                return Step::End;
            }
            Step::Next
        });
        holds
    }
}

/// A value as that of a label.
fn text<'r>(value: Json<'r>, state: &State<'r>) -> Option<&'r str> {
    match value {
        Json::String(text, escaped) => Some(unquoted(text, escaped, state.arena).unwrap_or("")),
        Json::Plain(text) => Some(text_of(text, state.arena)),
        Json::Null | Json::Object(_) | Json::Array(_) => None,
    }
}
