//! `/api/v2/status` and `/api/v2/receivers`.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::alerts::{are_fulfilled, receiver_matchers};
use super::{Alertmanager, Asked, document, refusal, times};

impl Alertmanager {
    pub(super) fn status(&self) -> Response {
        let build = &self.build;
        let status = json!({
            "cluster": { "peers": [], "status": "disabled" },
            "config": { "original": self.config.read().text },
            "uptime": times::shown(self.started_at_ns),
            "versionInfo": {
                "branch": build.branch,
                "buildDate": build.build_date,
                "buildUser": build.build_user,
                "goVersion": build.go_version,
                "revision": build.revision,
                "version": build.version,
            },
        });
        document(StatusCode::OK, &status)
    }

    pub(super) fn receivers(&self, asked: &Asked) -> Response {
        let wanted = match receiver_matchers(asked) {
            Ok(wanted) => wanted,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, &error),
        };
        let config = self.config.read();
        let receivers = config.receivers.iter().filter(|(_, labels)| are_fulfilled(&wanted, labels));
        let receivers = receivers.map(|(name, labels)| {
            let labels: Map<String, Value> =
                labels.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
            json!({ "name": name, "labels": labels })
        });
        document(StatusCode::OK, &Value::from(receivers.collect::<Vec<_>>()))
    }
}
