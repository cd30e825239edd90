//! `/api/v2/alerts`: taking and showing alerts.

use std::sync::Arc;

use alerting::matchers::{Syntax, parse_matcher};
use alerting::{Alert, AlertView, Matcher};
use axum::response::Response;
use go_regex::Regex;
use http::StatusCode;
use model::Labels;
use serde_json::{Map, Value, json};

use super::body::{self, Complaint, required, wrong_type};
use super::{Alertmanager, Asked, document, empty, refusal, times};

/// What the original calls an alert whose labels are missing.
const ALERT_TYPE: &str = "value of type struct { Annotations models.LabelSet \"json:\\\"annotations,omitempty\\\"\"; EndsAt strfmt.DateTime \"json:\\\"endsAt,omitempty\\\"\"; StartsAt strfmt.DateTime \"json:\\\"startsAt,omitempty\\\"\" }";

/// What a request wants to see.
pub(super) struct Wanted {
    matchers: Vec<Matcher>,
    receiver: Option<Regex>,
    active: bool,
    silenced: bool,
    inhibited: bool,
    muted: bool,
}

impl Wanted {
    /// Reads the parameters.
    ///
    /// # Errors
    /// One of them is none; the text is the answer.
    pub(super) fn read(asked: &Asked) -> Result<Wanted, String> {
        let receiver = match asked.all("receiver").last().filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => Some(
                Regex::wrapped("^(?:", text, ")$")
                    .map_err(|error| format!("failed to parse receiver param: {error}"))?,
            ),
        };
        Ok(Wanted {
            matchers: matchers(asked)?,
            receiver,
            active: asked.is_on("active"),
            silenced: asked.is_on("silenced"),
            inhibited: asked.is_on("inhibited"),
            muted: asked.is_on("muted"),
        })
    }

    pub(super) fn takes_receiver(&self, name: &str) -> bool {
        self.receiver.as_ref().is_none_or(|regex| regex.is_match(name))
    }

    pub(super) fn takes(&self, labels: &Labels, receivers: &[String]) -> bool {
        receivers.iter().any(|name| self.takes_receiver(name))
            && self.matchers.iter().all(|matcher| matcher.matches_labels(labels))
    }

    pub(super) fn shows(&self, view: &AlertView) -> bool {
        let (silenced, inhibited) = (!view.silenced_by.is_empty(), view.inhibited_by.is_some());
        let muted = !view.muted_by.is_empty();
        (self.active || silenced || inhibited || muted)
            && (self.silenced || !silenced)
            && (self.inhibited || !inhibited)
            && (self.muted || !muted)
    }
}

/// The matchers of the parameter `filter`.
///
/// # Errors
/// One of them is none.
pub(super) fn matchers(asked: &Asked) -> Result<Vec<Matcher>, String> {
    asked
        .all("filter")
        .map(|text| {
            parse_matcher(text, Syntax::Both).map(|parsed| parsed.value).map_err(|error| error.to_string())
        })
        .collect()
}

/// An alert as it is shown.
pub(super) fn shown(view: &AlertView, receivers: &[String]) -> Value {
    let labels: Map<String, Value> =
        view.alert.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let annotations: Map<String, Value> =
        view.alert.annotations.iter().map(|(name, text)| (name.to_string(), Value::from(&**text))).collect();
    let is_quiet = !view.silenced_by.is_empty() || view.inhibited_by.is_some() || !view.muted_by.is_empty();
    let inhibited_by: Vec<String> =
        view.inhibited_by.iter().map(|fingerprint| format!("{fingerprint:016x}")).collect();
    let mut alert = json!({
        "annotations": annotations,
        "endsAt": times::shown(view.alert.ends_at),
        "fingerprint": format!("{:016x}", view.fingerprint),
        "receivers": receivers.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "startsAt": times::shown(view.alert.starts_at),
        "status": {
            "inhibitedBy": inhibited_by,
            "mutedBy": view.muted_by,
            "silencedBy": view.silenced_by,
            "state": if is_quiet { "suppressed" } else { "active" },
        },
        "updatedAt": times::shown(view.alert.updated_at),
        "labels": labels,
    });
    if !view.alert.generator_url.is_empty()
        && let Some(object) = alert.as_object_mut()
    {
        object.insert("generatorURL".to_owned(), Value::from(&*view.alert.generator_url));
    }
    alert
}

