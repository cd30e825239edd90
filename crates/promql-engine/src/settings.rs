//! What can be set.

use std::time::Duration;

/// Settings of the engine, the same for all its queries.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How far back an instant selector looks for the newest sample (`--query.lookback-delta`).
    pub lookback: Duration,
    /// How long a query may take (`--query.timeout`).
    pub timeout: Duration,
    /// How many samples a query may hold at once (`--query.max-samples`), counted as Prometheus counts them.
    pub samples_max: u64,
    /// How many bytes a query may hold at once.
    pub bytes_max: usize,
    /// The step of subqueries that name none (the global evaluation interval).
    pub subquery_step: Duration,
    /// Drop metric names at the end of the query only (feature `promql-delayed-name-removal`).
    pub delayed_name_removal: bool,
    /// Use start timestamps of samples where they are known (feature `use-start-timestamps`).
    pub use_start_timestamps: bool,
    /// Series carry their type as a label (feature `type-and-unit-labels`).
    pub type_and_unit_labels: bool,
    /// Count samples for each step where asked to (feature `promql-per-step-stats`).
    pub per_step_stats: bool,
    /// On how many threads one query may run.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lookback: Duration::from_secs(300),
            timeout: Duration::from_secs(120),
            samples_max: 50_000_000,
            bytes_max: 2 << 30,
            subquery_step: Duration::from_secs(60),
            delayed_name_removal: false,
            use_start_timestamps: false,
            type_and_unit_labels: false,
            per_step_stats: false,
            threads: 1,
        }
    }
}
