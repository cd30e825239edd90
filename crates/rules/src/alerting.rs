//! Alerting rules: an alert for each series that the expression gives.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{Labels, LabelsBuilder, labels::METRIC_NAME};
use parking_lot::Mutex;
use template::rules::{Environment, RuleData, RuleTemplate};

use crate::{
    Language, Notification, Owner, RuleSettings, Sample, SampleValue, Surroundings,
    alert::{Alert, Alerts, Holds},
    context::{Context, NANOS_PER_MILLI, nanos},
    language::Expression,
    view::{AlertState, AlertingView},
};

const ALERT_NAME: &str = "alertname";
/// The series of alerts that are pending or firing.
pub(crate) const ALERTS: &str = "ALERTS";
/// The series that tells since when alerts are.
pub(crate) const ALERTS_FOR_STATE: &str = "ALERTS_FOR_STATE";

/// What an alerting rule is made of besides its expression.
pub(crate) struct Alerting {
    pub(crate) holds: Holds,
    owner: Owner,
    /// What its templates ask in, too.
    language: Arc<dyn Language>,
    pub(crate) labels: Vec<(String, RuleTemplate)>,
    annotations: Vec<(String, RuleTemplate)>,
    written_annotations: BTreeMap<String, String>,
    pub(crate) alerts: Mutex<Alerts>,
    /// Whether the state of before the restart is back; series of alerts are not written before.
    restored: AtomicBool,
    evaluated: AtomicBool,
}

/// The moment of an evaluation.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    /// The slot.
    pub(crate) slot_ns: i64,
    /// The time at which expressions are evaluated and samples are written.
    pub(crate) at_ms: i64,
}

impl Alerting {
    /// Reads the templates.
    ///
    /// # Errors
    /// A label or annotation is no template: its name and why.
    pub(crate) fn new(
        rule: &RuleSettings,
        (owner, language): (Owner, Arc<dyn Language>),
        holds: Holds,
        annotations: &BTreeMap<String, String>,
        restored: bool,
    ) -> Result<Alerting, (String, String)> {
        let parse = |texts: &BTreeMap<String, String>| {
            texts
                .iter()
                .map(|(key, text)| match RuleTemplate::parse(&rule.name, text) {
                    Ok(template) => Ok((key.clone(), template)),
                    Err(error) => Err((key.clone(), error.to_string())),
                })
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Alerting {
            holds,
            labels: parse(&rule.labels)?,
            owner,
            language,
            annotations: parse(annotations)?,
            written_annotations: annotations.clone(),
            alerts: Mutex::default(),
            restored: AtomicBool::new(restored),
            evaluated: AtomicBool::new(false),
        })
    }

    pub(crate) fn set_restored(&self) {
        self.restored.store(true, Ordering::Release);
    }

    /// Goes on with the alerts of a rule that this one takes the place of.
    pub(crate) fn inherit(&self, from: &Alerting) {
        *self.alerts.lock() = from.alerts.lock().clone();
        self.evaluated.store(from.evaluated.load(Ordering::Acquire), Ordering::Release);
    }

    /// Evaluates the rule and returns the series of its alerts.
    ///
    /// # Errors
    /// The expression fails, two alerts would be the same, or there are too many.
    pub(crate) fn evaluate(
        &self,
        name: &str,
        expression: &dyn Expression,
        moment: Moment,
        limit: Option<usize>,
        context: &Context,
    ) -> Result<Vec<Sample>, String> {
        let samples = expression.evaluate(moment.at_ms)?;
        self.evaluated.store(true, Ordering::Release);
        let found = self.found(name, samples, moment, context)?;
        let mut alerts = self.alerts.lock();
        let active = alerts.update(found, self.holds, moment.slot_ns);
        if let Some(limit) = limit
            && active > limit
        {
            *alerts = Alerts::default();
            return Err(format!("exceeded limit of {limit} with {active} alerts"));
        }
        if !self.restored.load(Ordering::Acquire) {
            return Ok(Vec::new());
        }
        let shown = alerts.by_labels.values().filter(|alert| alert.state != AlertState::Inactive);
        Ok(shown.flat_map(series_of).collect())
    }

