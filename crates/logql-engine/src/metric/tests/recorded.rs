//! The original's recorded answers.

use std::collections::BTreeMap;

use logql_syntax::{Expr, Options};
use model::Labels;
use serde_json::Value;

use super::super::MetricAnswer;
use super::{Asked, dataset};
use crate::{Limits, Result};

const FILES: [&str; 7] =
    ["range_agg", "vector_agg", "binary_ops", "range_params", "lowlimit", "user_queries", "label_filters"];

/// Labels, and times in nanoseconds with values.
type Points = Vec<(Labels, Vec<(i64, f64)>)>;

/// A recorded query that is one for metrics.
struct Recorded {
    id: String,
    record: Value,
    expr: Expr,
}

impl Recorded {
    fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.record["params"].as_array()?;
        pairs.iter().find(|pair| pair[0] == name).and_then(|pair| pair[1].as_str())
    }

    fn is_range(&self) -> bool {
        self.record["path"].as_str().is_some_and(|path| path.ends_with("query_range"))
    }

    fn time(&self, name: &str) -> Option<i64> {
        let text = self.parameter(name)?;
        if text.contains('.') {
            return text.parse::<f64>().ok().map(|seconds| (seconds * 1e3).round() as i64 * 1_000_000);
        }
        let number: i64 = text.parse().ok()?;
        if text.len() <= 10 { number.checked_mul(1_000_000_000) } else { Some(number) }
    }

    fn step(&self, start: i64, end: i64) -> Option<i64> {
        match self.parameter("step") {
            None => Some(((end - start) / 1_000_000_000 / 250).max(1) * 1_000_000_000),
            Some(text) => match text.parse::<f64>() {
                Ok(seconds) => Some((seconds * 1e9) as i64),
                Err(_) => logql_syntax::quantity::parse_duration(text),
            },
        }
    }

    /// What the engine says; `None` where the parameters are for a reader of requests.
    fn run(&self, asked: &Asked<'_>) -> Option<Result<MetricAnswer>> {
        if !self.is_range() {
            return Some(asked.instant(&self.expr, self.time("time")?));
        }
        let (start, end) = (self.time("start")?, self.time("end")?);
        Some(asked.range(&self.expr, (start, end), self.step(start, end)?))
    }

    /// Why an answer is not the recorded one.
    fn difference(&self, answer: Result<MetricAnswer>) -> Option<String> {
        let status = self.record["status"].as_u64()?;
        let body = &self.record["body"];
        let answer = match (answer, status) {
            (Err(error), 200) => return Some(format!("{error}")),
            (Err(error), _) => {
                let text = error.to_string();
                let wanted = body.as_str().unwrap_or_default();
                let same = match wanted.strip_prefix("re:") {
                    Some(pattern) => {
                        go_regex::Regex::anchored(&format!("(?s){pattern}")).unwrap().is_match(&text)
                    }
                    None => text.trim_end() == wanted.trim_end(),
                };
                return (!same).then(|| format!("{text:?} instead of {wanted:?}"));
            }
            (Ok(_), 400..) => return Some(format!("an answer instead of {body}")),
            (Ok(answer), _) => answer,
        };
        let result = &body["data"]["result"];
        if let MetricAnswer::Scalar { value, .. } = answer {
            // The original's time of a scalar is wrong.
            let wanted = number(&result[1]);
            return (!close(value, wanted)).then(|| format!("{value} instead of {wanted}"));
        }
        let kind = if matches!(answer, MetricAnswer::Matrix(_)) { "matrix" } else { "vector" };
        if body["data"]["resultType"] != kind {
            return Some(format!("a {kind}"));
        }
        let ordered = self.record.get("ordered").is_some();
        let (mut given, mut wanted) = (points(answer), recorded_points(result));
        if self.record["compare"] == "count" {
            let count = |points: &Points| points.iter().map(|(_, points)| points.len()).sum::<usize>();
            return (count(&given) != count(&wanted)).then(|| format!("{} points", count(&given)));
        }
        if !ordered {
            given.sort_by(|a, b| a.0.cmp(&b.0));
            wanted.sort_by(|a, b| a.0.cmp(&b.0));
        }
        compare(&given, &wanted)
    }
}

