//! The memory that the process may take: how much it is, how much of it is taken, and who is told.

mod given_back;

use std::sync::Arc;
use std::time::Duration;

use platform::real::{anonymous_bytes, memory_limit};
use platform::{MemoryBudget, MemoryLevel, MemoryPart};
use telemetry::{Metric, MetricFamily, MetricKind, Registry, Value};
use tokio_util::sync::CancellationToken;

use crate::cli::server_options::MemoryLimit;

pub(super) use given_back::give_back;

/// How often the process is measured.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);

/// The budget that the flag asks for, with its metrics.
pub(super) fn budget(limit: MemoryLimit, registry: &Registry) -> Arc<MemoryBudget> {
    let bytes = match limit {
        MemoryLimit::None => 0,
        MemoryLimit::Bytes(bytes) => bytes,
        MemoryLimit::Percent(percent) => memory_limit().map_or_else(
            || {
                tracing::warn!(
                    "the system does not tell how much memory there is: it is used without a budget"
                );
                0
            },
            |limit| (u128::from(limit) * u128::from(percent) / 100).try_into().unwrap_or(u64::MAX),
        ),
    };
    if bytes > 0 {
        tracing::info!(bytes, "memory budget");
    }
    let budget = Arc::new(MemoryBudget::new(bytes));
    let shown = Arc::clone(&budget);
    registry.collector(move |families| families.extend(families_of(&shown)));
    budget
}

/// Measures the process from time to time until `stop`.
pub(super) async fn watch(budget: Arc<MemoryBudget>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(MEASURE_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told = MemoryLevel::Free;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        // Where the system does not tell, what the parts count must do.
        budget.note_measured(anonymous_bytes().unwrap_or_default());
        let level = budget.level();
        match level {
            _ if level == told => continue,
            MemoryLevel::Free => tracing::info!("there is memory again: {budget}"),
            MemoryLevel::Near => tracing::warn!("memory gets short, caches shrink: {budget}"),
            MemoryLevel::Tight => tracing::warn!("memory is short, new queries wait: {budget}"),
            MemoryLevel::Full => tracing::warn!("memory is short, no new series are taken: {budget}"),
        }
        told = level;
    }
}

fn families_of(budget: &MemoryBudget) -> [MetricFamily; 3] {
    let used = budget.used();
    let (mut parts, mut held) = (Vec::new(), 0);
    for part in MemoryPart::ALL {
        let bytes = budget.held_by(part);
        held += bytes;
        parts.push((part.as_str(), Value::Gauge(bytes as f64)));
    }
    parts.push(("other", Value::Gauge(used.saturating_sub(held) as f64)));
    let refused = vec![
        ("queries", Value::Counter(budget.refused_queries() as f64)),
        ("series", Value::Counter(budget.refused_series() as f64)),
    ];
    [
        MetricFamily {
            name: "lapwing_memory_budget_bytes".to_owned(),
            help: "Bytes of memory that the process may take; 0 for any amount.".to_owned(),
            kind: MetricKind::Gauge,
            unit: String::new(),
            metrics: vec![Metric {
                labels: Vec::new(),
                value: Value::Gauge(budget.bytes_max().unwrap_or_default() as f64),
            }],
        },
        family(
            "lapwing_memory_used_bytes",
            "Bytes of memory that parts of the process hold as they count, and what was measured beyond.",
            (MetricKind::Gauge, "part"),
            parts,
        ),
        family(
            "lapwing_memory_refused_total",
            "What was refused or ended for want of memory.",
            (MetricKind::Counter, "what"),
            refused,
        ),
    ]
}

fn family(
    name: &str,
    help: &str,
    (kind, label): (MetricKind, &str),
    values: Vec<(&str, Value)>,
) -> MetricFamily {
    let metric =
        |(text, value): (&str, Value)| Metric { labels: vec![(label.to_owned(), text.to_owned())], value };
    MetricFamily {
        name: name.to_owned(),
        help: help.to_owned(),
        kind,
        unit: String::new(),
        metrics: values.into_iter().map(metric).collect(),
    }
}
