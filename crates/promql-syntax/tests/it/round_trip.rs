//! Reading what was printed gives the same tree.

use promql_syntax::json::write_json;
use promql_syntax::{Expr, Options, parse_expr};
use proptest::prelude::*;
use serde_json::Value;

use crate::recorded::cases;

/// Prints, reads and prints again.
fn assert_round_trip(text: &str) {
    let expr = parse_expr(text, Options::ALL).unwrap();
    for printed in [expr.to_string(), expr.pretty()] {
        let again = parse_expr(&printed, Options::ALL).unwrap_or_else(|error| panic!("{printed}: {error}"));
        assert_eq!(again.to_string(), expr.to_string(), "{text}");
        assert_eq!(again.pretty(), expr.pretty(), "{text}");
        // The tree without places.
        assert!(json(&again) == json(&expr), "{text}: {printed}");
    }
}

/// Matchers come in the order of the text, and are printed sorted.
fn json(expr: &Expr) -> Value {
    let mut out = String::new();
    write_json(&mut out, expr);
    let mut value = serde_json::from_str(&out).unwrap();
    sort_matchers(&mut value);
    value
}

fn sort_matchers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort_matchers),
        Value::Object(fields) => {
            if let Some(Value::Array(matchers)) = fields.get_mut("matchers") {
                matchers.sort_by_key(ToString::to_string);
            }
            fields.values_mut().for_each(sort_matchers);
        }
        _ => {}
    }
}

#[test]
fn recorded_expressions_survive_printing() {
    for case in cases() {
        if parse_expr(&case.query, Options::ALL).is_ok() {
            assert_round_trip(&case.query);
        }
    }
}

#[test]
fn what_reads_otherwise_without_it_is_printed() {
    for text in
        ["a + ignoring () group_left () b", "a * ignoring () group_right (x) b", "info(a, {})", "a[(-2) ^ 2]"]
    {
        assert_eq!(parse_expr(text, Options::ALL).unwrap().to_string(), text);
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_][a-z0-9_]{0,6}".prop_filter("no number", |name| !matches!(name.as_str(), "inf" | "nan")),
        Just("sum".to_owned()),
        Just("by".to_owned()),
        Just("start".to_owned()),
    ]
}

fn string() -> impl Strategy<Value = String> {
    "\\PC{0,8}".prop_map(|text| model::quote::quote(&text))
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_][a-z0-9_]{0,6}", "[a-z.é ]{1,6}".prop_map(|text| model::quote::quote(&text))]
}

fn grouping_label() -> impl Strategy<Value = String> {
    label().prop_filter("no number", |label| !matches!(label.as_str(), "inf" | "nan"))
}

fn labels() -> impl Strategy<Value = String> {
    prop::collection::vec(grouping_label(), 0..3).prop_map(|labels| format!("({})", labels.join(", ")))
}

fn matchers() -> impl Strategy<Value = String> {
    let matcher = (label(), prop::sample::select(vec!["=", "!="]), string())
        .prop_map(|(label, op, value)| format!("{label}{op}{value}"));
    prop::collection::vec(matcher, 0..3).prop_map(|matchers| format!("{{{}}}", matchers.join(",")))
}

fn duration() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (1u32..10_000, prop::sample::select(vec!["ms", "s", "m", "h", "d", "w", "y"]))
            .prop_filter("not too long", |(number, unit)| *unit != "y" || *number < 100)
            .prop_map(|(number, unit)| format!("{number}{unit}")),
        (1u32..100).prop_map(|number| number.to_string()),
        (1u32..100).prop_map(|number| format!("(1h + (-{number}))")),
        (1u32..100).prop_map(|number| format!("(1h + (-{number}) ^ 2)")),
        Just("step()".to_owned()),
        Just("range()".to_owned()),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let op = prop::sample::select(vec!["+", "-", "*", "/", "%", "^"]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min_of({a},{b})")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            // Not before a literal: a range of less than nothing is refused.
            inner.prop_map(|inner| format!("-(1 + {inner})")),
        ]
    })
}

fn modifiers() -> impl Strategy<Value = String> {
    let at = prop::sample::select(vec!["", " @ 5", " @ -1.5", " @ start()", " @ end()"]);
    let offset =
        prop_oneof![Just(String::new()), duration().prop_map(|duration| format!(" offset ({duration})"))];
    (at, offset).prop_map(|(at, offset)| format!("{at}{offset}"))
}

fn selector() -> impl Strategy<Value = String> {
    (name(), matchers(), modifiers())
        .prop_map(|(name, matchers, modifiers)| format!("{name}{matchers}{modifiers}"))
}

fn range() -> impl Strategy<Value = String> {
    let extension = prop::sample::select(vec!["", " anchored", " smoothed"]);
    (name(), matchers(), duration(), extension, modifiers()).prop_map(
        |(name, matchers, range, extension, at)| format!("{name}{matchers}[{range}]{extension}{at}"),
    )
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        (0u32..1_000).prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.abs().to_string()),
        prop::sample::select(vec!["5m", "1h30m", "Inf", "NaN", "0x1f", "time()", "pi()", "-1", "- -2"])
            .prop_map(ToOwned::to_owned),
    ]
}

/// An instant vector.
fn vector() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => selector(),
        2 => range().prop_map(|range| format!("rate({range})")),
        1 => scalar().prop_map(|scalar| format!("vector({scalar})")),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let ops = vec!["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "</", ">/"];
        let matching = prop_oneof![
            Just(String::new()),
            labels().prop_map(|labels| format!("on {labels}")),
            labels().prop_map(|labels| format!("ignoring {labels} group_left")),
            labels().prop_map(|labels| format!("on {labels} group_right () fill_left (1)")),
            Just("fill (-0.5)".to_owned()),
        ];
        let group = (prop::sample::select(vec!["by", "without"]), labels()).boxed();
        prop_oneof![
            3 => (inner.clone(), prop::sample::select(ops), matching, inner.clone())
                .prop_map(|(a, op, matching, b)| format!("{a} {op} {matching} {b}")),
            1 => (inner.clone(), prop::sample::select(vec!["and", "or", "unless"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            1 => (scalar(), prop::sample::select(vec!["*", "> bool", "^"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            1 => inner.clone().prop_map(|inner| format!("({inner})")),
            1 => inner.clone().prop_map(|inner| format!("-{inner}")),
            1 => (inner.clone(), group.clone()).prop_map(|(inner, (kind, labels))| format!("sum({inner}) {kind} {labels}")),
            1 => (inner.clone(), group).prop_map(|(inner, (kind, labels))| format!("topk {kind} {labels} (3, {inner})")),
            1 => (inner.clone(), string()).prop_map(|(inner, text)| format!("label_replace({inner}, \"a\", {text}, 'b', `c`)")),
            1 => (inner.clone(), duration(), modifiers())
                .prop_map(|(inner, range, at)| format!("max_over_time(({inner})[{range}:]{at})")),
            1 => (inner, matchers()).prop_map(|(inner, matchers)| format!("info({inner}, {matchers})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_expressions_survive_printing(text in vector()) {
        // A chance combination may be refused: a division by zero, a label both in `on` and in `group_left`.
        if parse_expr(&text, Options::ALL).is_ok() {
            assert_round_trip(&text);
        }
    }
}
