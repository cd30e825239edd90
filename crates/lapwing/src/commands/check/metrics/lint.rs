//! What users will stumble over.

use std::collections::BTreeSet;

use super::families::{Family, Kind};

/// Units with the base unit of what they measure.
const UNITS: [(&str, &str); 24] = [
    ("amperes", "amperes"),
    ("bytes", "bytes"),
    ("celsius", "celsius"),
    ("grams", "grams"),
    ("joules", "joules"),
    ("kelvin", "kelvin"),
    ("meters", "meters"),
    ("metres", "metres"),
    ("seconds", "seconds"),
    ("volts", "volts"),
    ("minutes", "seconds"),
    ("hours", "seconds"),
    ("days", "seconds"),
    ("weeks", "seconds"),
    ("kelvins", "kelvin"),
    ("fahrenheit", "celsius"),
    ("rankine", "celsius"),
    ("inches", "meters"),
    ("yards", "meters"),
    ("miles", "meters"),
    ("bits", "bytes"),
    ("calories", "joules"),
    ("pounds", "grams"),
    ("ounces", "grams"),
];

const PREFIXES: [&str; 18] = [
    "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi",
    "giga", "gibi", "tera", "tebi", "peta", "pebi",
];

const ABBREVIATIONS: [&str; 14] =
    ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];

/// The problems of all metrics, by name and text.
pub(super) fn problems(families: &[Family]) -> Vec<(String, String)> {
    let mut problems: Vec<(String, String)> = families
        .iter()
        // A family that is only commented on has no metrics to judge.
        .filter(|family| !family.metrics.is_empty())
        .flat_map(|family| of(family).into_iter().map(|text| (family.name.clone(), text)))
        .collect();
    problems.sort();
    problems
}

fn of(family: &Family) -> Vec<String> {
    let mut problems = Vec::new();
    let mut add = |wrong: bool, text: &str| {
        if wrong {
            problems.push(text.to_owned());
        }
    };
    let name = family.name.as_str();
    let kind = family.kind();
    add(family.help.is_empty(), "no help text");
    add(name.contains(':'), "metric names should not contain ':'");
    add(is_camel_case(name), "metric names should be written in 'snake_case' not 'camelCase'");
    add(is_abbreviated(name), "metric names should not contain abbreviated units");
    if kind != Kind::Untyped {
        let typed = |part: &str| {
            let lower = name.to_lowercase();
            lower.contains(&format!("_{part}_")) || lower.ends_with(&format!("_{part}"))
        };
        add(typed(kind.name()), &format!("metric name should not include type '{}'", kind.name()));
        let is_total = name.ends_with("_total");
        add(kind == Kind::Counter && !is_total, "counter metrics should have \"_total\" suffix");
        add(kind != Kind::Counter && is_total, "non-counter metrics should not have \"_total\" suffix");
    }
    let (histogram, summary) = (is_histogram(kind), kind == Kind::Summary);
    if kind != Kind::Untyped {
        let besides = |suffix: &str| !histogram && !summary && name.ends_with(suffix);
        add(
            !histogram && name.ends_with("_bucket"),
            "non-histogram metrics should not have \"_bucket\" suffix",
        );
        add(besides("_count"), "non-histogram and non-summary metrics should not have \"_count\" suffix");
        add(besides("_sum"), "non-histogram and non-summary metrics should not have \"_sum\" suffix");
    }
    for (label, _) in family.metrics.iter().flat_map(|metric| &metric.labels) {
        add(is_camel_case(label), "label names should be written in 'snake_case' not 'camelCase'");
        if kind != Kind::Untyped {
            add(!histogram && label == "le", "non-histogram metrics should not have \"le\" label");
            add(!summary && label == "quantile", "non-summary metrics should not have \"quantile\" label");
        }
    }
    let mut seen = BTreeSet::new();
    add(!family.metrics.iter().all(|metric| seen.insert(&metric.labels)), "metric not unique");
    if let Some((unit, base)) = unit_of(name)
        && unit != base
    {
        add(true, &format!("use base unit \"{base}\" instead of \"{unit}\""));
    }
    problems
}

fn is_histogram(kind: Kind) -> bool {
    matches!(kind, Kind::Histogram | Kind::GaugeHistogram)
}

/// Whether a small letter is followed by a capital one.
fn is_camel_case(name: &str) -> bool {
    name.as_bytes().windows(2).any(
        |pair| matches!(pair, [small, capital] if small.is_ascii_lowercase() && capital.is_ascii_uppercase()),
    )
}

fn is_abbreviated(name: &str) -> bool {
    name.to_lowercase().split('_').skip(1).any(|part| ABBREVIATIONS.contains(&part))
}

/// The first unit in a name, and the base unit that it should be.
fn unit_of(name: &str) -> Option<(&str, &'static str)> {
    name.split('_').find_map(|part| {
        let (_, base) = UNITS.iter().find(|(unit, _)| {
            part.strip_suffix(unit).is_some_and(|rest| rest.is_empty() || PREFIXES.contains(&rest))
        })?;
        Some((part, *base))
    })
}
