//! What is told of a query once it is over: to the metrics, and to the log as Loki tells it.

use axum::response::Response;
use http::StatusCode;

use super::Running;
use super::checks::fnv1;
use crate::loki::refusal::Refusal;

/// A query that takes longer is called slow, in seconds.
const SLOW: f64 = 10.0;

const SECOND: i64 = 1_000_000_000;

/// What was asked; times in nanoseconds.
pub(super) struct Told<'q> {
    pub(super) text: &'q str,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) step: i64,
    pub(super) limit: usize,
}

impl Running<'_> {
    /// Notes how the query went.
    pub(super) fn note(&self, kind: &str, range: &str, told: &Told<'_>, outcome: &Result<Response, Refusal>) {
        let status = outcome.as_ref().map_or_else(|refusal| refusal.status, |_| StatusCode::OK);
        let metrics = &self.loki.metrics;
        let seconds = self.seconds();
        let figures = self.control.statistics();
        let labels = [status.as_str(), kind, range];
        metrics.query_latency.with(&labels).observe(seconds);
        metrics.chunks_read.with(&labels).add(figures.blocks.saturating_sub(figures.blocks_skipped));
        metrics.duplicates.add(figures.duplicates);
        let speed = if seconds > SLOW { "slow" } else { "fast" };
        let bytes = figures.line_bytes as f64;
        if seconds > 0.0 && bytes > 0.0 {
            let labels = [status.as_str(), kind, range, speed, "false"];
            metrics.query_rate.with(&labels).observe(bytes / seconds);
        }
        let is_slow = self.loki.settings().slow_query.is_some_and(|least| seconds >= least.as_secs_f64());
        if is_slow || self.loki.parts.logs_queries {
            self.log(kind, range, told, status);
        }
    }

    /// One line with the keys of the original, which its dashboards look for.
    fn log(&self, kind: &str, range: &str, told: &Told<'_>, status: StatusCode) {
        let seconds = self.seconds();
        let figures = self.control.statistics();
        let shown = |nanos: i64| logql_syntax::quantity::format_go_duration(nanos);
        let bytes = figures.line_bytes + figures.metadata_bytes;
        let per_second = |amount: u64| if seconds > 0.0 { (amount as f64 / seconds) as u64 } else { 0 };
        tracing::info!(
            caller = "metrics.go",
            component = "frontend",
            org_id = self.asked.tenants.joined(),
            latency = if seconds > SLOW { "slow" } else { "fast" },
            query = told.text,
            query_hash = fnv1(told.text),
            query_type = kind,
            range_type = range,
            length = shown(told.end.saturating_sub(told.start)),
            start_delta = shown(self.asked.now.saturating_sub(told.start)),
            end_delta = shown(self.asked.now.saturating_sub(told.end)),
            step = shown(told.step),
            duration = shown((seconds * SECOND as f64) as i64),
            status = status.as_u16(),
            limit = told.limit,
            returned_lines = figures.entries_returned,
            throughput = format!("{}B", per_second(bytes)),
            total_bytes = format!("{bytes}B"),
            lines_per_second = per_second(figures.lines),
            total_lines = figures.lines,
            post_filter_lines = figures.lines_kept,
            total_entries = figures.entries_returned,
            splits = 0,
            shards = 0,
            "query is over"
        );
    }
}
