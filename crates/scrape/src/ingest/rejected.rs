//! Samples that the store had no use for.

use telemetry::Counter;

use super::Context;

/// What a scrape's samples were refused for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rejected {
    pub(super) out_of_order: u64,
    pub(super) duplicate: u64,
    pub(super) out_of_bounds: u64,
    pub(super) over_limit: u64,
    /// The job has as many series as it may have.
    pub(super) over_job_limit: u64,
    pub(super) exemplars: u64,
}

impl Rejected {
    /// Counts and logs them, once for the whole scrape.
    pub(super) fn report(&self, context: &Context<'_>) {
        let metrics = context.metrics;
        let over_job_limit = metrics.jobs.series_refused.with(&[&context.job.job_name]);
        let kinds: [(u64, Option<&Counter>, &str); 6] = [
            (self.out_of_order, Some(&metrics.out_of_order), "error on ingesting out-of-order samples"),
            (
                self.duplicate,
                Some(&metrics.duplicate_samples),
                "error on ingesting samples with different value but same timestamp",
            ),
            (
                self.out_of_bounds,
                Some(&metrics.out_of_bounds),
                "error on ingesting samples that are too old or are too far into the future",
            ),
            (
                self.exemplars,
                Some(&metrics.exemplars_out_of_order),
                "error on ingesting out-of-order exemplars",
            ),
            (self.over_limit, None, "no new series are taken, a limit stands against them"),
            (
                self.over_job_limit,
                Some(&over_job_limit),
                "no new series are taken, the job has as many as --scrape.series-limit lets it have",
            ),
        ];
        let target = context.target;
        for (count, counter, message) in kinds.into_iter().filter(|(count, _, _)| *count > 0) {
            if let Some(counter) = counter {
                counter.add(count);
            }
            tracing::warn!(
                scrape_pool = target.scrape_pool(),
                target = target.scrape_url(),
                num_dropped = count,
                "{message}"
            );
        }
    }
}
