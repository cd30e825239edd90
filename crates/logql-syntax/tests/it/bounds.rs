//! Any text ends in a tree or an error.

use logql_syntax::{DEPTH_MAX, Options, TEXT_BYTES_MAX, parse};
use proptest::prelude::*;

#[test]
fn a_text_has_a_longest_length() {
    let text = " ".repeat(TEXT_BYTES_MAX + 1);
    let told = parse(&text, Options::default()).unwrap_err().to_string();
    assert_eq!(told, "parse error : input size too long (131073 > 131072)");
}

#[test]
fn nothing_nests_without_end() {
    let log_range = |depth: usize| format!("rate({}{{a=\"b\"}}[1m]{})", "(".repeat(depth), ")".repeat(depth));
    let filter = |depth: usize| format!("{{a=\"b\"}} | {}a=1{}", "(".repeat(depth), ")".repeat(depth));
    let expr = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    let power = |depth: usize| format!("{}1", "vector(1)^".repeat(depth));
    let list = |depth: usize| format!("{{a=\"b\"}} | a=1{}", ",a=1".repeat(depth));
    for make in [&log_range as &dyn Fn(usize) -> String, &filter, &expr, &power, &list] {
        parse(&make(DEPTH_MAX / 2), Options::default()).unwrap();
        for depth in [DEPTH_MAX + 1, 10_000] {
            let told = parse(&make(depth), Options::default()).unwrap_err().to_string();
            assert_eq!(told, "parse error : query nests deeper than 128 levels");
        }
    }
}

#[test]
fn long_chains_of_operators_end() {
    let sum = |length: usize| format!("vector(1){}", "+vector(1)".repeat(length));
    let filter = |length: usize| format!("{{a=\"b\"}} | a=1{}", " or a=1".repeat(length));
    for make in [&sum as &dyn Fn(usize) -> String, &filter] {
        let expr = parse(&make(450), Options::default()).unwrap();
        assert_eq!(parse(&expr.to_string(), Options::default()).unwrap_err().kind().to_string(), DEEP);
        assert!(parse(&make(501), Options::default()).is_err());
    }
}

/// A chain is printed with its parentheses, which are deeper than what is read.
const DEEP: &str = "query nests deeper than 128 levels";

/// Pieces that make queries, and some that do not.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[5m]",
        "[",
        "]",
        "a",
        "job",
        "=",
        "\"x\"",
        "`y`",
        "|",
        "|=",
        "|~",
        "|>",
        "!=",
        "!~",
        "!>",
        "or",
        "and",
        ",",
        "json",
        "logfmt",
        "--strict",
        "regexp",
        "\"(?P<n>.)\"",
        "pattern",
        "\"<a> b\"",
        "unpack",
        "line_format",
        "label_format",
        "drop",
        "keep",
        "decolorize",
        "unwrap",
        "bytes",
        "rate",
        "sum",
        "by",
        "without",
        "topk",
        "3",
        "5m",
        "2KiB",
        "-",
        "+",
        "^",
        "offset",
        "on",
        "group_left",
        "bool",
        "vector",
        "label_replace",
        "ip",
        "#",
        "\n",
        "quantile_over_time",
        "{a=\"b\"}",
        "'",
        "\\",
        "é",
        "//",
        "/*",
        ".",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_text_ends(text in any::<String>()) {
        let _ = parse(&text, Options::default());
    }

    #[test]
    fn any_pieces_end_and_what_reads_prints(text in pieces()) {
        if let Ok(expr) = parse(&text, Options::default()) {
            let printed = expr.to_string();
            if !printed.contains("NaN") && !printed.contains("Inf") {
                prop_assert_eq!(parse(&printed, Options::default()).map(|expr| expr.to_string()), Ok(printed));
            }
        }
    }
}
