//! The difference of alerts, coloured: what is missing in red, what is too much in green, what changed in yellow.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Alert;

const MISSING: &str = "\u{1b}[0;31m";
const ADDED: &str = "\u{1b}[0;32m";
const CHANGED: &str = "\u{1b}[0;33m";
const PLAIN: &str = "\u{1b}[0m";

/// Alerts side by side, as JSON.
pub(super) fn diff_text(expected: &[Alert], found: &[Alert]) -> String {
    let count = expected.len().max(found.len());
    let texts: Vec<String> = (0..count)
        .map(|index| {
            let (expected, found) = (expected.get(index), found.get(index));
            let annotations =
                map(expected.map(|alert| &alert.annotations), found.map(|alert| &alert.annotations));
            let labels = map(expected.map(|alert| &alert.labels), found.map(|alert| &alert.labels));
            format!("    {{\n        \"Annotations\": {annotations},\n        \"Labels\": {labels}\n    }}")
        })
        .collect();
    format!("[\n{}\n]", texts.join(",\n"))
}

fn map(expected: Option<&BTreeMap<String, String>>, found: Option<&BTreeMap<String, String>>) -> String {
    let none = BTreeMap::new();
    let (expected, found) = (expected.unwrap_or(&none), found.unwrap_or(&none));
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let lines: Vec<String> = keys
        .into_iter()
        .map(|key| {
            let name = json(key);
            let line = match (expected.get(key), found.get(key)) {
                (Some(a), Some(b)) if a == b => format!("{name}: {}", json(a)),
                (Some(a), Some(b)) => format!("{name}: {CHANGED}{} => {}{PLAIN}", json(a), json(b)),
                (Some(a), None) => format!("{MISSING}{name}: {}{PLAIN}", json(a)),
                (None, b) => format!("{ADDED}{name}: {}{PLAIN}", json(b.map_or("", String::as_str))),
            };
            format!("            {line}")
        })
        .collect();
    if lines.is_empty() {
        return "{}".to_owned();
    }
    format!("{{\n{}\n        }}", lines.join(",\n"))
}
