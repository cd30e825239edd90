//! The work between the requests, under the names that Loki gives that of its compactor: its alerts and dashboards
//! watch whether it runs and when it was done last.

use std::time::Duration;

use telemetry::{Counter, Family, Gauge, Histogram, Registry};

/// Merging, retention and deletion.
#[derive(Debug, Clone)]
pub(crate) struct CompactorMetrics {
    pub(crate) running: Gauge,
    pub(crate) merging: OperationMetrics,
    pub(crate) retaining: OperationMetrics,
    marked: Family<Counter>,
    tables: Family<Counter>,
    table_seconds: Family<Histogram>,
    removal_seconds: Family<Histogram>,
    pub(crate) deletes_received: Family<Counter>,
    pub(crate) deletes_processed: Family<Counter>,
    pub(crate) deleted_lines: Family<Counter>,
    pending: Gauge,
    oldest_pending: Gauge,
    loads: Family<Counter>,
}

/// A piece of work that is done again and again.
#[derive(Debug, Clone)]
pub(crate) struct OperationMetrics {
    count: Family<Counter>,
    seconds: Gauge,
    last_success: Gauge,
}

impl OperationMetrics {
    fn merging(registry: &Registry) -> Self {
        let last = "operation_last_successful_run_timestamp_seconds";
        Self::new(registry, "loki_boltdb_shipper_compact_tables_", last, "compactions of all tables")
    }

    fn retaining(registry: &Registry) -> Self {
        let last = "last_successful_run_timestamp_seconds";
        Self::new(registry, "loki_compactor_apply_retention_", last, "attempts to apply retention")
    }

    /// Metrics below a prefix; `last` is what the original calls the time of the last success, not alike everywhere.
    fn new(registry: &Registry, prefix: &str, last: &str, what: &str) -> Self {
        let name = |name: &str| format!("{prefix}{name}");
        Self {
            count: registry.counters(
                &name("operation_total"),
                &format!("Total number of {what} done by status."),
                &["status"],
            ),
            seconds: registry
                .gauge(&name("operation_duration_seconds"), &format!("Time (in seconds) spent in {what}.")),
            last_success: registry
                .gauge(&name(last), &format!("Unix timestamp of the last successful {what}.")),
        }
    }

    /// It was done; `now_ms` is the time.
    pub(crate) fn done(&self, is_well: bool, took: Duration, now_ms: i64) {
        self.count.with(&[status(is_well)]).inc();
        self.seconds.set(took.as_secs_f64());
        if is_well {
            self.last_success.set(now_ms as f64 / 1000.0);
        }
    }
}

impl CompactorMetrics {
    pub(super) fn new(registry: &Registry) -> Self {
        let seconds = &[0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];
        register_absent(registry);
        Self {
            running: registry.gauge(
                "loki_boltdb_shipper_compactor_running",
                "Value will be 1 if compactor is currently running on this instance",
            ),
            merging: OperationMetrics::merging(registry),
            retaining: OperationMetrics::retaining(registry),
            marked: registry.counters(
                "loki_boltdb_shipper_retention_marker_count_total",
                "Total count of chunks marked for deletion.",
                &["table"],
            ),
            tables: registry.counters(
                "loki_boltdb_shipper_retention_marker_table_processed_total",
                "Total amount of table processed per action.",
                &["table", "user", "action"],
            ),
            table_seconds: registry.histograms(
                "loki_boltdb_shipper_retention_marker_table_processed_duration_seconds",
                "Time (in seconds) spent in marking table for chunks to delete",
                &["table", "status"],
                seconds,
            ),
            removal_seconds: registry.histograms(
                "loki_boltdb_shipper_retention_sweeper_chunk_deleted_duration_seconds",
                "Time (in seconds) spent in deleting chunk",
                &["status"],
                seconds,
            ),
            deletes_received: registry.counters(
                "loki_compactor_delete_requests_received_total",
                "Number of delete requests received per user",
                &["user"],
            ),
            deletes_processed: registry.counters(
                "loki_compactor_delete_requests_processed_total",
                "Number of delete requests processed per user",
                &["user"],
            ),
            deleted_lines: registry.counters(
                "loki_compactor_deleted_lines",
                "Number of deleted lines per user",
                &["user"],
            ),
            pending: registry.gauge(
                "loki_compactor_pending_delete_requests_count",
                "Count of delete requests which are over their cancellation period and have not finished processing yet",
            ),
            oldest_pending: registry.gauge(
                "loki_compactor_oldest_pending_delete_request_age_seconds",
                "Age of oldest pending delete request in seconds since they are over their cancellation period",
            ),
            loads: registry.counters(
                "loki_compactor_load_pending_requests_attempts_total",
                "Number of attempts that were made to load pending requests with status",
                &["status"],
            ),
        }
    }

    /// A part of a day was held against retention.
    pub(crate) fn table(&self, day: i64, user: &str, action: &str, is_well: bool, took: Duration) {
        let table = table_name(day);
        self.tables.with(&[&table, user, action]).inc();
        self.table_seconds.with(&[&table, status(is_well)]).observe(took.as_secs_f64());
    }

    /// A part of so many blocks was removed.
    pub(crate) fn removed(&self, day: i64, blocks: usize, is_well: bool, took: Duration) {
        self.marked.with(&[&table_name(day)]).add(blocks as u64);
        self.removal_seconds.with(&[status(is_well)]).observe(took.as_secs_f64());
    }

    /// The requests that are due, by when they became so, in milliseconds.
    pub(crate) fn due(&self, now_ms: i64, since_ms: impl Iterator<Item = i64>) {
        let (count, oldest) =
            since_ms.fold((0u32, now_ms), |(count, oldest), since| (count + 1, oldest.min(since)));
        self.pending.set(f64::from(count));
        self.oldest_pending.set(now_ms.saturating_sub(oldest) as f64 / 1000.0);
        self.loads.with(&["success"]).inc();
    }
}

/// There are no files of markers and no tables that are locked here.
fn register_absent(registry: &Registry) {
    for (name, help) in [
        ("loki_boltdb_shipper_retention_sweeper_marker_files_current", "Files of markers to be worked on."),
        (
            "loki_boltdb_shipper_retention_sweeper_marker_file_processing_current_time",
            "The time of the file of markers that is being worked on.",
        ),
        (
            "loki_compactor_locked_table_successive_compaction_skips",
            "How often in a row compaction of a table was left out since it was locked.",
        ),
    ] {
        registry.gauge(name, help);
    }
}

/// The table of a day, as Loki names those of a period of a day.
fn table_name(day: i64) -> String {
    format!("index_{day}")
}

fn status(is_well: bool) -> &'static str {
    if is_well { "success" } else { "failure" }
}
