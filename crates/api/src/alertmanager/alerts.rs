//! `/api/v2/alerts`: taking and showing alerts.

use alerting::matchers::{Syntax, parse_matcher};
use alerting::{Alert, AlertView, Matcher};
use axum::response::Response;
use go_regex::Regex;
use http::StatusCode;
use model::Labels;
use serde_json::{Map, Value, json};

use super::body::Complaint;
use super::reports::{self, Report};
use super::{Alertmanager, Asked, ShownConfig, document, empty, refusal, times, with_type};

/// How many alerts are written before others get a turn.
const SHOWN_AT_ONCE: usize = 1000;

/// What a request wants to see.
pub(super) struct Wanted {
    matchers: Vec<Matcher>,
    receiver: Option<Regex>,
    active: bool,
    silenced: bool,
    inhibited: bool,
    muted: bool,
    /// The receivers whose labels are asked for; none where all are.
    receivers: Option<Vec<String>>,
}

impl Wanted {
    /// Reads the parameters.
    ///
    /// # Errors
    /// One of them is none; the text is the answer.
    pub(super) fn read(asked: &Asked, config: &ShownConfig) -> Result<Wanted, String> {
        let by_labels = receiver_matchers(asked)?;
        let fits = |(_, labels): &&(String, Vec<(String, String)>)| are_fulfilled(&by_labels, labels);
        let receivers = config.receivers.iter().filter(fits).map(|(name, _)| name.clone());
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
            receivers: (!by_labels.is_empty()).then(|| receivers.collect()),
        })
    }

    pub(super) fn takes_receiver(&self, name: &str) -> bool {
        let is_listed = self.receivers.as_ref().is_none_or(|names| names.iter().any(|own| own == name));
        is_listed && self.receiver.as_ref().is_none_or(|regex| regex.is_match(name))
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
    matchers_of(asked, "filter")
}

/// The matchers of receivers' labels.
///
/// # Errors
/// One of them is none.
pub(super) fn receiver_matchers(asked: &Asked) -> Result<Vec<Matcher>, String> {
    matchers_of(asked, "receiver_matchers")
        .map_err(|error| format!("failed to parse receiver_matchers param: {error}"))
}

/// Whether labels of a receiver fulfil matchers.
pub(super) fn are_fulfilled(matchers: &[Matcher], labels: &[(String, String)]) -> bool {
    let value = |name: &str| labels.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value);
    matchers.iter().all(|matcher| matcher.matches(value(matcher.name())))
}

fn matchers_of(asked: &Asked, parameter: &str) -> Result<Vec<Matcher>, String> {
    asked
        .all(parameter)
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
        view.alert.annotations.iter().map(|(name, text)| (name.to_owned(), Value::from(text))).collect();
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
        let wanted = match Wanted::read(asked, &self.config.read()) {
            Ok(wanted) => wanted,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error),
        };
        let all = self.runner.look(|dispatcher, now| dispatcher.firing(now));
        let mut body = "[".to_owned();
        for piece in all.chunks(SHOWN_AT_ONCE) {
            let views = self.runner.look(|dispatcher, now| {
                dispatcher.alerts(piece, |labels, receivers| wanted.takes(labels, receivers), now)
            });
            for view in views.iter().filter(|view| wanted.shows(view)) {
                if body.len() > 1 {
                    body.push(',');
                }
                body.push_str(&shown(view, &view.receivers).to_string());
            }
        }
        body.push_str("]\n");
        with_type(StatusCode::OK, "application/json", body)
    }

    pub(super) fn post_alerts(&self, asked: &Asked) -> Response {
        match reports::posted(asked) {
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
        match reports::read(&posted) {
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
