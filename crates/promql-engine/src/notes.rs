//! Remarks for the user: warnings and infos with their texts and places.

#[cfg(test)]
mod tests;

use hashbrown::HashMap;
use model::Annotations;
use model::number::format_general;
use model::quote::quote;
use promql_syntax::{LineColumn, Span};
use vectors::Remark;

/// Where a remark points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// First byte of what is told to the user.
    shown: usize,
    /// The part of the query that makes the remark.
    part: Span,
}

impl Place {
    /// A remark that the part `part` of the query makes about what starts at byte `shown`.
    pub(crate) fn new(shown: usize, part: Span) -> Self {
        Self { shown, part }
    }

    /// A remark about the part of the query that makes it.
    pub(crate) fn of(part: Span) -> Self {
        Self { shown: part.start, part }
    }

    /// Whether this part of the query has its value after the other: operands come first, left before right.
    fn is_after(self, other: Self) -> bool {
        let rank = |place: Self| (place.part.end, std::cmp::Reverse(place.part.start), place.shown);
        rank(self) > rank(other)
    }
}

/// A remark; names are metric names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Note {
    /// A remark of an operator, about a series of the metric named.
    Operator(Remark, String),
    /// A quantile outside of 0 to 1.
    Quantile(f64),
    /// A ratio outside of -1 to 1, and what is taken instead.
    Ratio(f64, f64),
    /// A range held floats and histograms.
    MixedRange(String),
    /// A range held histograms with exponential and with custom buckets.
    MixedSchemas(String),
    /// A range held floats and histograms, and the latter were left out.
    HistogramsIgnored(String),
    /// A float counter without the name of one.
    NotCounter(String),
    /// The same, where series carry their type as a label.
    NotTypedCounter(String),
    /// `rate` and the like of a gauge histogram.
    HistogramNotCounter(String),
    /// `delta` and the like of a counter histogram.
    HistogramNotGauge(String),
    /// Histograms in a range contradict each other about resets.
    ConflictingResets(vectors::remark::HistogramOperation),
    /// Histograms in a range had different custom bounds.
    ReconciledBounds(vectors::remark::HistogramOperation),
    /// A sample's start lies before the sample ahead of it.
    OverlappingStart(String),
    /// A classic bucket without a readable bound.
    BadBucket {
        /// What stands in the label `le`.
        bound: String,
        /// The metric, empty where it is not told.
        metric: String,
    },
    /// Classic buckets and a native histogram of the same labels.
    MixedClassicNative(String),
    /// Classic buckets that fell and were fixed.
    Monotonicity {
        /// The metric, empty where it is not told.
        metric: String,
        /// What was fixed.
        fixed: Fixed,
    },
    /// NaN among the observations makes a quantile NaN.
    NanQuantile(String),
    /// NaN among the observations moves a quantile up.
    SkewedQuantile(String),
    /// NaN among the observations belongs to no fraction.
    NanFraction(String),
    /// `sort` has no effect here.
    SortIneffective,
}

/// What was fixed in falling classic buckets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fixed {
    pub(crate) bound_min: f64,
    pub(crate) bound_max: f64,
    pub(crate) difference_max: f64,
    pub(crate) samples: u64,
    pub(crate) time_min: i64,
    pub(crate) time_max: i64,
}

impl Fixed {
    fn merge(&mut self, other: Self) {
        self.bound_min = self.bound_min.min(other.bound_min);
        self.bound_max = self.bound_max.max(other.bound_max);
        self.difference_max = self.difference_max.max(other.difference_max);
        self.samples += other.samples;
        self.time_min = self.time_min.min(other.time_min);
        self.time_max = self.time_max.max(other.time_max);
    }
}

/// How serious a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Warning,
    Info,
}

/// With so many remarks a new one is compared before its text is made.
const COMPARED_MAX: usize = 4;

/// The remarks of a query, each once: of several parts that make the same one, the last one evaluated is told.
///
/// Keyed by text without place, so that thousands of series cost one entry.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    numbers: HashMap<String, usize>,
    list: Vec<(Note, Place)>,
}

impl Notes {
    /// Adds a remark about a part of the query.
    pub(crate) fn add(&mut self, note: Note, place: Place) {
        // Series after series of a metric makes the same remark: its text need not be made each time.
        let is_known = |known: &(Note, Place)| known.1 == place && known.0 == note;
        if !matches!(note, Note::Monotonicity { .. }) && self.list.iter().take(COMPARED_MAX).any(is_known) {
            return;
        }
        let key = match &note {
            Note::Monotonicity { metric, .. } => format!("monotonicity {metric}"),
            note => note.text().1,
        };
        let next = self.list.len();
        let number = *self.numbers.entry(key).or_insert(next);
        let Some((known, known_place)) = self.list.get_mut(number) else {
            self.list.push((note, place));
            return;
        };
        if place.is_after(*known_place) {
            *known_place = place;
        }
        if let (Note::Monotonicity { fixed, .. }, Note::Monotonicity { fixed: other, .. }) = (known, note) {
            fixed.merge(other);
        }
    }

    /// Takes over what `other` has.
    pub(crate) fn merge(&mut self, other: Self) {
        for (note, place) in other.list {
            self.add(note, place);
        }
    }

    /// The texts, with places in `query`.
    pub(crate) fn into_annotations(self, query: &str, annotations: &mut Annotations) {
        for (note, place) in self.list {
            let (level, text) = note.text();
            let place =
                LineColumn::locate(query, place.shown).map(|place| format!(" ({place})")).unwrap_or_default();
            match level {
                Level::Warning => annotations.warn(format!("PromQL warning: {text}{place}")),
                Level::Info => annotations.inform(format!("PromQL info: {text}{place}")),
            }
        }
    }
}

