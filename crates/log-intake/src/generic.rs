//! Structured metadata that is taken from labels, metadata or lines (`discover_generic_fields`).

use std::collections::BTreeMap;

use model::Labels;

use crate::line::{Form, form_of, json_path, logfmt_field};

/// The fields that an entry has, with their values.
pub(crate) fn discover(
    fields: &BTreeMap<String, Vec<String>>,
    labels: &Labels,
    metadata: &[(&str, &str)],
    line: &[u8],
) -> Vec<(String, String)> {
    let found = fields.iter().filter_map(|(name, hints)| {
        let value = hints.iter().find_map(|hint| find(hint, labels, metadata, line))?;
        (!value.is_empty()).then(|| (name.clone(), value))
    });
    found.collect()
}

fn find(hint: &str, labels: &Labels, metadata: &[(&str, &str)], line: &[u8]) -> Option<String> {
    if let Some(value) = labels.get(hint) {
        return Some(value.to_owned());
    }
    if let Some((_, value)) = metadata.iter().find(|(name, _)| *name == hint) {
        return Some((*value).to_owned());
    }
    let value = match form_of(line) {
        Form::Json => json_path(line, hint.strip_prefix("$.").unwrap_or(hint)),
        Form::Logfmt => logfmt_field(line, &[hint.to_owned()]),
        Form::Text => None,
    };
    value.map(|value| String::from_utf8_lossy(value).into_owned())
}
