//! Groups, rules and alerts as JSON.

use jiff::Timestamp;
use model::number::format_exponent;
use rules::{AlertView, GroupView, RuleView};
use serde_json::{Value, json};

/// What stands for a time that is not known.
const NEVER: &str = "0001-01-01T00:00:00Z";

fn time(ns: Option<i64>) -> String {
    let time = ns.and_then(|ns| Timestamp::from_nanosecond(i128::from(ns)).ok());
    time.map_or_else(|| NEVER.to_owned(), |time| time.to_string())
}

/// Seconds, whole ones without a point.
fn seconds(seconds: f64) -> Value {
    if seconds.fract() == 0.0 && seconds.abs() < 1e15 { json!(seconds as i64) } else { json!(seconds) }
}

pub(super) fn group(group: &GroupView, rules: Vec<Value>) -> Value {
    json!({
        "name": group.name,
        "file": group.file,
        "rules": rules,
        "interval": seconds(group.interval.as_secs_f64()),
        "limit": group.limit,
        "evaluationTime": group.evaluation_time.as_secs_f64(),
        "lastEvaluation": time(group.last_evaluation_ns),
    })
}

pub(super) fn rule(rule: &RuleView, exclude_alerts: bool) -> Value {
    let mut shown = json!({
        "name": rule.name,
        "query": rule.query,
        "labels": rule.labels,
        "health": rule.health.as_str(),
        "evaluationTime": rule.evaluation_time.as_secs_f64(),
        "lastEvaluation": time(rule.last_evaluation_ns),
        "type": if rule.alerting.is_some() { "alerting" } else { "recording" },
    });
    let Some(fields) = shown.as_object_mut() else { return shown };
    if let Some(error) = &rule.last_error {
        fields.insert("lastError".to_owned(), json!(error));
    }
    if let Some(alerting) = &rule.alerting {
        let alerts = match exclude_alerts {
            true => Value::Null,
            false => alerting.alerts.iter().map(alert).collect(),
        };
        fields.insert("state".to_owned(), json!(alerting.state.map_or("unknown", |state| state.as_str())));
        fields.insert("duration".to_owned(), seconds(alerting.hold.as_secs_f64()));
        fields.insert("keepFiringFor".to_owned(), seconds(alerting.keep_firing_for.as_secs_f64()));
        fields.insert("annotations".to_owned(), json!(alerting.annotations));
        fields.insert("alerts".to_owned(), alerts);
    }
    shown
}

pub(super) fn alert(alert: &AlertView) -> Value {
    let labels: serde_json::Map<String, Value> =
        alert.labels.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let mut shown = json!({
        "labels": labels,
        "annotations": alert.annotations,
        "state": alert.state.as_str(),
        "activeAt": time(Some(alert.active_at_ns)),
        "value": format_exponent(alert.value),
    });
    if let (Some(fields), Some(since)) = (shown.as_object_mut(), alert.keep_firing_since_ns) {
        fields.insert("keepFiringSince".to_owned(), json!(time(Some(since))));
    }
    shown
}
