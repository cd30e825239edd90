//! `query analyze`: how many buckets of histograms are in use.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::number::format_plain;
use serde_json::Value;

use super::show::{LabelMap, items, labels_of, metric_text, number};
use super::{Failed, HTTP_CONFIG, MATCH, begin, finish, go_duration, moment, now};
use crate::answer;
use crate::cli::tool::{Tool, ToolCall, value};
use crate::commands::group::require;

pub(super) const TOOL: Tool = Tool {
    name: "query analyze",
    about: "Run queries against your Prometheus to analyze the usage pattern of certain metrics.",
    flags: &[
        super::FORMAT,
        HTTP_CONFIG,
        value("server", "", "Prometheus server to query."),
        value("type", "", "Type of metric: histogram."),
        value("duration", "1h", "Time frame to analyze."),
        value("time", "", "Query time (RFC3339 or Unix timestamp), defaults to now."),
        MATCH,
    ],
    arguments: &[],
};

const HEADING: &str = "Bucket stats for each histogram series over time
------------------------------------------------
First the min, avg, and max number of populated buckets, followed by the total
number of buckets (only if different from the max number of populated buckets
which is typical for classic but not native histograms).

";

const SUMMARY: &str = "
Aggregated bucket stats
-----------------------
Each line shows min/avg/max over the series above.
";

/// The ending of the names of a classic histogram's buckets.
const BUCKET_SUFFIX: &str = "_bucket";

/// How many buckets a histogram had and used, over time.
#[derive(Debug, Clone, PartialEq)]
struct Usage {
    least: usize,
    average: f64,
    most: usize,
    total: usize,
}

/// One histogram.
#[derive(Debug)]
struct Histogram {
    name: String,
    is_native: bool,
    usage: Usage,
}

pub(super) fn run(program: &str, call: &ToolCall) -> ExitCode {
    finish(program, analyze(call))
}

fn analyze(call: &ToolCall) -> Result<String, Failed> {
    require(call, &["match", "server", "type"])?;
    let (_, server) = begin(call.get("server"), call)?;
    let seconds = go_duration(call.get("duration"))?;
    let kind = call.get("type");
    if kind != "histogram" {
        return Err(Failed::Other(format!("analyze type is {kind}, must be 'histogram'")));
    }
    let time = moment(call.get("time"), "query")?.unwrap_or_else(now);
    // What is known so far is shown even where the server fails later.
    answer(HEADING, 0);
    let mut all = Vec::new();
    for selector in call.all(MATCH.name) {
        let query = format!("{selector}[{}]", model::duration::format_duration_ms((seconds * 1000.0) as i64));
        let params = [("query", query), ("time", format_plain(time))];
        let found = server.post("query", &params).map_err(|error| Failed::Other(error.to_string()))?;
        if found.data.get("resultType").and_then(Value::as_str) != Some("matrix") {
            return Err(Failed::Other("query of buckets resulted in non-Matrix".to_owned()));
        }
        let histograms = histograms(found.data.get("result").unwrap_or(&Value::Null));
        for histogram in &histograms {
            answer(&line(histogram), 0);
        }
        all.extend(histograms);
    }
    Ok(format!("{SUMMARY}{}{}", summary("Native", &all, true), summary("Classic", &all, false)))
}

/// The histograms of a result: native ones, then classic ones put together from their buckets.
fn histograms(result: &Value) -> Vec<Histogram> {
    let mut found = Vec::new();
    let mut places: BTreeMap<LabelMap, usize> = BTreeMap::new();
    let mut classic: Vec<(LabelMap, Vec<Bucket>)> = Vec::new();
    for series in items(result) {
        let mut labels = series.get("metric").map(labels_of).unwrap_or_default();
        if let Some(usage) = series.get("histograms").and_then(native_usage) {
            found.push(Histogram { name: metric_text(&labels), is_native: true, usage });
            continue;
        }
        let is_bucket = labels.get(METRIC_NAME).is_some_and(|name| name.ends_with(BUCKET_SUFFIX));
        if let (true, Some(bound)) = (is_bucket, labels.remove(BUCKET_BOUND)) {
            let place = *places.entry(labels.clone()).or_insert(classic.len());
            if place == classic.len() {
                classic.push((labels, Vec::new()));
            }
            if let (Some((_, buckets)), Some(bucket)) = (classic.get_mut(place), Bucket::new(&bound, series))
            {
                buckets.push(bucket);
            }
        }
    }
    found.extend(classic.into_iter().filter_map(|(labels, buckets)| {
        let usage = classic_usage(buckets)?;
        Some(Histogram { name: metric_text(&labels), is_native: false, usage })
    }));
    found
}

