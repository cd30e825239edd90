//! Reports of alerts as they are posted. Programs post the same alerts again and again: what is well-formed is read in
//! one pass over the body, and only what is not is looked at piece by piece, to say what is wrong with it.

mod quick;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use alerting::{Alert, Annotations};
use model::Labels;
use serde_json::Value;

use super::Asked;
use super::body::{self, Complaint, required, wrong_type};

/// What the original calls an alert whose labels are missing.
const ALERT_TYPE: &str = "value of type struct { Annotations models.LabelSet \"json:\\\"annotations,omitempty\\\"\"; EndsAt strfmt.DateTime \"json:\\\"endsAt,omitempty\\\"\"; StartsAt strfmt.DateTime \"json:\\\"startsAt,omitempty\\\"\" }";

/// A report of an alert as it was posted.
#[derive(Debug, PartialEq)]
pub(super) struct Report {
    labels: Labels,
    annotations: Annotations,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    generator_url: Arc<str>,
}

impl Report {
    /// The alert, `timeout` after `now` where it does not say when it ends.
    ///
    /// # Errors
    /// It cannot be.
    pub(super) fn alert(self, now: i64, timeout: i64) -> Result<Alert, String> {
        let starts_at = self.starts_at.or(self.ends_at).unwrap_or(now);
        let ends_at = self.ends_at.unwrap_or_else(|| now.saturating_add(timeout));
        if self.labels.is_empty() {
            return Err("at least one label pair required".to_owned());
        }
        // Names are sorted: an empty one stands first.
        if self.labels.iter().next().is_some_and(|(name, _)| name.is_empty()) {
            return Err("invalid label set: invalid name \"\"".to_owned());
        }
        if self.ends_at.is_some() && ends_at < starts_at {
            return Err("start time must be before end time".to_owned());
        }
        if self.annotations.iter().next().is_some_and(|(name, _)| name.is_empty()) {
            return Err("invalid annotations: invalid name \"\"".to_owned());
        }
        Ok(Alert {
            labels: self.labels,
            annotations: self.annotations,
            starts_at,
            ends_at,
            updated_at: now,
            ends_by_timeout: self.ends_at.is_none(),
            generator_url: self.generator_url,
        })
    }
}

/// The reports of a request.
///
/// # Errors
/// The body is none of them.
pub(super) fn posted(asked: &Asked) -> Result<Vec<Report>, Complaint> {
    body::check_kind(asked)?;
    match quick::reports(&asked.body) {
        Some(reports) => Ok(reports),
        None => read(&body::read(asked, "alerts")?),
    }
}

/// Reads reports of alerts as they are posted.
///
/// # Errors
/// They are none.
pub(super) fn read(document: &Value) -> Result<Vec<Report>, Complaint> {
    let items = match document {
        Value::Null => &[],
        Value::Array(items) => items.as_slice(),
        other => return Err(wrong_type(other, "value of type models.PostableAlerts")),
    };
    let mut reports = Vec::new();
    // First everything that cannot be read, then what lacks something: the original goes through twice.
    for item in items {
        let Some(object) = item.as_object() else { return Err(wrong_type(item, ALERT_TYPE)) };
        let labels = body::texts(object, "labels", "Alert")?;
        reports.push((
            labels,
            body::texts(object, "annotations", "")?.unwrap_or_default(),
            body::time(object, "startsAt")?.flatten(),
            body::time(object, "endsAt")?.flatten(),
            body::bare_text(object, "generatorURL")?.unwrap_or_default(),
        ));
    }
    let mut checked = Vec::new();
    for (at, (labels, annotations, starts_at, ends_at, generator_url)) in reports.into_iter().enumerate() {
        if !generator_url.is_empty() && !is_uri(&generator_url) {
            let url = model::quote::quote(&generator_url);
            let message = format!("{at}.generatorURL in body must be of type uri: {url}");
            return Err(Complaint::Invalid(601, message));
        }
        let labels = labels.ok_or_else(|| required(&format!("{at}.labels")))?;
        checked.push(Report {
            labels: Labels::from_pairs(labels),
            annotations: Annotations::from_pairs(annotations),
            starts_at,
            ends_at,
            generator_url: generator_url.into(),
        });
    }
    Ok(checked)
}

/// Whether a text is an address: one with a scheme, or a path from the root.
fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let has_scheme = scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let host = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let is_host = host.is_none_or(|host| !host.contains(' ') && host.contains('[') == host.contains(']'));
    (has_scheme || text.starts_with('/')) && is_host && !text.chars().any(char::is_control)
}
