//! What one part of a query has counted.

use std::sync::atomic::{AtomicBool, Ordering};

use model::FloatHistogram;
use parking_lot::Mutex;
use storage::SampleColumns;
use vectors::{Cell, Column};

use crate::operators::range::Windows;
use crate::{Error, Result};

/// The elements of a vector at one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StepCount {
    /// Elements, a histogram counted as one.
    pub(crate) elements: u64,
    /// What they count in the result of an operation.
    pub(crate) as_vector: u64,
    /// What they count in a series.
    pub(crate) as_points: u64,
}

impl StepCount {
    /// One float, or a number.
    pub(crate) const FLOAT: Self = Self { elements: 1, as_vector: 1, as_points: 1 };

    fn of(histogram: &FloatHistogram, detail: Counted) -> Self {
        let bytes = detail.bytes(histogram);
        Self {
            elements: 1,
            as_vector: 1 + bytes / BYTES_PER_SAMPLE,
            as_points: (bytes + TIME_BYTES) / BYTES_PER_SAMPLE,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.elements += other.elements;
        self.as_vector += other.as_vector;
        self.as_points += other.as_points;
    }
}

/// A float with its time.
const BYTES_PER_SAMPLE: u64 = 16;
/// [`FloatHistogram::size_bytes`] where there are no buckets.
const SUMMARY_BYTES: u64 = 168;
/// A time.
const TIME_BYTES: u64 = 8;

/// What is counted of histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// All of them.
    Whole,
    /// Count and sum alone, where nothing else is wanted of them.
    Summary,
}

impl Counted {
    fn bytes(self, histogram: &FloatHistogram) -> u64 {
        match self {
            Self::Whole => histogram.size_bytes() as u64,
            Self::Summary => SUMMARY_BYTES,
        }
    }

    fn points(self, histogram: &FloatHistogram) -> u64 {
        (self.bytes(histogram) + TIME_BYTES) / BYTES_PER_SAMPLE
    }
}

/// How many samples a histogram counts for in a series.
pub(crate) fn points(histogram: &FloatHistogram) -> u64 {
    Counted::Whole.points(histogram)
}

/// The results of a part of the query, step by step; each series is counted once, however often it is asked for.
#[derive(Debug)]
pub(crate) struct Tally {
    counted: Vec<AtomicBool>,
    detail: Counted,
    samples_max: u64,
    state: Mutex<TallyState>,
}

#[derive(Debug, Default)]
struct TallyState {
    steps: Vec<StepCount>,
    points: u64,
}

impl Tally {
    /// Nothing counted yet of so many series; more points than `samples_max` are an error.
    pub(crate) fn new(series: usize, steps: usize, detail: Counted, samples_max: u64) -> Self {
        let state = TallyState { steps: vec![StepCount::default(); steps], points: 0 };
        Self {
            counted: (0..series).map(|_| AtomicBool::new(false)).collect(),
            detail,
            samples_max,
            state: Mutex::new(state),
        }
    }

    /// Counts the column of a series.
    pub(crate) fn count(&self, series: usize, column: &Column) -> Result<()> {
        if self.counted.get(series).is_none_or(|counted| counted.swap(true, Ordering::Relaxed)) {
            return Ok(());
        }
        let mut state = self.state.lock();
        let TallyState { steps, points } = &mut *state;
        for (step, count) in steps.iter_mut().enumerate() {
            let own = match column.cell(step) {
                Cell::Absent => continue,
                Cell::Float(_) => StepCount::FLOAT,
                Cell::Histogram(histogram) => StepCount::of(histogram, self.detail),
            };
            count.add(own);
            *points += own.as_points;
        }
        if *points > self.samples_max { Err(Error::TooManySamples) } else { Ok(()) }
    }

    /// The counts of all steps.
    pub(super) fn steps(&self) -> Vec<StepCount> {
        self.state.lock().steps.clone()
    }
}

/// The windows that a function of ranges looked at.
#[derive(Debug)]
pub(crate) struct WindowTally {
    counted: Vec<AtomicBool>,
    detail: Counted,
    samples_max: u64,
    state: Mutex<WindowState>,
}

#[derive(Debug, Default)]
struct WindowState {
    /// In the order of the series.
    series: Vec<SeriesWindows>,
    steps: Vec<WindowCount>,
    outcome: u64,
}

