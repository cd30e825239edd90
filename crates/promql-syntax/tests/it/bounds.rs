//! Whatever is sent ends in a tree or in an error.

use std::borrow::Cow;

use promql_syntax::json::write_json;
use promql_syntax::{
    ErrorKind, LineColumn, Options, TEXT_BYTES_MAX, parse_expr, parse_metric, parse_metric_selector,
    parse_series_description, resolve_durations,
};
use proptest::prelude::*;

fn kind(text: &str) -> Option<ErrorKind> {
    parse_expr(text, Options::ALL).err().map(|error| error.kind().clone())
}

#[test]
fn depth_is_bounded() {
    let deep = [
        format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        "(".repeat(1 << 20),
        "-".repeat(1 << 20) + "a",
        "a".to_owned() + &"^a".repeat(100_000),
        "a".to_owned() + &"+a".repeat(100_000),
        "a".to_owned() + &" or a".repeat(100_000),
        "a".to_owned() + &"[5m:]".repeat(100_000),
        "abs(".repeat(100_000) + "a",
        "sum(".repeat(100_000) + "a",
        "a[".to_owned() + &"(".repeat(100_000) + "1",
        "a[".to_owned() + &"-".repeat(100_000) + "1]",
        "a[1".to_owned() + &"+1".repeat(100_000) + "]",
        "a[1".to_owned() + &"^1".repeat(100_000) + "]",
        "a offset (".to_owned() + &"min_of(1,".repeat(100_000) + "1",
    ];
    for text in deep {
        let shown: String = text.chars().take(12).collect();
        assert!(matches!(kind(&text), Some(ErrorKind::TooDeep(_))), "{shown}");
    }
}

#[test]
fn expression_at_the_depth_bound_is_handled() {
    for text in [
        format!("{}a{}", "(".repeat(990), ")".repeat(990)),
        "a".to_owned() + &" or a".repeat(990),
        "a".to_owned() + &" ^ a".repeat(990),
        "-".repeat(990) + "a",
        "abs(".repeat(990) + "a" + &")".repeat(990),
    ] {
        let expr = parse_expr(&text, Options::ALL).unwrap();
        assert_eq!(expr.to_string(), text);
        assert!(expr.pretty().len() >= text.len());
        let mut json = String::new();
        write_json(&mut json, &expr);
        assert!(json.len() > text.len());
        assert_eq!(resolve_durations(&expr, 0, 0), Ok(Cow::Borrowed(&expr)));
    }
}

#[test]
fn error_has_a_place_and_may_be_moved_down() {
    let error = parse_expr("a +\n b c", Options::ALL).unwrap_err();
    assert_eq!(error.place(), Some(LineColumn { line: 2, column: 4 }));
    assert_eq!(error.span(), (7..8).into());
    assert_eq!(error.shifted_lines(3).to_string(), "5:4: parse error: unexpected identifier \"c\"");
    assert_eq!(parse_expr("", Options::ALL).unwrap_err().place(), None);
}

#[test]
fn long_text_without_depth_is_read() {
    let text = format!("label_join(a, \"b\", \"c\"{})", ", \"d\"".repeat(100_000));
    assert_eq!(kind(&text), None);
    let text = format!("{{a=\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(kind(&text), None);
    assert_eq!(kind(&" ".repeat(TEXT_BYTES_MAX + 1)), Some(ErrorKind::TextTooLong(TEXT_BYTES_MAX)));
}

/// Pieces of queries, so that random sequences of them come far into the parser.
const PIECES: [&str; 64] = [
    "a",
    "up",
    "sum",
    "rate",
    "topk",
    "info",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "offset",
    "@",
    "start",
    "end",
    "step",
    "range",
    "min_of",
    "max_of",
    "anchored",
    "smoothed",
    "fill",
    "fill_left",
    "and",
    "or",
    "unless",
    "atan2",
    "inf",
    "nan",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "=",
    "!=",
    "=~",
    "!~",
    "==",
    "<",
    ">",
    "</",
    ">/",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "\"x\"",
    "'",
    "`",
    "1",
    "5m",
    "0x",
    "1e",
    "#",
    "\n",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = parse_expr(&text, Options::ALL);
        let _ = parse_metric_selector(&text);
        let _ = parse_metric(&text);
    }

    #[test]
    fn no_sequence_of_tokens_makes_the_parser_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..30), spaced: bool) {
        let words: Vec<&str> = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let text = words.join(if spaced { " " } else { "" });
        if let Err(error) = parse_expr(&text, Options::ALL) {
            prop_assert!(error.span().start <= text.len(), "{} of {text:?}", error.span().start);
        }
        let _ = parse_metric_selector(&text);
        let _ = parse_metric(&text);
        let _ = parse_series_description(&text);
    }

    #[test]
    fn no_sequence_of_values_makes_the_parser_panic(text in "m[{ ]?[{}_x+0-9:a-z\\[\\] -]{0,40}") {
        let _ = parse_series_description(&text);
    }
}