    /// The alerts of this moment, by their labels.
    fn found(
        &self,
        name: &str,
        samples: Vec<Sample>,
        moment: Moment,
        context: &Context,
    ) -> Result<HashMap<Labels, Alert>, String> {
        let surroundings = context.surroundings(&self.owner.dialect);
        let environment = AtSlot {
            language: self.language.as_ref(),
            owner: &self.owner,
            at_ms: moment.slot_ns.div_euclid(NANOS_PER_MILLI),
            surroundings: &surroundings,
        };
        let mut found = HashMap::with_capacity(samples.len());
        for sample in samples {
            let data = RuleData::new(
                &sample.labels,
                &surroundings.external_labels,
                &surroundings.external_url,
                &sample.value,
            );
            let expand = |template: &RuleTemplate| expand(name, template, &data, &environment, context);
            let mut builder = LabelsBuilder::new(sample.labels.clone());
            builder.remove(METRIC_NAME);
            for (label, template) in &self.labels {
                builder.set(label, &expand(template));
            }
            builder.set(ALERT_NAME, name);
            let labels = builder.build();
            let annotations =
                self.annotations.iter().map(|(key, text)| (key.clone(), expand(text))).collect();
            let value = match sample.value {
                SampleValue::Float(value) => value,
                SampleValue::Histogram(_) => 0.0,
            };
            let alert = Alert::new(labels.clone(), annotations, value, moment.slot_ns);
            if found.insert(labels, alert).is_some() {
                return Err(
                    "vector contains metrics with the same labelset after applying alert labels".into()
                );
            }
        }
        Ok(found)
    }

    /// The alerts that whoever takes them is to hear of now.
    pub(crate) fn to_send(
        &self,
        query: &str,
        slot_ns: i64,
        interval: Duration,
        context: &Context,
    ) -> Vec<Notification> {
        let delay = context.options.resend_delay;
        let valid_until = slot_ns.saturating_add(nanos(interval.max(delay)).saturating_mul(4));
        let mut alerts = self.alerts.lock();
        let mut sent = Vec::new();
        for alert in alerts.by_labels.values_mut().filter(|alert| alert.needs_sending(slot_ns, delay)) {
            alert.last_sent_at = Some(slot_ns);
            sent.push(Notification {
                labels: alert.labels.clone(),
                annotations: alert.annotations.clone(),
                starts_at_ns: alert.fired_at,
                ends_at_ns: alert.resolved_at.unwrap_or(valid_until),
                generator_url: String::new(),
            });
        }
        if !sent.is_empty() {
            let address = self.language.link(query, &context.surroundings(&self.owner.dialect));
            for notification in &mut sent {
                notification.generator_url.clone_from(&address);
            }
        }
        sent
    }

    pub(crate) fn view(&self) -> AlertingView {
        let alerts = self.alerts.lock();
        let active = alerts.by_labels.values().filter(|alert| alert.state != AlertState::Inactive);
        AlertingView {
            state: self.evaluated.load(Ordering::Acquire).then(|| alerts.state()),
            hold: self.holds.hold,
            keep_firing_for: self.holds.keep_firing_for,
            annotations: self.written_annotations.clone(),
            alerts: active.map(Alert::view).collect(),
        }
    }
}

fn expand(
    name: &str,
    template: &RuleTemplate,
    data: &RuleData,
    environment: &AtSlot<'_>,
    context: &Context,
) -> String {
    if !template.is_plain() {
        context.metrics.expansions.inc();
    }
    template.expand(data, environment).unwrap_or_else(|error| {
        context.metrics.expansion_failures.inc();
        tracing::warn!(alert = name, error, "expanding alert template failed");
        format!("<error expanding template: {error}>")
    })
}

/// `ALERTS` and `ALERTS_FOR_STATE` of an alert.
fn series_of(alert: &Alert) -> [Sample; 2] {
    let named = |name: &str, state: Option<AlertState>| {
        let mut builder = LabelsBuilder::new(alert.labels.clone());
        builder.set(METRIC_NAME, name);
        if let Some(state) = state {
            builder.set("alertstate", state.as_str());
        }
        builder.build()
    };
    let since = alert.active_at.div_euclid(1_000_000_000) as f64;
    [
        Sample { labels: named(ALERTS, Some(alert.state)), value: SampleValue::Float(1.0) },
        Sample { labels: named(ALERTS_FOR_STATE, None), value: SampleValue::Float(since) },
    ]
}

/// What templates may ask at a slot.
struct AtSlot<'a> {
    language: &'a dyn Language,
    owner: &'a Owner,
    at_ms: i64,
    surroundings: &'a Surroundings,
}

impl Environment for AtSlot<'_> {
    fn query(&self, text: &str) -> Result<Vec<Sample>, String> {
        self.language.compile(text, self.owner)?.evaluate(self.at_ms)
    }

    fn external_url(&self) -> &str {
        &self.surroundings.external_url
    }

    fn path_prefix(&self) -> &str {
        &self.surroundings.path_prefix
    }

    fn now_seconds(&self) -> f64 {
        self.at_ms as f64 / 1000.0
    }
}
