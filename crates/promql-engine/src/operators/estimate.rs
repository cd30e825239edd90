//! `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`: estimates from classic buckets and native
//! histograms.

use std::sync::atomic::{AtomicU8, Ordering};

use hashbrown::HashMap;
use model::histogram::NanObservations;
use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::number::parse_float;
use model::{FloatHistogram, Labels, LabelsBuilder};
use vectors::{Cell, Column};

use super::distinct::{Distinct, Equality};
use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::Result;
use crate::functions::classic::{self, Bucket, Fall};
use crate::notes::{Fixed, Note, Place};
use crate::operators::instant::at;
use crate::run::{Run, Worker};
use crate::series::{Removed, SeriesList};

/// What is estimated.
#[derive(Debug, Clone)]
pub(crate) enum Estimate {
    /// A quantile.
    Quantile,
    /// Several quantiles, told apart by a label.
    Quantiles(String),
    /// The fraction between two values.
    Fraction,
}

/// A quantile of `histogram_quantiles` and the value of its label.
#[derive(Debug, Clone)]
pub(crate) struct QuantileLabel {
    /// The number of the argument.
    pub(crate) param: usize,
    /// The quantile; a series of the result has values only where the argument has this value.
    pub(crate) quantile: f64,
    /// The value of the label.
    pub(crate) text: String,
}

/// Where remarks point to.
#[derive(Debug, Clone)]
pub(crate) struct EstimatePlaces {
    /// The first argument, whichever it is.
    pub(crate) first: Place,
    pub(crate) vector: Place,
    pub(crate) scalars: Vec<Place>,
}

/// A series of the result.
#[derive(Debug, Clone, Copy)]
enum Output {
    /// Classic buckets of a group, and native histograms of its member without `le`.
    Group { group: u32, quantile: u32 },
    /// Native histograms of a series with `le`: hardly ever there.
    Odd { series: u32, quantile: u32 },
}

/// The series that have all labels but `le` in common.
#[derive(Debug, Default)]
struct Group {
    /// Series without `le`.
    plain: Option<u32>,
    /// Series with `le`, and its value as a number where it is one.
    buckets: Vec<(u32, Option<f64>)>,
}

/// Estimates from histograms.
pub(crate) struct Estimator {
    child: BoxedVector,
    estimate: Estimate,
    scalars: Vec<BoxedScalar>,
    params: Vec<Vec<f64>>,
    groups: Vec<Group>,
    outputs: Vec<Output>,
    /// What is known of each series: 0 nothing, 1 no histograms, 2 histograms.
    kinds: Vec<AtomicU8>,
    list: SeriesList,
    labels_of_quantiles: Vec<QuantileLabel>,
    places: EstimatePlaces,
    steps: crate::grid::Grid,
}

impl Estimator {
    pub(crate) fn boxed(
        child: BoxedVector,
        estimate: Estimate,
        scalars: Vec<BoxedScalar>,
        labels_of_quantiles: Vec<QuantileLabel>,
        places: EstimatePlaces,
        steps: crate::grid::Grid,
        delayed: bool,
    ) -> BoxedVector {
        let series = child.series();
        let (groups, keys) = groups(series.shown());
        let (mut outputs, mut labels) = (Vec::new(), Vec::new());
        let mut add = |output: Output, own: &Labels, quantile: u32| {
            outputs.push(output);
            let own = if delayed { own.clone() } else { Removed::Metadata.from(own) };
            labels.push(match (&estimate, labels_of_quantiles.get(quantile as usize)) {
                (Estimate::Quantiles(label), Some(value)) => {
                    LabelsBuilder::new(own).set(label, &value.text).build()
                }
                _ => own,
            });
        };
        let quantiles = labels_of_quantiles.len().max(1) as u32;
        for quantile in 0..quantiles {
            for ((number, group), key) in (0u32..).zip(&groups).zip(&keys) {
                add(Output::Group { group: number, quantile }, key, quantile);
                for (odd, _) in &group.buckets {
                    let own = series.labels(*odd as usize);
                    add(Output::Odd { series: *odd, quantile }, &own, quantile);
                }
            }
        }
        let names_metric = matches!(&estimate, Estimate::Quantiles(label) if label == METRIC_NAME);
        let marks = vec![delayed && !names_metric; labels.len()];
        let list = SeriesList::unchecked(labels).with_marks(marks);
        let kinds = (0..series.len()).map(|_| AtomicU8::new(0)).collect();
        let estimator = Self {
            child,
            estimate,
            scalars,
            params: Vec::new(),
            groups,
            outputs,
            kinds,
            list,
            labels_of_quantiles,
            places,
            steps,
        };
        Distinct::around(Box::new(estimator), Equality::AtOneStep)
    }

