//! Which routes alerts take: the cases are those of a recorded tree.

use super::*;
use crate::matchers::{Syntax, parse_matchers};

fn route(receiver: &str, matchers: &str, goes_on: bool, routes: Vec<Route>) -> Route {
    let matchers = parse_matchers(matchers, Syntax::Both).unwrap().value;
    Route { receiver: receiver.to_owned(), matchers, goes_on, routes, ..Route::default() }
}

fn tree() -> RouteTree {
    RouteTree::new(route(
        "root",
        "",
        false,
        vec![
            route("all", "", true, vec![]),
            route(
                "a1",
                "a=1",
                true,
                vec![route("ab", "b=1", false, vec![]), route("b2", "b=2", false, vec![])],
            ),
            route(
                "a12",
                "a=~\"1|2\"",
                false,
                vec![route("c1", "c=1", true, vec![]), route("c12", "c=~\"1|2\"", false, vec![])],
            ),
            route("last", "", false, vec![]),
        ],
    ))
}

fn taken(labels: &[(&str, &str)]) -> Vec<String> {
    let tree = tree();
    let found = tree.matching(&Labels::from_pairs(labels.iter().copied()));
    found.into_iter().map(|index| tree.get(index).unwrap().route.receiver.clone()).collect()
}

#[test]
fn first_matching_child_ends_the_search_unless_it_goes_on() {
    assert_eq!(taken(&[]), ["all", "last"]);
    assert_eq!(taken(&[("a", "1"), ("b", "1")]), ["all", "ab", "a12"]);
    assert_eq!(taken(&[("a", "1")]), ["all", "a1", "a12"]);
    assert_eq!(taken(&[("a", "2"), ("c", "1")]), ["all", "c1", "c12"]);
    assert_eq!(taken(&[("a", "2"), ("c", "2")]), ["all", "c12"]);
}

#[test]
fn keys_show_the_way_from_the_root() {
    let tree = tree();
    let keys: Vec<&str> = tree.iter().map(|placed| placed.key.as_str()).collect();
    assert_eq!(keys[0], "{}");
    assert_eq!(keys[1], "{}/{}");
    assert_eq!(keys[3], "{}/{a=\"1\"}/{b=\"1\"}");
    let mut ids: Vec<&str> = tree.iter().map(|placed| placed.id.as_str()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), keys.len());
}

#[test]
fn groups_have_the_labels_that_the_route_names() {
    let labels = Labels::from_pairs([("alertname", "A"), ("job", "j"), ("x", "1")]);
    let by = GroupBy::Names(vec!["alertname".to_owned(), "missing".to_owned()]);
    assert_eq!(by.labels_of(&labels), Labels::from_pairs([("alertname", "A")]));
    assert_eq!(GroupBy::All.labels_of(&labels), labels);
    assert!(GroupBy::Nothing.labels_of(&labels).is_empty());
}
