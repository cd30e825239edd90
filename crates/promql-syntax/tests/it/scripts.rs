//! Scripts of the original: every line of every `load` and every expression of every `eval` is read.

use std::fs;
use std::path::PathBuf;

use promql_syntax::{Options, parse_expr, parse_series_description};

fn scripts() -> Vec<(String, String)> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/prometheus/promqltest");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "test"))
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn every_series_that_scripts_load_is_read() {
    for (path, text) in scripts() {
        let mut loading = false;
        for (number, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                loading &= !trimmed.is_empty();
            } else if trimmed.starts_with("load") {
                loading = true;
            } else if loading && line.starts_with([' ', '\t']) {
                let read = parse_series_description(trimmed);
                assert!(read.is_ok(), "{path}:{}: {trimmed}: {}", number + 1, read.unwrap_err());
            } else {
                loading = false;
            }
        }
    }
}

#[test]
fn every_expression_that_scripts_evaluate_is_read() {
    for (path, text) in scripts() {
        let mut lines = text.lines().enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let Some(expr) = evaluated(line) else { continue };
            let fails = line.starts_with("eval_fail")
                || lines.peek().is_some_and(|(_, next)| next.trim().starts_with("expect fail"));
            if let Err(error) = parse_expr(expr, Options::ALL) {
                assert!(fails, "{path}:{}: {expr}: {error}", number + 1);
            }
        }
    }
}

/// The expression of an `eval` line.
fn evaluated(line: &str) -> Option<&str> {
    let (command, rest) = line.trim().split_once(' ')?;
    if !command.starts_with("eval") {
        return None;
    }
    let mut rest = rest.trim_start();
    let words = if let Some(range) = rest.strip_prefix("range ") {
        rest = range;
        6
    } else {
        rest = rest.strip_prefix("instant ")?;
        if rest.trim_start().starts_with("at ") { 2 } else { 0 }
    };
    for _ in 0..words {
        rest = rest.trim_start().split_once(char::is_whitespace)?.1;
    }
    Some(rest.trim_start())
}