    fn pull(&self, series: u32, worker: &mut Worker<'_>, column: &mut Column) -> Result<()> {
        worker.pull(self.child.as_ref(), series as usize, column)?;
        let kind = 1 + u8::from(column.has_histograms());
        if let Some(known) = self.kinds.get(series as usize) {
            known.store(kind, Ordering::Relaxed);
        }
        Ok(())
    }

    fn group_column(
        &self,
        group: u32,
        quantile: u32,
        worker: &mut Worker<'_>,
        out: &mut Column,
    ) -> Result<()> {
        let Some(group) = self.groups.get(group as usize) else { return Ok(()) };
        let members = group.plain.into_iter().chain(group.buckets.iter().map(|(series, _)| *series));
        let mut columns = Vec::with_capacity(group.buckets.len() + 1);
        for series in members {
            let mut column = worker.take_column();
            self.pull(series, worker, &mut column)?;
            columns.push((series, column));
        }
        out.reset(self.steps.steps);
        let first = columns.first().map_or(0, |(series, _)| *series);
        // With the bounds in order the buckets of each step are.
        let mut members: Vec<(u32, &Column, Option<f64>)> =
            columns.iter().map(|(series, column)| (*series, column, group.bound_of(*series))).collect();
        members.sort_by(|a, b| a.2.unwrap_or(f64::NAN).total_cmp(&b.2.unwrap_or(f64::NAN)));
        let mut buckets: Vec<Bucket> = Vec::with_capacity(members.len());
        for step in 0..self.steps.steps {
            if !self.is_wanted(quantile, step) {
                continue;
            }
            buckets.clear();
            let mut native = None;
            for (series, column, bound) in &members {
                match column.cell(step) {
                    Cell::Absent => {}
                    Cell::Float(count) => match bound {
                        Some(bound) => buckets.push(Bucket { bound: *bound, count }),
                        None => self.note_bad_bucket(*series, worker),
                    },
                    Cell::Histogram(histogram) if group.plain == Some(*series) => native = Some(histogram),
                    Cell::Histogram(_) => {}
                }
            }
            let value = match (native, buckets.is_empty()) {
                (Some(_), false) => {
                    let metric = self.metric(first, worker);
                    worker.note(Note::MixedClassicNative(metric), self.places.vector);
                    None
                }
                (Some(histogram), true) => Some(self.native(histogram, first, step, quantile, worker)),
                (None, false) => Some(self.classic(&mut buckets, first, step, quantile, worker)),
                (None, true) => None,
            };
            if let Some(value) = value {
                out.set_float(step, value);
            }
        }
        columns.into_iter().for_each(|(_, column)| worker.give_column(column));
        Ok(())
    }

    /// The metric's name for messages; where it was dropped early, they do without.
    fn metric(&self, series: u32, worker: &Worker<'_>) -> String {
        if !worker.context.delayed_names {
            return String::new();
        }
        self.child.series().metric_name(series as usize).to_owned()
    }

    fn note_bad_bucket(&self, series: u32, worker: &mut Worker<'_>) {
        let labels = self.child.series().raw().get(series as usize).cloned().unwrap_or_default();
        let bound = labels.value(BUCKET_BOUND).to_owned();
        let metric = self.metric(series, worker);
        worker.note(Note::BadBucket { bound, metric }, self.places.vector);
    }

    fn native(
        &self,
        histogram: &FloatHistogram,
        series: u32,
        step: usize,
        quantile: u32,
        worker: &mut Worker<'_>,
    ) -> f64 {
        if let Estimate::Fraction = self.estimate {
            let (value, has_nan) = histogram.fraction(self.param(0, step), self.param(1, step));
            if has_nan {
                let metric = self.metric(series, worker);
                worker.note(Note::NanFraction(metric), self.places.first);
            }
            return value;
        }
        let (value, nan) = histogram.quantile(self.quantile(quantile, step));
        if nan != NanObservations::None {
            let metric = self.metric(series, worker);
            let note = match nan {
                NanObservations::Skew => Note::SkewedQuantile(metric),
                _ => Note::NanQuantile(metric),
            };
            worker.note(note, self.places.first);
        }
        value
    }

