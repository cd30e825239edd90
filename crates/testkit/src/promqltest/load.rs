//! Series of a load block as samples.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use model::histogram::ClassicHistogram;
use model::labels::METRIC_NAME;
use model::number::parse_float;
use model::{FloatHistogram, Labels, LabelsBuilder};
use storage::{AppendOptions, Appendable, HistogramSample};

use super::script::{DescribedSeries, Load};
use super::subject::Point;

/// A series to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedSeries {
    /// Its labels.
    pub labels: Labels,
    /// Its samples, by time.
    pub samples: Vec<LoadedSample>,
}

/// A sample to be stored; times in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedSample {
    /// Its time.
    pub timestamp_ms: i64,
    /// When its counter started; 0 for none.
    pub start_timestamp_ms: i64,
    /// Its value.
    pub value: Point,
}

/// Stores series in one batch.
///
/// # Errors
///
/// The first error of the store; nothing is stored then.
pub fn append_to(store: &dyn Appendable, series: &[LoadedSeries]) -> storage::Result<()> {
    let mut batch = store.appender(AppendOptions::default());
    for loaded in series {
        let reference = batch.series(&loaded.labels)?;
        for sample in &loaded.samples {
            let (at, start) = (sample.timestamp_ms, sample.start_timestamp_ms);
            match &sample.value {
                Point::Float(value) => batch.append(reference, at, start, *value)?,
                Point::Histogram(histogram) => {
                    batch.append_histogram(reference, at, start, HistogramSample::Float(histogram))?;
                }
            }
        }
    }
    batch.commit()
}

impl Load {
    /// All series that the block stores.
    ///
    /// # Errors
    ///
    /// If a classic histogram cannot be converted.
    pub(super) fn samples(&self) -> Result<Vec<LoadedSeries>, NhcbError> {
        // Of several lines for one series the last one counts.
        let mut series: Vec<LoadedSeries> = Vec::with_capacity(self.series.len());
        let mut positions: HashMap<&Labels, usize> = HashMap::new();
        for described in &self.series {
            let samples = described.samples(self.step_ms);
            match positions.entry(&described.labels) {
                Entry::Occupied(known) => series[*known.get()] = samples,
                Entry::Vacant(new) => {
                    new.insert(series.len());
                    series.push(samples);
                }
            }
        }
        if self.with_nhcb {
            let native = native_histograms(&series)?;
            series.extend(native);
        }
        Ok(series)
    }
}

impl DescribedSeries {
    fn samples(&self, step_ms: i64) -> LoadedSeries {
        let starts = self.starts.iter().copied().chain(std::iter::repeat(None));
        let samples = self.values.iter().zip(starts).enumerate().filter_map(|(position, (value, start))| {
            let timestamp_ms = i64::try_from(position).unwrap_or(i64::MAX).saturating_mul(step_ms);
            Some(LoadedSample {
                timestamp_ms,
                start_timestamp_ms: start.map_or(0, |offset| timestamp_ms.saturating_add(offset)),
                value: value.clone()?,
            })
        });
        LoadedSeries { labels: self.labels.clone(), samples: samples.collect() }
    }
}

/// A classic histogram that makes no native one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("classic histogram {labels} at {timestamp_ms}ms: {error}")]
pub(super) struct NhcbError {
    labels: String,
    timestamp_ms: i64,
    error: model::histogram::ClassicError,
}

/// The classic histograms among the series as native ones with custom buckets, under the name without suffix.
fn native_histograms(series: &[LoadedSeries]) -> Result<Vec<LoadedSeries>, NhcbError> {
    /// By labels, then by time: the samples, and whether there are buckets among them.
    type Classic = BTreeMap<Labels, BTreeMap<i64, (ClassicHistogram, bool)>>;
    let mut classic: Classic = BTreeMap::new();
    for loaded in series {
        let Some((labels, part)) = part_of(&loaded.labels) else { continue };
        let histograms = classic.entry(labels.clone()).or_default();
        for sample in &loaded.samples {
            let Point::Float(value) = sample.value else { continue };
            let (histogram, has_buckets) = histograms.entry(sample.timestamp_ms).or_default();
            *has_buckets |= matches!(part, Part::Bucket(_));
            let taken = match part {
                Part::Bucket(bound) => histogram.set_bucket(bound, value),
                Part::Count => histogram.set_count(value),
                Part::Sum => {
                    histogram.set_sum(value);
                    Ok(())
                }
            };
            taken.map_err(|error| nhcb_error(&labels, sample.timestamp_ms, error))?;
        }
    }
    let mut native = Vec::new();
    for (labels, histograms) in classic {
        let mut samples = Vec::new();
        for (timestamp_ms, (histogram, _)) in histograms.iter().filter(|(_, (_, has_buckets))| *has_buckets) {
            let value: FloatHistogram =
                histogram.to_fractional().map_err(|error| nhcb_error(&labels, *timestamp_ms, error))?;
            let (timestamp_ms, start_timestamp_ms) = (*timestamp_ms, 0);
            samples.push(LoadedSample {
                timestamp_ms,
                start_timestamp_ms,
                value: Point::Histogram(value.into()),
            });
        }
        if !samples.is_empty() {
            native.push(LoadedSeries { labels, samples });
        }
    }
    Ok(native)
}

fn nhcb_error(labels: &Labels, timestamp_ms: i64, error: model::histogram::ClassicError) -> NhcbError {
    NhcbError { labels: labels.to_string(), timestamp_ms, error }
}

/// What a series is to a classic histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Bucket(f64),
    Count,
    Sum,
}

/// The labels of the histogram that a series belongs to by its name, and what it is to it.
fn part_of(labels: &Labels) -> Option<(Labels, Part)> {
    let name = labels.value(METRIC_NAME);
    let (base, part) = if let Some(base) = name.strip_suffix("_bucket") {
        (base, Part::Bucket(parse_float(labels.get("le")?).filter(|bound| !bound.is_nan())?))
    } else if let Some(base) = name.strip_suffix("_count") {
        (base, Part::Count)
    } else {
        (name.strip_suffix("_sum")?, Part::Sum)
    };
    let mut builder = LabelsBuilder::new(labels.clone());
    builder.set(METRIC_NAME, base);
    builder.remove("le");
    Some((builder.build(), part))
}
