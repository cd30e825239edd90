//! How samples are written.

use model::{Exemplar, FloatHistogram, Histogram, Labels, Metadata, SeriesRef};

use crate::raw::{FloatBatch, NO_SERIES, RawKey};
use crate::{Error, Result};

/// A store that takes samples.
pub trait Appendable: Send + Sync {
    /// Starts a batch; nothing of it is seen before [`Appender::commit`].
    fn appender(&self, options: AppendOptions) -> Box<dyn Appender>;
}

/// How a batch is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AppendOptions {
    /// Refuse samples older than the newest of their series even where the store would take them.
    pub discard_out_of_order: bool,
}

/// A batch of samples, taken or given up as a whole.
///
/// The hot path is two calls: a writer that knows a series keeps its [`SeriesRef`] and calls
/// [`Appender::append`]; only for a new series (or one that the store has forgotten: `UnknownSeries`) it builds
/// labels and calls [`Appender::series`]. A writer that keeps no references has the store keep them:
/// [`Appender::recall`] finds them by the labels as they were written. An error of one sample leaves the rest of the
/// batch as it is. Dropping the batch gives it up.
pub trait Appender: Send {
    /// The reference of the series with these labels, made if there is none.
    ///
    /// # Errors
    /// `InvalidLabels` (no labels, no name where one is needed), `OverLimit` for a new series beyond a limit,
    /// `Unavailable` while the store takes nothing.
    fn series(&mut self, labels: &Labels) -> Result<SeriesRef>;

    /// Adds a float sample: time and start time in milliseconds since the Unix epoch; a start time of 0 is
    /// none (as in every format that carries one).
    ///
    /// # Errors
    /// `OutOfOrder`, `OutOfBounds`, `TooOld`, `DuplicateSample`, `UnknownSeries`, `Unavailable`.
    fn append(&mut self, series: SeriesRef, timestamp: i64, start_timestamp: i64, value: f64) -> Result<()>;

    /// Adds the float samples of a batch as [`Appender::append`] does, one after the other; `refused` is told the
    /// position and the error of each one that is not taken.
    fn append_floats(&mut self, batch: &FloatBatch, refused: &mut dyn FnMut(usize, Error)) {
        let samples = batch.series.iter().zip(&batch.timestamps).zip(&batch.values);
        for (position, ((series, timestamp), value)) in samples.enumerate() {
            if let Err(error) = self.append(*series, *timestamp, batch.start_timestamp(position), *value) {
                refused(position, error);
            }
        }
    }

    /// Adds a histogram sample; times as in [`Appender::append`].
    ///
    /// # Errors
    /// Those of [`Appender::append`], and `InvalidHistogram`.
    fn append_histogram(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        start_timestamp: i64,
        histogram: HistogramSample<'_>,
    ) -> Result<()>;

    /// Adds a zero (or an empty histogram) at a counter's start time, where the store has nothing as new yet.
    ///
    /// # Errors
    /// `StartTimestampNewer`, `StartTimestampOutOfOrder` and those of [`Appender::append`]; they are no reason to
    /// give the sample itself up.
    fn append_start_zero(
        &mut self,
        series: SeriesRef,
        timestamp: i64,
        start_timestamp: i64,
        like: Option<HistogramSample<'_>>,
    ) -> Result<()>;

    /// Adds an exemplar of a series; one without a time of its own belongs to `timestamp`, that of its sample.
    ///
    /// One that is there already, and any where the store keeps none, is taken without effect: neither is the
    /// writer's fault.
    ///
    /// # Errors
    /// `OutOfOrderExemplar`, `ExemplarLabelLength`, `UnknownSeries`.
    fn append_exemplar(&mut self, series: SeriesRef, timestamp: i64, exemplar: &Exemplar) -> Result<()>;

    /// Notes what is known of a series' metric.
    ///
    /// # Errors
    /// `UnknownSeries`.
    fn update_metadata(&mut self, series: SeriesRef, metadata: &Metadata) -> Result<()>;

    /// The series that [`Appender::remember`] was told of, one for each key; [`NO_SERIES`] for a key that is not
    /// known. A series may be gone meanwhile: what is appended to it then is refused as `UnknownSeries`.
    fn recall(&self, keys: &[RawKey], found: &mut Vec<SeriesRef>) {
        found.extend(keys.iter().map(|_| NO_SERIES));
    }

    /// Notes series by the labels as they were written; the store may forget them at any time.
    fn remember(&self, _known: &[(RawKey, SeriesRef)]) {}

    /// Takes the batch: when this returns, it survives the end of the process and is seen by every new querier.
    ///
    /// # Errors
    /// `Unavailable` (no space, failing disk): nothing of the batch is kept then.
    fn commit(self: Box<Self>) -> Result<()>;

    /// Gives the batch up.
    fn rollback(self: Box<Self>) -> Result<()>;
}

/// A histogram to be written, whole or fractional.
#[derive(Debug, Clone, Copy)]
pub enum HistogramSample<'a> {
    /// Whole-number counts.
    Int(&'a Histogram),
    /// Fractional counts.
    Float(&'a FloatHistogram),
}
