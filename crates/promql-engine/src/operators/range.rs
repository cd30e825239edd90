//! Functions of ranges: two indices move over a series' samples as the window moves from step to step.

mod regular;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use promql_syntax::ast::Extension;
use storage::SampleColumns;
use vectors::Column;

use super::distinct::{Distinct, Equality};
use super::instant::{Edge, Reference, at};
use super::selection::{Selection, tell_resets};
use super::{BoxedScalar, BoxedVector, VectorOperator};
use crate::Result;
use crate::account::WindowTally;
use crate::limits::Limits;
use crate::notes::{Note, Place};
use crate::run::{Run, Worker};
use crate::series::{Removed, SeriesList};

pub(crate) use regular::RegularWindows;

/// Yields the samples that ranges are cut from.
pub(crate) trait RangeSource: Send + Sync {
    /// The series.
    fn series(&self) -> &SeriesList;

    /// Computes what must be known before the first series. Called once.
    fn prepare(&mut self, run: &Run<'_>) -> Result<()>;

    /// Writes all samples of a series that any window needs, without staleness markers.
    fn samples(&self, position: usize, worker: &mut Worker<'_>, samples: &mut SampleColumns) -> Result<()>;
}

/// Samples of a selector.
pub(crate) struct SelectedRange {
    pub(crate) selection: Arc<Selection>,
    /// See [`tell_resets`].
    pub(crate) tell_resets: bool,
}

impl RangeSource for SelectedRange {
    fn series(&self) -> &SeriesList {
        &self.selection.list
    }

    fn prepare(&mut self, _run: &Run<'_>) -> Result<()> {
        Ok(())
    }

    fn samples(&self, position: usize, worker: &mut Worker<'_>, samples: &mut SampleColumns) -> Result<()> {
        self.selection.read_live(position, worker, samples)?;
        if self.tell_resets {
            tell_resets(samples);
        }
        Ok(())
    }
}

/// The windows of all steps: open at the left, closed at the right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    pub(crate) reference: Reference,
    /// Width in milliseconds.
    pub(crate) range: i64,
    /// Whether samples beyond the window count.
    pub(crate) extension: Option<Extension>,
}

impl Windows {
    /// The number of windows.
    pub(crate) fn len(self) -> usize {
        self.reference.steps()
    }

    /// The first time outside of a step's window at the left, and the last time inside.
    #[inline]
    pub(crate) fn bounds(self, step: usize) -> (i64, i64) {
        let end = self.reference.time(step);
        (end.saturating_sub(self.range), end)
    }

    /// The window of each step as positions in a column of times.
    pub(crate) fn over(self, timestamps: &[i64]) -> impl Iterator<Item = Range<usize>> + '_ {
        self.timed_over(timestamps).map(|(_, window)| window)
    }

    /// As [`Windows::over`], each with the last time inside.
    pub(crate) fn timed_over(self, timestamps: &[i64]) -> impl Iterator<Item = (i64, Range<usize>)> + '_ {
        let (mut start, mut end) = (Edge::default(), Edge::default());
        self.reference.times().map(move |last| {
            let before = last.saturating_sub(self.range);
            let start = start.move_to(timestamps, before, 0);
            (last, start..end.move_to(timestamps, last, start))
        })
    }
}

/// What a function of ranges works on.
pub(crate) struct RangeInput<'a> {
    /// The samples of one series.
    pub(crate) samples: &'a SampleColumns,
    /// The windows.
    pub(crate) windows: Windows,
    /// The scalar arguments: `[argument][step]`.
    pub(crate) params: &'a [Vec<f64>],
    /// The metric's name.
    pub(crate) metric: &'a str,
    /// The metric's type, where series carry it.
    pub(crate) metric_type: Option<&'a str>,
    /// Whether start timestamps of samples count.
    pub(crate) start_timestamps: bool,
    /// How far beyond the windows samples are looked for, in milliseconds, where the range is extended.
    pub(crate) lookback: i64,
    /// How the range is extended.
    pub(crate) extension: Option<Extension>,
    /// Looked at now and then: windows that overlap a lot are more work than their samples tell.
    pub(crate) limits: &'a Limits,
    /// Whether a function broke off as the query is to end.
    pub(crate) broken_off: Cell<bool>,
}

/// Samples in windows that are looked at between two looks at the limits.
const WINDOW_SAMPLES_BETWEEN_CHECKS: usize = 1 << 20;

/// Samples of a part of the windows that is folded without a look at the limits.
const PART_SAMPLES_MAX: usize = 1 << 20;
/// Windows of such a part at least.
const PART_WINDOWS_MIN: usize = 8;

