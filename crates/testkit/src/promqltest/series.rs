//! Lines of series: what a block loads, and what comes out of an evaluation.

use model::Labels;
use promql_syntax::{ParseError, SeriesValue, SeriesValues, parse_series_description};

use super::script::{ExpectedPoint, ExpectedSeries};
use super::subject::Point;

/// A line of a load block.
pub(super) enum Line {
    Values(Labels, Vec<Option<Point>>),
    /// Start times relative to the times of samples, in milliseconds.
    StartTimes(Labels, Vec<Option<i64>>),
}

/// Why a line of series is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum SeriesError {
    #[error("{0}")]
    Syntax(#[from] ParseError),
    #[error("start times cannot be expected")]
    StartTimesExpected,
}

/// Reads a line of a load block.
pub(super) fn read_loaded(text: &str) -> Result<Line, SeriesError> {
    let description = parse_series_description(text)?;
    Ok(match description.values {
        SeriesValues::StartOffsets(offsets) => Line::StartTimes(description.labels, offsets),
        SeriesValues::Samples(values) => {
            Line::Values(description.labels, values.into_iter().map(point).collect())
        }
    })
}

/// Reads an expected series.
pub(super) fn read_expected(text: &str) -> Result<ExpectedSeries, SeriesError> {
    // The notation cannot tell whether a hint was written down or is the default, but it is all or none in a line.
    let with_hint = text.contains("counter_reset_hint:");
    match read_loaded(text)? {
        Line::StartTimes(..) => Err(SeriesError::StartTimesExpected),
        Line::Values(labels, values) => {
            let expected = |point: Option<Point>| point.map(|point| ExpectedPoint { point, with_hint });
            Ok(ExpectedSeries { labels, values: values.into_iter().map(expected).collect() })
        }
    }
}

fn point(value: SeriesValue) -> Option<Point> {
    match value {
        SeriesValue::Omitted => None,
        SeriesValue::Float(value) => Some(Point::Float(value)),
        SeriesValue::Histogram(histogram) => Some(Point::Histogram(histogram)),
    }
}
