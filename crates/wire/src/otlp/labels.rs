//! Labels of samples: what the point, its scope and its resource say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::labels::{METRIC_NAME, METRIC_TYPE, METRIC_UNIT};
use model::{Labels, Metadata, MetricType};

use super::attributes::Attributes;
use super::message::Scope;
use super::names::label_name;
use super::settings::Settings;
use super::units::Unit;

pub(super) const SERVICE_NAME: &str = "service.name";
pub(super) const SERVICE_NAMESPACE: &str = "service.namespace";
pub(super) const SERVICE_INSTANCE: &str = "service.instance.id";
const JOB: &str = "job";
const INSTANCE: &str = "instance";

/// Labels that all points of a resource get.
#[derive(Debug, Clone, Default)]
pub(super) struct ResourceLabels {
    /// Attributes that became labels; those of the point come before them.
    promoted: Vec<(String, String)>,
    /// `job` and `instance`, which nothing comes before.
    identity: Vec<(&'static str, String)>,
}

impl ResourceLabels {
    /// # Errors
    /// An attribute that no label can be called by.
    pub(super) fn of(attributes: &Attributes<'_>, settings: &Settings) -> Result<Self, String> {
        let mut labels = Self { promoted: Vec::new(), identity: identity(attributes) };
        for (name, value) in attributes.iter().filter(|(name, _)| settings.promotion.includes(name)) {
            let name = label_name(name, settings)?.into_owned();
            if labels.promoted.iter().all(|(promoted, _)| *promoted != name) {
                labels.promoted.push((name, value.clone().into_owned()));
            }
        }
        Ok(labels)
    }

    /// Without the attributes that became labels.
    pub(super) fn identity_alone(&self) -> Self {
        Self { promoted: Vec::new(), identity: self.identity.clone() }
    }

    /// Whether something says which target it is.
    pub(super) fn is_identified(&self) -> bool {
        self.identity.iter().any(|(_, value)| !value.is_empty())
    }
}

fn identity(attributes: &Attributes<'_>) -> Vec<(&'static str, String)> {
    let value = |wanted: &str| {
        attributes.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone().into_owned())
    };
    let job = value(SERVICE_NAME).map(|service| match value(SERVICE_NAMESPACE) {
        Some(namespace) => format!("{namespace}/{service}"),
        None => service,
    });
    let named = [(JOB, job), (INSTANCE, value(SERVICE_INSTANCE))];
    named.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
}

/// The labels that all points of a scope get, where settings ask for them.
///
/// # Errors
/// An attribute that no label can be called by.
pub(super) fn scope_labels(scope: &Scope<'_>, settings: &Settings) -> Result<Vec<(String, String)>, String> {
    if !settings.promote_scope || scope.name.is_empty() {
        return Ok(Vec::new());
    }
    let mut labels: Vec<(String, String)> = [
        ("otel_scope_name", scope.name),
        ("otel_scope_version", scope.version),
        ("otel_scope_schema_url", scope.schema_url),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (name, value) in &scope.attributes {
        let name = format!("otel_scope_{name}");
        labels.push((label_name(&name, settings)?.into_owned(), value.clone().into_owned()));
    }
    Ok(labels)
}

/// Makes label sets of points.
pub(super) struct PointLabels<'s> {
    settings: &'s Settings,
    made: BTreeMap<String, String>,
    /// Attributes whose names became the same.
    pub(super) collisions: u64,
}

impl<'s> PointLabels<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        Self { settings, made: BTreeMap::new(), collisions: 0 }
    }

    /// The labels that all series of a point share; the name is set by their users.
    ///
    /// # Errors
    /// An attribute that no label can be called by.
    pub(super) fn of(
        &mut self,
        attributes: &Attributes<'_>,
        resource: &ResourceLabels,
        scope: &[(String, String)],
        metadata: &Metadata,
    ) -> Result<Labels, String> {
        self.made.clear();
        self.add_attributes(attributes)?;
        for (name, value) in &resource.promoted {
            self.made.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for (name, value) in scope {
            self.made.insert(name.clone(), value.clone());
        }
        if self.settings.type_and_unit_labels {
            self.add_type_and_unit(metadata);
        }
        for (name, value) in &resource.identity {
            self.made.insert((*name).to_owned(), value.clone());
        }
        Ok(Labels::from_pairs(self.made.iter().filter(|(_, value)| !value.is_empty())))
    }

    /// Attributes whose names become the same are one label, their values one behind the other.
    fn add_attributes(&mut self, attributes: &Attributes<'_>) -> Result<(), String> {
        let mut sorted: Vec<&(&str, Cow<'_, str>)> = attributes.iter().collect();
        sorted.sort_by_key(|(name, _)| *name);
        for (name, value) in sorted {
            // The name of a metric is not an attribute's to say.
            if *name == METRIC_NAME {
                continue;
            }
            match self.made.entry(label_name(name, self.settings)?.into_owned()) {
                Entry::Vacant(free) => drop(free.insert(value.clone().into_owned())),
                Entry::Occupied(mut taken) => {
                    self.collisions += 1;
                    let joined = taken.get_mut();
                    joined.push(';');
                    joined.push_str(value);
                }
            }
        }
        Ok(())
    }

    fn add_type_and_unit(&mut self, metadata: &Metadata) {
        if metadata.metric_type != MetricType::Unknown {
            self.made.insert(METRIC_TYPE.to_owned(), metadata.metric_type.as_str().to_owned());
        }
        let unit = Unit::of(&metadata.unit, self.settings.strategy.escapes()).joined();
        if !unit.is_empty() {
            self.made.insert(METRIC_UNIT.to_owned(), unit);
        }
    }
}
