//! The way of samples into the store.

use http::StatusCode;
use model::{Labels, Metadata, SeriesRef};
use storage::{Appender, Error, HistogramSample};
use wire::otlp::{Sample, Sink, Value};

use super::{Receiver, Refused, give_up};
use crate::prometheus::remote::write::{FUTURE_MAX_MS, TOO_FAR_AHEAD};

/// A batch of samples of one request.
pub(super) struct Store<'r> {
    receiver: &'r Receiver<'r>,
    appender: Box<dyn Appender>,
    samples_without_metadata: u64,
}

/// Why a sample, and with it the request, is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TakenError {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

impl From<Error> for TakenError {
    fn from(error: Error) -> Self {
        // What sending again cannot mend is the sender's, as in the original; all else is ours.
        let is_of_sample =
            matches!(error, Error::OutOfOrder | Error::OutOfBounds | Error::TooOld | Error::DuplicateSample);
        let status = if is_of_sample { StatusCode::BAD_REQUEST } else { StatusCode::INTERNAL_SERVER_ERROR };
        Self { status, text: error.to_string() }
    }
}

impl<'r> Store<'r> {
    pub(super) fn new(receiver: &'r Receiver<'r>, appender: Box<dyn Appender>) -> Self {
        Self { receiver, appender, samples_without_metadata: 0 }
    }

    /// Stores what was taken.
    pub(super) fn commit(self) -> Result<(), Refused> {
        let Self { receiver, appender, samples_without_metadata } = self;
        appender
            .commit()
            .map_err(|error| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        receiver.otlp.metrics.without_metadata.add(samples_without_metadata);
        Ok(())
    }

    /// Gives up what was taken.
    pub(super) fn rollback(self) {
        give_up(self.appender);
    }

    fn append_value(&mut self, series: SeriesRef, sample: &Sample<'_>) -> Result<(), Error> {
        let (time, start) = (sample.timestamp, sample.start_timestamp);
        let histogram = match sample.value {
            Value::Histogram(histogram) => Some(HistogramSample::Int(histogram)),
            Value::Float(_) => None,
        };
        if self.receiver.written.start_zeros
            && start != 0
            && let Err(error) = self.appender.append_start_zero(series, time, start, histogram)
        {
            tracing::debug!(%error, "start time of an OTLP request was not taken");
        }
        match sample.value {
            Value::Float(value) => self.appender.append(series, time, start, value),
            Value::Histogram(histogram) => {
                self.appender.append_histogram(series, time, start, HistogramSample::Int(histogram))
            }
        }
    }

    fn append_rest(&mut self, series: SeriesRef, sample: &Sample<'_>) {
        for exemplar in sample.exemplars {
            let added = self.appender.append_exemplar(series, sample.timestamp, exemplar);
            if added == Err(Error::OutOfOrderExemplar) {
                self.receiver.otlp.metrics.out_of_order_exemplars.inc();
            }
            if let Err(error) = added {
                tracing::debug!(%error, "exemplar of an OTLP request was not taken");
            }
        }
        if !self.receiver.written.metadata {
            return;
        }
        if *sample.metadata == Metadata::default() {
            self.samples_without_metadata += 1;
        } else if let Err(error) = self.appender.update_metadata(series, sample.metadata) {
            tracing::debug!(%error, "metadata of an OTLP request was not taken");
        }
    }
}

impl Sink for Store<'_> {
    type Error = TakenError;

    fn take(&mut self, labels: &Labels, sample: &Sample<'_>) -> Result<(), TakenError> {
        if sample.timestamp > self.receiver.now_ms.saturating_add(FUTURE_MAX_MS) {
            return Err(TakenError { status: StatusCode::BAD_REQUEST, text: TOO_FAR_AHEAD.to_owned() });
        }
        let series = self.appender.series(labels)?;
        self.append_value(series, sample)?;
        self.append_rest(series, sample);
        Ok(())
    }
}
