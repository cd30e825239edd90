//! Trying things out: a receiver is sent something now, a text is filled in; nothing of it is remembered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use alerting::log::Reason;
use alerting::{Alert, Annotations, Notification, NotifiedAlert, fingerprint};
use model::Labels;

use super::Runner;

/// How long one integration may take.
const TRIAL_SECONDS: i64 = 15;

/// What became of trying one integration.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The word for its kind.
    pub integration: &'static str,
    /// Its place among all of the receiver.
    pub place: usize,
    /// Why nothing was sent.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
}

impl Runner {
    /// Sends alerts to a receiver, once, whatever its routes, silences and what it was told say; none where no route
    /// names it.
    pub async fn try_receiver(&self, name: &str, alerts: Vec<Alert>) -> Option<Vec<Trial>> {
        let receivers = Arc::clone(&self.inner.receivers.lock());
        let integrations = receivers.get(name)?;
        let (notification, alerts) = self.made_up(name, alerts);
        let mut trials = Vec::new();
        for (place, ready) in integrations.iter().enumerate() {
            let mut message = self.message(&notification, alerts.clone());
            message.timeout = Duration::from_secs(TRIAL_SECONDS.unsigned_abs());
            let began = self.inner.parts.clock.monotonic();
            let sending = ready.integration.send(&message, &ready.tools);
            let error = match tokio::time::timeout(message.timeout, sending).await {
                Ok(Ok(_)) => None,
                Ok(Err(failure)) => Some(failure.text),
                Err(_) => Some(format!("no answer within {TRIAL_SECONDS} s")),
            };
            let took = self.inner.parts.clock.monotonic().saturating_sub(began);
            trials.push(Trial { integration: ready.integration.name(), place, error, took });
        }
        Some(trials)
    }

    /// What a text says of alerts, with the templates of the configuration; `as_html` as in a mail.
    ///
    /// # Errors
    /// The text is no template, or fails.
    pub fn preview(
        &self,
        text: &str,
        as_html: bool,
        receiver: &str,
        alerts: Vec<Alert>,
    ) -> Result<String, String> {
        let templates = Arc::clone(&self.inner.templates.lock());
        let (notification, alerts) = self.made_up(receiver, alerts);
        let message = self.message(&notification, alerts);
        let expanded = if as_html {
            templates.expand_html(text, &message.value, message.now_ns)
        } else {
            templates.expand(text, &message.value, message.now_ns)
        };
        expanded.map_err(|error| error.to_string())
    }

    /// A notification of these alerts, or of two that are made up; their common labels are those of the group.
    fn made_up(&self, receiver: &str, alerts: Vec<Alert>) -> (Notification, Vec<NotifiedAlert>) {
        let now = self.now();
        let alerts = if alerts.is_empty() { examples(now) } else { alerts };
        let common = |name: &str, value: &str| alerts.iter().all(|alert| alert.labels.value(name) == value);
        let group_labels = match alerts.first() {
            Some(first) => {
                Labels::from_pairs(first.labels.iter().filter(|(name, value)| common(name, value)))
            }
            None => Labels::empty(),
        };
        let group_key = Arc::from(format!("{{}}/test:{}", alerting::print_labels(&group_labels)));
        let notified = |alert: Alert| NotifiedAlert {
            fingerprint: fingerprint(&alert.labels),
            is_resolved: alert.is_resolved(now),
            alert,
        };
        let alerts: Vec<NotifiedAlert> = alerts.into_iter().map(notified).collect();
        let resolved = alerts.iter().filter(|alert| alert.is_resolved).count();
        let notification = Notification {
            flush: 0,
            receiver: Arc::from(receiver),
            integration: 0,
            reason: Reason::First,
            firing: alerts.len() - resolved,
            resolved,
            group_labels,
            group_key,
            deadline: now.saturating_add(TRIAL_SECONDS * 1_000_000_000),
            data: BTreeMap::new(),
        };
        (notification, alerts)
    }
}

/// An alert that fires.
fn examples(now: i64) -> Vec<Alert> {
    let annotations = [
        ("description", "Somebody wanted to see whether this receiver can be reached."),
        ("summary", "A test of the receiver"),
    ];
    vec![Alert {
        labels: Labels::from_pairs([("alertname", "TestAlert"), ("instance", "test"), ("severity", "info")]),
        annotations: Annotations::from_pairs(annotations),
        starts_at: now,
        ends_at: now.saturating_add(300 * 1_000_000_000),
        updated_at: now,
        ends_by_timeout: true,
        generator_url: Arc::from(""),
    }]
}
