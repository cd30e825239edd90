//! Recorded bodies give the samples, counts and errors that they gave the original.

use std::path::Path;

use model::name::ValidationScheme;
use serde_json::{Map, Value};
use storage::{Queryable, SampleColumns, SelectHints, TimeRange};
use wire::exposition::Format;

use super::super::Body;
use super::Bench;
use crate::JobSettings;
use crate::target::tests::rule;

/// What a case asks of its job; `None` where it is about something else than storing a body.
fn job(case: &Value) -> Option<JobSettings> {
    let mut job = JobSettings::new(case["id"].as_str().unwrap());
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    for (key, value) in case["scrape_config"].as_object().into_iter().flatten() {
        match key.as_str() {
            "honor_timestamps" => job.honor_timestamps = value.as_bool().unwrap(),
            "honor_labels" => job.honor_labels = value.as_bool().unwrap(),
            "sample_limit" => job.limits.samples = value.as_u64(),
            "label_limit" => job.limits.labels = Some(number(value)),
            "label_name_length_limit" => job.limits.label_name_bytes = Some(number(value)),
            "label_value_length_limit" => job.limits.label_value_bytes = Some(number(value)),
            "metric_name_validation_scheme" => {
                assert_eq!(value, "legacy");
                job.name_validation = ValidationScheme::Legacy;
            }
            "metric_name_escaping_scheme" => {}
            "metric_relabel_configs" => {
                job.metric_relabel = value.as_array().unwrap().iter().map(rule).collect()
            }
            _ => return None,
        }
    }
    Some(job)
}

/// What the store has of the case: labels without `job` and `instance`, and the value.
fn series(bench: &Bench) -> Vec<Value> {
    let querier = bench.store.querier(TimeRange::ALL).unwrap();
    let set = querier.select(&[], &SelectHints::default()).unwrap();
    let mut series: Vec<Value> = (0..set.len())
        .filter_map(|position| {
            let labels = set.labels(position);
            let name = labels.metric_name().to_owned();
            let mut columns = SampleColumns::new();
            set.read(position, TimeRange::ALL, &mut columns).unwrap();
            let value = *columns.values.last()?;
            let kept = !name.starts_with("scrape_") && name != "up" && !model::is_stale_nan(value);
            kept.then(|| {
                let labels = labels.filtered(|name| name != "job" && name != "instance");
                let metric: Map<_, _> = labels.iter().map(|(n, v)| (n.to_owned(), Value::from(v))).collect();
                let mut text = String::new();
                model::number::push_api(&mut text, value);
                serde_json::json!({"metric": metric, "value": text})
            })
        })
        .collect();
    series.sort_by_key(Value::to_string);
    series
}

fn check(case: &Value, format: Format) -> Result<bool, String> {
    let body = case["response"]["body"].as_str();
    let timed = body.is_some_and(|body| body.contains("{{NOW"));
    let (Some(job), Some(body), false, None) = (job(case), body, timed, case.get("features")) else {
        return Ok(false);
    };
    let mut bench = Bench::new(job);
    let answer = Body { bytes: body.as_bytes(), format };
    let ([scraped, kept, added], error) = bench.scrape_answer(1_000, Ok(answer));
    let expected = &case["expect"];
    let mut wanted: Vec<Value> = expected["series"].as_array().unwrap().clone();
    wanted.sort_by_key(Value::to_string);
    // Of two samples at one time the store of this test keeps the last, the original's the first.
    let twice =
        case["note"].as_str().is_some_and(|note| note.contains("duplicate") || note.contains("collision"));
    let counted = |key: &str| expected[key].as_str().unwrap().parse::<u64>().unwrap();
    let got = (error.unwrap_or_default(), scraped, kept, added);
    let want = (
        expected["lastError"].as_str().unwrap().to_owned(),
        counted("scrape_samples_scraped"),
        counted("scrape_samples_post_metric_relabeling"),
        counted("scrape_series_added"),
    );
    if got != want || (!twice && series(&bench) != wanted) {
        return Err(format!(
            "{} {}\n  got  {got:?} {:?}\n  want {want:?} {wanted:?}",
            case["id"],
            case["note"],
            series(&bench)
        ));
    }
    for metadata in expected["metadata"].as_array().into_iter().flatten() {
        let got = bench.target.metadata(metadata["metric"].as_str().unwrap());
        let got = got.map(|got| (got.metric_type.as_str().to_owned(), got.help, got.unit));
        let text = |key: &str| metadata[key].as_str().unwrap().to_owned();
        if got != Some((text("type"), text("help"), text("unit"))) {
            return Err(format!("{} {}: metadata {got:?}, want {metadata}", case["id"], case["note"]));
        }
    }
    Ok(true)
}

#[test]
fn text() {
    check_group("text", Format::Text, 50);
}

#[test]
fn open_metrics() {
    check_group("openmetrics", Format::OpenMetrics, 20);
}

fn check_group(group: &str, format: Format, least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/prometheus/exposition/cases.jsonl");
    #[expect(clippy::disallowed_methods, reason = "tests read their recorded cases")]
    let text = std::fs::read_to_string(path).unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if case["group"] == group {
            match check(&case, format) {
                Ok(done) => checked += usize::from(done),
                Err(difference) => wrong.push(difference),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > least, "{checked} cases checked");
}
