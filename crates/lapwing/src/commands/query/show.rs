//! Answers as text: the original's own notation, or its JSON.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use model::labels::METRIC_NAME;
use model::number::{format_plain, parse_float};
use model::quote::quote;
use serde_json::Value;

/// How an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Lines for people.
    Promql,
    /// The data as JSON.
    Json,
}

/// Labels by name; the metric's name is one of them.
pub(super) type LabelMap = BTreeMap<String, String>;

/// The result of a query.
///
/// # Errors
/// The result is of a kind that the original does not show either.
pub(super) fn result(data: &Value, format: Format) -> Result<String, String> {
    let kind = data.get("resultType").and_then(Value::as_str).unwrap_or("none");
    let found = data.get("result").unwrap_or(&Value::Null);
    let mut series: Vec<Series<'_>> = items(found).map(Series::of).collect();
    match (kind, format) {
        ("scalar", Format::Promql) => Ok(format!("scalar: {} @[{}]\n", number_at(found, 1), seconds(found))),
        ("scalar", Format::Json) => Ok(format!("{}\n", point_json(found))),
        ("vector" | "matrix", _) => {
            if kind == "matrix" {
                series.sort_by(|left, right| by_labels(&left.labels, &right.labels));
            }
            Ok(match format {
                Format::Promql => {
                    let lines: Vec<String> =
                        series.iter().map(|series| series.text(kind == "matrix")).collect();
                    format!("{}\n", lines.join("\n"))
                }
                Format::Json => {
                    let all: Vec<String> = series.iter().map(Series::json).collect();
                    format!("[{}]\n", all.join(","))
                }
            })
        }
        (other, _) => Err(format!("unexpected value type {}", quote(other))),
    }
}

/// The labels of series, one in each line.
pub(super) fn series(data: &Value, format: Format) -> String {
    let all = items(data).map(labels_of);
    match format {
        Format::Promql => all.map(|labels| format!("{{{}}}\n", pairs_text(&labels, |_| true))).collect(),
        Format::Json => {
            format!("[{}]\n", all.map(|labels| labels_json(&labels)).collect::<Vec<_>>().join(","))
        }
    }
}

/// Texts, one in each line.
pub(super) fn values(data: &Value, format: Format) -> String {
    let all = items(data).filter_map(Value::as_str);
    match format {
        Format::Promql => all.map(|value| format!("{value}\n")).collect(),
        Format::Json => format!("[{}]\n", all.map(text_json).collect::<Vec<_>>().join(",")),
    }
}

/// The items of a list; none where it is no list.
pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// The labels of an object whose values are texts.
pub(super) fn labels_of(object: &Value) -> LabelMap {
    let pairs = object.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// A metric as the original's client writes it: the name before the braces, nothing quoted but values.
pub(super) fn metric_text(labels: &LabelMap) -> String {
    let name = labels.get(METRIC_NAME);
    let pairs = pairs_text(labels, |label| label != METRIC_NAME);
    match name {
        Some(name) if pairs.is_empty() => name.clone(),
        Some(name) => format!("{name}{{{pairs}}}"),
        None => format!("{{{pairs}}}"),
    }
}

fn pairs_text(labels: &LabelMap, shown: impl Fn(&str) -> bool) -> String {
    let pairs = labels.iter().filter(|(name, _)| shown(name));
    pairs.map(|(name, value)| format!("{name}={}", quote(value))).collect::<Vec<_>>().join(", ")
}

/// The order of the original's client: fewer labels first; then the first label in which two differ decides, and
/// the series without it comes first.
fn by_labels(left: &LabelMap, right: &LabelMap) -> Ordering {
    let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let decide = || {
        let mut differing = names.into_iter().map(|name| left.get(name).cmp(&right.get(name)));
        differing.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    left.len().cmp(&right.len()).then_with(decide)
}

/// One series of a result.
struct Series<'a> {
    labels: LabelMap,
    /// The keys under which the result has samples, with them.
    samples: Vec<(&'a str, Vec<&'a Value>)>,
}

impl<'a> Series<'a> {
    fn of(found: &'a Value) -> Self {
        let labels = found.get("metric").map(labels_of).unwrap_or_default();
        let mut samples = Vec::new();
        for (one, many) in [("value", "values"), ("histogram", "histograms")] {
            if let Some(sample) = found.get(one) {
                samples.push((one, vec![sample]));
            }
            if let Some(list) = found.get(many) {
                samples.push((many, items(list).collect()));
            }
        }
        Self { labels, samples }
    }

    fn text(&self, over_time: bool) -> String {
        let all = self.samples.iter().flat_map(|(_, samples)| samples);
        let samples: Vec<String> =
            all.map(|sample| format!("{} @[{}]", sample_text(sample), seconds(sample))).collect();
        let between = if over_time { "\n" } else { " " };
        format!("{} =>{between}{}", metric_text(&self.labels), samples.join("\n"))
    }

    fn json(&self) -> String {
        let mut json = format!("{{\"metric\":{}", labels_json(&self.labels));
        for (key, samples) in &self.samples {
            let points = samples.iter().map(|sample| point_json(sample)).collect::<Vec<_>>().join(",");
            let points = if key.ends_with('s') { format!("[{points}]") } else { points };
            json.push_str(&format!(",\"{key}\":{points}"));
        }
        json.push('}');
        json
    }
}

/// The time of a sample.
fn seconds(sample: &Value) -> String {
    sample.get(0).and_then(Value::as_f64).map(format_plain).unwrap_or_default()
}

/// A number of a list, which JSON carries as text, in plain digits.
fn number_at(list: &Value, place: usize) -> String {
    number(list.get(place).unwrap_or(&Value::Null)).map(format_plain).unwrap_or_default()
}

/// A number that JSON carries as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_str().and_then(parse_float)
}