fn points(answer: MetricAnswer) -> Points {
    match answer {
        MetricAnswer::Scalar { .. } => Vec::new(),
        MetricAnswer::Vector { time, elements } => {
            elements.into_iter().map(|(labels, value)| (labels, vec![(time, value)])).collect()
        }
        MetricAnswer::Matrix(series) => {
            series.into_iter().map(|series| (series.labels, series.points)).collect()
        }
    }
}

fn recorded_points(result: &Value) -> Points {
    let point =
        |point: &Value| ((point[0].as_f64().unwrap() * 1e3).round() as i64 * 1_000_000, number(&point[1]));
    let series = |series: &Value| {
        let metric = series["metric"].as_object().unwrap();
        let labels = Labels::from_pairs(metric.iter().map(|(name, value)| (name, value.as_str().unwrap())));
        let points = match series.get("values") {
            Some(values) => values.as_array().unwrap().iter().map(point).collect(),
            None => vec![point(&series["value"])],
        };
        (labels, points)
    };
    result.as_array().unwrap().iter().map(series).collect()
}

fn number(value: &Value) -> f64 {
    model::number::parse_float(value.as_str().unwrap()).unwrap()
}

pub(super) fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3)
}

fn compare(given: &Points, wanted: &Points) -> Option<String> {
    for ((labels, points), (wanted_labels, wanted_points)) in given.iter().zip(wanted) {
        if labels != wanted_labels {
            return Some(format!("{labels} instead of {wanted_labels}"));
        }
        let same = |(a, b): (&(i64, f64), &(i64, f64))| a.0 == b.0 && close(a.1, b.1);
        if points.len() != wanted_points.len() || !points.iter().zip(wanted_points).all(same) {
            let head = |points: &[(i64, f64)]| points.iter().take(4).copied().collect::<Vec<_>>();
            return Some(format!("{labels}: {:?} instead of {:?}", head(points), head(wanted_points)));
        }
    }
    (given.len() != wanted.len()).then(|| format!("{} series instead of {}", given.len(), wanted.len()))
}

fn recorded(file: &str) -> Vec<Recorded> {
    let text = dataset::queries(file);
    let read = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap();
        let path = record["path"].as_str()?;
        if !path.ends_with("/query_range") && !path.ends_with("/query") || record["status"] == 405 {
            return None;
        }
        let pairs = record["params"].as_array()?;
        let query = pairs.iter().find(|pair| pair[0] == "query")?[1].as_str()?;
        let expr = logql_syntax::parse(query, Options::STRICT).ok()?;
        let is_instant = path.ends_with("/query");
        (matches!(expr, Expr::Metric(_)) || is_instant).then(|| Recorded {
            id: record["id"].as_str().unwrap().to_owned(),
            record: record.clone(),
            expr,
        })
    };
    text.lines().filter(|line| !line.is_empty()).filter_map(read).collect()
}

/// What the project does better on purpose, or what a reader of requests refuses before the engine is asked.
fn is_elsewhere(recorded: &Recorded) -> bool {
    let body = recorded.record["body"].as_str().unwrap_or_default();
    body.contains("approx_topk is not enabled")
        || body.contains("the query time range exceeds the limit")
        || body.contains("end timestamp must not be before")
        || body.contains("value exceeds limit")
}

#[test]
fn recorded_answers_are_given_whatever_the_blocks() {
    if dataset::folder().is_none() {
        return;
    }
    // Small blocks cost more than they tell anew: every third query is asked again.
    for (block_rows, every) in [(usize::MAX, 1), (61, 3)] {
        let logs = dataset::load(block_rows).unwrap();
        let mut passed: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let mut differences = Vec::new();
        for file in FILES {
            let limits = Limits {
                series_max: Some(if file == "lowlimit" { 5 } else { 500 }),
                threads: 2,
                ..Limits::default()
            };
            let asked = Asked { logs: &logs, limits };
            for recorded in recorded(file).into_iter().step_by(every) {
                if is_elsewhere(&recorded) {
                    continue;
                }
                let Some(answer) = recorded.run(&asked) else { continue };
                let counts = passed.entry(file).or_default();
                counts.1 += 1;
                match recorded.difference(answer) {
                    None => counts.0 += 1,
                    Some(difference) => differences.push(format!("{}: {difference}", recorded.id)),
                }
            }
        }
        println!("blocks of {block_rows}: {passed:?}");
        assert!(differences.is_empty(), "{}\n{passed:?}", differences.join("\n"));
    }
}