impl<'a> RangeInput<'a> {
    /// Start timestamps of the floats: as many as there are floats, or none where they do not count.
    pub(crate) fn float_starts(&self) -> &'a [i64] {
        if self.start_timestamps { &self.samples.start_timestamps } else { &[] }
    }

    /// Start timestamps of the histograms: as many as there are histograms, or none where they do not count.
    pub(crate) fn histogram_starts(&self) -> &'a [i64] {
        if self.start_timestamps { &self.samples.histograms.start_timestamps } else { &[] }
    }

    /// A scalar argument at a step.
    pub(crate) fn param(&self, number: usize, step: usize) -> f64 {
        self.params.get(number).map_or(f64::NAN, |values| at(values, step))
    }

    /// Counts a window of so many samples; now and then looks whether the query is to end.
    fn is_to_end(&self, samples: usize, unchecked: &mut usize) -> bool {
        *unchecked += samples;
        if *unchecked <= WINDOW_SAMPLES_BETWEEN_CHECKS {
            return false;
        }
        *unchecked = 0;
        self.is_over()
    }

    /// Whether the query is to end.
    fn is_over(&self) -> bool {
        let is_over = self.limits.check().is_err();
        self.broken_off.set(self.broken_off.get() || is_over);
        is_over
    }

    /// Windows in parts that are no more work than is done between two looks at the limits; none follows once the query
    /// is to end.
    pub(crate) fn parts<'w, W>(
        &'w self,
        windows: &'w [W],
        len: fn(&W) -> usize,
    ) -> impl Iterator<Item = &'w [W]> {
        let mut rest = windows;
        std::iter::from_fn(move || {
            if rest.is_empty() || self.is_over() {
                return None;
            }
            let mut samples = 0;
            let within = rest.iter().take_while(|window| {
                samples += len(window);
                samples <= PART_SAMPLES_MAX
            });
            // As many as are folded beside each other at least.
            let (part, behind) = rest.split_at(within.count().max(PART_WINDOWS_MIN).min(rest.len()));
            rest = behind;
            Some(part)
        })
    }

    /// Calls `visit` for each step with positions of floats and histograms, where there is either. Breaks off where
    /// the query is to end.
    pub(crate) fn each_window(&self, mut visit: impl FnMut(usize, Range<usize>, Range<usize>)) {
        let mut unchecked = 0;
        let floats = self.windows.over(&self.samples.timestamps);
        if self.samples.histograms.timestamps.is_empty() {
            for (step, floats) in floats.enumerate().filter(|(_, floats)| !floats.is_empty()) {
                if self.is_to_end(floats.len(), &mut unchecked) {
                    return;
                }
                visit(step, floats, 0..0);
            }
            return;
        }
        let histograms = self.windows.over(&self.samples.histograms.timestamps);
        for (step, (floats, histograms)) in floats.zip(histograms).enumerate() {
            if self.is_to_end(floats.len() + histograms.len(), &mut unchecked) {
                return;
            }
            if !floats.is_empty() || !histograms.is_empty() {
                visit(step, floats, histograms);
            }
        }
    }
}

/// Remarks of a function of ranges about one series, with the number of the argument that they point to.
pub(crate) type RangeNotes = Vec<(Note, usize)>;

/// A function of ranges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RangeFunction {
    /// Computes one series' column from its samples; `out` has no values yet.
    pub(crate) run: fn(&RangeInput<'_>, &mut Column, &mut RangeNotes),
    /// Whether the result is the same metric.
    pub(crate) keeps_name: bool,
    /// Refuses scalar arguments; asked at the steps at which there are samples.
    pub(crate) check: Option<fn(&RangeInput<'_>, usize) -> Result<()>>,
}

/// Applies a function of ranges.
pub(crate) struct RangeOperator {
    source: Box<dyn RangeSource>,
    windows: Windows,
    function: RangeFunction,
    scalars: Vec<BoxedScalar>,
    params: Vec<Vec<f64>>,
    /// Each argument in the query.
    places: Vec<Place>,
    /// Where windows are counted.
    tally: Option<Arc<WindowTally>>,
    list: SeriesList,
}

impl RangeOperator {
    pub(crate) fn boxed(
        source: Box<dyn RangeSource>,
        windows: Windows,
        function: RangeFunction,
        scalars: Vec<BoxedScalar>,
        places: Vec<Place>,
        tally: Option<Arc<WindowTally>>,
        delayed: bool,
    ) -> BoxedVector {
        let list = if function.keeps_name {
            source.series().clone()
        } else {
            source.series().renamed(Removed::Metadata, delayed)
        };
        let params = Vec::new();
        let operator = Self { source, windows, function, scalars, params, places, tally, list };
        Distinct::around(Box::new(operator), Equality::Anywhere)
    }
}

impl VectorOperator for RangeOperator {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, run: &Run<'_>) -> Result<()> {
        self.source.prepare(run)?;
        self.params = self.scalars.iter_mut().map(|scalar| scalar.evaluate(run)).collect::<Result<_>>()?;
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.with_samples(|worker, samples| {
            self.source.samples(position, worker, samples)?;
            out.reset(self.windows.len());
            if samples.is_empty() {
                return Ok(());
            }
            let series = self.source.series();
            let input = RangeInput {
                samples,
                windows: self.windows,
                params: &self.params,
                metric: series.metric_name(position),
                start_timestamps: worker.context.start_timestamps,
                lookback: worker.context.lookback,
                extension: self.windows.extension,
                limits: &worker.context.limits,
                broken_off: Cell::new(false),
                metric_type: worker.context.typed.then(|| series.metric_type(position)),
            };
            if let Some(check) = self.function.check {
                let mut checked = Ok(());
                input.each_window(|step, _, _| {
                    if checked.is_ok() {
                        checked = check(&input, step);
                    }
                });
                checked?;
            }
            let mut notes = RangeNotes::new();
            (self.function.run)(&input, out, &mut notes);
            if input.broken_off.get() {
                input.limits.check()?;
            }
            for (note, argument) in notes {
                worker.note(note, at(&self.places, argument));
            }
            match &self.tally {
                Some(tally) => tally.count(position, samples, self.windows, Some(out)),
                None => Ok(()),
            }
        })
    }
}
