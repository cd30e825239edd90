//! Which series of two vectors meet, decided from labels alone.
//!
//! Two series meet where their signatures are equal: the labels named by `on`, or all but the name and those
//! named by `ignoring`. [`Join`] plans the operators that pair elements, [`SetPlan`] those that work on presence.

mod join;
mod set;
#[cfg(test)]
mod tests;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use model::Labels;
use model::labels::METRIC_NAME;

pub use join::{
    Cardinality, Fill, Join, JoinGroup, JoinOutput, JoinRule, Labeller, MatchError, NameRule, Side,
};
pub use set::{SetOp, SetPlan};

/// The labels that count when series are matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    labels: Vec<String>,
    on: bool,
}

impl Signature {
    /// The labels named (`on`), or all but the name and those named (`ignoring`).
    pub fn new(mut labels: Vec<String>, on: bool) -> Self {
        labels.sort_unstable();
        labels.dedup();
        Self { labels, on }
    }

    /// The labels named, sorted.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Whether the labels named are those that count.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// The labels of a series that count.
    pub fn of(&self, series: &Labels) -> Labels {
        series.filtered(|name| self.counts(name))
    }

    fn names(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label == name)
    }

    fn counts(&self, name: &str) -> bool {
        if self.on { self.names(name) } else { name != METRIC_NAME && !self.names(name) }
    }
}

/// Numbers for signatures, in the order in which they are first met.
#[derive(Debug, Default)]
pub(crate) struct SignatureNumbers {
    numbers: HashMap<Labels, u32, RandomState>,
    /// The signature that is looked up, packed.
    packed: Vec<u8>,
}

impl SignatureNumbers {
    /// The number of a series' signature; the signature too, where it is the first of its kind.
    pub(crate) fn number(&mut self, signature: &Signature, series: &Labels) -> (u32, Option<Labels>) {
        if let Some(number) = self.known(signature, series) {
            return (number, None);
        }
        let (number, shared) = (self.numbers.len() as u32, signature.of(series));
        self.numbers.insert(shared.clone(), number);
        (number, Some(shared))
    }

    /// The number of a series' signature that was met before.
    pub(crate) fn known(&mut self, signature: &Signature, series: &Labels) -> Option<u32> {
        self.packed.clear();
        series.pack_filtered(|name| signature.counts(name), &mut self.packed);
        self.numbers.get(self.packed.as_slice()).copied()
    }
}
