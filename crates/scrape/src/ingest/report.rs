//! The series that report about a scrape.

use model::labels::{LabelsBuilder, METRIC_NAME};
use model::{Labels, SeriesRef, stale_nan};
use storage::{Appender, Error};

use super::{Context, Counts};

/// What is reported about a scrape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    pub(crate) up: bool,
    pub(crate) seconds: f64,
    pub(crate) counts: Counts,
    /// Bytes of the body after decompression; -1 where they were more than allowed.
    pub(crate) body_bytes: i64,
}

/// Names in the order of [`Report::values`]; the last three are the extra ones.
const NAMES: [&str; 8] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
];
const PLAIN: usize = 5;

/// The references of the series that report.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReportSeries([Option<SeriesRef>; NAMES.len()]);

impl Report {
    fn values(&self, context: &Context<'_>) -> [f64; NAMES.len()] {
        [
            f64::from(u8::from(self.up)),
            self.seconds,
            self.counts.scraped as f64,
            self.counts.kept as f64,
            self.counts.added as f64,
            crate::error::seconds(context.target.timeout),
            context.job.limits.samples.unwrap_or(0) as f64,
            self.body_bytes as f64,
        ]
    }

    /// Appends the report.
    pub(super) fn append(
        &self,
        context: &Context<'_>,
        series: &mut ReportSeries,
        appender: &mut dyn Appender,
        time: i64,
    ) -> Result<(), Error> {
        series.append(context, appender, time, self.values(context))
    }
}

impl ReportSeries {
    /// Marks the reporting series as ended.
    pub(super) fn append_stale(
        &mut self,
        context: &Context<'_>,
        appender: &mut dyn Appender,
        time: i64,
    ) -> Result<(), Error> {
        self.append(context, appender, time, [stale_nan(); NAMES.len()])
    }

    fn append(
        &mut self,
        context: &Context<'_>,
        appender: &mut dyn Appender,
        time: i64,
        values: [f64; NAMES.len()],
    ) -> Result<(), Error> {
        let count = if context.job.extra_scrape_metrics { NAMES.len() } else { PLAIN };
        for ((name, value), series) in NAMES.iter().zip(values).zip(&mut self.0).take(count) {
            let known = match *series {
                Some(known) => match appender.append(known, time, 0, value) {
                    Err(Error::UnknownSeries(_)) => false,
                    other => {
                        tolerate(other)?;
                        true
                    }
                },
                None => false,
            };
            if !known {
                let made = appender.series(&labels(context.target.labels(), name))?;
                *series = Some(made);
                tolerate(appender.append(made, time, 0, value))?;
            }
        }
        Ok(())
    }
}

/// A report that the store has no use for (the clock went back, say) is no reason to give the scrape up.
fn tolerate(result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Err(Error::OutOfOrder | Error::DuplicateSample | Error::OutOfBounds | Error::TooOld) => Ok(()),
        other => other,
    }
}

fn labels(target: &Labels, name: &str) -> Labels {
    let mut builder = LabelsBuilder::new(target.clone());
    builder.set(METRIC_NAME, name);
    builder.build()
}