    fn classic(
        &self,
        buckets: &mut [Bucket],
        series: u32,
        step: usize,
        quantile: u32,
        worker: &mut Worker<'_>,
    ) -> f64 {
        if let Estimate::Fraction = self.estimate {
            return classic::fraction(self.param(0, step), self.param(1, step), buckets);
        }
        // The quantiles ahead of this one leave their marks on the buckets.
        let param = self.labels_of_quantiles.get(quantile as usize).map_or(0, |label| label.param);
        for earlier in 0..param {
            let _ = classic::quantile(self.param(earlier, step), buckets);
        }
        let (value, fall) = classic::quantile(self.param(param, step), buckets);
        if let Some(Fall { bound_min, bound_max, difference_max }) = fall {
            let time = self.steps.time(step);
            let fixed =
                Fixed { bound_min, bound_max, difference_max, samples: 1, time_min: time, time_max: time };
            let metric = self.metric(series, worker);
            worker.note(Note::Monotonicity { metric, fixed }, self.places.vector);
        }
        value
    }

    /// The value of a quantile's argument at a step.
    fn quantile(&self, quantile: u32, step: usize) -> f64 {
        let param = self.labels_of_quantiles.get(quantile as usize).map_or(0, |label| label.param);
        self.param(param, step)
    }

    /// Whether a quantile's argument has the value at a step that the label names.
    fn is_wanted(&self, quantile: u32, step: usize) -> bool {
        self.labels_of_quantiles
            .get(quantile as usize)
            .is_none_or(|label| self.param(label.param, step).to_bits() == label.quantile.to_bits())
    }

    fn param(&self, number: usize, step: usize) -> f64 {
        self.params.get(number).map_or(f64::NAN, |values| at(values, step))
    }
}

impl Group {
    fn bound_of(&self, series: u32) -> Option<f64> {
        self.buckets.iter().find(|(own, _)| *own == series).and_then(|(_, bound)| *bound)
    }
}

/// Groups series by all labels but `le`.
fn groups(series: &[Labels]) -> (Vec<Group>, Vec<Labels>) {
    let mut numbers: HashMap<Labels, usize> = HashMap::new();
    let (mut groups, mut keys): (Vec<Group>, Vec<Labels>) = (Vec::new(), Vec::new());
    for (position, labels) in (0u32..).zip(series) {
        let bound = labels.get(BUCKET_BOUND);
        let key = if bound.is_some() { labels.filtered(|name| name != BUCKET_BOUND) } else { labels.clone() };
        let number = *numbers.entry(key.clone()).or_insert(groups.len());
        if number == groups.len() {
            groups.push(Group::default());
            keys.push(key);
        }
        let Some(group) = groups.get_mut(number) else { continue };
        match bound {
            Some(bound) => group.buckets.push((position, parse_float(bound))),
            None => group.plain = Some(position),
        }
    }
    (groups, keys)
}

impl VectorOperator for Estimator {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.child.prepare(run)?;
        self.params = self.scalars.iter_mut().map(|scalar| scalar.evaluate(run)).collect::<Result<_>>()?;
        if matches!(self.estimate, Estimate::Fraction) {
            return Ok(());
        }
        for (params, place) in self.params.iter().zip(&self.places.scalars) {
            for value in params {
                if !(0.0..=1.0).contains(value) {
                    run.note(Note::Quantile(*value), *place);
                }
            }
        }
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        match self.outputs.get(position) {
            Some(Output::Group { group, quantile }) => self.group_column(*group, *quantile, worker, out),
            Some(Output::Odd { series, quantile }) => {
                out.reset(self.steps.steps);
                let known = self.kinds.get(*series as usize).map_or(0, |kind| kind.load(Ordering::Relaxed));
                if known == 1 {
                    return Ok(());
                }
                worker.with_column(|worker, column| {
                    self.pull(*series, worker, column)?;
                    for step in 0..column.len() {
                        if let (Cell::Histogram(histogram), true) =
                            (column.cell(step), self.is_wanted(*quantile, step))
                        {
                            out.set_float(step, self.native(histogram, *series, step, *quantile, worker));
                        }
                    }
                    Ok(())
                })
            }
            None => Ok(()),
        }
    }
}
