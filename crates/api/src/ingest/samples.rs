//! Bodies become samples.

use http::StatusCode;
use model::labels::METRIC_NAME;
use model::quote::quote;
use model::{Labels, LabelsBuilder};
use wire::exposition::{Entry, Format, Options, Parser};
use wire::influx::{Line, Precision};

use crate::call::Call;

/// What stands between the measurement and the field in a metric's name.
const NAME_SEPARATOR: char = '_';
/// The label that names the database of an Influx client.
const DATABASE_LABEL: &str = "db";

/// A sample of a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: Labels,
    pub(super) time_ms: i64,
    pub(super) value: f64,
}

/// Why nothing of a request is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

/// The samples of lines of the Influx protocol: one line that cannot be read refuses them all.
pub(super) fn influx(body: &str, call: &Call, now_ms: i64) -> Result<Vec<Sample>, Refused> {
    let precision = Precision::from_name(call.params.get("precision"));
    let extra = extra_labels(call)?;
    let database = call.params.get(DATABASE_LABEL);
    let mut samples = Vec::new();
    for text in body.lines() {
        let line = Line::parse(text).map_err(|error| {
            let text = format!(
                "cannot process influx line protocol data: incorrect influx line {}: {error}",
                quote(text)
            );
            Refused { status: StatusCode::BAD_REQUEST, text }
        })?;
        let Some(line) = line else { continue };
        // A time of zero is none, as VictoriaMetrics has it.
        let time = line.timestamp.filter(|time| *time != 0);
        let time_ms = time.map_or(now_ms, |time| precision.to_ms(time));
        let mut builder = LabelsBuilder::new(Labels::empty());
        builder.set(DATABASE_LABEL, database);
        for (name, value) in &line.tags {
            builder.set(name, value);
        }
        for (name, value) in &extra {
            builder.set(name, value);
        }
        for (field, value) in line.fields {
            if value.is_nan() {
                continue;
            }
            let name = if line.measurement.is_empty() {
                field.into_owned()
            } else {
                format!("{}{NAME_SEPARATOR}{field}", line.measurement)
            };
            let labels = builder.set(METRIC_NAME, &name).build();
            samples.push(Sample { labels, time_ms, value });
        }
    }
    Ok(samples)
}

/// The samples of an exposition's text: lines that cannot be read are left out.
pub(super) fn text(body: &str, call: &Call, now_ms: i64) -> Result<Vec<Sample>, Refused> {
    let extra = extra_labels(call)?;
    let given = call.params.get("timestamp").parse::<i64>().ok().filter(|time| *time != 0);
    let default_ms = given.unwrap_or(now_ms);
    let mut samples = Vec::new();
    let mut left_out = 0_usize;
    for line in body.lines() {
        let line = format!("{}\n", line.trim_end_matches('\r'));
        let mut parser = Parser::new(line.as_bytes(), Format::Text, Options::default());
        let mut builder = LabelsBuilder::new(Labels::empty());
        match parser.next(&(&[] as &[u8])) {
            Ok(Some(Entry::Sample(sample))) => {
                let read = parser.labels(&mut |name, value| {
                    builder.set(name, value);
                });
                if read.is_err() {
                    left_out += 1;
                    continue;
                }
                for (name, value) in &extra {
                    builder.set(name, value);
                }
                let time_ms = sample.timestamp.map_or(default_ms, |time| Precision::Guessed.to_ms(time));
                samples.push(Sample { labels: builder.build(), time_ms, value: sample.value });
            }
            Ok(_) => {}
            Err(_) => left_out += 1,
        }
    }
    if left_out > 0 {
        tracing::warn!(left_out, "lines of an import could not be read");
    }
    Ok(samples)
}

/// Labels that the request adds to each series: `extra_label=name=value`.
fn extra_labels(call: &Call) -> Result<Vec<(String, String)>, Refused> {
    let pairs = call.params.all("extra_label").map(|pair| match pair.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(Refused {
            status: StatusCode::BAD_REQUEST,
            text: format!("`extra_label` query arg must have the format `name=value`; got {}", quote(pair)),
        }),
    });
    pairs.collect()
}
