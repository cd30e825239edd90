//! What both versions do with a request: samples go to the store in batches, each error is told by its kind.

use model::histogram::{EXPONENTIAL_SCHEMA_MAX, is_exponential_schema};
use model::{Exemplar, Labels, SeriesRef};
use storage::{Appender, Error, HistogramSample};
use wire::remote::{SentExemplar, SentHistogram};

/// How much of a request was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Taken {
    pub(super) samples: u64,
    pub(super) histograms: u64,
    pub(super) exemplars: u64,
}

/// A sample that is too far ahead, in the original's words.
pub(crate) const TOO_FAR_AHEAD: &str = "out of bounds: timestamp is too far in the future";

/// Whether an error is the request's own: sending it again would end the same.
pub(super) fn is_of_request(error: &Error) -> bool {
    matches!(
        error,
        Error::OutOfOrder
            | Error::OutOfBounds
            | Error::TooOld
            | Error::DuplicateSample
            | Error::InvalidHistogram(_)
            | Error::InvalidLabels(_)
    )
}

/// Adds a histogram; one that is finer than what is kept is made coarser before.
pub(super) fn append_histogram(
    appender: &mut dyn Appender,
    series: SeriesRef,
    (timestamp, start): (i64, i64),
    histogram: &mut SentHistogram,
) -> Result<(), Error> {
    let invalid = |error: model::histogram::Error| Error::InvalidHistogram(error.to_string());
    match histogram {
        SentHistogram::Int(histogram) => {
            if histogram.schema > EXPONENTIAL_SCHEMA_MAX && is_exponential_schema(histogram.schema) {
                histogram.reduce_resolution(EXPONENTIAL_SCHEMA_MAX).map_err(invalid)?;
            }
            appender.append_histogram(series, timestamp, start, HistogramSample::Int(histogram))
        }
        SentHistogram::Float(histogram) => {
            if histogram.schema > EXPONENTIAL_SCHEMA_MAX && is_exponential_schema(histogram.schema) {
                histogram.reduce_resolution(EXPONENTIAL_SCHEMA_MAX).map_err(invalid)?;
            }
            appender.append_histogram(series, timestamp, start, HistogramSample::Float(histogram))
        }
    }
}

/// The histogram as the store takes it.
pub(super) fn as_sample(histogram: &SentHistogram) -> HistogramSample<'_> {
    match histogram {
        SentHistogram::Int(histogram) => HistogramSample::Int(histogram),
        SentHistogram::Float(histogram) => HistogramSample::Float(histogram),
    }
}

/// Adds an exemplar; says whether it was taken. None of its errors is a reason to refuse a request.
pub(super) fn append_exemplar(
    appender: &mut dyn Appender,
    series: SeriesRef,
    exemplar: SentExemplar,
    labels: Option<Labels>,
) -> bool {
    let Some(labels) = labels else { return false };
    let SentExemplar { timestamp, value } = exemplar;
    let exemplar = Exemplar { labels, value, timestamp: Some(timestamp) };
    let appended = appender.append_exemplar(series, timestamp, &exemplar);
    if let Err(error) = &appended {
        tracing::debug!(%error, "exemplar of a remote write request was not taken");
    }
    appended.is_ok()
}
