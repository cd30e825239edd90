//! An alert and its form on the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::Labels;
use serde_json::{Value, json};

const MILLISECOND: i64 = 1_000_000;

/// An alert. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What identifies it.
    pub labels: Labels,
    /// What it says.
    pub annotations: BTreeMap<String, String>,
    /// When it began to fire.
    pub starts_at_ns: i64,
    /// When it ended, or until when it is to be taken as firing.
    pub ends_at_ns: i64,
    /// Where it comes from.
    pub generator_url: String,
}

impl Alert {
    /// The alert as a report that comes in `now`, in nanoseconds since the Unix epoch.
    pub(crate) fn report(&self, now: i64) -> alerting::Alert {
        // To the millisecond, as others get it: all dispatchers tell the same times.
        let exact = |nanos: i64| nanos.div_euclid(MILLISECOND) * MILLISECOND;
        alerting::Alert {
            labels: self.labels.clone(),
            annotations: alerting::Annotations::from_pairs(&self.annotations),
            starts_at: exact(self.starts_at_ns),
            ends_at: exact(self.ends_at_ns),
            updated_at: now,
            ends_by_timeout: false,
            generator_url: self.generator_url.as_str().into(),
        }
    }
}

/// Alerts as the interface of Alertmanager takes them, version 2.
pub(crate) fn body(alerts: &[Arc<Alert>]) -> String {
    let shown: Vec<Value> = alerts.iter().map(|alert| json_of(alert)).collect();
    Value::from(shown).to_string()
}

fn json_of(alert: &Alert) -> Value {
    let labels: serde_json::Map<String, Value> =
        alert.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    json!({
        "labels": labels,
        "annotations": alert.annotations,
        "startsAt": time(alert.starts_at_ns),
        "endsAt": time(alert.ends_at_ns),
        "generatorURL": alert.generator_url,
    })
}

/// A time to the millisecond.
fn time(ns: i64) -> String {
    let time = Timestamp::from_nanosecond(i128::from(ns)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
