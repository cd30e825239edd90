//! The state of alerts of before a restart: since when they were pending, as their series tell.

use std::{collections::HashMap, time::Duration};

use model::{Labels, LabelsBuilder, Matcher, is_stale_nan, labels::METRIC_NAME};
use storage::{SampleColumns, SelectHints, TimeRange};

use crate::{
    Group,
    alerting::{ALERTS_FOR_STATE, Alerting},
    context::{NANOS_PER_MILLI, millis, nanos},
    rule::Rule,
};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl Group {
    /// Takes up the state of alerts of before the restart; from then on series of alerts are written.
    pub(crate) fn restore(&self, now_ns: i64) {
        let began = self.context.parts.clock.monotonic();
        for rule in &self.rules {
            let Some(alerting) = &rule.alerting else { continue };
            if alerting.holds.hold >= self.context.options.grace_period
                && let Err(error) = self.restore_rule(rule, alerting, now_ns)
            {
                tracing::error!(alert = rule.settings.name, %error, "failed to restore 'for' state");
            }
            alerting.set_restored();
        }
        let took = self.context.parts.clock.monotonic().saturating_sub(began);
        self.metrics.last_restore_duration.set(took.as_secs_f64());
    }

    fn restore_rule(&self, rule: &Rule, alerting: &Alerting, now_ns: i64) -> storage::Result<()> {
        let was = self.last_states(rule, alerting, now_ns)?;
        let (hold, grace) = (alerting.holds.hold, self.context.options.grace_period);
        for alert in alerting.alerts.lock().by_labels.values_mut() {
            if let Some((down_at, since)) = was.get(&alert.labels) {
                alert.active_at = restored(*since, *down_at, now_ns, hold, grace);
            }
        }
        Ok(())
    }

    /// Of each alert: when it was last written, and since when it was pending then.
    fn last_states(
        &self,
        rule: &Rule,
        alerting: &Alerting,
        now_ns: i64,
    ) -> storage::Result<HashMap<Labels, (i64, i64)>> {
        let now_ms = now_ns.div_euclid(NANOS_PER_MILLI);
        let range = TimeRange::new(now_ms - millis(self.context.options.outage_tolerance), now_ms);
        let mut matchers = vec![
            Matcher::equal(METRIC_NAME, ALERTS_FOR_STATE),
            Matcher::equal("alertname", &rule.settings.name),
        ];
        for (name, template) in &alerting.labels {
            if template.is_plain()
                && let Some(value) = rule.settings.labels.get(name)
            {
                matchers.push(Matcher::equal(name, value));
            }
        }
        let querier = self.context.parts.queryable.querier(range)?;
        let found = querier.select(&matchers, &SelectHints::default())?;
        let mut states = HashMap::new();
        let mut columns = SampleColumns::new();
        for position in 0..found.len() {
            columns.clear();
            found.read(position, range, &mut columns)?;
            let (Some(at), Some(value)) = (columns.timestamps.last(), columns.values.last()) else {
                continue;
            };
            if !is_stale_nan(*value) {
                let labels = LabelsBuilder::new(found.labels(position)).remove(METRIC_NAME).build();
                let since = (*value as i64).saturating_mul(NANOS_PER_SECOND);
                let down_at = at.div_euclid(1000).saturating_mul(NANOS_PER_SECOND);
                states.insert(labels, (down_at, since));
            }
        }
        Ok(states)
    }
}

/// Since when an alert counts as pending after an outage: what it had waited before counts, the outage does not, and
/// it does not fire before the grace period is over unless it fired already.
fn restored(since: i64, down_at: i64, now: i64, hold: Duration, grace: Duration) -> i64 {
    let remaining = nanos(hold).saturating_sub(down_at.saturating_sub(since));
    if remaining <= 0 {
        since
    } else if remaining < nanos(grace) {
        now.saturating_add(nanos(grace)).saturating_sub(nanos(hold))
    } else {
        since.saturating_add(now.saturating_sub(down_at))
    }
}