impl Note {
    /// Level and text without place.
    fn text(&self) -> (Level, String) {
        use Level::{Info, Warning};
        match self {
            Self::Operator(remark, metric) => operator_text(*remark, metric),
            Self::Quantile(value) => {
                (Warning, format!("quantile value should be between 0 and 1, got {}", general(*value)))
            }
            Self::Ratio(value, taken) => (
                Warning,
                format!(
                    "ratio value should be between -1 and 1, got {}, capping to {}",
                    general(*value),
                    general(*taken)
                ),
            ),
            Self::MixedRange(metric) => (
                Warning,
                format!("encountered a mix of histograms and floats for metric name {}", quote(metric)),
            ),
            Self::MixedSchemas(metric) => (Warning, mixed_schemas(metric)),
            Self::HistogramsIgnored(metric) => (
                Info,
                format!(
                    "ignored histograms in a range containing both floats and histograms for metric name {}",
                    quote(metric)
                ),
            ),
            Self::NotCounter(metric) => (
                Info,
                format!(
                    "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {}",
                    quote(metric)
                ),
            ),
            Self::NotTypedCounter(metric) => (
                Info,
                format!(
                    "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\": {}",
                    quote(metric)
                ),
            ),
            Self::HistogramNotCounter(metric) => {
                (Warning, format!("this native histogram metric is not a counter: {}", quote(metric)))
            }
            Self::HistogramNotGauge(metric) => {
                (Warning, format!("this native histogram metric is not a gauge: {}", quote(metric)))
            }
            Self::ConflictingResets(operation) => (Warning, conflicting_resets(*operation)),
            Self::ReconciledBounds(operation) => (Info, reconciled(*operation)),
            Self::OverlappingStart(metric) => (
                Warning,
                format!(
                    "sample has start time that overlaps with previous sample timestamp for metric {}",
                    quote(metric)
                ),
            ),
            Self::BadBucket { bound, metric } => {
                let text =
                    format!("bucket label \"le\" is missing or has a malformed value of {}", quote(bound));
                (Warning, text + &for_metric(metric))
            }
            Self::MixedClassicNative(metric) => {
                let text = "vector contains a mix of classic and native histograms".to_owned();
                (Warning, text + &for_metric(metric))
            }
            Self::Monotonicity { metric, fixed } => (Info, monotonicity(metric, fixed)),
            Self::NanQuantile(metric) => (
                Info,
                format!(
                    "input to histogram_quantile has NaN observations, result is NaN{}",
                    for_metric(metric)
                ),
            ),
            Self::SkewedQuantile(metric) => (
                Info,
                format!(
                    "input to histogram_quantile has NaN observations, result is skewed higher{}",
                    for_metric(metric)
                ),
            ),
            Self::NanFraction(metric) => (
                Info,
                format!(
                    "input to histogram_fraction has NaN observations, which are excluded from all fractions{}",
                    for_metric(metric)
                ),
            ),
            Self::SortIneffective => (
                Warning,
                "sort is ineffective for range queries since results are always ordered by labels".to_owned(),
            ),
        }
    }
}

fn operator_text(remark: Remark, metric: &str) -> (Level, String) {
    use Level::{Info, Warning};
    match remark {
        Remark::IncompatibleTypes { operator, left, right } => (
            Info,
            format!(
                "incompatible sample types encountered for binary operator {}: {left} {operator} {right}",
                quote(operator)
            ),
        ),
        Remark::IncompatibleBuckets { operator } => {
            (Warning, format!("incompatible bucket layout encountered for binary operator {operator}"))
        }
        Remark::ConflictingResets(operation) => (Warning, conflicting_resets(operation)),
        Remark::ReconciledBounds(operation) => (Info, reconciled(operation)),
        Remark::MixedGroup => {
            (Warning, "encountered a mix of histograms and floats for aggregation".to_owned())
        }
        Remark::MixedSchemas => (Warning, mixed_schemas(metric)),
        Remark::IgnoredHistogram { aggregation } => {
            (Info, format!("ignored histogram in {aggregation} aggregation"))
        }
    }
}

fn mixed_schemas(metric: &str) -> String {
    format!(
        "vector contains a mix of histograms with exponential and custom buckets schemas for metric name {}",
        quote(metric)
    )
}

fn conflicting_resets(operation: vectors::remark::HistogramOperation) -> String {
    format!("conflicting counter resets during histogram {}", operation.name())
}

fn reconciled(operation: vectors::remark::HistogramOperation) -> String {
    format!("mismatched custom buckets were reconciled during {}", operation.name())
}

fn for_metric(metric: &str) -> String {
    if metric.is_empty() { String::new() } else { format!(" for metric name {}", quote(metric)) }
}

fn monotonicity(metric: &str, fixed: &Fixed) -> String {
    let time = |ms: i64| {
        jiff::Timestamp::from_millisecond(ms).map(|time| time.to_string()).unwrap_or_else(|_| ms.to_string())
    };
    format!(
        "input to histogram_quantile needed to be fixed for monotonicity (see \
         https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){}, from buckets {} \
         to {}, with a max diff of {}, over {} samples from {} to {}",
        for_metric(metric),
        general(fixed.bound_min),
        general(fixed.bound_max),
        general(fixed.difference_max),
        fixed.samples,
        time(fixed.time_min),
        time(fixed.time_max),
    )
}

/// A number as `%g` prints it.
fn general(value: f64) -> String {
    format_general(value)
}
