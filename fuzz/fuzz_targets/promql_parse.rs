//! Queries: never a panic, and what is printed reads back as the same tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use promql_syntax::json::write_json;
use promql_syntax::{Expr, Options, parse_expr, parse_metric, parse_metric_selector, resolve_durations};

/// The tree without places. Matchers are printed sorted, so a tree is compared once it was read from there.
fn json(expr: &Expr) -> String {
    let mut out = String::new();
    write_json(&mut out, expr);
    out
}

fn read(text: &str) -> Expr {
    parse_expr(text, Options::ALL).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fuzz_target!(|text: &str| {
    let _ = parse_metric(text);
    let _ = parse_metric_selector(text);
    let Ok(expr) = parse_expr(text, Options::ALL) else { return };
    let line = expr.to_string();
    let sorted = read(&line);
    assert_eq!(sorted.to_string(), line);
    assert_eq!(json(&read(&line)), json(&sorted));
    let pretty = expr.pretty();
    assert_eq!(json(&read(&pretty)), json(&sorted));
    let _ = resolve_durations(&expr, 15_000, 3_600_000);
});
