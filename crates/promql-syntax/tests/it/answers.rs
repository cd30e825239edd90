//! `testdata/promql/syntax.txt`: expressions with their canonical form or the message that refuses them.

use std::fs;
use std::path::PathBuf;

use promql_syntax::{Options, parse_expr};

/// Expression, answer, and the line where they stand.
fn cases() -> Vec<(String, String, usize)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/promql/syntax.txt");
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let cases = lines.windows(3).enumerate().filter(|(_, window)| window[1] == "----");
    cases.map(|(number, window)| (unescape(window[0]), unescape(window[2]), number + 1)).collect()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                other => out.extend(other),
            },
            _ => out.push(character),
        }
    }
    out
}

#[test]
fn every_expression_is_answered_as_by_the_original() {
    let cases = cases();
    assert!(cases.len() > 500, "{}", cases.len());
    let mut failures = Vec::new();
    for (text, expected, line) in cases {
        let got = match parse_expr(&text, Options::ALL) {
            Ok(expr) => format!("ok {expr}"),
            Err(error) => format!("error {error}"),
        };
        if got != expected {
            failures.push(format!("line {line}: {text}\n  {expected}\n  {got}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
