//! Lists, mappings with free keys, and what may be absent.

use std::{
    collections::{BTreeMap, HashSet},
    ops::{Deref, DerefMut},
    path::Path,
};

use super::{Decoder, Dialect, Field, Invalid};
use crate::yaml::{Node, Position, Resolved, Yaml};

/// A list of plain values.
impl<T: Field> Field for Vec<T> {
    fn zero() -> Self {
        Vec::new()
    }

    fn type_name() -> String {
        format!("[]{}", T::type_name())
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let Some(items) = node.sequence() else { return Ok(decoder.wrong_type(node, &Self::type_name())) };
        self.clear();
        for (index, item) in items.iter().enumerate() {
            decoder.step(item)?;
            // The newer library leaves such items out, the older one takes them for the zero value.
            if item.is_null() && decoder.dialect == Dialect::Third {
                continue;
            }
            let mut value = T::zero();
            if item.is_null() || decoder.under(format!("[{index}]"), |decoder| value.decode(item, decoder))? {
                self.push(value);
            }
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Sequence(self.iter().map(Field::encode).collect())
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }

    fn join_folder(&mut self, folder: &Path) {
        self.iter_mut().for_each(|item| item.join_folder(folder));
    }
}

/// A list of sections. An item that is null is kept apart, for the section that holds the list to complain about.
#[derive(Clone, Debug)]
pub struct List<T> {
    items: Vec<T>,
    null: Option<Position>,
}

/// Where an item was null says nothing about what the list holds.
impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List { items: Vec::new(), null: None }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        List { items, null: None }
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.items
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.items
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T> List<T> {
    /// Complains when an item under `key` was null.
    pub(crate) fn refuse_null(&self, decoder: &Decoder, key: &str, message: &str) -> Result<(), Invalid> {
        let Some(at) = self.null else { return Ok(()) };
        let mut problem = decoder.invalid(&Node::null(at), message);
        problem.key = if problem.key.is_empty() { key.into() } else { format!("{}.{key}", problem.key) };
        problem.found = Some("nothing".into());
        problem.expected = Some("a mapping, or no `-` at all".into());
        Err(problem)
    }
}

impl<T: Field + Default> Field for List<T> {
    fn zero() -> Self {
        List::default()
    }

    fn type_name() -> String {
        format!("[]*{}", T::type_name())
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let Some(items) = node.sequence() else { return Ok(decoder.wrong_type(node, &Self::type_name())) };
        self.items.clear();
        for (index, item) in items.iter().enumerate() {
            decoder.step(item)?;
            if item.is_null() {
                self.null = self.null.or(Some(item.at));
                continue;
            }
            let mut value = T::default();
            if decoder.under(format!("[{index}]"), |decoder| value.decode(item, decoder))? {
                self.items.push(value);
            }
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Sequence(self.items.iter().map(Field::encode).collect())
    }

    fn is_zero(&self) -> bool {
        self.items.is_empty()
    }

    fn join_folder(&mut self, folder: &Path) {
        self.items.iter_mut().for_each(|item| item.join_folder(folder));
    }
}

/// A section or value that may be absent; null makes it so.
impl<T: Field + Default> Field for Option<T> {
    fn zero() -> Self {
        None
    }

    fn type_name() -> String {
        T::type_name()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        self.insert(T::default()).decode(node, decoder)
    }

    fn encode(&self) -> Yaml {
        self.as_ref().map_or_else(|| Yaml::Plain("null".into()), Field::encode)
    }

    fn is_zero(&self) -> bool {
        self.is_none()
    }

    fn join_folder(&mut self, folder: &Path) {
        if let Some(value) = self {
            value.join_folder(folder);
        }
    }
}

/// A mapping whose keys are data. A value that is null is the zero value.
impl<T: Field> Field for BTreeMap<String, T> {
    fn zero() -> Self {
        BTreeMap::new()
    }

    fn type_name() -> String {
        format!("map[string]{}", T::type_name())
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let Some(entries) = node.mapping() else { return Ok(decoder.wrong_type(node, &Self::type_name())) };
        let mut seen = HashSet::new();
        for (key_node, value_node) in entries {
            decoder.step(value_node)?;
            if key_node.resolve() == Some(Resolved::Merge) {
                merge(value_node, decoder, |from, decoder| self.decode(from, decoder).map(|_| ()))?;
                continue;
            }
            let mut key = String::new();
            if !key.decode(key_node, decoder)? {
                continue;
            }
            if !seen.insert(key.clone()) {
                let problem = decoder
                    .problem(key_node, format!("key {} already set in map", model::quote::quote(&key)));
                decoder.collect(problem.expected("each key once"));
                continue;
            }
            let mut value = T::zero();
            if value_node.is_null()
                || decoder.under(key.clone(), |decoder| value.decode(value_node, decoder))?
            {
                self.insert(key, value);
            }
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::sorted(self.iter().map(|(key, value)| (key.clone(), value.encode())))
    }

    fn is_zero(&self) -> bool {
        self.is_empty()
    }

    fn join_folder(&mut self, folder: &Path) {
        self.values_mut().for_each(|value| value.join_folder(folder));
    }
}

/// Takes in the mapping or mappings that stand under a `<<`; of several, the first that has a key gives it.
pub(super) fn merge(
    node: &Node,
    decoder: &mut Decoder,
    mut take: impl FnMut(&Node, &mut Decoder) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    let wrong = "map merge requires map or sequence of maps as the value";
    if node.mapping().is_some() {
        return take(node, decoder);
    }
    let Some(items) = node.sequence() else { return Err(decoder.invalid(node, format!("yaml: {wrong}"))) };
    for item in items.iter().rev() {
        decoder.step(item)?;
        if item.mapping().is_none() {
            return Err(decoder.invalid(item, format!("yaml: {wrong}")));
        }
        take(item, decoder)?;
    }
    Ok(())
}
