//! The history of alerts: what happened, as lines of a log stream, so that it can be asked who was told what, when, and
//! why not (`docs/operating/alerting.md`).

use alerting::{Event, KeptBack, Notification, NotifiedAlert};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The most alerts that an entry names; it says how many there are.
const ALERTS_MAX: usize = 100;

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When, in nanoseconds since the Unix epoch.
    pub at_ns: i64,
    /// What happened, a JSON object.
    pub line: String,
}

/// Keeps the history.
pub trait HistorySink: Send + Sync {
    /// Takes entries; must not wait.
    fn record(&self, entries: Vec<HistoryEntry>);
}

fn texts<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    pairs.map(|(name, text)| (name.to_owned(), Value::from(text))).collect::<serde_json::Map<_, _>>().into()
}

fn time(nanos: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// What happened to alerts.
pub(crate) fn entry_of(event: Event) -> HistoryEntry {
    match event {
        Event::Alert { at, alert, state } => {
            let line = json!({
                "event": "alert",
                "state": state.as_str(),
                "alertname": alert.labels.value("alertname"),
                "fingerprint": format!("{:016x}", alert.fingerprint()),
                "labels": texts(alert.labels.iter()),
                "annotations": texts(alert.annotations.iter()),
                "startsAt": time(alert.starts_at),
                "endsAt": time(alert.ends_at),
                "generatorURL": &*alert.generator_url,
            });
            HistoryEntry { at_ns: at, line: line.to_string() }
        }
        Event::KeptBack(KeptBack { at, receiver, group_key, why, by, labels, fingerprint }) => {
            let line = json!({
                "event": "suppressed",
                "reason": why.as_str(),
                "by": by,
                "receiver": &*receiver,
                "groupKey": &*group_key,
                "alertname": labels.value("alertname"),
                "fingerprint": format!("{fingerprint:016x}"),
                "labels": texts(labels.iter()),
            });
            HistoryEntry { at_ns: at, line: line.to_string() }
        }
    }
}

/// What became of a notification.
pub(crate) fn notification_entry(
    notification: &Notification,
    alerts: &[NotifiedAlert],
    integration: &str,
    error: Option<&str>,
    at_ns: i64,
) -> HistoryEntry {
    let alerts: Vec<Value> = alerts
        .iter()
        .take(ALERTS_MAX)
        .map(|notified| {
            json!({
                "status": if notified.is_resolved { "resolved" } else { "firing" },
                "fingerprint": format!("{:016x}", notified.fingerprint),
                "labels": texts(notified.alert.labels.iter()),
            })
        })
        .collect();
    let mut line = json!({
        "event": "notification",
        "outcome": if error.is_none() { "sent" } else { "failed" },
        "receiver": &*notification.receiver,
        "integration": integration,
        "reason": notification.reason.to_string(),
        "groupKey": &*notification.group_key,
        "groupLabels": texts(notification.group_labels.iter()),
        "firing": notification.firing,
        "resolved": notification.resolved,
        "alerts": alerts,
    });
    if let (Some(error), Some(object)) = (error, line.as_object_mut()) {
        object.insert("error".to_owned(), Value::from(error));
    }
    HistoryEntry { at_ns, line: line.to_string() }
}
