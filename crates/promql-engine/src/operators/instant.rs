//! Instant selectors: at each step the newest sample within the lookback.

use std::sync::Arc;

use model::FloatHistogram;
use model::sample::is_stale_nan;
use storage::SampleColumns;
use vectors::Column;

use super::VectorOperator;
use super::selection::{Selection, tell_resets};
use crate::Result;
use crate::grid::Grid;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// When a selector looks, for each step of a grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    grid: Grid,
    /// The time of `@`.
    at: Option<i64>,
    offset: i64,
}

impl Reference {
    pub(crate) fn new(grid: Grid, at: Option<i64>, offset: i64) -> Self {
        Self { grid, at, offset }
    }

    /// The time looked at in a step.
    #[inline]
    pub(crate) fn time(self, step: usize) -> i64 {
        self.at.unwrap_or_else(|| self.grid.time(step)).saturating_sub(self.offset)
    }

    /// The times of all steps.
    pub(crate) fn times(self) -> impl Iterator<Item = i64> {
        self.grid.times().map(move |time| self.at.unwrap_or(time).saturating_sub(self.offset))
    }

    /// How much later each step looks than the one before; `None` where there are not several.
    pub(crate) fn stride(self) -> Option<i64> {
        Some(if self.at.is_some() { 0 } else { self.grid.step }).filter(|_| self.grid.steps > 1)
    }

    /// The number of steps.
    pub(crate) fn steps(self) -> usize {
        self.grid.steps
    }

    /// The steps themselves.
    pub(crate) fn grid(self) -> Grid {
        self.grid
    }

    /// First and last time looked at.
    pub(crate) fn span(self) -> (i64, i64) {
        (self.time(0), self.time(self.grid.steps.saturating_sub(1)))
    }
}

/// An instant selector.
pub(crate) struct InstantSelector {
    pub(crate) selection: Arc<Selection>,
    pub(crate) reference: Reference,
    pub(crate) lookback: i64,
    /// See [`tell_resets`].
    pub(crate) tell_resets: bool,
}

impl VectorOperator for InstantSelector {
    fn series(&self) -> &SeriesList {
        &self.selection.list
    }

    fn prepare(&mut self, _run: &Run<'_>) -> Result<()> {
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.with_samples(|worker, samples| {
            self.selection.read(position, worker, samples)?;
            if self.tell_resets {
                tell_resets(samples);
            }
            out.reset(self.reference.steps());
            // Neighbouring steps share the histogram of one sample.
            let mut shared: Option<(usize, Arc<FloatHistogram>)> = None;
            for_newest(samples, self.reference, self.lookback, |step, sample| match sample {
                Newest::Float(index) => out.set_float(step, at(&samples.values, index)),
                Newest::Histogram(index) => {
                    if shared.as_ref().is_none_or(|(known, _)| *known != index) {
                        let histogram = samples.histograms.values.get(index).cloned();
                        shared = histogram.map(|histogram| (index, Arc::new(histogram)));
                    }
                    if let Some((_, histogram)) = &shared {
                        out.set_histogram(step, Arc::clone(histogram));
                    }
                }
            });
            Ok(())
        })
    }
}

/// The newest sample at a step, as position in its column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Newest {
    /// A float.
    Float(usize),
    /// A histogram.
    Histogram(usize),
}

/// Calls `visit` with each step that has a sample within the lookback that is no staleness marker.
pub(crate) fn for_newest(
    samples: &SampleColumns,
    reference: Reference,
    lookback: i64,
    mut visit: impl FnMut(usize, Newest),
) {
    let histograms = &samples.histograms;
    let (mut floats, mut histograms_before) = (Edge::default(), 0);
    for (step, time) in reference.times().enumerate() {
        let oldest = time.saturating_sub(lookback);
        let float = floats
            .move_to(&samples.timestamps, time, 0)
            .checked_sub(1)
            .map(|index| (at(&samples.timestamps, index), index))
            .filter(|(timestamp, _)| *timestamp > oldest);
        if histograms.timestamps.is_empty() {
            if let Some((_, index)) = float
                && !is_stale_nan(at(&samples.values, index))
            {
                visit(step, Newest::Float(index));
            }
            continue;
        }
        histograms_before = advance(&histograms.timestamps, histograms_before, time);
        let histogram = histograms_before
            .checked_sub(1)
            .map(|index| (at(&histograms.timestamps, index), index))
            .filter(|(timestamp, _)| *timestamp > oldest);
        match (float, histogram) {
            (Some((float_time, _)), Some((time, index))) if time > float_time => {
                visit_histogram(samples, step, index, &mut visit);
            }
            (None, Some((_, index))) => visit_histogram(samples, step, index, &mut visit),
            (Some((_, index)), _) if !is_stale_nan(at(&samples.values, index)) => {
                visit(step, Newest::Float(index));
            }
            _ => {}
        }
    }
}

fn visit_histogram(
    samples: &SampleColumns,
    step: usize,
    index: usize,
    visit: &mut impl FnMut(usize, Newest),
) {
    let stale = samples.histograms.values.get(index).is_none_or(|histogram| is_stale_nan(histogram.sum));
    if !stale {
        visit(step, Newest::Histogram(index));
    }
}

/// A time that moves ahead from step to step, as the number of samples up to it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Edge {
    place: usize,
    /// How far it moved last: scrapes are regular and so are steps.
    stride: usize,
}

impl Edge {
    /// Moves ahead to the samples up to `time`, of which there are at least `least`.
    #[inline]
    pub(crate) fn move_to(&mut self, timestamps: &[i64], time: i64, least: usize) -> usize {
        let guess = self.place + self.stride;
        if let (Some(last), Some(next)) = (timestamps.get(guess.wrapping_sub(1)), timestamps.get(guess))
            && *last <= time
            && time < *next
        {
            self.place = guess;
            return guess;
        }
        let place = advance(timestamps, self.place.max(least), time);
        self.stride = place - self.place;
        self.place = place;
        place
    }
}

/// The number of times up to `time`, of which `known` are known to be.
#[inline]
pub(crate) fn advance(timestamps: &[i64], known: usize, time: i64) -> usize {
    let rest = timestamps.get(known..).unwrap_or(&[]);
    // Steps are mostly near each other: look at a few samples before searching.
    let mut ahead = 0;
    while let Some(timestamp) = rest.get(ahead) {
        if *timestamp > time {
            break;
        }
        ahead += 1;
        if ahead == STEPPED_OVER_MAX {
            let far = rest.get(ahead..).unwrap_or(&[]);
            return known + ahead + far.partition_point(|timestamp| *timestamp <= time);
        }
    }
    known + ahead
}

/// So many samples are stepped over one by one before a search begins.
const STEPPED_OVER_MAX: usize = 16;

/// The element at an index that is known to be there.
#[inline(always)]
pub(crate) fn at<T: Copy + Default>(items: &[T], index: usize) -> T {
    items.get(index).copied().unwrap_or_default()
}
