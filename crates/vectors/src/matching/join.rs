//! Pairs of series for the operators that compute one value from two.

use std::collections::HashMap;
use std::fmt;

use foldhash::fast::RandomState;
use model::Labels;
use model::labels::{METRIC_NAME, METRIC_TYPE, METRIC_UNIT};

use super::{Signature, SignatureNumbers};

/// How many elements of one side meet how many of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// One meets one.
    OneToOne,
    /// Several of the left meet one of the right (`group_left`).
    ManyToOne,
    /// One of the left meets several of the right (`group_right`).
    OneToMany,
}

/// What stands in for an element that the other side lacks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Fill {
    /// For what the left side lacks.
    pub left: Option<f64>,
    /// For what the right side lacks.
    pub right: Option<f64>,
}

/// What becomes of the metric's name in the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// It stays where the matching lets it.
    Keep,
    /// It is dropped with type and unit: the result is another metric.
    Drop,
}

/// How two vectors are joined.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinRule {
    /// What makes two series meet.
    pub signature: Signature,
    /// How many meet how many.
    pub cardinality: Cardinality,
    /// Labels taken over from the "one" side.
    pub include: Vec<String>,
    /// Stand-ins for missing elements.
    pub fill: Fill,
    /// What becomes of the name.
    pub name: NameRule,
}

/// A side of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

/// Why elements of two vectors could not be paired at a step; the texts are the original's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// The side that may have one element in a group had two.
    #[error(
        "found duplicate series for the match group {group} on the {side} hand-side of the operation: \
         [{second}, {first}];many-to-many matching not allowed: matching labels must be unique on one side"
    )]
    Duplicate {
        /// The signature that they share.
        group: Labels,
        /// The side.
        side: Side,
        /// The one met first.
        first: Labels,
        /// The one met after it.
        second: Labels,
    },
    /// Several elements met one and no `group_…` modifier allows it.
    #[error("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")]
    ManyToOneNotExplicit,
    /// Two pairs have the same labels.
    #[error("multiple matches for labels: grouping labels must ensure unique matches")]
    GroupingNotUnique,
}

/// The series that share a signature. "Many" is the left side, the right one with [`Cardinality::OneToMany`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinGroup {
    /// What they share.
    pub signature: Labels,
    /// Positions on the side that may have several.
    pub many: Vec<u32>,
    /// Positions on the side that must have at most one at a step.
    pub one: Vec<u32>,
}

/// A series of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinOutput {
    /// Its labels.
    pub labels: Labels,
    /// The number of its group in [`Join::groups`].
    pub group: u32,
    /// Position on the "many" side; `None` for what only the "one" side has and `fill` completes.
    pub many: Option<u32>,
    /// Position on the "one" side; `None` for what only the "many" side has and `fill` completes.
    pub one: Option<u32>,
}

/// The plan of a join: groups, and the pairs that may give a value at some step.
///
/// In a *plain* group one series meets each of the many, and no check by step is needed: each pair has an output
/// of its own. In the others ([`Join::contested`]) it depends on the step which series meet, and whether that is
/// an error; several pairs may share one output's labels.
#[derive(Debug)]
pub struct Join {
    /// All groups.
    pub groups: Vec<JoinGroup>,
    /// Pairs of plain groups, in the order of the "many" side.
    pub plain: Vec<JoinOutput>,
    /// Numbers of the groups that must be evaluated as a whole.
    pub contested: Vec<u32>,
}

impl Join {
    /// Plans a join of series with these labels.
    pub fn plan(left: &[Labels], right: &[Labels], rule: &JoinRule) -> Self {
        let (many, one) = match rule.cardinality {
            Cardinality::OneToMany => (right, left),
            Cardinality::OneToOne | Cardinality::ManyToOne => (left, right),
        };
        let mut groups = groups(many, one, &rule.signature);
        let mut labeller = Labeller::new(rule);
        let mut plain: Vec<JoinOutput> = Vec::new();
        let mut contested = Vec::new();
        for (number, group) in (0u32..).zip(&mut groups) {
            match plain_group(number, group, many, one, rule, &mut labeller) {
                Some(outputs) => plain.extend(outputs),
                None => contested.push(number),
            }
        }
        plain.sort_unstable_by_key(|output| output.many);
        Self { groups, plain, contested }
    }
}