/// A classic bucket's counts by time.
struct Bucket {
    bound: f64,
    counts: BTreeMap<i64, f64>,
}

impl Bucket {
    fn new(bound: &str, series: &Value) -> Option<Self> {
        let bound = model::number::parse_float(bound)?;
        let samples = series.get("values").map(items).into_iter().flatten();
        let counts = samples.filter_map(|sample| Some((ms(sample)?, number(sample.get(1)?)?)));
        Some(Self { bound, counts: counts.collect() })
    }
}

fn ms(sample: &Value) -> Option<i64> {
    Some((sample.get(0)?.as_f64()? * 1000.0).round() as i64)
}

fn classic_usage(mut buckets: Vec<Bucket>) -> Option<Usage> {
    buckets.sort_by(|left, right| left.bound.total_cmp(&right.bound));
    let times: BTreeSet<i64> = buckets.iter().flat_map(|bucket| bucket.counts.keys().copied()).collect();
    let populated = times.iter().map(|time| {
        let mut below = 0.0;
        let counts = buckets.iter().filter_map(|bucket| bucket.counts.get(time));
        counts.filter(|count| std::mem::replace(&mut below, **count) != **count).count()
    });
    usage(populated, buckets.len())
}

fn native_usage(histograms: &Value) -> Option<Usage> {
    let mut seen = BTreeSet::new();
    let populated: Vec<usize> = items(histograms)
        .map(|sample| {
            let mut count = 0;
            for bucket in sample.pointer("/1/buckets").map(items).into_iter().flatten() {
                seen.insert(bounds(bucket));
                count += 1;
            }
            count
        })
        .collect();
    usage(populated.into_iter(), seen.len())
}

/// What tells one bucket from another.
fn bounds(bucket: &Value) -> String {
    [0, 1, 2].map(|place| bucket.get(place).map(Value::to_string).unwrap_or_default()).join(" ")
}

/// `None` where there was no sample.
fn usage(populated: impl Iterator<Item = usize>, total: usize) -> Option<Usage> {
    let populated: Vec<usize> = populated.collect();
    let (least, most) = (*populated.iter().min()?, *populated.iter().max()?);
    let average = populated.iter().sum::<usize>() as f64 / populated.len() as f64;
    Some(Usage { least, average, most, total })
}

fn line(histogram: &Histogram) -> String {
    let Usage { least, average, most, total } = histogram.usage;
    let kind = if histogram.is_native { "native" } else { "classic" };
    let total = if total == most { String::new() } else { format!("/{total}") };
    format!("- {} ({kind}): {least}/{average:.3}/{most}{total}\n", histogram.name)
}

/// The lines over all histograms of a kind; nothing where there are none.
fn summary(kind: &str, all: &[Histogram], native: bool) -> String {
    let usages: Vec<&Usage> = all
        .iter()
        .filter(|histogram| histogram.is_native == native)
        .map(|histogram| &histogram.usage)
        .collect();
    if usages.is_empty() {
        return String::new();
    }
    let over = |what: &str, number: fn(&Usage) -> usize| {
        let Some(Usage { least, average, most, .. }) = usage(usages.iter().map(|usage| number(usage)), 0)
        else {
            return String::new();
        };
        format!("- {what}: {least}/{average:.3}/{most}\n")
    };
    let mut text = format!("\n{kind} histogram series ({} in total):\n", usages.len());
    text.push_str(&over("min populated", |usage| usage.least));
    // Averages lose what is behind the point before they are averaged again, as in the original.
    text.push_str(&over("avg populated", |usage| usage.average as usize));
    text.push_str(&over("max populated", |usage| usage.most));
    if usages.iter().any(|usage| usage.total != usage.most) {
        text.push_str(&over("total", |usage| usage.total));
    }
    text
}
