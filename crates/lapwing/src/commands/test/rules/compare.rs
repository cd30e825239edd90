//! What was expected and found, compared and written.

use std::collections::BTreeMap;

use model::Labels;
use model::name::is_legacy_label_name;
use model::number::format_exponent;
use model::quote::quote;

/// An alert by what tells it from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alert {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
}

/// A sample of an expression; the histogram is empty for a number.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) labels: Labels,
    pub(super) value: f64,
    pub(super) histogram: String,
}

/// Whether samples are the same; `fuzzy` takes the next number for the same.
pub(super) fn same_samples(expected: &[Found], found: &[Found], fuzzy: bool) -> bool {
    let same_value = |a: f64, b: f64| {
        a == b || (a.is_nan() && b.is_nan()) || (fuzzy && (a.next_up() == b || a.next_down() == b))
    };
    expected.len() == found.len()
        && expected
            .iter()
            .zip(found)
            .all(|(a, b)| a.labels == b.labels && a.histogram == b.histogram && same_value(a.value, b.value))
}

/// Samples in one line.
pub(super) fn samples_text(samples: &[Found]) -> String {
    if samples.is_empty() {
        return "nil".to_owned();
    }
    let texts: Vec<String> = samples
        .iter()
        .map(|sample| match sample.histogram.as_str() {
            "" => format!("{} {}", sample.labels, format_exponent(sample.value).replace('e', "E")),
            histogram => format!("{} {histogram}", sample.labels),
        })
        .collect();
    texts.join(", ")
}

/// Alerts, numbered.
pub(super) fn alerts_text(alerts: &[Alert]) -> String {
    if alerts.is_empty() {
        return "[]".to_owned();
    }
    let texts: Vec<String> = alerts
        .iter()
        .enumerate()
        .map(|(index, alert)| {
            let (labels, annotations) = (pairs_text(&alert.labels), pairs_text(&alert.annotations));
            format!("{index}:\n  Labels:{labels}\n  Annotations:{annotations}")
        })
        .collect();
    format!("[\n{}\n]", texts.join(",\n"))
}

fn pairs_text(pairs: &BTreeMap<String, String>) -> String {
    let texts: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let name = if is_legacy_label_name(name) { name.clone() } else { quote(name) };
            format!("{name}={}", quote(value))
        })
        .collect();
    format!("{{{}}}", texts.join(", "))
}
