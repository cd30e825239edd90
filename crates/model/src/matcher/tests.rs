//! Matchers hold as PromQL's selectors say; a missing label is the empty value.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Interrupt, MatchOp, Matcher};
use crate::Labels;

#[test]
fn every_operator_compares_the_whole_value() {
    let labels = Labels::from_pairs([("job", "node")]);
    for (op, value, expected) in [
        (MatchOp::Equal, "node", true),
        (MatchOp::Equal, "nod", false),
        (MatchOp::NotEqual, "nod", true),
        (MatchOp::Regex, "n.d", false),
        (MatchOp::Regex, "n.*", true),
        (MatchOp::NotRegex, "n.d", true),
        (MatchOp::NotRegex, "node|x", false),
    ] {
        let matcher = Matcher::new("job", op, value).unwrap();
        assert_eq!(matcher.matches_labels(&labels), expected, "{matcher}");
        assert_eq!(matcher.inverse().matches_labels(&labels), !expected, "{}", matcher.inverse());
    }
}

#[test]
fn missing_label_is_the_empty_value() {
    let labels = Labels::from_pairs([("job", "node")]);
    assert!(Matcher::equal("instance", "").matches_labels(&labels));
    assert!(Matcher::not_equal("instance", "a").matches_empty());
    assert!(Matcher::new("instance", MatchOp::Regex, ".*").unwrap().matches_labels(&labels));
    assert!(!Matcher::new("instance", MatchOp::Regex, ".+").unwrap().matches_labels(&labels));
}

#[test]
fn display_is_promql() {
    assert_eq!(Matcher::not_equal("a", "b\"c").to_string(), r#"a!="b\"c""#);
    assert_eq!(Matcher::equal("a.b", "x").to_string(), r#""a.b"="x""#);
}

#[test]
fn a_search_that_is_to_end_compares_no_more() {
    let over = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&over);
    let interrupt = Interrupt::new(move || asked.load(Ordering::Relaxed));
    let long = Matcher::new("a", MatchOp::Regex, "x.*y+").unwrap().until(&interrupt);
    let plain = Matcher::equal("a", "xy").until(&interrupt);
    assert!((0..100).all(|_| long.matches("xy")) && !long.is_interrupted());
    over.store(true, Ordering::Relaxed);
    let compared = (0..100).take_while(|_| long.matches("xy")).count();
    assert!(compared < 16, "{compared}");
    over.store(false, Ordering::Relaxed);
    assert!(long.is_interrupted() && !long.matches("xy") && !long.inverse().matches("xy"));
    assert!(plain.matches("xy") && plain.is_interrupted());
}
