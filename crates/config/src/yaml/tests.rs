//! Reading: what scalars mean, where nodes stand, what is refused. Printing is compared with the original's in `tests/it`.

use super::{Position, Resolved, parse};

#[track_caller]
fn resolved(text: &str) -> Resolved {
    parse(text).unwrap().resolve().unwrap()
}

#[test]
fn plain_scalars_mean_what_yaml_1_1_says() {
    for (text, expected) in [
        ("~", Resolved::Null),
        ("Null", Resolved::Null),
        ("yes", Resolved::Bool(true)),
        ("Off", Resolved::Bool(false)),
        ("010", Resolved::Int(8)),
        ("0x1F", Resolved::Int(31)),
        ("0b101", Resolved::Int(5)),
        ("1_000", Resolved::Int(1000)),
        ("-9223372036854775808", Resolved::Int(i64::MIN)),
        ("18446744073709551615", Resolved::Uint(u64::MAX)),
        ("18446744073709551616", Resolved::Float(18_446_744_073_709_551_616.0)),
        ("1e3", Resolved::Float(1000.0)),
        (".5", Resolved::Float(0.5)),
        ("-.inf", Resolved::Float(f64::NEG_INFINITY)),
        ("2020-01-01", Resolved::Timestamp),
        ("2020-01-01T00:00:00Z", Resolved::Timestamp),
        ("2020-1-1", Resolved::Text),
        ("10:30", Resolved::Text),
        ("1.2.3", Resolved::Text),
        ("+", Resolved::Text),
        ("1e", Resolved::Text),
    ] {
        assert_eq!(resolved(text), expected, "{text}");
    }
}

#[test]
fn quotes_and_tags_change_what_a_scalar_means() {
    assert_eq!(resolved("\"5\""), Resolved::Text);
    assert_eq!(resolved("'yes'"), Resolved::Text);
    assert_eq!(resolved("!!str 5"), Resolved::Text);
    assert_eq!(resolved("!!int \"5\""), Resolved::Int(5));
    assert_eq!(resolved("!!float 5"), Resolved::Float(5.0));
    assert_eq!(resolved("!!binary aGVsbG8="), Resolved::Binary(b"hello".to_vec()));
    assert_eq!(resolved("!!binary aGVsbG8"), Resolved::Text);
}

#[test]
fn nodes_know_their_places() {
    let root = parse("a:\n  - b: c\n    é: [d, \"e\"]\n").unwrap();
    let item = root.get("a").and_then(|list| list.sequence()?.first().cloned()).unwrap();
    assert_eq!(item.get("b").unwrap().at, Position { line: 2, column: 8 });
    let (key, list) = item.entry("é").unwrap();
    assert_eq!(key.at, Position { line: 3, column: 5 });
    assert_eq!(list.sequence().unwrap()[1].at, Position { line: 3, column: 12 });
}

#[test]
fn blocks_begin_at_their_indicator() {
    let text = "\"a|\":\n  é: >-2 # c |\n\n\n      x\n  b: |\n    y\nc: |\n";
    let root = parse(text).unwrap();
    let inside = root.get("a|").unwrap();
    assert_eq!(inside.get("é").unwrap().at, Position { line: 2, column: 6 });
    assert_eq!(inside.get("b").unwrap().at, Position { line: 6, column: 6 });
    assert_eq!(root.get("c").unwrap().at, Position { line: 8, column: 4 });
}

#[test]
fn aliases_are_the_nodes_they_name() {
    let root = parse("a: &x {b: 1}\nc: *x\n").unwrap();
    assert_eq!(root.get("c").unwrap().get("b").unwrap().scalar().unwrap().text, "1");
}

#[test]
fn only_the_first_document_is_read() {
    let root = parse("a: 1\n---\nb: [\n").unwrap();
    assert!(root.get("a").is_some());
    assert!(parse("").unwrap().is_null());
}

#[test]
fn malformed_texts_are_refused_with_their_place() {
    for (text, line, message) in [
        ("a: [b", 1, "did not find expected ',' or ']'"),
        ("a: {b: c\n", 1, "did not find expected ',' or '}'"),
        ("a: b: c\n", 1, "mapping values are not allowed in this context"),
        ("a:\n\tb: c\n", 2, "found character that cannot start any token"),
        ("a: \"\\q\"\n", 1, "found unknown escape character"),
        ("a: *x\n", 1, "unknown anchor referenced"),
        ("a: &a [*a]\n", 1, "anchor value contains itself"),
        ("a: &a\n  b: *a\n", 2, "anchor value contains itself"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.at.line, error.message.as_str()), (line, message), "{text}");
    }
}

#[test]
fn hostile_depth_is_refused_and_hostile_breadth_costs_nothing() {
    assert!(parse(&"[".repeat(100_000)).is_err());
    let mut chained = String::from("a0: &a0 [x]\n");
    for i in 1..20_000 {
        chained.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    assert_eq!(parse(&chained).unwrap_err().message, "exceeded max depth of 1000");
    let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for i in 1..30 {
        let before = format!("*a{},", i - 1).repeat(9);
        laughs.push_str(&format!("a{i}: &a{i} [{before}]\n"));
    }
    assert!(parse(&laughs).is_ok());
}
