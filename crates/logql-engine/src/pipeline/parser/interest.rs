//! Which of the labels of a line are wanted, and what they must fulfil.

use bumpalo::Bump;

use super::Flow;
use super::text::{is_name, push_name};
use crate::pipeline::Wanted;
use crate::pipeline::label_filter::{LabelCondition, Test};
use crate::pipeline::labels::{ERROR, ERROR_DETAILS, RowLabels};
use crate::pipeline::step::State;

/// What a parser's label gets behind its name where the stream or the metadata has that name.
const COLLISION: &str = "_extracted";

/// What later stages, and whoever reads the rows, want of the labels of a parser.
#[derive(Debug)]
pub(crate) struct Interest {
    /// The names that are wanted; `None` for all.
    names: Option<Vec<String>>,
    /// Conditions on one label each that stand right behind the parser: tried as soon as the label is there.
    early: Vec<(String, LabelCondition)>,
    /// Whether errors are wanted wherever they stand in the line.
    complete: bool,
    /// Whether a key that is no name as it stands may become a name that is wanted: that has an underscore.
    wants_cleaned: bool,
}

/// How the labels of one line are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// Of a name that comes twice the first value counts.
    First,
    /// The last one does.
    Last,
}

impl Interest {
    pub(crate) fn new(wanted: Wanted, early: Vec<(String, LabelCondition)>) -> Self {
        let (names, complete) = match wanted {
            Wanted::All => (None, true),
            Wanted::Named(mut names) => {
                let complete = names.iter().any(|name| name == ERROR || name == ERROR_DETAILS);
                // As in the original a line cannot give these where labels are named.
                names.retain(|name| name != ERROR && name != ERROR_DETAILS);
                names.sort_unstable();
                names.dedup();
                (Some(names), complete)
            }
        };
        let has_underscore = |names: &Vec<String>| names.iter().any(|name| name.contains('_'));
        let wants_cleaned = names.as_ref().is_none_or(has_underscore);
        Self { names, early, complete, wants_cleaned }
    }

    /// Whether nothing is wanted at all.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.complete && self.names.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether it is worth to try the conditions before anything is taken.
    pub(crate) fn tries_first(&self) -> bool {
        !self.early.is_empty() && self.names.is_none()
    }

    /// Whether a name is wanted, or would be behind a collision.
    pub(crate) fn may_want(&self, name: &[u8]) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().any(|wanted| same(wanted, name)))
    }

    /// Whether a key is surely not wanted, whatever name it becomes.
    pub(crate) fn passes_over(&self, key: &[u8]) -> bool {
        !self.may_want(key) && (!self.wants_cleaned || is_name(key))
    }

    /// Whether a name that begins with this and `_` is wanted.
    pub(crate) fn may_want_under(&self, prefix: &[u8]) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().any(|wanted| begins(wanted, prefix)))
    }

    /// As [`Interest::may_want`], of the conditions alone.
    pub(crate) fn may_try(&self, name: &[u8]) -> bool {
        self.early.iter().any(|(tried, _)| same(tried, name))
    }

    /// As [`Interest::may_want_under`], of the conditions alone.
    pub(crate) fn may_try_under(&self, prefix: &[u8]) -> bool {
        self.early.iter().any(|(tried, _)| begins(tried, prefix))
    }

    /// Whether a value lets the conditions on its label hold.
    pub(crate) fn holds(&self, labels: &RowLabels<'_>, name: &[u8], value: &str) -> bool {
        if labels.has_error() {
            return true;
        }
        self.early.iter().all(|(tried, condition)| {
            if !same(tried, name) {
                return true;
            }
            let collides = std::str::from_utf8(name).is_ok_and(|name| labels.base_has(name));
            if (tried.len() != name.len()) != collides {
                return true;
            }
            condition.test(value) != Test::Fails
        })
    }

    /// Takes a label of the line, unless it is not wanted or an earlier stage took it.
    pub(crate) fn take<'r>(
        &self,
        state: &mut State<'r>,
        name: &'r str,
        value: &'r str,
        (mark, repeated): (usize, Repeated),
    ) -> Flow {
        let name = match state.labels.base_has(name) {
            true => with_collision(name, state.arena),
            false => name,
        };
        if self.names.as_ref().is_some_and(|names| names.binary_search_by(|n| n.as_str().cmp(name)).is_err())
        {
            return Flow::Continue;
        }
        state.labels.extract(name, value, mark, repeated == Repeated::Last);
        if state.labels.has_error() {
            return Flow::Continue;
        }
        let fails = |(tried, condition): &(String, LabelCondition)| {
            tried == name && condition.test(value) == Test::Fails
        };
        if self.early.iter().any(fails) { Flow::Drop } else { Flow::Continue }
    }

    /// Whether all that is wanted of a line has been taken behind `mark`.
    pub(crate) fn has_all(&self, labels: &RowLabels<'_>, mark: usize) -> bool {
        let Some(names) = &self.names else { return false };
        !self.complete
            && labels.len() >= mark + names.len()
            && names.iter().all(|name| labels.find(name).is_some())
    }
}

/// Whether a wanted name is this one, or this one behind a collision.
fn same(wanted: &str, name: &[u8]) -> bool {
    let wanted = wanted.as_bytes();
    wanted == name
        || (wanted.len() == name.len() + COLLISION.len()
            && wanted.starts_with(name)
            && wanted.ends_with(COLLISION.as_bytes()))
}

fn begins(wanted: &str, prefix: &[u8]) -> bool {
    let rest = wanted.as_bytes().strip_prefix(prefix);
    rest.is_some_and(|rest| rest.first() == Some(&b'_'))
}

fn with_collision<'r>(name: &str, arena: &'r Bump) -> &'r str {
    let mut text = bumpalo::collections::String::with_capacity_in(name.len() + COLLISION.len(), arena);
    text.push_str(name);
    text.push_str(COLLISION);
    text.into_bump_str()
}

/// The name that a key has as a label: the key itself where it is one.
pub(crate) fn name_of<'r>(key: &'r [u8], arena: &'r Bump, scratch: &mut String) -> &'r str {
    match std::str::from_utf8(key) {
        Ok(name) if is_name(key) => name,
        _ => {
            scratch.clear();
            push_name(key, scratch);
            arena.alloc_str(scratch)
        }
    }
}
