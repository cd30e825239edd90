//! The rules of decoding, on small sections. What real sections refuse stands with them.

use std::collections::BTreeMap;

use super::{Check, Decoder, Dialect, Field, Invalid, List, decode_document, section};
use crate::{error::Fault, yaml::Node};

section! {
    struct Outer as "test.Outer" {
        name: String = "default".into() => ["name", always];
        count: usize = 7 => ["count"];
        inner: Inner = Inner::default() => [inline];
        list: List<Item> = List::default() => ["list"];
        words: Vec<String> = Vec::new() => ["words", flow];
        free: BTreeMap<String, isize> = BTreeMap::new() => ["free"];
        maybe: Option<Item> = None => ["maybe"];
        hidden: bool = false => ["hidden", hidden];
    }
}

section! {
    struct Inner as "test.Inner" {
        share: f64 = 0.5 => ["share"];
    }
}

section! {
    struct Item as "test.Item" {
        on: bool = true => ["on", always];
    }
}

impl Check for Outer {}
impl Check for Inner {}
impl Check for Item {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.on { Ok(()) } else { Err(decoder.invalid_key(node, "on", "must be on")) }
    }
}

fn decode(text: &str) -> Result<Outer, Fault> {
    let mut outer = Outer::default();
    decode_document(&mut outer, text, &mut Decoder::default()).map(|_| outer)
}

#[track_caller]
fn messages(text: &str) -> Vec<String> {
    decode(text)
        .unwrap_err()
        .problems()
        .iter()
        .map(|problem| format!("{}: {}", problem.at.line, problem.message))
        .collect()
}

#[test]
fn what_is_not_given_keeps_its_default_and_null_is_the_zero_value() {
    let outer = decode("count: null\n").unwrap();
    assert_eq!((outer.name.as_str(), outer.count, outer.inner.share), ("default", 0, 0.5));
    assert_eq!(decode("share: null\nmaybe: null").unwrap().inner.share, 0.0);
    assert_eq!(decode("maybe: {}").unwrap().maybe, Some(Item { on: true }));
    assert_eq!(decode("words: [a, null, 5]").unwrap().words, ["a", "", "5"]);
}

#[test]
fn all_wrong_types_and_unknown_keys_are_told_at_once() {
    let text = "nam: a\ncount: -1\nlist: {}\nwords: a\nfree: {a: b, c: 1}\nshare: [1]\nlist2: x\n";
    assert_eq!(
        messages(text),
        [
            "1: field nam not found in type test.Outer",
            "2: cannot unmarshal !!int `-1` into uint",
            "3: cannot unmarshal !!map into []*test.Item",
            "4: cannot unmarshal !!str `a` into []string",
            "5: cannot unmarshal !!str `b` into int",
            "6: cannot unmarshal !!seq into float64",
            "7: field list2 not found in type test.Outer",
        ]
    );
}

#[test]
fn a_value_that_cannot_be_ends_the_decoding() {
    let fault = decode("zzz: 1\nlist: [{on: true}, {on: false}]\n").unwrap_err();
    let Fault::Invalid(problem) = &fault else { panic!("{fault:?}") };
    assert_eq!(problem.to_string(), "2:25: list[1].on: must be on; found `false`");
    assert_eq!(fault.to_string(), "must be on");
}

#[test]
fn a_problem_says_what_was_found_and_what_is_right() {
    let fault = decode("list:\n- om: true\n").unwrap_err();
    assert_eq!(fault.to_string(), "yaml: unmarshal errors:\n  line 2: field om not found in type test.Item");
    assert_eq!(
        fault.problems()[0].to_string(),
        "2:3: list[0]: field om not found in type test.Item; found `om`; expected `on`"
    );
    let fault = decode("name: [a]\nhid: 1").unwrap_err();
    assert_eq!(
        fault.problems()[0].to_string(),
        "1:7: name: cannot unmarshal !!seq into string; found a list; expected a text"
    );
}

#[test]
fn doubled_keys_are_refused_in_the_words_of_the_library() {
    assert_eq!(messages("name: a\nname: b"), ["2: field name already set in type test.Outer"]);
    assert_eq!(messages("free: {a: 1, a: 2}"), ["1: key \"a\" already set in map"]);
    let mut decoder = Decoder::new(false);
    decoder.dialect = Dialect::Third;
    let fault = decode_document(&mut Outer::default(), "name: a\nname: b", &mut decoder).unwrap_err();
    assert_eq!(fault.problems()[0].message, "mapping key \"name\" already defined at line 1");
}

#[test]
fn unknown_keys_can_be_passed_over() {
    let mut decoder = Decoder::new(true);
    let mut outer = Outer::default();
    decode_document(&mut outer, "zzz: 1\nname: a", &mut decoder).unwrap();
    assert_eq!(outer.name, "a");
}

#[test]
fn merged_mappings_give_what_stands_before_and_after_gives_more() {
    let text = "maybe: &m {on: true}\n<<: {name: a, count: 1}\nname: b\n";
    let outer = decode(text).unwrap();
    assert_eq!((outer.name.as_str(), outer.count), ("b", 1));
    // Of several mappings the first wins, and what stands after an own key wins over it.
    let outer = decode("name: b\n<<: [{name: c}, {name: d, count: 2}]\n").unwrap();
    assert_eq!((outer.name.as_str(), outer.count), ("c", 2));
    assert!(decode("<<: a").is_err());
}

#[test]
fn secrets_are_not_quoted_whole_in_problems() {
    let fault = decode(&format!("count: {}", "s".repeat(500))).unwrap_err();
    assert!(fault.problems()[0].to_string().len() < 150);
}

#[test]
fn printing_leaves_zero_values_out_unless_they_are_asked_for() {
    let mut outer = decode("name: ''\ncount: 0\nwords: [a, 'b c']\nlist: [{}]\nhidden: true").unwrap();
    outer.inner.share = 0.0;
    assert_eq!(outer.encode().print(), "name: \"\"\nlist:\n- \"on\": true\nwords: [a, b c]\n");
}
