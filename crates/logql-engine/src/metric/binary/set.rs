//! `and`, `or`, `unless`: operators on the presence of elements.

use hashbrown::HashMap;
use logql_syntax::ast::{BinaryOperator, Matching};
use model::Labels;
use vectors::matching::SetPlan;
use vectors::{ABSENT, is_absent};

use super::super::series::Series;
use super::super::windows::lane::Span;

/// Computes a set operator.
pub(super) fn combine(
    operator: BinaryOperator,
    matching: Option<&Matching>,
    mut left: Vec<Series>,
    mut right: Vec<Series>,
    steps: usize,
) -> Vec<Series> {
    let labels_of =
        |side: &[Series]| side.iter().map(|series| series.labels.clone()).collect::<Vec<Labels>>();
    let plan = SetPlan::plan(&labels_of(&left), &labels_of(&right), &super::signature(matching));
    if operator == BinaryOperator::Or {
        let present = Presence::of(&left, &plan.left, plan.groups, steps);
        for (series, group) in right.iter_mut().zip(&plan.right) {
            mask(&mut series.span, |step| !present.at(*group, step));
        }
        return union(left, right);
    }
    let present = Presence::of(&right, &plan.right, plan.groups, steps);
    let wanted = operator == BinaryOperator::And;
    for (series, group) in left.iter_mut().zip(&plan.left) {
        mask(&mut series.span, |step| present.at(*group, step) == wanted);
    }
    left
}

/// At which steps a group has an element.
struct Presence {
    /// Shape: `[groups][steps]`; empty for a group without any.
    groups: Vec<Vec<bool>>,
}

impl Presence {
    fn of(side: &[Series], numbers: &[Option<u32>], groups: usize, steps: usize) -> Self {
        let mut presence = Self { groups: vec![Vec::new(); groups] };
        for (series, number) in side.iter().zip(numbers) {
            let Some(group) = number.and_then(|number| presence.groups.get_mut(number as usize)) else {
                continue;
            };
            group.resize(steps, false);
            for (step, _) in series.span.points() {
                if let Some(place) = group.get_mut(step) {
                    *place = true;
                }
            }
        }
        presence
    }

    fn at(&self, group: Option<u32>, step: usize) -> bool {
        let group = group.and_then(|group| self.groups.get(group as usize));
        group.and_then(|group| group.get(step)).copied().unwrap_or(false)
    }
}

/// Keeps the values of the steps at which `keep` holds.
fn mask(span: &mut Span, keep: impl Fn(usize) -> bool) {
    for (step, value) in (span.first..).zip(&mut span.values) {
        if !is_absent(*value) && !keep(step) {
            *value = ABSENT;
        }
    }
}

/// The series of both sides; equal labels are one series where both have no value at one step.
fn union(left: Vec<Series>, right: Vec<Series>) -> Vec<Series> {
    let mut all = left;
    let known: HashMap<Labels, usize> =
        all.iter().enumerate().map(|(position, series)| (series.labels.clone(), position)).collect();
    for series in right {
        let same = known.get(&series.labels).and_then(|position| all.get_mut(*position));
        match same {
            Some(own) if series.span.points().all(|(step, _)| is_absent(own.span.at(step))) => {
                own.span = merged(&own.span, &series.span);
            }
            _ => all.push(series),
        }
    }
    all
}

/// The values of two spans that have none at the same step.
fn merged(one: &Span, other: &Span) -> Span {
    if one.is_blank() {
        return other.clone();
    }
    let end = |span: &Span| span.first + span.values.len();
    let first = one.first.min(other.first);
    let value = |step: usize| match one.at(step) {
        value if is_absent(value) => other.at(step),
        value => value,
    };
    Span { first, values: (first..end(one).max(end(other))).map(value).collect() }
}
