//! `/api/v2/alerts/groups`.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::alerts::{Wanted, shown};
use super::{Alertmanager, Asked, document, refusal};

impl Alertmanager {
    pub(super) fn groups(&self, asked: &Asked) -> Response {
        let wanted = match Wanted::read(asked, &self.config.read()) {
            Ok(wanted) => wanted,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error),
        };
        let views = self.runner.look(|dispatcher, now| {
            dispatcher.groups(|labels, receivers| wanted.takes(labels, receivers), now)
        });
        let mut groups = Vec::new();
        for group in views {
            let alerts: Vec<Value> = group
                .alerts
                .iter()
                .filter(|view| wanted.shows(view))
                .map(|view| {
                    let receivers: Vec<String> =
                        view.receivers.iter().filter(|name| wanted.takes_receiver(name)).cloned().collect();
                    shown(view, &receivers)
                })
                .collect();
            if alerts.is_empty() {
                continue;
            }
            let labels: Map<String, Value> =
                group.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
            groups
                .push(json!({ "alerts": alerts, "labels": labels, "receiver": { "name": group.receiver } }));
        }
        document(StatusCode::OK, &Value::from(groups))
    }
}