/// The series of both sides by signature.
fn groups(many: &[Labels], one: &[Labels], signature: &Signature) -> Vec<JoinGroup> {
    let mut numbers = SignatureNumbers::default();
    let mut groups: Vec<JoinGroup> = Vec::new();
    for (side, series) in [(0, one), (1, many)] {
        for (position, labels) in (0u32..).zip(series) {
            let (number, first) = numbers.number(signature, labels);
            if let Some(signature) = first {
                groups.push(JoinGroup { signature, many: Vec::new(), one: Vec::new() });
            }
            if let Some(group) = groups.get_mut(number as usize) {
                if side == 0 { group.one.push(position) } else { group.many.push(position) }
            }
        }
    }
    groups
}

/// The outputs of a group that needs no check by step, `None` where it needs one.
fn plain_group(
    number: u32,
    group: &JoinGroup,
    many: &[Labels],
    one: &[Labels],
    rule: &JoinRule,
    labeller: &mut Labeller<'_>,
) -> Option<Vec<JoinOutput>> {
    let fills = rule.fill.left.is_some() || rule.fill.right.is_some();
    let several = rule.cardinality == Cardinality::OneToOne && group.many.len() > 1 && !group.one.is_empty();
    if fills || several || group.one.len() > 1 {
        return None;
    }
    let Some(single) = group.one.first() else { return Some(Vec::new()) };
    let single_labels = one.get(*single as usize)?;
    let mut outputs = Vec::with_capacity(group.many.len());
    for position in &group.many {
        let labels = labeller.labels(many.get(*position as usize)?, Some(single_labels));
        outputs.push(JoinOutput { labels, group: number, many: Some(*position), one: Some(*single) });
    }
    (outputs.len() < 2 || all_different(&outputs)).then_some(outputs)
}

fn all_different(outputs: &[JoinOutput]) -> bool {
    let mut seen: HashMap<&Labels, (), RandomState> = HashMap::default();
    outputs.iter().all(|output| seen.insert(&output.labels, ()).is_none())
}

/// Makes the labels of results.
pub struct Labeller<'a> {
    rule: &'a JoinRule,
}

impl<'a> Labeller<'a> {
    /// Makes labels by `rule`.
    pub fn new(rule: &'a JoinRule) -> Self {
        Self { rule }
    }

    /// The labels of what an element of the "many" side and one of the "one" side give.
    pub fn labels(&mut self, many: &Labels, one: Option<&Labels>) -> Labels {
        let include = &self.rule.include;
        if include.is_empty() {
            return many.filtered(|name| self.keeps(name));
        }
        let is_included = |name: &str| include.iter().any(|label| label == name);
        let own = many.iter().filter(|(name, _)| self.keeps(name) && !is_included(name));
        let taken = include.iter().map(|name| (name.as_str(), one.map_or("", |labels| labels.value(name))));
        let mut pairs: Vec<(&str, &str)> = own.chain(taken.filter(|(_, value)| !value.is_empty())).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Labels::from_sorted(pairs)
    }

    /// Whether a label of the "many" side stays.
    fn keeps(&self, name: &str) -> bool {
        let JoinRule { name: rule, cardinality, signature, .. } = self.rule;
        let is_dropped = *rule == NameRule::Drop && matches!(name, METRIC_NAME | METRIC_TYPE | METRIC_UNIT);
        !is_dropped && (*cardinality != Cardinality::OneToOne || signature.names(name) == signature.on)
    }
}
