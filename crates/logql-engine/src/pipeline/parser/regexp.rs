//! `| regexp`

use go_regex::Regex;

use super::Flow;
use super::interest::{Interest, Repeated};
use super::text::text_of;
use crate::pipeline::step::State;
use crate::{Error, Result};

/// `| regexp`: the named groups of the first match.
#[derive(Debug)]
pub(crate) struct Regexp {
    regex: Regex,
    /// Groups with a name, by their number.
    groups: Vec<(usize, String)>,
    pub(crate) interest: Interest,
}

impl Regexp {
    pub(crate) fn new(text: &str, interest: Interest) -> Result<Self> {
        let regex = Regex::new(text).map_err(|error| Error::Evaluation(error.to_string()))?;
        let groups = regex
            .capture_names()
            .enumerate()
            .filter_map(|(number, name)| Some((number, name?.to_owned())))
            .collect();
        Ok(Self { regex, groups, interest })
    }

    /// Takes the labels of a line; `false` drops the row.
    pub(crate) fn run<'r>(&'r self, state: &mut State<'r>) -> bool {
        if !self.groups.iter().any(|(_, name)| self.interest.may_want(name.as_bytes())) {
            return true;
        }
        let line = text_of(state.line, state.arena);
        let Some(captures) = self.regex.captures(line) else { return true };
        let mark = state.labels.len();
        for (number, name) in &self.groups {
            let Some(range) = captures.range(*number) else { continue };
            let text = line.get(range).unwrap_or_default();
            // A group that took nothing is as one that took no part.
            if text.is_empty() {
                continue;
            }
            if self.interest.take(state, name, text, (mark, Repeated::Last)) == Flow::Drop {
                return false;
            }
        }
        true
    }
}
