//! Groups of targets, and their form in files and HTTP answers.

use std::collections::BTreeMap;

use model::Labels;
use model::labels::LabelsBuilder;
use serde::Deserialize;

use crate::Error;

/// The label that holds a target's address.
pub const ADDRESS: &str = "__address__";

/// Targets that share labels and a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Where the group comes from; unique within its discovery.
    pub source: String,
    /// Labels of all the targets; a target's own label of the same name wins.
    pub labels: Labels,
    /// The labels of each target, its address as `__address__`.
    pub targets: Vec<Labels>,
}

impl TargetGroup {
    /// A group of addresses.
    pub fn of_addresses<A: AsRef<str>>(
        source: impl Into<String>,
        addresses: impl IntoIterator<Item = A>,
        labels: Labels,
    ) -> Self {
        let targets =
            addresses.into_iter().map(|address| Labels::from_pairs([(ADDRESS, address.as_ref())])).collect();
        Self { source: source.into(), labels, targets }
    }

    /// The same group with another label for all its targets.
    pub(crate) fn with_label(mut self, name: &str, value: &str) -> Self {
        let mut labels = LabelsBuilder::new(self.labels);
        labels.set(name, value);
        self.labels = labels.build();
        self
    }
}

/// A group as files and HTTP answers write it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

/// Reads a JSON list of groups.
pub(crate) fn parse_json(bytes: &[u8]) -> Result<Vec<TargetGroup>, Error> {
    let written: Vec<Option<Written>> =
        serde_json::from_slice(bytes).map_err(|error| Error::Syntax(error.to_string()))?;
    groups(written)
}

/// Reads a YAML list of groups.
pub(crate) fn parse_yaml(text: &str) -> Result<Vec<TargetGroup>, Error> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let written: Option<Vec<Option<Written>>> =
        serde_saphyr::from_str(text).map_err(|error| Error::Syntax(error.to_string()))?;
    groups(written.unwrap_or_default())
}

fn groups(written: Vec<Option<Written>>) -> Result<Vec<TargetGroup>, Error> {
    written
        .into_iter()
        .enumerate()
        .map(|(index, written)| {
            let Written { targets, labels } = written.ok_or(Error::NullGroup { index })?;
            let labels = labels.unwrap_or_default();
            if let Some(name) = labels.keys().find(|name| name.is_empty()) {
                return Err(Error::Syntax(format!("\"{name}\" is not a valid label name")));
            }
            Ok(TargetGroup::of_addresses(index.to_string(), targets, Labels::from_pairs(labels)))
        })
        .collect()
}
