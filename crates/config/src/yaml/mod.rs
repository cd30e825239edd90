//! YAML as a tree of positioned nodes: parsed text on the way in ([`parse()`]), printed text on the way out ([`Yaml`]).
//!
//! The tree keeps line and column of every node, so that a value found wrong long after parsing can still be pointed at.
//! Scalars stay text until a field asks for a type, since what a plain `yes`, `010` or `1e3` means depends on the field:
//! the tree answers with the rules of YAML 1.1, which the originals follow.

mod parse;
mod print;
mod resolve;
#[cfg(test)]
mod tests;

use std::{fmt, rc::Rc};

pub(crate) use parse::parse;
pub(crate) use print::Yaml;
pub(crate) use resolve::Resolved;

/// A place in a file, both counted from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1; 0 where no place is known.
    pub line: usize,
    /// The column in characters, from 1; 0 where no place is known.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One node of a parsed document. An alias is the node that it names.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) tag: Option<String>,
    pub(crate) at: Position,
    /// How many levels of nodes stand below this one; aliases count through.
    depth: usize,
}

/// What a node holds.
#[derive(Debug)]
pub(crate) enum Value {
    Scalar(Scalar),
    Sequence(Vec<Rc<Node>>),
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A scalar as written, escapes resolved.
#[derive(Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Written without quotes and not as a block: open to being a number, a boolean or null.
    pub(crate) plain: bool,
}

impl Node {
    /// An absent node, standing at `at`: what an empty document or value is.
    pub(crate) fn null(at: Position) -> Node {
        Node { value: Value::Scalar(Scalar { text: String::new(), plain: true }), tag: None, at, depth: 0 }
    }

    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    pub(crate) fn sequence(&self) -> Option<&[Rc<Node>]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn mapping(&self) -> Option<&[(Rc<Node>, Rc<Node>)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value that stands under `key`, when this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Rc<Node>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Key node and value node of `key`, when this is a mapping that has it, itself or merged into it.
    pub(crate) fn entry(&self, key: &str) -> Option<(&Rc<Node>, &Rc<Node>)> {
        let entries = self.mapping()?;
        let own = entries.iter().rev().find(|(k, _)| k.scalar().is_some_and(|s| s.text == key));
        let merged = || {
            let from = entries
                .iter()
                .rev()
                .filter(|(k, _)| k.resolve() == Some(Resolved::Merge))
                .map(|(_, from)| from);
            from.flat_map(|from| from.sequence().unwrap_or(std::slice::from_ref(from)))
                .find_map(|from| from.entry(key))
        };
        own.map(|(k, v)| (k, v)).or_else(merged)
    }

    /// Whether the node is written as nothing, `~` or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.resolve(), Some(Resolved::Null))
    }

    /// The meaning of a scalar by its text, quoting and tag; `None` for collections.
    pub(crate) fn resolve(&self) -> Option<Resolved> {
        Some(resolve::resolve(self.scalar()?, self.tag.as_deref()))
    }

    /// The short tag of the node's type as error messages name it, `!!str` for example.
    pub(crate) fn short_tag(&self) -> String {
        if let Some(tag) = &self.tag {
            return tag.strip_prefix(CORE_TAGS).map_or_else(|| tag.clone(), |short| format!("!!{short}"));
        }
        match &self.value {
            Value::Sequence(_) => "!!seq".into(),
            Value::Mapping(_) => "!!map".into(),
            Value::Scalar(scalar) => resolve::resolve(scalar, None).short_tag().into(),
        }
    }
}

/// The prefix of the tags that YAML itself defines.
pub(crate) const CORE_TAGS: &str = "tag:yaml.org,2002:";
