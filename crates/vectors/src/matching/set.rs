//! Presence of groups for `and`, `or` and `unless`.

use model::Labels;

use super::{Signature, SignatureNumbers};

/// An operator on the presence of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetOp {
    /// Elements of the left side that have a partner.
    And,
    /// Elements of the left side, and those of the right side without a partner.
    Or,
    /// Elements of the left side that have no partner.
    Unless,
}

/// The groups that both sides have members in; the others need no look at any step.
#[derive(Debug)]
pub struct SetPlan {
    /// The number of shared groups.
    pub groups: usize,
    /// The shared group of each series of the left side.
    pub left: Vec<Option<u32>>,
    /// The shared group of each series of the right side.
    pub right: Vec<Option<u32>>,
}

impl SetPlan {
    /// Finds the groups that both sides share.
    pub fn plan(left: &[Labels], right: &[Labels], signature: &Signature) -> Self {
        let mut numbers = SignatureNumbers::default();
        let right_groups: Vec<u32> = right.iter().map(|labels| numbers.number(signature, labels).0).collect();
        let left_groups: Vec<Option<u32>> =
            left.iter().map(|labels| numbers.known(signature, labels)).collect();
        // Numbers anew, of those groups only that the left side has members in.
        let mut shared: Vec<Option<u32>> = vec![None; right.len()];
        let mut groups = 0;
        for number in left_groups.iter().flatten() {
            if let Some(place @ None) = shared.get_mut(*number as usize) {
                *place = Some(groups);
                groups += 1;
            }
        }
        let renumber = |number: u32| shared.get(number as usize).copied().flatten();
        Self {
            groups: groups as usize,
            left: left_groups.into_iter().map(|number| number.and_then(renumber)).collect(),
            right: right_groups.into_iter().map(renumber).collect(),
        }
    }
}
