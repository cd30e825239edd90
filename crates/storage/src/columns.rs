//! Samples of one series as columns.

use model::FloatHistogram;

/// The samples of one series, floats and histograms apart, each column sorted by time.
///
/// A series may hold both kinds; no time stands in both. Reused from series to series: clear, then read.
#[derive(Debug, Clone, Default)]
pub struct SampleColumns {
    /// Times of the float samples, milliseconds since the Unix epoch, strictly ascending.
    pub timestamps: Vec<i64>,
    /// Values of the float samples; staleness markers included.
    pub values: Vec<f64>,
    /// Start times of the float samples, 0 for none: as long as `timestamps`, or empty where none is known.
    pub start_timestamps: Vec<i64>,
    /// The histogram samples.
    pub histograms: HistogramColumn,
}

/// Histogram samples of one series.
#[derive(Debug, Clone, Default)]
pub struct HistogramColumn {
    /// Times, milliseconds since the Unix epoch, strictly ascending.
    pub timestamps: Vec<i64>,
    /// The histograms; one whose sum is the staleness marker marks the end of the series.
    pub values: Vec<FloatHistogram>,
    /// Start times, 0 for none: as long as `timestamps`, or empty where none is known.
    pub start_timestamps: Vec<i64>,
}

impl SampleColumns {
    /// No samples.
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties all columns and keeps their memory.
    pub fn clear(&mut self) {
        self.timestamps.clear();
        self.values.clear();
        self.start_timestamps.clear();
        self.histograms.timestamps.clear();
        self.histograms.values.clear();
        self.histograms.start_timestamps.clear();
    }

    /// The number of samples of both kinds.
    pub fn len(&self) -> usize {
        self.timestamps.len() + self.histograms.timestamps.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a float sample behind the others; a start time of 0 is none.
    pub fn push_float(&mut self, timestamp: i64, start_timestamp: i64, value: f64) {
        push_start(&mut self.start_timestamps, self.timestamps.len(), start_timestamp);
        self.timestamps.push(timestamp);
        self.values.push(value);
    }

    /// Adds a histogram sample behind the others; a start time of 0 is none.
    pub fn push_histogram(&mut self, timestamp: i64, start_timestamp: i64, value: FloatHistogram) {
        push_start(&mut self.histograms.start_timestamps, self.histograms.timestamps.len(), start_timestamp);
        self.histograms.timestamps.push(timestamp);
        self.histograms.values.push(value);
    }
}

/// Keeps a column of start times empty until the first one that is known, then as long as the others.
fn push_start(starts: &mut Vec<i64>, samples_before: usize, start_timestamp: i64) {
    if start_timestamp != 0 && starts.is_empty() {
        starts.resize(samples_before, 0);
    }
    if start_timestamp != 0 || !starts.is_empty() {
        starts.push(start_timestamp);
    }
}
