//! `testdata/templates/rules.jsonl`: texts, and what a real promtool expanded them to or why it refused them.

use std::sync::Arc;

use model::{FloatHistogram, Labels};
use template::rules::{Environment, RuleData, RuleTemplate, Sample, SampleValue};

/// The series that were there: `x{host,addr}` 1.5, `y{n}` 10, 30, 20 and a histogram `h`.
struct Recorded;

fn sample(pairs: &[(&str, &str)], value: f64) -> Sample {
    Sample { labels: Labels::from_pairs(pairs.iter().copied()), value: SampleValue::Float(value) }
}

fn histogram() -> FloatHistogram {
    FloatHistogram {
        schema: 1,
        count: 4.0,
        sum: 5.0,
        positive_spans: vec![model::Span { offset: 0, length: 3 }],
        positive_buckets: vec![1.0, 2.0, 1.0],
        ..FloatHistogram::default()
    }
}

impl Environment for Recorded {
    fn query(&self, text: &str) -> Result<Vec<Sample>, String> {
        match text {
            "y" => Ok(vec![
                sample(&[("__name__", "y"), ("n", "1")], 10.0),
                sample(&[("__name__", "y"), ("n", "10")], 30.0),
                sample(&[("__name__", "y"), ("n", "2")], 20.0),
            ]),
            "nothing" => Ok(Vec::new()),
            "1" => Ok(vec![sample(&[], 1.0)]),
            "time()" => Ok(vec![sample(&[], 0.0)]),
            "h" => Ok(vec![Sample {
                labels: Labels::from_pairs([("__name__", "h")]),
                value: SampleValue::Histogram(Arc::new(histogram())),
            }]),
            "label_replace(y,'__value__','$1','n','(.*)')" => {
                Ok(vec![sample(&[("__name__", "y"), ("__value__", "1"), ("n", "1")], 10.0)])
            }
            _ => Err("rule result is not a vector or scalar".into()),
        }
    }

    fn external_url(&self) -> &str {
        "http://prom.example.org/p"
    }

    fn path_prefix(&self) -> &str {
        "/p"
    }

    fn now_seconds(&self) -> f64 {
        0.0
    }
}

pub(crate) fn expand(text: &str) -> Result<String, String> {
    expand_with(text, 1.5)
}

fn expand_with(text: &str, value: f64) -> Result<String, String> {
    let template = RuleTemplate::parse("T", text).map_err(|error| error.to_string())?;
    let labels = Labels::from_pairs([("__name__", "x"), ("addr", "10.0.0.1:9100"), ("host", "web")]);
    let external = Labels::from_pairs([("region", "eu")]);
    let data = RuleData::new(&labels, &external, Recorded.external_url(), &SampleValue::Float(value));
    Ok(template
        .expand(&data, &Recorded)
        .unwrap_or_else(|error| format!("<error expanding template: {error}>")))
}

#[test]
fn templates_give_what_promtool_gave() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/templates/rules.jsonl");
    let mut failures = Vec::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let expected = match (case["output"].as_str(), case["refused"].as_str()) {
            (Some(output), _) => Ok(output.to_owned()),
            (_, refused) => Err(refused.unwrap().to_owned()),
        };
        let found = expand(text);
        if found != expected {
            failures.push(format!("{text}\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn functions_that_came_later_are_there() {
    assert_eq!(expand("{{ toDuration 90.5 }} {{ (toDuration 90.5).Seconds }}").unwrap(), "1m30.5s 90.5");
    assert_eq!(expand("{{ now }} {{ urlQueryEscape \"a b\" }}").unwrap(), "0 a+b");
}

#[test]
fn nan_is_greater_than_everything() {
    let text = "{{ gt $value 100.0 }} {{ ge $value 1.0 }} {{ lt $value 1.0 }} {{ le $value 1.0 }}";
    assert_eq!(expand_with(text, f64::NAN).unwrap(), "true true false false");
}