/// The windows of one series.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SeriesWindows {
    /// The most that was held at once.
    pub(super) fullest: i64,
    /// What was held at the end. The original takes off what stays of a window's histograms where it means what
    /// goes, so that this may be anything.
    pub(super) end: i64,
    /// Points of the last window, which are taken off in the end.
    pub(super) content: u64,
    /// Points of the results.
    pub(super) outcome: u64,
}

/// The windows of one step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WindowCount {
    /// Points in them.
    pub(super) points: u64,
    /// Points that were not in the window of the step before.
    pub(super) new: u64,
}

impl WindowTally {
    /// Nothing counted yet of so many series; more points than `samples_max` are an error.
    pub(crate) fn new(series: usize, steps: usize, detail: Counted, samples_max: u64) -> Self {
        let state = WindowState {
            series: vec![SeriesWindows::default(); series],
            steps: vec![WindowCount::default(); steps],
            outcome: 0,
        };
        let counted = (0..series).map(|_| AtomicBool::new(false)).collect();
        Self { counted, detail, samples_max, state: Mutex::new(state) }
    }

    /// Counts the windows over the samples of a series, once, and what a function made of them.
    pub(crate) fn count(
        &self,
        series: usize,
        samples: &SampleColumns,
        windows: Windows,
        outcome: Option<&Column>,
    ) -> Result<()> {
        if self.counted.get(series).is_none_or(|counted| counted.swap(true, Ordering::Relaxed)) {
            return Ok(());
        }
        let weights = running_weights(samples, self.detail);
        let weight = |from: usize, to: usize| {
            let at = |position: usize| weights.get(position).copied().unwrap_or(0);
            at(to).saturating_sub(at(from))
        };
        let floats = windows.over(&samples.timestamps);
        let histograms = windows.over(&samples.histograms.timestamps);
        let mut own = SeriesWindows::default();
        let (mut floats_before, mut before) = (0..0, 0..0);
        let mut state = self.state.lock();
        for (count, (floats, histograms)) in state.steps.iter_mut().zip(floats.zip(histograms)) {
            let points = floats.len() as u64 + weight(histograms.start, histograms.end);
            let new_floats = floats.end.saturating_sub(floats_before.end.max(floats.start)) as u64;
            let new_histograms = weight(before.end.max(histograms.start), histograms.end);
            count.points += points;
            count.new += new_floats + new_histograms;
            let lost = floats.start.min(floats_before.end).saturating_sub(floats_before.start) as u64;
            let stays = weight(histograms.start.min(before.end), before.end);
            // Where all go, all are taken off.
            let off = if stays == 0 { weight(before.start, before.end) } else { stays };
            own.end += (new_floats + new_histograms) as i64 - (lost + off) as i64;
            own.fullest = own.fullest.max(own.end);
            own.content = points;
            (floats_before, before) = (floats, histograms);
        }
        own.outcome = outcome.map_or(0, |column| points_of(column, self.detail));
        state.outcome += own.outcome;
        if let Some(place) = state.series.get_mut(series) {
            *place = own;
        }
        let most = state.outcome.max(u64::try_from(own.fullest).unwrap_or(0));
        if most > self.samples_max { Err(Error::TooManySamples) } else { Ok(()) }
    }

    /// Calls `visit` with all series and steps.
    pub(super) fn with<T>(&self, visit: impl FnOnce(&[SeriesWindows], &[WindowCount]) -> T) -> T {
        let state = self.state.lock();
        visit(&state.series, &state.steps)
    }
}

/// Points of a column.
fn points_of(column: &Column, detail: Counted) -> u64 {
    let histograms = column.histograms().iter().flatten();
    column.float_count() as u64 + histograms.map(|histogram| detail.points(histogram)).sum::<u64>()
}

/// What the first so many histograms count together.
fn running_weights(samples: &SampleColumns, detail: Counted) -> Vec<u64> {
    let mut weights = Vec::with_capacity(samples.histograms.values.len() + 1);
    let mut sum = 0;
    weights.push(sum);
    for histogram in &samples.histograms.values {
        sum += detail.points(histogram);
        weights.push(sum);
    }
    weights
}
