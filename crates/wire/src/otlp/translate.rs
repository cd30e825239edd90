//! The walk through a request.

use model::{Exemplar, Histogram, Labels, Metadata, MetricType};

use super::delta::Accumulator;
use super::error::{Error, Failure};
use super::labels::{PointLabels, ResourceLabels, scope_labels};
use super::message::{Kind, Metric, Scope, Temporality, each, resource_attributes};
use super::names::metric_name;
use super::settings::{Deltas, Settings};
use model::quote::quote;

/// An answer tells of no more errors than this.
const ERRORS_MAX: usize = 1000;

/// Takes the samples of a request.
pub trait Sink {
    /// Why a sample is not taken, which ends the request.
    type Error;

    /// Takes a sample of the series with these labels.
    ///
    /// # Errors
    /// Why the request ends.
    fn take(&mut self, labels: &Labels, sample: &Sample<'_>) -> Result<(), Self::Error>;
}

/// A sample of a request.
#[derive(Debug, Clone)]
pub struct Sample<'a> {
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Since when the counter has counted, 0 for not known.
    pub start_timestamp: i64,
    /// The value.
    pub value: Value<'a>,
    /// What is known of the metric.
    pub metadata: &'a Metadata,
    /// Exemplars of the sample.
    pub exemplars: &'a [Exemplar],
}

/// The value of a sample.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A float.
    Float(f64),
    /// A native histogram.
    Histogram(&'a Histogram),
}

/// What came up while a request was translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Translated {
    /// Attributes whose names became the same label.
    pub label_collisions: u64,
    /// Points of deltas that came late or were too many, and were left out.
    pub deltas_left_out: u64,
}

/// Translates a request; `sink` gets every sample that is made of it.
///
/// Deltas are summed up in `sums`, where settings ask for that; `now_ms` tells which sums are no longer added to.
///
/// # Errors
/// [`Failure`]: what `sink` has got is of no use then, and what was summed up is as before.
pub fn translate<S: Sink>(
    body: &[u8],
    settings: &Settings,
    (sums, now_ms): (&mut Accumulator, i64),
    sink: &mut S,
) -> Result<Translated, Failure<S::Error>> {
    sums.begin(now_ms);
    let mut walk = Walk {
        settings,
        sums,
        sink,
        labels: PointLabels::new(settings),
        errors: Vec::new(),
        translated: Translated::default(),
    };
    let walked = each("ExportMetricsServiceRequest", body, 1, |resource| walk.resource(resource));
    let Walk { sums, labels, errors, mut translated, .. } = walk;
    translated.label_collisions = labels.collisions;
    let outcome = match walked {
        Ok(()) if errors.is_empty() => return Ok(translated),
        Ok(()) => Failure::Metrics(errors.join("; ")),
        Err(failure) => failure,
    };
    sums.undo();
    Err(outcome)
}

/// A request on its way.
pub(super) struct Walk<'w, S> {
    pub(super) settings: &'w Settings,
    pub(super) sums: &'w mut Accumulator,
    pub(super) sink: &'w mut S,
    pub(super) labels: PointLabels<'w>,
    errors: Vec<String>,
    pub(super) translated: Translated,
}

/// What the points of a metric share.
pub(super) struct Series<'m> {
    pub(super) metric: Metric<'m>,
    pub(super) name: String,
    pub(super) metadata: Metadata,
    pub(super) resource: &'m ResourceLabels,
    pub(super) scope: &'m [(String, String)],
    /// What tells the streams of deltas of one resource and scope from others.
    pub(super) origin: &'m str,
}

/// The times of the points of a resource.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times(pub(super) Option<(i64, i64)>);

impl Times {
    pub(super) fn add(&mut self, time: i64) {
        let (first, last) = self.0.unwrap_or((time, time));
        self.0 = Some((first.min(time), last.max(time)));
    }
}

