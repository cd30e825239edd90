//! Metrics of one name that differ in the values of their labels.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::gather::{Metric, Value};
use crate::{Counter, CounterF, Gauge, Histogram, Summary};

/// The most children of one family; label values of foreign making must not fill the memory.
pub const CHILDREN_MAX: usize = 100_000;

/// A handle that can be a member of a [`Family`].
pub trait Child: Clone + Send + Sync + 'static {
    /// The present value.
    fn value(&self) -> Value;
}

macro_rules! child {
    ($($handle:ty),*) => {
        $(impl Child for $handle {
            fn value(&self) -> Value {
                <$handle>::value(self)
            }
        })*
    };
}
child!(Counter, CounterF, Gauge, Histogram, Summary);

/// Metrics of one name and type, one for each combination of label values that was asked for.
///
/// Looking a child up takes a lock and an allocation: hot paths keep the child.
#[derive(Clone)]
pub struct Family<M>(Arc<Inner<M>>);

struct Inner<M> {
    label_names: Box<[String]>,
    make: Box<dyn Fn() -> M + Send + Sync>,
    children: RwLock<BTreeMap<Box<[String]>, M>>,
}

impl<M: Child> Family<M> {
    pub(crate) fn new(label_names: &[&str], make: impl Fn() -> M + Send + Sync + 'static) -> Self {
        let label_names = label_names.iter().map(|name| (*name).to_owned()).collect();
        Self(Arc::new(Inner { label_names, make: Box::new(make), children: RwLock::default() }))
    }

    /// The child with these label values, made if there is none.
    ///
    /// Values stand in the order of the label names; missing ones count as empty. Past [`CHILDREN_MAX`]
    /// children a new one works but is not shown.
    pub fn with(&self, values: &[&str]) -> M {
        let key = self.key(values);
        if let Some(child) = self.0.children.read().get(&key) {
            return child.clone();
        }
        let mut children = self.0.children.write();
        if children.len() >= CHILDREN_MAX && !children.contains_key(&key) {
            return (self.0.make)();
        }
        children.entry(key).or_insert_with(&self.0.make).clone()
    }

    /// Takes the child with these label values away; handles to it go on working unseen.
    pub fn remove(&self, values: &[&str]) {
        let key = self.key(values);
        self.0.children.write().remove(&key);
    }

    /// Keeps the children whose label values `keep` accepts.
    pub fn retain(&self, mut keep: impl FnMut(&[String]) -> bool) {
        self.0.children.write().retain(|values, _| keep(values));
    }

    /// Takes all children away.
    pub fn clear(&self) {
        self.0.children.write().clear();
    }

    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let children = self.0.children.read();
        children
            .iter()
            .map(|(values, child)| Metric {
                labels: self.0.label_names.iter().cloned().zip(values.iter().cloned()).collect(),
                value: child.value(),
            })
            .collect()
    }

    fn key(&self, values: &[&str]) -> Box<[String]> {
        debug_assert_eq!(values.len(), self.0.label_names.len(), "label values for {:?}", self.0.label_names);
        (0..self.0.label_names.len())
            .map(|position| values.get(position).copied().unwrap_or_default().to_owned())
            .collect()
    }
}

impl<M> fmt::Debug for Family<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Family({:?}, {} children)", self.0.label_names, self.0.children.read().len())
    }
}