impl Alertmanager {
    pub(super) fn alerts(&self, asked: &Asked) -> Response {
        let wanted = match Wanted::read(asked) {
            Ok(wanted) => wanted,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error),
        };
        let views = self.runner.look(|dispatcher, now| {
            dispatcher.alerts(|labels, receivers| wanted.takes(labels, receivers), now)
        });
        let shown: Vec<Value> = views
            .iter()
            .filter(|view| wanted.shows(view))
            .map(|view| self::shown(view, &view.receivers))
            .collect();
        document(StatusCode::OK, &Value::from(shown))
    }

    pub(super) fn post_alerts(&self, asked: &Asked) -> Response {
        let reports = body::read(asked, "alerts").and_then(|document| read_reports(&document));
        match reports {
            Ok(reports) => match self.take(reports) {
                Ok(()) => empty(StatusCode::OK),
                Err(error) => refusal(StatusCode::BAD_REQUEST, &error),
            },
            Err(complaint) => complaint.into_response("alerts"),
        }
    }

    /// The old form, which people still post: the same reports, and another answer.
    pub(super) fn post_old(&self, asked: &Asked) -> Response {
        let failed = |error: &str| {
            let answer = json!({ "status": "error", "errorType": "bad_data", "error": error });
            document(StatusCode::BAD_REQUEST, &answer)
        };
        let posted: Value = match serde_json::from_slice(&asked.body) {
            Ok(posted) => posted,
            Err(error) => return failed(&error.to_string()),
        };
        match read_reports(&posted) {
            Ok(reports) => match self.take(reports) {
                Ok(()) => document(StatusCode::OK, &json!({ "status": "success" })),
                Err(error) => failed(&error),
            },
            Err(Complaint::Unreadable(error) | Complaint::Invalid(_, error) | Complaint::Kind(error)) => {
                failed(&error)
            }
        }
    }

    /// Alerts of reports, all of which can be.
    ///
    /// # Errors
    /// What is wrong with the first that cannot be.
    pub(super) fn checked(&self, reports: Vec<Report>) -> Result<Vec<Alert>, String> {
        let (now, timeout) = (self.runner.now(), self.timeout());
        reports.into_iter().map(|report| report.alert(now, timeout)).collect()
    }

    fn timeout(&self) -> i64 {
        let timeout = self.runner.look(|dispatcher, _| dispatcher.resolve_timeout());
        i64::try_from(timeout.as_nanos()).unwrap_or(i64::MAX)
    }

    /// Takes the reports that can be; the error tells of the others.
    fn take(&self, reports: Vec<Report>) -> Result<(), String> {
        let (now, timeout) = (self.runner.now(), self.timeout());
        let (mut good, mut errors) = (Vec::new(), Vec::new());
        for report in reports {
            match report.alert(now, timeout) {
                Ok(alert) => good.push(alert),
                Err(error) => errors.push(error),
            }
        }
        self.runner.put(good);
        if errors.is_empty() {
            return Ok(());
        }
        self.runner.note_invalid(errors.len() as u64);
        Err(errors.join("; "))
    }
}

/// A report of an alert as it was posted.
pub(super) struct Report {
    labels: Vec<(String, String)>,
    annotations: Vec<(String, String)>,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    generator_url: String,
}

impl Report {
    fn alert(self, now: i64, timeout: i64) -> Result<Alert, String> {
        let labels = Labels::from_pairs(self.labels);
        let starts_at = self.starts_at.or(self.ends_at).unwrap_or(now);
        let ends_at = self.ends_at.unwrap_or_else(|| now.saturating_add(timeout));
        if labels.is_empty() {
            return Err("at least one label pair required".to_owned());
        }
        if labels.iter().any(|(name, _)| name.is_empty()) {
            return Err("invalid label set: invalid name \"\"".to_owned());
        }
        if self.ends_at.is_some() && ends_at < starts_at {
            return Err("start time must be before end time".to_owned());
        }
        if self.annotations.iter().any(|(name, _)| name.is_empty()) {
            return Err("invalid annotations: invalid name \"\"".to_owned());
        }
        let mut annotations = self.annotations;
        annotations.sort();
        let annotations: Vec<(Box<str>, Box<str>)> =
            annotations.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        Ok(Alert {
            labels,
            annotations: annotations.into(),
            starts_at,
            ends_at,
            updated_at: now,
            ends_by_timeout: self.ends_at.is_none(),
            generator_url: Arc::from(self.generator_url),
        })
    }
}

/// Reads reports of alerts as they are posted.
pub(super) fn read_reports(document: &Value) -> Result<Vec<Report>, Complaint> {
    let Some(items) = document.as_array() else {
        return Err(wrong_type(document, "value of type models.PostableAlerts"));
    };
    let mut reports = Vec::new();
    // First everything that cannot be read, then what lacks something: the original goes through twice.
    for item in items {
        let Some(object) = item.as_object() else { return Err(wrong_type(item, ALERT_TYPE)) };
        let labels = body::texts(object, "labels", "Alert")?;
        reports.push((
            labels,
            body::texts(object, "annotations", "Alert")?.unwrap_or_default(),
            body::time(object, "startsAt", "Alert")?.flatten(),
            body::time(object, "endsAt", "Alert")?.flatten(),
            body::text(object, "generatorURL", "Alert")?.unwrap_or_default(),
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
        checked.push(Report { labels, annotations, starts_at, ends_at, generator_url });
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
    (has_scheme || text.starts_with('/')) && !text.chars().any(char::is_control)
}
