//! What becomes of attributes of OpenTelemetry.

use std::collections::HashMap;

use go_regex::Regex;
use wire::otlp::logs::{Action, Place, Rules};

/// What becomes of an attribute.
pub use wire::otlp::logs::Action as AttributeAction;

/// Attributes of resources that are labels unless something else is said.
const RESOURCE_LABELS: [&str; 18] = [
    "service.name",
    "service.namespace",
    "service.instance.id",
    "deployment.environment",
    "deployment.environment.name",
    "cloud.region",
    "cloud.availability_zone",
    "k8s.cluster.name",
    "k8s.namespace.name",
    "k8s.pod.name",
    "k8s.container.name",
    "container.name",
    "k8s.replicaset.name",
    "k8s.deployment.name",
    "k8s.statefulset.name",
    "k8s.daemonset.name",
    "k8s.cronjob.name",
    "k8s.job.name",
];

/// What becomes of attributes, by place and key; an attribute that nothing is said of is structured metadata.
#[derive(Debug, Clone)]
pub struct OtlpRules {
    /// Of the resource.
    pub resource: AttributeNames,
    /// Of the scope.
    pub scope: AttributeNames,
    /// Of the record.
    pub record: AttributeNames,
    /// Whether the text of the severity is a label.
    pub severity_text_as_label: bool,
}

/// What becomes of the attributes of one place: a key that is named counts before a pattern, and the first pattern
/// that fits before the others.
#[derive(Debug, Clone, Default)]
pub struct AttributeNames {
    /// By key.
    pub keys: HashMap<String, AttributeAction>,
    /// By patterns of whole keys.
    pub patterns: Vec<(Regex, AttributeAction)>,
}

impl AttributeNames {
    fn action(&self, key: &str) -> Action {
        let named = self.keys.get(key).copied();
        let by_pattern = || self.patterns.iter().find(|(pattern, _)| pattern.is_match(key));
        named.or_else(|| by_pattern().map(|(_, action)| *action)).unwrap_or(Action::Metadata)
    }
}

impl OtlpRules {
    /// Rules under which these attributes of resources are labels.
    pub fn with_resource_labels<'a>(keys: impl IntoIterator<Item = &'a str>) -> Self {
        let keys = keys.into_iter().map(|key| (key.to_owned(), Action::Label)).collect();
        Self {
            resource: AttributeNames { keys, patterns: Vec::new() },
            scope: AttributeNames::default(),
            record: AttributeNames::default(),
            severity_text_as_label: false,
        }
    }

    /// The attributes of resources that are labels by default.
    pub fn default_resource_labels() -> &'static [&'static str] {
        &RESOURCE_LABELS
    }
}

impl Default for OtlpRules {
    fn default() -> Self {
        Self::with_resource_labels(RESOURCE_LABELS)
    }
}

impl Rules for OtlpRules {
    fn action(&self, place: Place, key: &str) -> Action {
        let names = match place {
            Place::Resource => &self.resource,
            Place::Scope => &self.scope,
            Place::Record => &self.record,
        };
        names.action(key)
    }

    fn severity_text_is_label(&self) -> bool {
        self.severity_text_as_label
    }
}
