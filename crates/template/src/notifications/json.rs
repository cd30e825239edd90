//! `toJson`: values as Go's encoder writes them, what could be markup escaped.

use std::sync::Arc;

use model::go_json::{self, text as quoted};

use super::Texts;
use super::data::{AlertData, NotificationData};
use crate::{Time, Value};

/// A value as JSON.
pub fn to_json(value: &Value) -> String {
    match value {
        Value::Nil => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Float(value) => {
            let mut out = String::new();
            go_json::push_number(&mut out, *value);
            out
        }
        Value::Text(text) | Value::Trusted(_, text) => quoted(text),
        Value::List(list) => listed(list.items.iter().map(to_json)),
        Value::Map(map) => {
            let entries =
                map.entries.iter().map(|(name, value)| format!("{}:{}", quoted(name), to_json(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Time(time) => self::time(time),
        Value::Duration(duration) => duration.nanos().to_string(),
        Value::Object(object) => match (object.json(), object.base()) {
            (Some(json), _) => json,
            (None, Some(base)) => to_json(&base),
            (None, None) => {
                let fields = object.fields();
                let fields =
                    fields.iter().map(|(name, value)| format!("{}:{}", quoted(name), to_json(value)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }
        },
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn time(time: &Time) -> String {
    quoted(&time.format("2006-01-02T15:04:05.999999999Z07:00"))
}

/// Labels or annotations.
pub(super) fn texts(texts: &Texts) -> String {
    let entries = texts.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

/// An alert.
pub(super) fn alert(alert: &AlertData) -> String {
    format!(
        "{{\"status\":{},\"labels\":{},\"annotations\":{},\"startsAt\":{},\"endsAt\":{},\"generatorURL\":{},\"fingerprint\":{}}}",
        quoted(alert.status()),
        texts(&alert.labels),
        texts(&alert.annotations),
        time(&alert.starts_at),
        time(&alert.ends_at),
        quoted(&alert.generator_url),
        quoted(&alert.fingerprint),
    )
}

/// Alerts.
pub(super) fn alerts(alerts: &[Arc<AlertData>]) -> String {
    listed(alerts.iter().map(|alert| self::alert(alert)))
}

/// A notification.
pub(super) fn data(data: &NotificationData) -> String {
    let all = alerts(&data.alerts);
    format!(
        "{{\"receiver\":{},\"status\":{},\"alerts\":{all},\"notification_reason\":{},\"groupLabels\":{},\"commonLabels\":{},\"commonAnnotations\":{},\"externalURL\":{}}}",
        quoted(&data.receiver),
        quoted(data.status()),
        quoted(&data.reason),
        texts(&data.group_labels),
        texts(&data.common_labels),
        texts(&data.common_annotations),
        quoted(&data.external_url),
    )
}
