//! How a text is answered: by comparing strings where the pattern is simple, by an engine where it is not.

mod glob;
mod items;
mod set;

use regex_syntax::hir::Hir;

use self::glob::Glob;
use self::items::Item;
use self::set::TextSet;
use crate::facts::{Facts, Strings};

/// How to tell whether a text matches.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Any text does.
    Everything,
    /// Any text but the empty one does.
    NonEmpty,
    /// A text of one of these shapes does.
    Shapes(Vec<Shape>),
    /// An engine must tell.
    Engine,
}

/// A shape of texts that needs no engine.
#[derive(Debug)]
pub(crate) enum Shape {
    OneOf(TextSet),
    Glob(Glob),
}

impl Plan {
    pub(crate) fn of(hir: &Hir, facts: &Facts) -> Plan {
        if let Some(set) = facts.set.as_ref().filter(|_| facts.set_is_exact) {
            return Plan::words(set);
        }
        let Some(sequences) = items::sequences(hir) else {
            return Plan::Engine;
        };
        if sequences.iter().any(|items| items::is_everything(items)) {
            return Plan::Everything;
        }
        if sequences.iter().any(|items| items::is_non_empty(items)) {
            return match sequences.iter().all(|items| items::needs_text(items)) {
                true => Plan::NonEmpty,
                false => Plan::Everything,
            };
        }
        let shapes: Option<Vec<Shape>> = sequences.iter().map(|items| Shape::of(items)).collect();
        shapes.map_or(Plan::Engine, Plan::Shapes)
    }

    /// One of a set of texts does.
    pub(crate) fn words(set: &Strings) -> Plan {
        Plan::Shapes(vec![Shape::OneOf(TextSet::new(set.iter()))])
    }

    /// The answer, if no engine is needed for it.
    pub(crate) fn is_match(&self, text: &[u8]) -> Option<bool> {
        match self {
            Plan::Everything => Some(true),
            Plan::NonEmpty => Some(!text.is_empty()),
            Plan::Shapes(shapes) => Some(shapes.iter().any(|shape| shape.is_match(text))),
            Plan::Engine => None,
        }
    }
}

impl Shape {
    fn of(items: &[Item]) -> Option<Shape> {
        match items {
            [] => Some(Shape::OneOf(TextSet::new([""].into_iter()))),
            [Item::Literals(set)] => Some(Shape::OneOf(TextSet::new(set.iter()))),
            items => Glob::new(items).map(Shape::Glob),
        }
    }

    fn is_match(&self, text: &[u8]) -> bool {
        match self {
            Shape::OneOf(set) => set.contains(text),
            Shape::Glob(glob) => glob.is_match(text),
        }
    }
}

#[cfg(test)]
mod tests;
