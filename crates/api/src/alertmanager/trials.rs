//! `/api/v2/receivers/test` and `/api/v2/templates/preview`: our own, since receivers and texts are tried out before it
//! matters.

use alerting::Alert;
use axum::response::Response;
use http::StatusCode;
use notify::Trial;
use serde_json::{Map, Value, json};

use super::body::{self, Complaint, required, wrong_type};
use super::{Alertmanager, Asked, document, refusal, reports};
use crate::waiting::wait_here;

/// A body that names a receiver or a text, and may hold alerts as they are posted.
struct Trying {
    object: Map<String, Value>,
    alerts: Vec<Alert>,
}

impl Alertmanager {
    /// Sends an alert to each integration of a receiver and tells what became of it.
    pub(super) fn test_receiver(&self, asked: &Asked) -> Response {
        let read = self.read_trying(asked, "receiver");
        let trying = match read {
            Ok(trying) => trying,
            Err(response) => return *response,
        };
        let name = match body::text(&trying.object, "receiver", "Test") {
            Ok(Some(name)) => name,
            Ok(None) => return required("receiver").into_response("test"),
            Err(complaint) => return complaint.into_response("test"),
        };
        let known = self.config.read().receivers.iter().any(|(receiver, _)| *receiver == name);
        // This runs on a thread that may wait.
        let (runner, receiver) = (self.runner.clone(), name.clone());
        let trials = wait_here(async move { runner.try_receiver(&receiver, trying.alerts).await });
        let Some(trials) = trials else {
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");
        };
        match trials {
            Some(trials) => {
                let failed = trials.iter().any(|trial| trial.error.is_some());
                let shown: Vec<Value> = trials.iter().map(shown).collect();
                let status = if failed { "failed" } else { "ok" };
                document(
                    StatusCode::OK,
                    &json!({ "receiver": name, "status": status, "integrations": shown }),
                )
            }
            None if known => {
                refusal(StatusCode::NOT_FOUND, &format!("no route leads to the receiver {name:?}"))
            }
            None => refusal(StatusCode::NOT_FOUND, &format!("there is no receiver {name:?}")),
        }
    }

    /// Fills in a text as a notification would.
    pub(super) fn preview(&self, asked: &Asked) -> Response {
        let read = self.read_trying(asked, "preview");
        let trying = match read {
            Ok(trying) => trying,
            Err(response) => return *response,
        };
        let text = |key: &str| body::text(&trying.object, key, "Preview");
        let (template, kind, receiver) = match (text("text"), text("type"), text("receiver")) {
            (Ok(Some(template)), Ok(kind), Ok(receiver)) => (template, kind, receiver),
            (Ok(None), _, _) => return required("text").into_response("preview"),
            (Err(complaint), _, _) | (_, Err(complaint), _) | (_, _, Err(complaint)) => {
                return complaint.into_response("preview");
            }
        };
        let as_html = match kind.as_deref() {
            None | Some("text") => false,
            Some("html") => true,
            Some(other) => {
                let message = format!("type in body should be one of [text html], found {other:?}");
                return Complaint::Invalid(606, message).into_response("preview");
            }
        };
        let receiver = receiver.as_deref().unwrap_or("preview");
        match self.runner.preview(&template, as_html, receiver, trying.alerts) {
            Ok(text) => document(StatusCode::OK, &json!({ "text": text })),
            Err(error) => refusal(StatusCode::BAD_REQUEST, &error),
        }
    }

    fn read_trying(&self, asked: &Asked, what: &str) -> Result<Trying, Box<Response>> {
        let complain = |complaint: Complaint| Box::new(complaint.into_response(what));
        let read = body::read(asked, what).map_err(complain)?;
        let Value::Object(object) = read else {
            return Err(complain(wrong_type(&read, "value of type object")));
        };
        let reports = match object.get("alerts") {
            None | Some(Value::Null) => Vec::new(),
            Some(alerts) => reports::read(alerts).map_err(complain)?,
        };
        let alerts = self.checked(reports);
        let alerts = alerts.map_err(|error| Box::new(refusal(StatusCode::BAD_REQUEST, &error)))?;
        Ok(Trying { object, alerts })
    }
}

fn shown(trial: &Trial) -> Value {
    let mut shown = json!({
        "integration": trial.integration,
        "index": trial.place,
        "status": if trial.error.is_none() { "ok" } else { "failed" },
        "seconds": trial.took.as_secs_f64(),
    });
    if let (Some(error), Some(object)) = (&trial.error, shown.as_object_mut()) {
        object.insert("error".to_owned(), Value::from(error.as_str()));
    }
    shown
}