fn sample_text(sample: &Value) -> String {
    let Some(histogram) = sample.get(1).filter(|value| value.is_object()) else {
        return number_at(sample, 1);
    };
    let six = |key: &str| match histogram.get(key).and_then(number) {
        Some(value) if value.is_finite() => format!("{value:.6}"),
        other => other.map(format_plain).unwrap_or_default(),
    };
    let buckets: Vec<String> =
        histogram.get("buckets").map(items).into_iter().flatten().map(bucket_text).collect();
    format!("Count: {}, Sum: {}, Buckets: [{}]", six("count"), six("sum"), buckets.join(" "))
}

/// A bucket with its bounds, a bracket where a bound belongs to it.
fn bucket_text(bucket: &Value) -> String {
    let rule = bucket.get(0).and_then(Value::as_u64).unwrap_or(0);
    let open = if matches!(rule, 1 | 3) { '[' } else { '(' };
    let close = if matches!(rule, 0 | 3) { ']' } else { ')' };
    let [lower, upper, count] = [1, 2, 3].map(|place| number_at(bucket, place));
    format!("{open}{lower},{upper}{close}:{count}")
}

fn point_json(sample: &Value) -> String {
    let value = match sample.get(1) {
        Some(histogram) if histogram.is_object() => histogram_json(histogram),
        _ => format!("\"{}\"", number_at(sample, 1)),
    };
    format!("[{},{value}]", seconds(sample))
}

fn histogram_json(histogram: &Value) -> String {
    let text = |key: &str| histogram.get(key).and_then(number).map(format_plain).unwrap_or_default();
    let buckets = histogram.get("buckets").map(items).into_iter().flatten().map(|bucket| {
        let [lower, upper, count] = [1, 2, 3].map(|place| number_at(bucket, place));
        format!(
            "[{},\"{lower}\",\"{upper}\",\"{count}\"]",
            bucket.get(0).and_then(Value::as_u64).unwrap_or(0)
        )
    });
    let buckets = buckets.collect::<Vec<_>>().join(",");
    format!("{{\"count\":\"{}\",\"sum\":\"{}\",\"buckets\":[{buckets}]}}", text("count"), text("sum"))
}

fn labels_json(labels: &LabelMap) -> String {
    let pairs = labels.iter().map(|(name, value)| format!("{}:{}", text_json(name), text_json(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

/// A text as Go writes it into JSON: safe inside a web page.
fn text_json(text: &str) -> String {
    let mut json = String::new();
    for character in Value::from(text).to_string().chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                json.push_str(&format!("\\u{:04x}", u32::from(character)))
            }
            other => json.push(other),
        }
    }
    json
}
