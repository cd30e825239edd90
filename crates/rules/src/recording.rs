//! Recording rules: what the expression gives under another name.

use std::collections::{BTreeMap, HashSet};

use model::{Labels, LabelsBuilder, labels::METRIC_NAME};

use crate::{Sample, language::Expression};

/// Evaluates a recording rule.
///
/// # Errors
/// The expression fails, two series would be the same, or there are too many.
pub(crate) fn evaluate(
    name: &str,
    labels: &BTreeMap<String, String>,
    expression: &dyn Expression,
    at_ms: i64,
    limit: Option<usize>,
) -> Result<Vec<Sample>, String> {
    let mut samples = expression.evaluate(at_ms)?;
    let mut seen: HashSet<Labels> = HashSet::with_capacity(samples.len());
    for sample in &mut samples {
        let mut builder = LabelsBuilder::new(std::mem::replace(&mut sample.labels, Labels::empty()));
        builder.set(METRIC_NAME, name);
        for (label, value) in labels {
            builder.set(label, value);
        }
        sample.labels = builder.build();
        if !seen.insert(sample.labels.clone()) {
            return Err("vector contains metrics with the same labelset after applying rule labels".into());
        }
    }
    let count = samples.len();
    match limit {
        Some(limit) if count > limit => Err(format!("exceeded limit of {limit} with {count} series")),
        _ => Ok(samples),
    }
}
