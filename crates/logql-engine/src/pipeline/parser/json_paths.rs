//! `| json a="b.c[0]"`

use logql_syntax::ast::Extraction;
use logql_syntax::path::{Step, parse_json_path};

use super::Flow;
use super::interest::{Interest, Repeated};
use super::json::ERROR;
use super::scan_json::{Broken, Json, find};
use super::text::{text_of, unquoted};
use crate::pipeline::runner::ROW_ERROR;
use crate::pipeline::step::State;
use crate::{Error, Result};

/// The most bytes that the values of one line may have: many paths may lead to the same large one.
const VALUES_BYTES_MAX: usize = 16 << 20;

/// `| json` of chosen values.
#[derive(Debug)]
pub(crate) struct JsonPaths {
    paths: Vec<(String, Vec<Step>)>,
    pub(crate) interest: Interest,
}

impl JsonPaths {
    pub(crate) fn new(extractions: &[Extraction], interest: Interest) -> Result<Self> {
        let paths = extractions.iter().map(|extraction| {
            let steps = parse_json_path(&extraction.expression)
                .map_err(|error| Error::Evaluation(error.to_string()))?;
            Ok((extraction.label.clone(), steps))
        });
        Ok(Self { paths: paths.collect::<Result<_>>()?, interest })
    }

    /// How often it goes through a line.
    pub(crate) fn passes(&self) -> usize {
        self.paths.len()
    }

    /// Takes the labels of a line; those without a value are set to nothing. `false` drops the row.
    pub(crate) fn run<'r>(&'r self, state: &mut State<'r>) -> bool {
        match state.line.first() {
            None => return true,
            Some(b'{' | b'[' | b'"') => {}
            Some(_) => {
                state.labels.set_error(ERROR, "");
                return true;
            }
        }
        let mark = state.labels.len();
        let mut taken = 0;
        for (label, steps) in &self.paths {
            match value(state.line, steps) {
                Ok(Some(found)) => {
                    let text = match found {
                        Json::String(text, escaped) => unquoted(text, escaped, state.arena).unwrap_or(""),
                        Json::Plain(text) | Json::Object(text) | Json::Array(text) => {
                            text_of(text, state.arena)
                        }
                        Json::Null => "",
                    };
                    taken += text.len();
                    if taken > VALUES_BYTES_MAX {
                        state.labels.set_error(ROW_ERROR, "the values of one line are too much");
                        return true;
                    }
                    if text.is_empty() {
                        state.labels.set_missing(label);
                    } else if self.interest.take(state, label, text, (mark, Repeated::First)) == Flow::Drop {
                        return false;
                    }
                }
                Ok(None) => state.labels.set_missing(label),
                Err(broken) => {
                    let details = state.arena.alloc_str(&broken.to_string());
                    state.labels.set_error(ERROR, details);
                    state.labels.set_missing(label);
                }
            }
        }
        true
    }
}

/// The value that the steps lead to.
fn value<'l>(line: &'l [u8], steps: &[Step]) -> std::result::Result<Option<Json<'l>>, Broken> {
    let mut text = line;
    let mut value = None;
    for (position, step) in steps.iter().enumerate() {
        value = match find(text, step) {
            Err(_) if position + 1 < steps.len() => None,
            found => found?,
        };
        text = match value {
            Some(Json::Object(inner) | Json::Array(inner)) => inner,
            Some(_) => &[],
            None => return Ok(None),
        };
    }
    Ok(value)
}
