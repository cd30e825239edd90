//! Series meet by their signature.

use model::Labels;

use super::{Cardinality, Fill, Join, JoinRule, NameRule, SetPlan, Signature};

fn series(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

fn rule(labels: &[&str], on: bool, cardinality: Cardinality, include: &[&str]) -> JoinRule {
    JoinRule {
        signature: Signature::new(labels.iter().map(|label| (*label).to_owned()).collect(), on),
        cardinality,
        include: include.iter().map(|label| (*label).to_owned()).collect(),
        fill: Fill::default(),
        name: NameRule::Drop,
    }
}

#[test]
fn one_to_one_pairs_by_all_labels_but_the_name() {
    let left = [series(&[("__name__", "a"), ("x", "1")]), series(&[("__name__", "a"), ("x", "2")])];
    let right = [series(&[("__name__", "b"), ("x", "2")])];
    let join = Join::plan(&left, &right, &rule(&[], false, Cardinality::OneToOne, &[]));
    assert!(join.contested.is_empty());
    assert_eq!(join.plain.len(), 1);
    assert_eq!(join.plain[0].labels, series(&[("x", "2")]));
    assert_eq!((join.plain[0].many, join.plain[0].one), (Some(1), Some(0)));
}

#[test]
fn on_keeps_only_the_labels_named() {
    let left = [series(&[("__name__", "a"), ("x", "1"), ("y", "1")])];
    let right = [series(&[("x", "1"), ("z", "1")])];
    let join = Join::plan(&left, &right, &rule(&["x"], true, Cardinality::OneToOne, &[]));
    assert_eq!(join.plain[0].labels, series(&[("x", "1")]));
}

#[test]
fn group_left_copies_labels_of_the_one_side() {
    let left = [series(&[("x", "1"), ("y", "1"), ("z", "old")]), series(&[("x", "1"), ("y", "2")])];
    let right = [series(&[("x", "1"), ("z", "new")])];
    let join = Join::plan(&left, &right, &rule(&["x"], true, Cardinality::ManyToOne, &["z"]));
    assert_eq!(join.plain[0].labels, series(&[("x", "1"), ("y", "1"), ("z", "new")]));
    assert_eq!(join.plain[1].labels, series(&[("x", "1"), ("y", "2"), ("z", "new")]));
}

#[test]
fn groups_with_several_candidates_are_contested() {
    let several = [series(&[("x", "1"), ("y", "1")]), series(&[("x", "1"), ("y", "2")])];
    let one = [series(&[("x", "1")])];
    let by_x = rule(&["x"], true, Cardinality::OneToOne, &[]);
    assert_eq!(Join::plan(&several, &one, &by_x).contested, [0]);
    assert_eq!(Join::plan(&one, &several, &by_x).contested, [0]);
    let grouped = rule(&["x"], true, Cardinality::ManyToOne, &[]);
    assert!(Join::plan(&several, &one, &grouped).contested.is_empty());
    let lost = rule(&["x"], true, Cardinality::ManyToOne, &["y"]);
    assert_eq!(
        Join::plan(&several, &one, &lost).contested,
        [0],
        "both pairs lose the label that tells them apart"
    );
}

#[test]
fn set_operators_look_only_at_groups_that_both_sides_have() {
    let left = [series(&[("x", "1")]), series(&[("x", "2")]), series(&[("x", "2"), ("y", "1")])];
    let right = [series(&[("x", "3")]), series(&[("x", "2")])];
    let plan = SetPlan::plan(&left, &right, &Signature::new(vec!["x".to_owned()], true));
    assert_eq!(plan.groups, 1);
    assert_eq!(plan.left, [None, Some(0), Some(0)]);
    assert_eq!(plan.right, [None, Some(0)]);
}
