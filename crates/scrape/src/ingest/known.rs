//! Samples of series that are known and mean what they meant: nearly all of them, handed to the store together.

use model::SeriesRef;
use storage::{Appender, Error as StoreError, FloatBatch};

use super::rejected::Rejected;

/// Float samples at the time of the scrape, in the order of the body.
#[derive(Debug)]
pub(super) struct KnownSamples {
    batch: FloatBatch,
    refused: Vec<(usize, StoreError)>,
}

/// Why a batch was not taken as it is.
#[derive(Debug)]
pub(super) enum Interrupted {
    /// The store has forgotten a series that the memory knows.
    Forgotten,
    /// The store fails; so many samples, the one it failed with included, were not to be offered then.
    Failed(StoreError, u64),
}

impl KnownSamples {
    /// No samples, and in the memory of `batch` room for those of so many series.
    pub(super) fn new(mut batch: FloatBatch, series: usize) -> Self {
        batch.clear();
        batch.reserve(series);
        Self { batch, refused: Vec::new() }
    }

    /// Gives the memory back.
    pub(super) fn into_batch(self) -> FloatBatch {
        self.batch
    }

    #[inline]
    pub(super) fn push(&mut self, series: SeriesRef, time: i64, value: f64) {
        self.batch.push(series, time, 0, value);
    }

    /// Hands the samples to the store.
    pub(super) fn flush(
        &mut self,
        appender: &mut dyn Appender,
        rejected: &mut Rejected,
    ) -> Result<(), Interrupted> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let refused = &mut self.refused;
        appender.append_floats(&self.batch, &mut |position, error| refused.push((position, error)));
        let len = self.batch.len();
        self.batch.clear();
        for (position, error) in self.refused.drain(..) {
            match error {
                StoreError::DuplicateSample => rejected.duplicate += 1,
                StoreError::OutOfOrder => rejected.out_of_order += 1,
                StoreError::OutOfBounds | StoreError::TooOld => rejected.out_of_bounds += 1,
                StoreError::UnknownSeries(_) => return Err(Interrupted::Forgotten),
                error => return Err(Interrupted::Failed(error, (len - position) as u64)),
            }
        }
        Ok(())
    }
}
