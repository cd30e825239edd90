//! `/detected_labels`: which labels of the streams are worth a look.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::Response;
use serde_json::json;

use super::Loki;
use super::answer::json as answer_json;
use super::asked::Asked;
use super::refusal::Refusal;
use super::times::Span;

/// Labels that are told whatever their values are.
const ALWAYS: [&str; 4] = ["cluster", "namespace", "instance", "pod"];

/// The labels of the streams with the number of their values; those whose values are all identities are left out.
pub(super) fn detected_labels(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let span = Span::new(asked.params(), asked.now)?;
    let matchers = asked.matchers(asked.params().get("query"))?;
    let streams = asked.view(loki, span)?.streams(&matchers)?;
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in streams.iter().flat_map(|stream| stream.iter()) {
        values.entry(name).or_default().insert(value);
    }
    let told = values.iter().filter(|(name, values)| {
        ALWAYS.contains(*name) || !values.iter().all(|value| is_identity(value)) || is_switch(values)
    });
    let labels: Vec<_> =
        told.map(|(name, values)| json!({ "label": name, "cardinality": values.len() })).collect();
    answer_json(&json!({ "detectedLabels": labels }))
}

/// Whether the values are those of a switch.
fn is_switch(values: &BTreeSet<&str>) -> bool {
    values.iter().all(|value| ["0", "1"].contains(value))
}

/// Whether a value tells one thing from all others: a number, or a UUID.
fn is_identity(value: &str) -> bool {
    model::number::parse_float(value).is_some() || is_uuid(value)
}

fn is_uuid(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.iter().all(is_hex) && (lengths == [8, 4, 4, 4, 12] || lengths == [32])
}
