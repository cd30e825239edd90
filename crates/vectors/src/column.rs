//! The values of one series at all steps of a query.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::FloatHistogram;
use model::sample::STALE_NAN_BITS;

/// Stands at a step where the series has no float: the staleness marker, which no selector lets through and no
/// arithmetic produces (it is a signalling NaN).
pub const ABSENT: f64 = f64::from_bits(STALE_NAN_BITS);

/// Whether a value of a column stands for "no float here".
#[inline(always)]
pub const fn is_absent(value: f64) -> bool {
    value.to_bits() == STALE_NAN_BITS
}

/// The values of one series at all steps: at each one a float, a histogram or nothing.
///
/// Shape: `[steps]`; the histogram column is empty where the series has none. Reused from series to series.
#[derive(Debug, Clone, Default)]
pub struct Column {
    values: Vec<f64>,
    histograms: Vec<Option<Arc<FloatHistogram>>>,
}

/// What stands at one step.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Nothing.
    Absent,
    /// A float.
    Float(f64),
    /// A histogram.
    Histogram(&'a Arc<FloatHistogram>),
}

impl Column {
    /// A column of `steps` steps without values.
    pub fn new(steps: usize) -> Self {
        let mut column = Self::default();
        column.reset(steps);
        column
    }

    /// A column of floats, [`ABSENT`] where there is none.
    pub fn from_floats(values: Vec<f64>) -> Self {
        Self { values, histograms: Vec::new() }
    }

    /// Makes it a column of `steps` steps without values, keeping the memory.
    pub fn reset(&mut self, steps: usize) {
        self.values.clear();
        self.values.resize(steps, ABSENT);
        self.histograms.clear();
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has no steps at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The floats, [`ABSENT`] where there is none.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The floats to be changed; a histogram must not stand at a step that gets one.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// Takes the floats out.
    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The histograms: as long as the column, or empty where there is none.
    pub fn histograms(&self) -> &[Option<Arc<FloatHistogram>>] {
        &self.histograms
    }

    /// The histograms to be changed, made as long as the column.
    pub fn histograms_mut(&mut self) -> &mut [Option<Arc<FloatHistogram>>] {
        self.histograms.resize(self.values.len(), None);
        &mut self.histograms
    }

    /// Whether a histogram may stand somewhere.
    pub fn has_histograms(&self) -> bool {
        !self.histograms.is_empty()
    }

    /// The histogram at a step.
    pub fn histogram(&self, step: usize) -> Option<&Arc<FloatHistogram>> {
        self.histograms.get(step)?.as_ref()
    }

    /// What stands at a step; nothing behind the end.
    pub fn cell(&self, step: usize) -> Cell<'_> {
        if let Some(histogram) = self.histogram(step) {
            return Cell::Histogram(histogram);
        }
        match self.values.get(step) {
            Some(value) if !is_absent(*value) => Cell::Float(*value),
            _ => Cell::Absent,
        }
    }

    /// Puts a float at a step, in place of what stands there; nothing happens behind the end.
    pub fn set_float(&mut self, step: usize, value: f64) {
        if let Some(place) = self.values.get_mut(step) {
            *place = value;
        }
        if let Some(place) = self.histograms.get_mut(step) {
            *place = None;
        }
    }

    /// Puts a histogram at a step, in place of what stands there; nothing happens behind the end.
    pub fn set_histogram(&mut self, step: usize, histogram: Arc<FloatHistogram>) {
        if let Some(place) = self.values.get_mut(step) {
            *place = ABSENT;
        }
        if let Some(place) = self.histograms_mut().get_mut(step) {
            *place = Some(histogram);
        }
    }

    /// Puts what stands in a cell at a step.
    pub fn set(&mut self, step: usize, cell: Cell<'_>) {
        match cell {
            Cell::Absent => self.remove(step),
            Cell::Float(value) => self.set_float(step, value),
            Cell::Histogram(histogram) => self.set_histogram(step, Arc::clone(histogram)),
        }
    }

    /// Removes what stands at a step.
    pub fn remove(&mut self, step: usize) {
        self.set_float(step, ABSENT);
    }

    /// Removes all histograms.
    pub fn drop_histograms(&mut self) {
        self.histograms.clear();
    }

    /// Makes it a copy of `other`, keeping the memory.
    pub fn copy_from(&mut self, other: &Self) {
        self.values.clear();
        self.values.extend_from_slice(&other.values);
        self.histograms.clear();
        self.histograms.extend_from_slice(&other.histograms);
    }

    /// Whether something stands at a step.
    pub fn is_present(&self, step: usize) -> bool {
        !matches!(self.cell(step), Cell::Absent)
    }

    /// Whether nothing stands anywhere.
    pub fn is_blank(&self) -> bool {
        self.values.iter().all(|value| is_absent(*value)) && self.histograms.iter().all(Option::is_none)
    }

    /// Whether a float stands at every step.
    pub fn is_whole(&self) -> bool {
        // Without a branch per step: mostly it is so.
        !self.values.iter().fold(false, |absent, value| absent | is_absent(*value))
    }

    /// Whether a float stands anywhere.
    pub fn has_floats(&self) -> bool {
        self.values.iter().any(|value| !is_absent(*value))
    }

    /// The number of floats.
    pub fn float_count(&self) -> usize {
        self.values.iter().filter(|value| !is_absent(**value)).count()
    }

    /// Applies a function to every float and removes the histograms.
    pub fn map_floats(&mut self, function: impl Fn(f64) -> f64) {
        self.drop_histograms();
        for value in &mut self.values {
            let mapped = function(*value);
            *value = if is_absent(*value) { ABSENT } else { mapped };
        }
    }

    /// Keeps only the steps at which `keep` holds.
    pub fn mask(&mut self, mut keep: impl FnMut(usize) -> bool) {
        for step in 0..self.values.len() {
            if !keep(step) {
                self.remove(step);
            }
        }
    }

    /// Bytes of memory that it holds, histograms included; those shared with other columns are counted here too.
    pub fn bytes(&self) -> usize {
        let histograms: usize =
            self.histograms.iter().flatten().map(|histogram| histogram_bytes(histogram)).sum();
        self.values.capacity() * size_of::<f64>()
            + self.histograms.capacity() * size_of::<usize>()
            + histograms
    }
}

/// Bytes of memory that a histogram holds.
pub fn histogram_bytes(histogram: &FloatHistogram) -> usize {
    let spans = histogram.positive_spans.len() + histogram.negative_spans.len();
    let buckets = histogram.positive_buckets.len() + histogram.negative_buckets.len();
    size_of::<FloatHistogram>() + 8 * (spans + buckets + histogram.custom_values.len())
}
