//! `timestamp` of a selector: the times of the samples themselves.

use std::sync::Arc;

use vectors::Column;

use super::VectorOperator;
use super::instant::{Newest, Reference, at, for_newest};
use super::selection::Selection;
use crate::Result;
use crate::grid::seconds;
use crate::run::{Run, Worker};
use crate::series::SeriesList;

/// Which time of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhichTime {
    /// `timestamp`: its own.
    Sample,
    /// `start_timestamp`: that of its counter's start, 0 where it is not known; none at all where start times are
    /// not used.
    Start,
}

/// Times of the samples that an instant selector finds, in seconds.
pub(crate) struct TimestampSelector {
    pub(crate) selection: Arc<Selection>,
    pub(crate) list: SeriesList,
    pub(crate) reference: Reference,
    pub(crate) lookback: i64,
    pub(crate) which: WhichTime,
}

impl VectorOperator for TimestampSelector {
    fn series(&self) -> &SeriesList {
        &self.list
    }

    fn prepare(&mut self, _run: &Run<'_>) -> Result<()> {
        Ok(())
    }

    fn column(&self, position: usize, worker: &mut Worker<'_>, out: &mut Column) -> Result<()> {
        worker.with_samples(|worker, samples| {
            self.selection.read(position, worker, samples)?;
            out.reset(self.reference.steps());
            if self.which == WhichTime::Start && !worker.context.start_timestamps {
                return Ok(());
            }
            let histograms = &samples.histograms;
            for_newest(samples, self.reference, self.lookback, |step, sample| {
                let (times, index) = match (self.which, sample) {
                    (WhichTime::Sample, Newest::Float(index)) => (&samples.timestamps, index),
                    (WhichTime::Sample, Newest::Histogram(index)) => (&histograms.timestamps, index),
                    (WhichTime::Start, Newest::Float(index)) => (&samples.start_timestamps, index),
                    (WhichTime::Start, Newest::Histogram(index)) => (&histograms.start_timestamps, index),
                };
                out.set_float(step, seconds(at(times, index)));
            });
            Ok(())
        })
    }
}
