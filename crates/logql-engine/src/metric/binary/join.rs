//! Operators that pair elements.
//!
//! Pairs are made from labels. Where a group has one series on the side that may have one, and the pairs' labels
//! differ, nothing can go wrong at any step; the other groups are looked at step by step.

use hashbrown::HashMap;
use logql_syntax::ast::{Cardinality as Card, Matching};
use model::Labels;
use vectors::matching::{Cardinality, Fill, Join, JoinGroup, JoinRule, Labeller, MatchError, NameRule};
use vectors::{ABSENT, is_absent};

use super::super::series::Series;
use super::super::windows::lane::Span;
use super::Operation;
use crate::{Control, Error, Result};

/// Pairs the elements of two sides.
pub(super) fn join(
    operation: Operation,
    matching: Option<&Matching>,
    left: &[Series],
    right: &[Series],
    (steps, control): (usize, &Control),
) -> Result<Vec<Series>> {
    let rule = rule(matching);
    let swapped = rule.cardinality == Cardinality::OneToMany;
    let labels_of =
        |side: &[Series]| side.iter().map(|series| series.labels.clone()).collect::<Vec<Labels>>();
    let plan = Join::plan(&labels_of(left), &labels_of(right), &rule);
    let (many, one) = if swapped { (right, left) } else { (left, right) };
    let pairing = Pairing { operation, swapped, many, one, rule: &rule, steps };
    let mut result = Vec::with_capacity(plan.plain.len());
    for output in plan.plain {
        let series = |side: &[Series], position: Option<u32>| {
            position.and_then(|position| side.get(position as usize)).map(|series| series.span.clone())
        };
        if let (Some(many), Some(one)) = (series(many, output.many), series(one, output.one)) {
            result.push(Series { labels: output.labels, span: pairing.spans(&many, &one) });
        }
    }
    let mut occupied: Option<Vec<bool>> = None;
    let mut first_error: Option<(usize, MatchError)> = None;
    for number in plan.contested {
        control.check()?;
        let Some(group) = plan.groups.get(number as usize) else { continue };
        let mut contest = Contest {
            pairing: &pairing,
            labeller: Labeller::new(&rule),
            outputs: Vec::new(),
            known: HashMap::new(),
        };
        for step in 0..steps {
            // At steps without any element on the other side nothing is looked at, so that nothing is wrong.
            let has_many = |step: usize| many.iter().any(|series| !is_absent(series.span.at(step)));
            let occupied = occupied.get_or_insert_with(|| (0..steps).map(has_many).collect());
            if occupied.get(step) != Some(&true) {
                continue;
            }
            if let Err(error) = contest.step(step, group) {
                if first_error.as_ref().is_none_or(|(earlier, _)| step < *earlier) {
                    first_error = Some((step, error));
                }
                break;
            }
        }
        result.extend(contest.outputs);
    }
    match first_error {
        Some((_, error)) => Err(Error::Pairing(text(&error))),
        None => Ok(result),
    }
}

/// The error in the original's words, which do not name the series.
fn text(error: &MatchError) -> String {
    match error {
        MatchError::Duplicate { side, .. } => format!(
            "found duplicate series on the {side} hand-side;many-to-many matching not allowed: matching labels must be unique on one side"
        ),
        other => other.to_string(),
    }
}

fn rule(matching: Option<&Matching>) -> JoinRule {
    let cardinality = match matching.map(|matching| matching.cardinality) {
        None | Some(Card::OneToOne) => Cardinality::OneToOne,
        Some(Card::ManyToOne) => Cardinality::ManyToOne,
        Some(Card::OneToMany) => Cardinality::OneToMany,
    };
    JoinRule {
        signature: super::signature(matching),
        cardinality,
        include: matching.map(|matching| matching.include.clone()).unwrap_or_default(),
        fill: Fill::default(),
        name: NameRule::Keep,
    }
}

/// What holds for all pairs.
struct Pairing<'a> {
    operation: Operation,
    /// Whether the side that may have several is the right one.
    swapped: bool,
    many: &'a [Series],
    one: &'a [Series],
    rule: &'a JoinRule,
    steps: usize,
}

impl Pairing<'_> {
    fn values(&self, many: f64, one: f64) -> f64 {
        let (left, right) = if self.swapped { (one, many) } else { (many, one) };
        self.operation.apply(left, right, left)
    }

    fn spans(&self, many: &Span, one: &Span) -> Span {
        let first = many.first.max(one.first);
        let end = (many.first + many.values.len()).min(one.first + one.values.len());
        Span { first, values: (first..end).map(|step| self.values(many.at(step), one.at(step))).collect() }
    }
}

/// The results of one contested group so far.
struct Contest<'a> {
    pairing: &'a Pairing<'a>,
    labeller: Labeller<'a>,
    outputs: Vec<Series>,
    known: HashMap<Labels, usize>,
}

impl Contest<'_> {
    fn step(&mut self, step: usize, group: &JoinGroup) -> std::result::Result<(), MatchError> {
        let pairing = self.pairing;
        let present = |side: &[Series], position: u32| {
            let series = side.get(position as usize)?;
            let value = series.span.at(step);
            (!is_absent(value)).then(|| (series.labels.clone(), value))
        };
        let mut partners = group.one.iter().filter_map(|position| present(pairing.one, *position));
        let Some((one_labels, one)) = partners.next() else { return Ok(()) };
        if let Some((second, _)) = partners.next() {
            let side =
                if pairing.swapped { vectors::matching::Side::Left } else { vectors::matching::Side::Right };
            let group = group.signature.clone();
            return Err(MatchError::Duplicate { group, side, first: one_labels, second });
        }
        let mut results: Vec<usize> = Vec::new();
        for position in &group.many {
            let Some((labels, many)) = present(pairing.many, *position) else { continue };
            let value = pairing.values(many, one);
            if is_absent(value) {
                continue;
            }
            let labels = self.labeller.labels(&labels, Some(&one_labels));
            let output = self.output(labels);
            if pairing.rule.cardinality == Cardinality::OneToOne && !results.is_empty() {
                return Err(MatchError::ManyToOneNotExplicit);
            }
            if results.contains(&output) {
                return Err(MatchError::GroupingNotUnique);
            }
            results.push(output);
            if let Some(place) =
                self.outputs.get_mut(output).and_then(|series| series.span.values.get_mut(step))
            {
                *place = value;
            }
        }
        Ok(())
    }

    /// The number of the result with these labels.
    fn output(&mut self, labels: Labels) -> usize {
        let next = self.outputs.len();
        let number = *self.known.entry(labels.clone()).or_insert(next);
        if number == next {
            let span = Span { first: 0, values: vec![ABSENT; self.pairing.steps] };
            self.outputs.push(Series { labels, span });
        }
        number
    }
}
