//! Recording rules: what the expression gives under another name.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use model::{Labels, labels::METRIC_NAME};

use crate::{Sample, language::Expression, rule::Written};

/// Evaluates a recording rule; `previous` is what it wrote last.
///
/// # Errors
/// The expression fails, two series would be the same, or there are too many.
pub(crate) fn evaluate(
    name: &str,
    labels: &BTreeMap<String, String>,
    expression: &dyn Expression,
    at_ms: i64,
    limit: Option<usize>,
    previous: &parking_lot::Mutex<Vec<Written>>,
) -> Result<Vec<Sample>, String> {
    let mut samples = expression.evaluate(at_ms)?;
    let own = labels.iter().map(|(label, value)| (label.as_str(), value.as_str()));
    let mut own: Vec<(&str, &str)> = own.chain([(METRIC_NAME, name)]).collect();
    own.sort_unstable();
    let mut packed = Vec::with_capacity(256);
    let previous = previous.lock();
    let mut is_known = true;
    for (index, sample) in samples.iter_mut().enumerate() {
        packed.clear();
        pack(&sample.labels, &own, &mut packed);
        // The same series come in the same order, time and again: their labels are there already.
        sample.labels = match previous.get(index) {
            Some((labels, _)) if labels.as_bytes() == packed => labels.clone(),
            _ => {
                is_known = false;
                Labels::from_bytes(&packed).unwrap_or_else(Labels::empty)
            }
        };
    }
    drop(previous);
    let mut seen = HashSet::new();
    if !is_known && !samples.iter().all(|sample| seen.insert(&sample.labels)) {
        return Err("vector contains metrics with the same labelset after applying rule labels".into());
    }
    let count = samples.len();
    match limit {
        Some(limit) if count > limit => Err(format!("exceeded limit of {limit} with {count} series")),
        _ => Ok(samples),
    }
}

/// Packs labels with those of the rule (sorted, an empty value takes the label away) in their places.
fn pack(labels: &Labels, own: &[(&str, &str)], bytes: &mut Vec<u8>) {
    let mut rest = labels.iter().peekable();
    for (name, value) in own {
        while let Some((label, text)) = rest.next_if(|(label, _)| label < name) {
            Labels::pack(label, text, bytes);
        }
        rest.next_if(|(label, _)| label == name);
        if !value.is_empty() {
            Labels::pack(name, value, bytes);
        }
    }
    rest.for_each(|(label, text)| Labels::pack(label, text, bytes));
}
