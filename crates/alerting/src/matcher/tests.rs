//! Matchers print themselves as the original's routing trees show them.

use super::*;

#[test]
fn printed_as_in_routing_trees() {
    let print = |name: &str, op, value: &str| Matcher::new(name, op, value).unwrap().to_string();
    assert_eq!(print("a", MatchOp::Equal, "1"), r#"a="1""#);
    assert_eq!(print("a b", MatchOp::Regex, "x.y"), r#""a b"=~"x.y""#);
    assert_eq!(print("é", MatchOp::Equal, "ü"), r#"é="ü""#);
    assert_eq!(print("path", MatchOp::Equal, "C:\\dir"), r#"path="C:\\dir""#);
    assert_eq!(print("q", MatchOp::Equal, "say \"hi\""), r#"q="say \"hi\"""#);
}

#[test]
fn sorted_by_name_value_and_operator() {
    let mut matchers = [
        Matcher::new("re", MatchOp::NotRegex, "z.*").unwrap(),
        Matcher::new("re", MatchOp::NotEqual, "").unwrap(),
        Matcher::equal("a", "x"),
    ];
    matchers.sort();
    assert_eq!(print_matchers(&matchers), r#"{a="x",re!="",re!~"z.*"}"#);
}

#[test]
fn expressions_are_anchored_and_errors_show_the_anchors() {
    let matcher = Matcher::new("a", MatchOp::Regex, "b|c").unwrap();
    assert!(matcher.matches("b") && !matcher.matches("bc"));
    let error = Matcher::new("a", MatchOp::Regex, "(").unwrap_err();
    assert_eq!(error.to_string(), "error parsing regexp: missing closing ): `^(?:()$`");
}
