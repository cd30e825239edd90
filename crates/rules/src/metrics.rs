//! Metrics of rules, named as the original names them.

use telemetry::{Counter, Family, Gauge, Histogram, Registry, Summary};

const QUANTILES: &[f64] = &[0.01, 0.05, 0.5, 0.9, 0.99];
const GROUP: &[&str] = &["rule_group"];

/// Handles of all metrics of rules.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub(crate) evaluation_duration: Summary,
    pub(crate) evaluation_duration_histogram: Histogram,
    pub(crate) group_duration: Summary,
    pub(crate) group_duration_histogram: Histogram,
    pub(crate) expansions: Counter,
    pub(crate) expansion_failures: Counter,
    groups: Families,
}

#[derive(Clone, Debug)]
struct Families {
    iterations_missed: Family<Counter>,
    iterations: Family<Counter>,
    evaluations: Family<Counter>,
    failures: Family<Counter>,
    interval: Family<Gauge>,
    last_evaluation: Family<Gauge>,
    last_duration: Family<Gauge>,
    last_rule_duration_sum: Family<Gauge>,
    last_restore_duration: Family<Gauge>,
    rules: Family<Gauge>,
    last_samples: Family<Gauge>,
}

/// Handles of the metrics of one group.
#[derive(Clone, Debug)]
pub(crate) struct GroupMetrics {
    pub(crate) iterations_missed: Counter,
    pub(crate) iterations: Counter,
    pub(crate) evaluations: Counter,
    pub(crate) failures: Counter,
    pub(crate) interval: Gauge,
    pub(crate) last_evaluation: Gauge,
    pub(crate) last_duration: Gauge,
    pub(crate) last_rule_duration_sum: Gauge,
    pub(crate) last_restore_duration: Gauge,
    pub(crate) rules: Gauge,
    pub(crate) last_samples: Gauge,
}

impl Metrics {
    /// Enters the metrics.
    pub fn new(registry: &Registry) -> Metrics {
        let buckets = &[0.01, 0.1, 1.0, 10.0];
        Metrics {
            evaluation_duration: registry.summary(
                "prometheus_rule_evaluation_duration_seconds",
                "The duration for a rule to execute.",
                &[0.5, 0.9, 0.99],
            ),
            evaluation_duration_histogram: registry.histogram(
                "prometheus_rule_evaluation_duration_histogram_seconds",
                "The duration for a rule to execute.",
                buckets,
            ),
            group_duration: registry.summary(
                "prometheus_rule_group_duration_seconds",
                "The duration of rule group evaluations.",
                QUANTILES,
            ),
            group_duration_histogram: registry.histogram(
                "prometheus_rule_group_duration_histogram_seconds",
                "The duration of rule group evaluations.",
                buckets,
            ),
            expansions: registry.counter(
                "prometheus_template_text_expansions_total",
                "The total number of template text expansions.",
            ),
            expansion_failures: registry.counter(
                "prometheus_template_text_expansion_failures_total",
                "The total number of template text expansion failures.",
            ),
            groups: Families::new(registry),
        }
    }

    pub(crate) fn of_group(&self, key: &str) -> GroupMetrics {
        let groups = &self.groups;
        GroupMetrics {
            iterations_missed: groups.iterations_missed.with(&[key]),
            iterations: groups.iterations.with(&[key]),
            evaluations: groups.evaluations.with(&[key]),
            failures: groups.failures.with(&[key]),
            interval: groups.interval.with(&[key]),
            last_evaluation: groups.last_evaluation.with(&[key]),
            last_duration: groups.last_duration.with(&[key]),
            last_rule_duration_sum: groups.last_rule_duration_sum.with(&[key]),
            last_restore_duration: groups.last_restore_duration.with(&[key]),
            rules: groups.rules.with(&[key]),
            last_samples: groups.last_samples.with(&[key]),
        }
    }

    /// Takes the metrics of a group away that is there no more.
    pub(crate) fn forget(&self, key: &str) {
        let groups = &self.groups;
        for family in [&groups.iterations_missed, &groups.iterations, &groups.evaluations, &groups.failures] {
            family.remove(&[key]);
        }
        for family in [
            &groups.interval,
            &groups.last_evaluation,
            &groups.last_duration,
            &groups.last_rule_duration_sum,
            &groups.last_restore_duration,
            &groups.rules,
            &groups.last_samples,
        ] {
            family.remove(&[key]);
        }
    }
}

impl Families {
    fn new(registry: &Registry) -> Families {
        let counters = |name: &str, help: &str| registry.counters(name, help, GROUP);
        let gauges = |name: &str, help: &str| registry.gauges(name, help, GROUP);
        Families {
            iterations_missed: counters(
                "prometheus_rule_group_iterations_missed_total",
                "The total number of rule group evaluations missed due to slow rule group evaluation.",
            ),
            iterations: counters(
                "prometheus_rule_group_iterations_total",
                "The total number of scheduled rule group evaluations, whether executed or missed.",
            ),
            evaluations: counters(
                "prometheus_rule_evaluations_total",
                "The total number of rule evaluations.",
            ),
            failures: counters(
                "prometheus_rule_evaluation_failures_total",
                "The total number of rule evaluation failures.",
            ),
            interval: gauges("prometheus_rule_group_interval_seconds", "The interval of a rule group."),
            last_evaluation: gauges(
                "prometheus_rule_group_last_evaluation_timestamp_seconds",
                "The timestamp of the last rule group evaluation in seconds.",
            ),
            last_duration: gauges(
                "prometheus_rule_group_last_duration_seconds",
                "The duration of the last rule group evaluation.",
            ),
            last_rule_duration_sum: gauges(
                "prometheus_rule_group_last_rule_duration_sum_seconds",
                "The sum of time in seconds it took to evaluate each rule in the group regardless of concurrency. This should be higher than the group duration if rules are evaluated concurrently.",
            ),
            last_restore_duration: gauges(
                "prometheus_rule_group_last_restore_duration_seconds",
                "The duration of the last alert rules alerts restoration using the `ALERTS_FOR_STATE` series.",
            ),
            rules: gauges("prometheus_rule_group_rules", "The number of rules."),
            last_samples: gauges(
                "prometheus_rule_group_last_evaluation_samples",
                "The number of samples returned during the last rule group evaluation.",
            ),
        }
    }
}
