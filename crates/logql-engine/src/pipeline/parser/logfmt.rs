//! `| logfmt`

use logql_syntax::ast::Extraction;
use logql_syntax::path::parse_logfmt_key;

use super::Flow;
use super::interest::{Interest, Repeated, name_of};
use super::scan_logfmt::{Broken, Pair, Pairs};
use super::text::{push_name, unquoted};
use crate::Result;
use crate::pipeline::step::State;

/// What the error label says.
const ERROR: &str = "LogfmtParserErr";

/// `| logfmt` of everything.
#[derive(Debug)]
pub(crate) struct Logfmt {
    pub(crate) strict: bool,
    pub(crate) keep_empty: bool,
    pub(crate) interest: Interest,
}

impl Logfmt {
    /// Takes the labels of a line; `false` drops the row.
    pub(crate) fn run(&self, state: &mut State<'_>) -> bool {
        if self.interest.is_nothing() {
            return true;
        }
        if self.interest.tries_first() && !self.holds(state) {
            return false;
        }
        let mark = state.labels.len();
        let mut name = String::new();
        let mut pairs = Pairs::new(state.line);
        while let Some(pair) = pairs.next() {
            let taken = match pair {
                Ok(pair) => self.take(state, pair, mark, &mut name, pairs.place()),
                Err(broken) => Err(broken),
            };
            match taken {
                Ok(Flow::Drop) => return false,
                Err(broken) if self.strict => {
                    let details = state.arena.alloc_str(&broken.to_string());
                    state.labels.set_error(ERROR, details);
                    return true;
                }
                _ => {}
            }
        }
        true
    }

    fn take<'r>(
        &self,
        state: &mut State<'r>,
        pair: Pair<'r>,
        mark: usize,
        name: &mut String,
        place: usize,
    ) -> std::result::Result<Flow, Broken> {
        if pair.value.is_empty() && !self.keep_empty {
            return Ok(Flow::Continue);
        }
        let clean = super::text::is_name(pair.key);
        if clean && !self.interest.may_want(pair.key) {
            return Ok(Flow::Continue);
        }
        let label = name_of(pair.key, state.arena, name);
        if !clean && !self.interest.may_want(label.as_bytes()) {
            return Ok(Flow::Continue);
        }
        let value = unquoted(pair.value, pair.escaped, state.arena).ok_or(Broken::Escape { place })?;
        Ok(self.interest.take(state, label, value, (mark, Repeated::Last)))
    }

    /// Whether the conditions right behind hold, as far as the line says.
    fn holds(&self, state: &State<'_>) -> bool {
        let mut name = String::new();
        for pair in Pairs::new(state.line) {
            let pair = match pair {
                Ok(pair) => pair,
                Err(_) if self.strict => return true,
                Err(_) => continue,
            };
            if pair.value.is_empty() && !self.keep_empty {
                continue;
            }
            let mut key = pair.key;
            if !super::text::is_name(key) {
                name.clear();
                push_name(key, &mut name);
                key = name.as_bytes();
            }
            if self.interest.may_try(key)
                && let Some(value) = unquoted(pair.value, pair.escaped, state.arena)
                && !self.interest.holds(&state.labels, key, value)
            {
                return false;
            }
        }
        true
    }
}

/// `| logfmt a="key"`
#[derive(Debug)]
pub(crate) struct LogfmtKeys {
    strict: bool,
    /// Labels with the keys they come from.
    keys: Vec<(String, String)>,
    pub(crate) interest: Interest,
}

impl LogfmtKeys {
    pub(crate) fn new(extractions: &[Extraction], strict: bool, interest: Interest) -> Result<Self> {
        let keys = extractions.iter().map(|extraction| {
            let key = parse_logfmt_key(&extraction.expression)
                .map_err(|error| crate::Error::Evaluation(error.to_string()))?;
            Ok((extraction.label.clone(), key))
        });
        Ok(Self { strict, keys: keys.collect::<Result<_>>()?, interest })
    }

    /// Takes the labels of a line; those without a key are set to nothing. `false` drops the row.
    pub(crate) fn run<'r>(&'r self, state: &mut State<'r>) -> bool {
        let mark = state.labels.len();
        let mut broken = None;
        let mut name = String::new();
        let mut pairs = Pairs::new(state.line);
        while let Some(pair) = pairs.next() {
            let pair = match pair {
                Ok(pair) => pair,
                Err(error) if self.strict => {
                    broken = Some(error);
                    break;
                }
                Err(_) => continue,
            };
            let key = name_of(pair.key, state.arena, &mut name);
            for (label, _) in self.keys.iter().filter(|(_, wanted)| wanted == key) {
                let Some(value) = unquoted(pair.value, pair.escaped, state.arena) else {
                    broken = broken.or(self.strict.then_some(Broken::Escape { place: pairs.place() }));
                    continue;
                };
                if self.interest.take(state, label, value, (mark, Repeated::Last)) == Flow::Drop {
                    return false;
                }
            }
        }
        if let Some(broken) = broken {
            let details = state.arena.alloc_str(&broken.to_string());
            state.labels.set_error(ERROR, details);
        }
        for (label, _) in &self.keys {
            state.labels.set_missing(label);
        }
        true
    }
}
