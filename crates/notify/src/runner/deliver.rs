//! One notification: tried until it is sent, cannot be sent, or its time is over.

use std::sync::Arc;
use std::time::Duration;

use alerting::{Change, Notification, NotifiedAlert};
use template::Time;
use template::notifications::{AlertData, NotificationData, Texts};

use super::{Ready, Runner};
use crate::send::{Failure, Message, Outcome};

/// The first wait before another try.
const WAIT_FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// By what each wait is longer than the one before.
const WAIT_FACTOR: f64 = 1.5;

impl Runner {
    pub(super) async fn deliver(self, notification: Notification) {
        let receivers = Arc::clone(&self.inner.receivers.lock());
        let ready =
            receivers.get(&*notification.receiver).and_then(|list| list.get(notification.integration));
        let outcome = match ready {
            Some(ready) => self.try_until_sent(ready, &notification).await,
            None => Err(Failure::lasting("the receiver is gone")),
        };
        if let (Err(failure), Some(ready)) = (&outcome, ready) {
            let kind = ready.integration.name();
            self.inner.metrics.failed.with(&[kind, failure.reason]).inc();
            tracing::error!(receiver = %notification.receiver, integration = kind, group = %notification.group_key,
                error = failure.text, "notify for alerts failed");
        }
        self.record(&notification, ready, &outcome);
        let outcome = outcome.map_err(|_| ());
        let (told, next) = self.look(|dispatcher, now| dispatcher.report(&notification, outcome, now));
        if let Some(told) = told {
            self.note(&[Change::Told(told)], false);
        }
        self.spawn(next);
        self.inner.news.notify_one();
    }

    async fn try_until_sent(&self, ready: &Ready, notification: &Notification) -> Outcome {
        self.inner.metrics.sent.with(&[ready.integration.name()]).inc();
        if notification.firing + notification.resolved == 0 {
            return Ok(notification.data.clone());
        }
        let left = nanos_left(notification.deadline, self.now());
        let Ok(Ok(_turn)) = tokio::time::timeout(left, ready.turns.acquire()).await else {
            return Err(Failure::lasting("other notifications of the receiver took all of the time"));
        };
        // In memory of its own, taken only now: thousands may wait for their turn, and what is said and what sending
        // needs is large beside what waits.
        Box::pin(self.tries(ready, notification)).await
    }

    async fn tries(&self, ready: &Ready, notification: &Notification) -> Outcome {
        let metrics = &self.inner.metrics;
        let kind = ready.integration.name();
        let alerts = self.look(|dispatcher, _| dispatcher.alerts_of(notification));
        let mut message = self.message(notification, alerts);
        let mut wait = WAIT_FIRST;
        loop {
            message.timeout = nanos_left(notification.deadline, self.now());
            metrics.requests.with(&[kind]).inc();
            let began = self.inner.parts.clock.monotonic();
            let outcome = ready.integration.send(&message, &ready.tools).await;
            let took = self.inner.parts.clock.monotonic().saturating_sub(began);
            metrics.latency.with(&[kind]).observe(took.as_secs_f64());
            let failure = match outcome {
                Ok(remembered) => return Ok(remembered),
                Err(failure) => failure,
            };
            metrics.requests_failed.with(&[kind]).inc();
            let jittered = wait.mul_f64(0.5 + jitter());
            let pause = i64::try_from(jittered.as_nanos()).unwrap_or(i64::MAX);
            if !failure.may_retry || self.now().saturating_add(pause) >= notification.deadline {
                return Err(failure);
            }
            tracing::warn!(receiver = %notification.receiver, integration = kind, error = failure.text,
                "notify attempt failed, will retry later");
            tokio::time::sleep(jittered).await;
            wait = wait.mul_f64(WAIT_FACTOR).min(WAIT_MAX);
        }
    }

    /// Tells the history what became of a notification; what was only noted nobody was told.
    fn record(&self, notification: &Notification, ready: Option<&Ready>, outcome: &Outcome) {
        let Some(history) = &self.inner.parts.history else { return };
        if notification.firing + notification.resolved == 0 {
            return;
        }
        let alerts = self.look(|dispatcher, _| dispatcher.alerts_of(notification));
        let error = outcome.as_ref().err().map(|failure| failure.text.as_str());
        let kind = ready.map_or("", |ready| ready.integration.name());
        history.record(vec![crate::history::notification_entry(
            notification,
            &alerts,
            kind,
            error,
            self.now(),
        )]);
    }

    pub(super) fn message(&self, notification: &Notification, alerts: Vec<NotifiedAlert>) -> Message {
        let mut data = NotificationData {
            receiver: quote_meta(&notification.receiver),
            alerts: alerts.into_iter().map(|notified| Arc::new(alert_data(notified))).collect(),
            reason: notification.reason.to_string(),
            group_labels: notification.group_labels.clone().into(),
            external_url: self.inner.parts.external_url.clone(),
            ..NotificationData::default()
        };
        data.find_common();
        let data = Arc::new(data);
        Message {
            value: data.to_value(),
            data,
            group_key: Arc::clone(&notification.group_key),
            now_ns: self.now(),
            remembered: notification.data.clone(),
            timeout: Duration::ZERO,
        }
    }
}

fn nanos_left(deadline: i64, now: i64) -> Duration {
    Duration::from_nanos(u64::try_from(deadline.saturating_sub(now)).unwrap_or_default())
}

fn alert_data(notified: NotifiedAlert) -> AlertData {
    let alert = notified.alert;
    // The year 1, which stands for no time.
    let zero = Time::parse("0001-01-01T00:00:00Z");
    let ends_at = Time::from_nanos(i128::from(alert.ends_at));
    AlertData {
        is_resolved: notified.is_resolved,
        labels: alert.labels.into(),
        annotations: Texts::from(alert.annotations.packed().clone()),
        starts_at: Time::from_nanos(i128::from(alert.starts_at)),
        ends_at: if notified.is_resolved { ends_at } else { zero.unwrap_or(ends_at) },
        generator_url: alert.generator_url,
        fingerprint: format!("{:016x}", notified.fingerprint),
    }
}

/// The name as an expression that matches just it: it goes into an address that filters by one.
fn quote_meta(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        if "\\.+*?()|[]{}^$".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// A number from 0 to 1, so that many that failed at once do not come back at once.
fn jitter() -> f64 {
    use ring::rand::SecureRandom;
    let mut byte = [0];
    match ring::rand::SystemRandom::new().fill(&mut byte) {
        Ok(()) => f64::from(byte[0]) / 255.0,
        Err(_) => 0.5,
    }
}
