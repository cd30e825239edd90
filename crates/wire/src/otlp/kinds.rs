//! What becomes of each kind of point.

use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::number::format_plain;
use model::{Exemplar, Labels, LabelsBuilder, stale_nan};

use super::error::Failure;
use super::exemplars;
use super::message::{Kind, Temporality};
use super::native::{of_bounds, of_exponential};
use super::point::{Common, ExponentialPoint, HistogramPoint, NumberPoint, SummaryPoint};
use super::settings::Deltas;
use super::translate::{Sample, Series, Sink, Times, Value, Walk};

const QUANTILE: &str = "quantile";

/// The series of one point: they differ in name and one label.
struct Family<'f> {
    series: &'f Series<'f>,
    labels: Labels,
    timestamp: i64,
    start_timestamp: i64,
    is_stale: bool,
}

impl Family<'_> {
    fn named(&self, suffix: &str, label: Option<(&str, &str)>) -> Labels {
        let mut builder = LabelsBuilder::new(self.labels.clone());
        if let Some((name, value)) = label {
            builder.set(name, value);
        }
        let name = &self.series.name;
        if suffix.is_empty() {
            builder.set(METRIC_NAME, name);
        } else {
            builder.set(METRIC_NAME, &format!("{name}{suffix}"));
        }
        builder.build()
    }

    fn sample<'s>(&'s self, value: Value<'s>, exemplars: &'s [Exemplar]) -> Sample<'s> {
        Sample {
            timestamp: self.timestamp,
            start_timestamp: self.start_timestamp,
            value,
            metadata: &self.series.metadata,
            exemplars,
        }
    }

    /// The value, or the marker where there is none any more.
    fn float<'s>(&'s self, value: f64, exemplars: &'s [Exemplar]) -> Sample<'s> {
        self.sample(Value::Float(if self.is_stale { stale_nan() } else { value }), exemplars)
    }
}

impl<S: Sink> Walk<'_, S> {
    /// Whether points of a metric are to be summed up.
    fn accumulates(&self, series: &Series<'_>) -> bool {
        series.metric.temporality == Temporality::Delta && self.settings.deltas == Deltas::Accumulated
    }

    /// Whether a point stands for itself: a difference that is stored as it is.
    fn is_difference(&self, series: &Series<'_>) -> bool {
        series.metric.temporality == Temporality::Delta && self.settings.deltas == Deltas::Kept
    }

    fn family<'f>(
        &mut self,
        series: &'f Series<'f>,
        common: &Common<'_>,
        times: &mut Times,
    ) -> Option<Family<'f>> {
        times.add(common.time_ms());
        match self.labels.of(&common.attributes, series.resource, series.scope, &series.metadata) {
            Ok(labels) => Some(Family {
                series,
                labels,
                timestamp: common.time_ms(),
                start_timestamp: common.start_ms(),
                is_stale: common.is_stale,
            }),
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    pub(super) fn number(
        &mut self,
        series: &Series<'_>,
        message: &[u8],
        times: &mut Times,
    ) -> Result<(), Failure<S::Error>> {
        let mut point = NumberPoint::read(message)?;
        if self.accumulates(series) && !self.sums.add_number(series, &mut point) {
            self.translated.deltas_left_out += 1;
            return Ok(());
        }
        let Some(mut family) = self.family(series, &point.common, times) else { return Ok(()) };
        let is_sum = series.metric.kind == Kind::Sum;
        if !(is_sum && series.metric.monotonic) {
            family.start_timestamp = 0;
        }
        let exemplars = if is_sum { exemplars::read(&point.common.exemplars)? } else { Vec::new() };
        self.give(&family.named("", None), &family.float(point.value, &exemplars))
    }

    pub(super) fn histogram(
        &mut self,
        series: &Series<'_>,
        message: &[u8],
        times: &mut Times,
    ) -> Result<(), Failure<S::Error>> {
        let mut point = HistogramPoint::read(message)?;
        if self.accumulates(series) && !self.sums.add_histogram(series, &mut point) {
            self.translated.deltas_left_out += 1;
            return Ok(());
        }
        let Some(family) = self.family(series, &point.common, times) else { return Ok(()) };
        let exemplars = exemplars::read(&point.common.exemplars)?;
        if !self.settings.histograms_to_nhcb {
            return self.classic(&family, &point, exemplars);
        }
        match of_bounds(&point, self.is_difference(series)) {
            Ok(histogram) => {
                let sample = family.sample(Value::Histogram(&histogram), &exemplars);
                self.give(&family.named("", None), &sample)
            }
            Err(error) => {
                self.refuse(error);
                Ok(())
            }
        }
    }

    /// A histogram as one series for each bucket.
    fn classic(
        &mut self,
        family: &Family<'_>,
        point: &HistogramPoint<'_>,
        mut exemplars: Vec<Exemplar>,
    ) -> Result<(), Failure<S::Error>> {
        // A sum that was left out says that there are values below zero.
        if let Some(sum) = point.sum.or(family.is_stale.then_some(0.0)) {
            self.give(&family.named("_sum", None), &family.float(sum, &[]))?;
        }
        self.give(&family.named("_count", None), &family.float(point.count as f64, &[]))?;
        exemplars.sort_by(|a, b| a.value.total_cmp(&b.value));
        let mut rest = exemplars.as_slice();
        let mut total = 0_u64;
        for (bound, count) in point.bounds.iter().zip(&point.counts) {
            total = total.saturating_add(*count);
            let inside = rest.partition_point(|exemplar| exemplar.value <= *bound);
            let (own, others) = rest.split_at_checked(inside).unwrap_or((&[], rest));
            rest = others;
            let labels = family.named("_bucket", Some((BUCKET_BOUND, &format_plain(*bound))));
            self.give(&labels, &family.float(total as f64, own))?;
        }
        let labels = family.named("_bucket", Some((BUCKET_BOUND, "+Inf")));
        self.give(&labels, &family.float(point.count as f64, rest))
    }

    pub(super) fn exponential(
        &mut self,
        series: &Series<'_>,
        message: &[u8],
        times: &mut Times,
    ) -> Result<(), Failure<S::Error>> {
        let mut point = ExponentialPoint::read(message)?;
        if self.accumulates(series) && !self.sums.add_exponential(series, &mut point) {
            self.translated.deltas_left_out += 1;
            return Ok(());
        }
        let Some(family) = self.family(series, &point.common, times) else { return Ok(()) };
        let exemplars = exemplars::read(&point.common.exemplars)?;
        match of_exponential(&point, self.is_difference(series)) {
            Ok(histogram) => {
                let sample = family.sample(Value::Histogram(&histogram), &exemplars);
                self.give(&family.named("", None), &sample)
            }
            Err(error) => {
                self.refuse(error);
                Ok(())
            }
        }
    }

    pub(super) fn summary(
        &mut self,
        series: &Series<'_>,
        message: &[u8],
        times: &mut Times,
    ) -> Result<(), Failure<S::Error>> {
        let point = SummaryPoint::read(message)?;
        let Some(family) = self.family(series, &point.common, times) else { return Ok(()) };
        self.give(&family.named("_sum", None), &family.float(point.sum, &[]))?;
        self.give(&family.named("_count", None), &family.float(point.count as f64, &[]))?;
        for (quantile, value) in &point.quantiles {
            let labels = family.named("", Some((QUANTILE, &format_plain(*quantile))));
            self.give(&labels, &family.float(*value, &[]))?;
        }
        Ok(())
    }
}