impl<S: Sink> Walk<'_, S> {
    /// Notes why a metric or a point is not taken; the request is refused in the end.
    pub(super) fn refuse(&mut self, error: String) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error);
        }
    }

    fn resource(&mut self, message: &[u8]) -> Result<(), Failure<S::Error>> {
        let attributes = resource_attributes(message)?;
        let labels = match ResourceLabels::of(&attributes, self.settings) {
            Ok(labels) => labels,
            Err(error) => {
                self.refuse(error);
                return Ok(());
            }
        };
        let accumulates = self.settings.deltas == Deltas::Accumulated;
        let own = if accumulates { format!("{attributes:?}") } else { String::new() };
        let mut times = Times::default();
        each("ResourceMetrics", message, 2, |scope_metrics| {
            let scope = Scope::read(scope_metrics)?;
            let of_scope = match scope_labels(&scope, self.settings) {
                Ok(labels) => labels,
                Err(error) => {
                    self.refuse(error);
                    return Ok(());
                }
            };
            let origin = if accumulates { format!("{own} {scope:?}") } else { String::new() };
            each("ScopeMetrics", scope_metrics, 2, |metric| {
                let metric = Metric::read(metric)?;
                self.metric(metric, (&labels, &of_scope, &origin), &mut times)
            })
        })?;
        self.target_info(&attributes, &labels, times)
    }

    fn metric<'m>(
        &mut self,
        metric: Metric<'m>,
        (resource, scope, origin): (&'m ResourceLabels, &'m [(String, String)], &'m str),
        times: &mut Times,
    ) -> Result<(), Failure<S::Error>> {
        if !self.is_taken(&metric) {
            let name = quote(metric.name);
            self.refuse(format!("invalid temporality and type combination for metric {name}"));
            return Ok(());
        }
        let name = match metric_name(&metric, self.settings.strategy) {
            Ok(name) => name,
            Err(error) => {
                self.refuse(error);
                return Ok(());
            }
        };
        let metadata = Metadata {
            metric_type: self.metric_type(&metric),
            unit: metric.unit.to_owned(),
            help: metric.description.to_owned(),
        };
        let series = Series { metric, name, metadata, resource, scope, origin };
        let mut points = 0_usize;
        each("Data", metric.points, 1, |point| {
            points += 1;
            self.point(&series, point, times)
        })?;
        if points == 0 {
            self.refuse(format!("empty data points. {} is dropped", series.name));
        }
        Ok(())
    }

    fn is_taken(&self, metric: &Metric<'_>) -> bool {
        match (metric.kind, metric.temporality) {
            (Kind::None, _) => false,
            (Kind::Gauge | Kind::Summary, _) | (_, Temporality::Cumulative) => true,
            (_, Temporality::Delta) => self.settings.deltas != Deltas::Refused,
            (_, Temporality::Unspecified) => false,
        }
    }

    fn metric_type(&self, metric: &Metric<'_>) -> MetricType {
        if metric.temporality == Temporality::Delta && self.settings.deltas == Deltas::Kept {
            return MetricType::Unknown;
        }
        match metric.kind {
            Kind::None => MetricType::Unknown,
            Kind::Gauge => MetricType::Gauge,
            Kind::Sum if metric.monotonic => MetricType::Counter,
            Kind::Sum => MetricType::Gauge,
            Kind::Histogram | Kind::Exponential => MetricType::Histogram,
            Kind::Summary => MetricType::Summary,
        }
    }

    fn point(
        &mut self,
        series: &Series<'_>,
        message: &[u8],
        times: &mut Times,
    ) -> Result<(), Failure<S::Error>> {
        match series.metric.kind {
            Kind::None => Ok(()),
            Kind::Gauge | Kind::Sum => self.number(series, message, times),
            Kind::Histogram => self.histogram(series, message, times),
            Kind::Exponential => self.exponential(series, message, times),
            Kind::Summary => self.summary(series, message, times),
        }
    }

    /// Hands a sample over.
    pub(super) fn give(&mut self, labels: &Labels, sample: &Sample<'_>) -> Result<(), Failure<S::Error>> {
        self.sink.take(labels, sample).map_err(Failure::Sink)
    }
}

impl<E> From<crate::remote::Error> for Failure<E> {
    fn from(error: crate::remote::Error) -> Self {
        Self::Unreadable(Error::Proto(error))
    }
}
