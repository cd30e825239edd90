//! `selector smoothed`: values between two samples are interpolated.

use std::sync::Arc;

use vectors::Column;

use super::VectorOperator;
use super::instant::{Reference, advance, at};
use super::selection::Selection;
use crate::Result;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// An instant selector that interpolates between the neighbours of each step.
///
/// Behind the last sample the value stays; histograms are taken as they are.
pub(crate) struct SmoothedSelector {
    pub(crate) selection: Arc<Selection>,
    pub(crate) reference: Reference,
    pub(crate) lookback: i64,
}

impl VectorOperator for SmoothedSelector {
    fn series(&self) -> &SeriesList {
        &self.selection.list
    }

    fn prepare(&mut self, _run: &Run<'_>) -> Result<()> {
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.with_samples(|worker, samples| {
            self.selection.read_live(position, worker, samples)?;
            out.reset(self.reference.steps());
            let (times, values) = (&samples.timestamps, &samples.values);
            let histograms = &samples.histograms;
            let (mut known, mut known_histograms) = (0, 0);
            for (step, time) in self.reference.times().enumerate() {
                let oldest = time.saturating_sub(self.lookback);
                known = advance(times, known, time);
                known_histograms = advance(&histograms.timestamps, known_histograms, time);
                let before = known.checked_sub(1).filter(|index| at(times, *index) > oldest);
                let histogram = known_histograms
                    .checked_sub(1)
                    .filter(|index| at(&histograms.timestamps, *index) > oldest);
                let Some(before) = before else {
                    if let Some(histogram) = histogram.and_then(|index| histograms.values.get(index)) {
                        out.set_histogram(step, Arc::new(histogram.clone()));
                    }
                    continue;
                };
                let (time_before, value_before) = (at(times, before), at(values, before));
                let after = times.get(known).filter(|after| **after <= time.saturating_add(self.lookback));
                let value = match after {
                    Some(after) if time_before < time => {
                        let share = (time - time_before) as f64 / (after - time_before) as f64;
                        value_before + (at(values, known) - value_before) * share
                    }
                    _ => value_before,
                };
                out.set_float(step, value);
            }
            Ok(())
        })
    }
}
