//! Results as promtool gives them, unless said otherwise.

use model::matcher::MatchOp;

use super::{delete_label_matchers, set_label_matcher};
use crate::{Options, parse_expr};

fn set(query: &str, name: &str, op: MatchOp, value: &str) -> Result<String, String> {
    let mut expr = parse_expr(query, Options::ALL).map_err(|error| error.to_string())?;
    set_label_matcher(&mut expr, name, op, value).map_err(|error| error.to_string())?;
    Ok(expr.pretty())
}

fn delete(query: &str, name: &str) -> String {
    let mut expr = parse_expr(query, Options::ALL).unwrap();
    delete_label_matchers(&mut expr, name);
    expr.pretty()
}

#[test]
fn every_selector_is_set() {
    for (query, expected) in [
        ("up", r#"up{job="x"}"#),
        (r#"sum(up) + foo{job="a"}"#, r#"sum(up{job="x"}) + foo{job="x"}"#),
        (
            "max_over_time(sum(up)[5m:1m]) + rate(foo[5m])",
            r#"max_over_time(sum(up{job="x"})[5m:1m]) + rate(foo{job="x"}[5m])"#,
        ),
        (r#"up{job="y",job!="z"}"#, r#"up{job="x",job="x"}"#),
        ("1", "1"),
    ] {
        assert_eq!(set(query, "job", MatchOp::Equal, "x"), Ok(expected.to_owned()));
    }
    assert_eq!(set("up", "a.b", MatchOp::Equal, "x"), Ok(r#"up{"a.b"="x"}"#.to_owned()));
    assert_eq!(set(r#"up{job="a"}"#, "job", MatchOp::NotRegex, "a.*"), Ok(r#"up{job!~"a.*"}"#.to_owned()));
}

#[test]
fn value_that_is_no_expression_is_refused() {
    assert_eq!(
        set("up", "job", MatchOp::Regex, "a("),
        Err("error parsing regexp: missing closing ): `a(`".to_owned())
    );
}

#[test]
fn matchers_are_deleted() {
    assert_eq!(delete(r#"sum(up{job=~"a"}) + foo"#, "job"), "sum(up) + foo");
    assert_eq!(delete(r#"{__name__="y",a="b"}"#, "__name__"), r#"{a="b"}"#);
    // The original leaves the second one.
    assert_eq!(delete(r#"up{job="y",job!="z"}"#, "job"), "up");
}

/// The original leaves the name where it is and so prints a query that is none: `up{__name__="x"}`.
#[test]
fn name_before_the_braces_follows_its_matcher() {
    assert_eq!(set("up", "__name__", MatchOp::Equal, "x"), Ok("x".to_owned()));
    assert_eq!(set("up", "__name__", MatchOp::Equal, "a.b"), Ok(r#"{__name__="a.b"}"#.to_owned()));
    assert_eq!(set("up", "__name__", MatchOp::Equal, "bool"), Ok(r#"{__name__="bool"}"#.to_owned()));
    assert_eq!(set("up", "__name__", MatchOp::Equal, "inf"), Ok(r#"{__name__="inf"}"#.to_owned()));
    assert_eq!(set("up", "__name__", MatchOp::Regex, "x"), Ok(r#"{__name__=~"x"}"#.to_owned()));
    assert_eq!(delete(r#"up{job="y"}"#, "__name__"), r#"{job="y"}"#);
}
