//! `| pattern`

use logql_syntax::pattern::{Piece, parse_stage_pattern};
use memchr::memmem;

use super::Flow;
use super::interest::{Interest, Repeated};
use super::text::text_of;
use crate::pipeline::step::State;
use crate::{Error, Result};

/// `| pattern`: literals, and captures between them.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// What the line must begin with.
    start: Vec<u8>,
    /// Each capture (`None`: its text is not wanted) with what stands behind it; nothing behind the last one, perhaps.
    captures: Vec<(Option<String>, Option<memmem::Finder<'static>>)>,
    pub(crate) interest: Interest,
}

impl Pattern {
    pub(crate) fn new(text: &str, interest: Interest) -> Result<Self> {
        let pieces = parse_stage_pattern(text).map_err(|error| Error::Evaluation(error.to_string()))?;
        let mut start = Vec::new();
        let mut captures: Vec<(Option<String>, Option<memmem::Finder<'static>>)> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Capture(name) => captures.push((Some(name), None)),
                Piece::Anything => captures.push((None, None)),
                Piece::Literal(text) => match captures.last_mut() {
                    Some((_, behind)) => *behind = Some(memmem::Finder::new(&text).into_owned()),
                    None => start = text.into_bytes(),
                },
            }
        }
        Ok(Self { start, captures, interest })
    }

    /// Takes the labels of a line; `false` drops the row.
    pub(crate) fn run<'r>(&'r self, state: &mut State<'r>) -> bool {
        let Some(mut rest) = state.line.strip_prefix(self.start.as_slice()) else { return true };
        if state.line.is_empty() {
            return true;
        }
        let mark = state.labels.len();
        for (name, behind) in &self.captures {
            let end = behind.as_ref().and_then(|finder| finder.find(rest));
            let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            if let Some(name) = name
                && self.interest.may_want(name.as_bytes())
            {
                let text = text_of(text, state.arena);
                if self.interest.take(state, name, text, (mark, Repeated::First)) == Flow::Drop {
                    return false;
                }
            }
            let Some((end, finder)) = end.zip(behind.as_ref()) else { return true };
            rest = rest.get(end + finder.needle().len()..).unwrap_or_default();
        }
        true
    }
}
