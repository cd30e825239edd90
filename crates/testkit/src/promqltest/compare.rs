//! Whether an answer is the expected one.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::histogram::almost_equal;
use model::{FloatHistogram, Labels};

use super::script::{Expected, ExpectedPoint, ExpectedSeries};
use super::subject::{AnswerSeries, AnswerValue, Point, QueryRange};

/// The relative error that values may have.
const RELATIVE_ERROR: f64 = 1e-6;

/// What is wrong with the value of an instant evaluation, if anything.
pub(super) fn instant(expected: &Expected, ordered: bool, got: &AnswerValue) -> Option<String> {
    match (expected, got) {
        (Expected::Scalar(expected), AnswerValue::Scalar(got)) => {
            (!almost_equal(*expected, *got, RELATIVE_ERROR)).then(|| {
                let show = model::number::format_general;
                format!("expected scalar {}\n     got {}", show(*expected), show(*got))
            })
        }
        (Expected::String(expected), AnswerValue::String(got)) => {
            (expected != got).then(|| format!("expected string {expected:?}\n     got {got:?}"))
        }
        (Expected::Series(expected), AnswerValue::Vector(got)) => vector(expected, ordered, got),
        (Expected::RangeVector { times, series }, AnswerValue::Matrix(got)) => {
            matrix(series, *times, ordered, got)
        }
        _ => Some(format!("expected {}, got {}", kind(expected), got.kind())),
    }
}

/// What is wrong with the value of a range evaluation, if anything.
pub(super) fn range(
    expected: &Expected,
    ordered: bool,
    steps: QueryRange,
    got: &AnswerValue,
) -> Option<String> {
    match (expected, got) {
        (Expected::Series(_), _) if ordered => {
            Some("the order cannot be expected of a range query, which sorts by labels".to_owned())
        }
        (Expected::Series(expected), AnswerValue::Matrix(got)) => {
            matrix(expected, steps, false, got).or_else(|| unsorted(got))
        }
        _ => Some(format!("expected {} of a range query, got {}", kind(expected), got.kind())),
    }
}

/// What is wrong with the value that a range query has at the time of an instant one, if anything.
pub(super) fn step(expected: &Expected, at_ms: i64, got: &AnswerValue) -> Option<String> {
    let AnswerValue::Matrix(series) = got else {
        return Some(format!("expected matrix of a range query, got {}", got.kind()));
    };
    let points: Vec<(Labels, Point)> = series
        .iter()
        .filter_map(|series| {
            let (_, point) = series.points.iter().find(|(timestamp, _)| *timestamp == at_ms)?;
            Some((series.labels.clone(), point.clone()))
        })
        .collect();
    match (expected, points.as_slice()) {
        (Expected::Scalar(_), [(labels, Point::Float(value))]) if labels.is_empty() => {
            instant(expected, false, &AnswerValue::Scalar(*value))
        }
        (Expected::Scalar(_), _) => Some(format!("expected one number without labels, got {points:?}")),
        _ => instant(expected, false, &AnswerValue::Vector(points)),
    }
}

fn kind(expected: &Expected) -> &'static str {
    match expected {
        Expected::Scalar(_) => "scalar",
        Expected::String(_) => "string",
        Expected::Series(_) => "vector",
        Expected::RangeVector { .. } => "range vector",
    }
}

fn vector(expected: &[ExpectedSeries], ordered: bool, got: &[(Labels, Point)]) -> Option<String> {
    let mut left: BTreeMap<&Labels, (usize, &ExpectedSeries)> =
        expected.iter().enumerate().map(|(position, series)| (&series.labels, (position, series))).collect();
    for (position, (labels, point)) in got.iter().enumerate() {
        let Some((expected_position, series)) = left.remove(labels) else {
            let repeated = expected.iter().any(|series| series.labels == *labels);
            let what = if repeated { "repeated" } else { "unexpected" };
            return Some(format!("{what} series {labels} {point}"));
        };
        if ordered && expected_position != position {
            return Some(format!(
                "expected series {labels} at position {}\n     got it at position {}",
                expected_position + 1,
                position + 1
            ));
        }
        let expected = series.values.first().and_then(Option::as_ref);
        if !expected.is_some_and(|expected| expected.fits(point)) {
            let expected = expected.map_or_else(|| "no value".to_owned(), ToString::to_string);
            return Some(format!("expected {labels} {expected}\n     got {labels} {point}"));
        }
    }
    let (labels, (_, series)) = left.into_iter().next()?;
    Some(format!("expected {labels} {}\n     got no such series", show_expected(&series.values)))
}

fn matrix(
    expected: &[ExpectedSeries],
    steps: QueryRange,
    ordered: bool,
    got: &[AnswerSeries],
) -> Option<String> {
    let mut left: BTreeMap<&Labels, (usize, &ExpectedSeries)> =
        expected.iter().enumerate().map(|(position, series)| (&series.labels, (position, series))).collect();
    for (position, series) in got.iter().enumerate() {
        let labels = &series.labels;
        let Some((expected_position, wanted)) = left.remove(labels) else {
            return Some(format!("unexpected series {labels} {}", show_points(&series.points)));
        };
        if ordered && expected_position != position {
            return Some(format!("series {labels} comes at position {}", position + 1));
        }
        let times = (0..).map(|step: i64| steps.start_ms.saturating_add(step.saturating_mul(steps.step_ms)));
        let points = times.zip(&wanted.values).filter_map(|(time, value)| Some((time, value.as_ref()?)));
        let same = points.clone().count() == series.points.len()
            && points
                .zip(&series.points)
                .all(|((time, expected), (got_time, point))| time == *got_time && expected.fits(point));
        if !same {
            return Some(format!(
                "expected {labels} {}\n     got {labels} {}",
                show_expected(&wanted.values),
                show_points(&series.points)
            ));
        }
    }
    let missing = left
        .into_values()
        .map(|(_, series)| series)
        .find(|series| series.values.iter().any(Option::is_some))?;
    Some(format!("expected {} {}\n     got no such series", missing.labels, show_expected(&missing.values)))
}

fn unsorted(got: &[AnswerSeries]) -> Option<String> {
    let pairs = got.iter().zip(got.iter().skip(1));
    let (first, second) = pairs.into_iter().find(|(first, second)| first.labels > second.labels)?;
    Some(format!("series {} comes after {}", second.labels, first.labels))
}

impl ExpectedPoint {
    fn fits(&self, got: &Point) -> bool {
        match (&self.point, got) {
            (Point::Float(expected), Point::Float(got)) => almost_equal(*expected, *got, RELATIVE_ERROR),
            (Point::Histogram(expected), Point::Histogram(got)) => {
                (!self.with_hint || expected.counter_reset_hint == got.counter_reset_hint)
                    && compacted(expected).almost_same_as(&compacted(got), RELATIVE_ERROR)
            }
            _ => false,
        }
    }
}

impl std::fmt::Display for ExpectedPoint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.point.fmt(out)
    }
}

fn compacted(histogram: &FloatHistogram) -> FloatHistogram {
    let mut compacted = histogram.clone();
    compacted.compact(0);
    compacted
}

fn show_expected(values: &[Option<ExpectedPoint>]) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| value.as_ref().map_or_else(|| "_".to_owned(), ToString::to_string))
        .collect();
    texts.join(" ")
}

fn show_points(points: &[(i64, Point)]) -> String {
    let mut text = String::new();
    for (timestamp, point) in points {
        // Writing to a String cannot fail.
        let _ = write!(text, "{point}@{timestamp}ms ");
    }
    text.truncate(text.trim_end().len());
    text
}
