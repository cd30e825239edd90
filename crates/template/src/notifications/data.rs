//! What the template of a notification is about.

use std::sync::Arc;

use super::lists::{Alerts, Kv};
use super::{Texts, json};
use crate::{Object, Time, Value};

/// A notification.
#[derive(Clone, Debug, Default)]
pub struct NotificationData {
    /// The receiver's name; those who send have it quoted for expressions, since it goes into an address.
    pub receiver: String,
    /// The alerts.
    pub alerts: Vec<Arc<AlertData>>,
    /// Why it is sent.
    pub reason: String,
    /// The labels of the group.
    pub group_labels: Texts,
    /// Labels that all alerts have alike.
    pub common_labels: Texts,
    /// Annotations that all alerts have alike.
    pub common_annotations: Texts,
    /// Where users reach the server.
    pub external_url: String,
    /// The status where it does not follow from the alerts.
    pub status: Option<String>,
}

/// An alert of a notification.
#[derive(Clone, Debug)]
pub struct AlertData {
    /// Whether it is over.
    pub is_resolved: bool,
    /// Its labels.
    pub labels: Texts,
    /// Its annotations.
    pub annotations: Texts,
    /// When it began.
    pub starts_at: Time,
    /// When it ended; the zero time while it has not.
    pub ends_at: Time,
    /// Where it comes from.
    pub generator_url: Arc<str>,
    /// What identifies it, in hexadecimal digits.
    pub fingerprint: String,
}

impl NotificationData {
    /// Fills in what all alerts have alike.
    pub fn find_common(&mut self) {
        let mut alerts = self.alerts.iter();
        let Some(first) = alerts.next() else { return };
        let (mut labels, mut annotations) = (first.labels.clone(), first.annotations.clone());
        for alert in alerts {
            labels = in_both(labels, &alert.labels);
            annotations = in_both(annotations, &alert.annotations);
        }
        (self.common_labels, self.common_annotations) = (labels, annotations);
    }

    /// `firing` while any alert fires, else `resolved`.
    pub fn status(&self) -> &str {
        match &self.status {
            Some(status) => status,
            None if self.alerts.iter().any(|alert| !alert.is_resolved) => "firing",
            None => "resolved",
        }
    }

    /// The data as templates see it.
    pub fn to_value(self: &Arc<Self>) -> Value {
        Value::Object(Arc::new(DataObject(Arc::clone(self))))
    }
}

/// What both have alike.
fn in_both(texts: Texts, others: &Texts) -> Texts {
    let is_in_both = |name: &str, text: &str| others.get(name) == Some(text);
    if texts.iter().all(|(name, text)| is_in_both(name, text)) {
        return texts;
    }
    texts.filtered(is_in_both)
}

impl AlertData {
    /// `firing` or `resolved`.
    pub fn status(&self) -> &'static str {
        if self.is_resolved { "resolved" } else { "firing" }
    }
}

#[derive(Debug)]
struct DataObject(Arc<NotificationData>);

impl Object for DataObject {
    fn type_name(&self) -> &str {
        "template.Data"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        [
            "Receiver",
            "Status",
            "Alerts",
            "NotificationReason",
            "GroupLabels",
            "CommonLabels",
            "CommonAnnotations",
            "ExternalURL",
        ]
        .into_iter()
        .filter_map(|name| Some((name, self.field(name)?)))
        .collect()
    }

    fn field(&self, name: &str) -> Option<Value> {
        let data = &self.0;
        Some(match name {
            "Receiver" => Value::text(&data.receiver),
            "Status" => Value::text(data.status()),
            "Alerts" => Value::Object(Arc::new(Alerts(data.alerts.clone()))),
            "NotificationReason" => Value::text(&data.reason),
            "GroupLabels" => Kv::value(&data.group_labels),
            "CommonLabels" => Kv::value(&data.common_labels),
            "CommonAnnotations" => Kv::value(&data.common_annotations),
            "ExternalURL" => Value::text(&data.external_url),
            _ => return None,
        })
    }

    fn json(&self) -> Option<String> {
        Some(json::data(&self.0))
    }
}

/// An alert as templates see it.
#[derive(Debug)]
pub(super) struct AlertObject(pub(super) Arc<AlertData>);

impl Object for AlertObject {
    fn type_name(&self) -> &str {
        "template.Alert"
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        ["Status", "Labels", "Annotations", "StartsAt", "EndsAt", "GeneratorURL", "Fingerprint"]
            .into_iter()
            .filter_map(|name| Some((name, self.field(name)?)))
            .collect()
    }

    fn field(&self, name: &str) -> Option<Value> {
        let alert = &self.0;
        Some(match name {
            "Status" => Value::text(alert.status()),
            "Labels" => Kv::value(&alert.labels),
            "Annotations" => Kv::value(&alert.annotations),
            "StartsAt" => Value::Time(alert.starts_at.clone()),
            "EndsAt" => Value::Time(alert.ends_at.clone()),
            "GeneratorURL" => Value::text(&alert.generator_url),
            "Fingerprint" => Value::text(&alert.fingerprint),
            _ => return None,
        })
    }

    fn json(&self) -> Option<String> {
        Some(json::alert(&self.0))
    }
}
