//! Targets come out of relabelling as the original's do, by its recorded answers.

use std::path::Path;
use std::time::Duration;

use discovery::TargetGroup;
use go_regex::Regex;
use model::Labels;
use model::duration::parse_duration;
use model::name::ValidationScheme;
use model::relabel::{Action, Rule};
use serde_json::{Value, json};

use super::{Populated, Target, populate, relabel_steps};
use crate::JobSettings;

fn text(value: &Value, default: &str) -> String {
    match value {
        Value::Null => default.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A rule as configurations write it.
pub(crate) fn rule(written: &Value) -> Rule {
    let action = Action::parse(&text(&written["action"], "replace")).unwrap();
    let sources = written["source_labels"].as_array().map(Vec::as_slice).unwrap_or_default();
    Rule {
        source_labels: sources.iter().map(|name| text(name, "")).collect(),
        separator: text(&written["separator"], ";"),
        regex: Regex::wrapped("^(?s:", &text(&written["regex"], "(.*)"), ")$").unwrap(),
        modulus: written["modulus"].as_u64().unwrap_or(0),
        target_label: text(&written["target_label"], ""),
        replacement: text(&written["replacement"], "$1"),
        action,
        names: ValidationScheme::Utf8,
    }
}

pub(crate) fn labels(object: &Value) -> Labels {
    Labels::from_pairs(
        object.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value, ""))),
    )
}

fn as_json(labels: &Labels) -> Value {
    labels
        .iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn job(case: &Value) -> JobSettings {
    let config = &case["scrape_config"];
    let mut job = JobSettings::new(text(&case["id"], ""));
    job.scrape_interval = Duration::from_secs(3600);
    for (key, value) in config.as_object().into_iter().flatten() {
        match key.as_str() {
            "scheme" => job.scheme = text(value, ""),
            "metrics_path" => job.metrics_path = text(value, ""),
            "scrape_interval" => job.scrape_interval = parse_duration(&text(value, "")).unwrap(),
            "scrape_timeout" => job.scrape_timeout = parse_duration(&text(value, "")).unwrap(),
            "scrape_native_histograms" => job.scrape_native_histograms = value.as_bool().unwrap(),
            "params" => {
                let params = value.as_object().unwrap().iter();
                job.params = params
                    .map(|(name, values)| {
                        (
                            name.clone(),
                            values.as_array().unwrap().iter().map(|value| text(value, "")).collect(),
                        )
                    })
                    .collect();
            }
            other => panic!("the test does not know {other}"),
        }
    }
    job.relabel = case["relabel_configs"].as_array().unwrap().iter().map(rule).collect();
    job
}

fn target_json(target: &Target) -> Value {
    let host = target.scrape_url().split("//").nth(1).unwrap();
    json!({
        "discoveredLabels": as_json(&target.discovered_labels()),
        "labels": as_json(target.labels()),
        "scrapeUrl": target.scrape_url(),
        "globalUrl_host": host.split(['/', '?']).next().unwrap(),
        "scrapeInterval": target.scrape_interval(),
        "scrapeTimeout": target.scrape_timeout(),
    })
}

fn sorted(mut values: Vec<Value>) -> Value {
    values.sort_by_key(Value::to_string);
    values.into()
}

#[test]
fn recorded_relabelling() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/prometheus/config/relabel.jsonl");
    #[expect(clippy::disallowed_methods, reason = "tests read their recorded cases")]
    let text_of_cases = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    for line in text_of_cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let job = job(&case);
        let (mut active, mut dropped) = (Vec::new(), Vec::new());
        for target in case["targets"].as_array().unwrap() {
            let address = text(&target["address"], "");
            let group = TargetGroup::of_addresses("0", [address], labels(&target["labels"]));
            match populate(&job, &group, &group.targets[0]) {
                Ok(Populated::Target(target)) => {
                    // Targets with the same URL and labels are one, shown as it was found last.
                    active.retain(|other: &Target| other.identity() != target.identity());
                    active.push(*target);
                }
                Ok(Populated::Dropped(labels)) => dropped.push(as_json(&labels)),
                Err(_) => {}
            }
        }
        let expected = &case["expect"];
        let got = json!({
            "active": sorted(active.iter().map(target_json).collect()),
            "dropped_count": dropped.len(),
            "dropped": sorted(dropped),
        });
        let expected = json!({
            "active": sorted(expected["active"].as_array().unwrap().clone()),
            "dropped_count": expected["dropped_count"],
            "dropped": sorted(expected["dropped"].as_array().unwrap().clone()),
        });
        if got != expected {
            wrong.push(format!("{} {}\n  got  {got}\n  want {expected}", case["id"], case["note"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_cannot_be_a_target_says_why() {
    let job = |rules: Value| {
        let mut job = JobSettings::new("j");
        job.relabel = rules.as_array().unwrap().iter().map(rule).collect();
        job
    };
    for (address, rules, expected) in [
        ("", json!([]), "no address"),
        ("http://h/x", json!([]), "\"http://h/x\" is not a valid hostname"),
        (
            "h:1",
            json!([{"target_label": "__scrape_interval__", "replacement": "x"}]),
            "error parsing scrape interval: not a valid duration string: \"x\"",
        ),
        (
            "h:1",
            json!([{"target_label": "__scrape_timeout__", "replacement": "0s"}]),
            "scrape timeout cannot be 0",
        ),
        (
            "h:1",
            json!([{"target_label": "__scrape_timeout__", "replacement": "2m"}]),
            "scrape timeout cannot be greater than scrape interval (\"2m\" > \"1m\")",
        ),
    ] {
        let group = TargetGroup::of_addresses("0", [address], Labels::empty());
        let error = populate(&job(rules), &group, &group.targets[0]).err().unwrap();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn labels_stand_in_the_original_s_order_and_before_parameters() {
    let mut job = JobSettings::new("j");
    job.params = vec![("p".to_owned(), vec!["1".to_owned(), "2".to_owned()])];
    let target_of = |rules: Value, address: &str, labels: Value| {
        let mut job = job.clone();
        job.relabel = rules.as_array().unwrap().iter().map(rule).collect();
        let group = TargetGroup::of_addresses("0", [address], self::labels(&labels));
        match populate(&job, &group, &group.targets[0]) {
            Ok(Populated::Target(target)) => target_json(&target),
            Ok(Populated::Dropped(discovered)) => as_json(&discovered),
            Err(error) => json!(error.to_string()),
        }
    };
    // What a target's labels say of a parameter is not overridden by the job.
    let told = target_of(json!([]), "h:1", json!({"__param_p": "5s"}));
    assert_eq!(told["scrapeUrl"], "http://h:1/metrics?p=5s&p=2");
    assert_eq!(told["discoveredLabels"]["__param_p"], "5s");
    // Of several names that become one, the one that was set last counts: the scheme comes behind the path, parameters last.
    let map = |regex: &str| json!([{"action": "labelmap", "regex": regex, "replacement": "x"}]);
    let mapped = |regex: &str| target_of(map(regex), "h:1", json!({"__z": "z"}))["labels"]["x"].clone();
    assert_eq!(mapped("__address__|__metrics_path__|__scheme__|__z"), "http");
    assert_eq!(mapped("__param_p|__address__|__scheme__"), "1");
    assert_eq!(mapped("__address__|__z"), "z");
    // Without a scheme there is no colon.
    let bare = target_of(json!([{"action": "uppercase", "target_label": "__scheme__"}]), "h:1", json!({}));
    assert_eq!(bare["scrapeUrl"], "//h:1/metrics?p=1&p=2");
    // An address that is empty is none, whatever its group says.
    let drop = json!([{"action": "drop", "source_labels": ["job"], "regex": "j"}]);
    assert_eq!(target_of(drop, "", json!({"__address__": "a:1"})).get("__address__"), None);
}

#[test]
fn steps_end_with_the_rule_that_drops() {
    let rules: Vec<Rule> = [
        json!({"target_label": "x", "replacement": "y"}),
        json!({"source_labels": ["x"], "regex": "z", "action": "keep"}),
        json!({"target_label": "never", "replacement": "reached"}),
    ]
    .iter()
    .map(rule)
    .collect();
    let steps = relabel_steps(&rules, &Labels::from_pairs([("a", "b")]));
    let seen: Vec<_> = steps.iter().map(|step| (step.output.to_string(), step.keep)).collect();
    assert_eq!(seen, [(r#"{a="b", x="y"}"#.to_owned(), true), ("{}".to_owned(), false)]);
}

#[test]
fn offsets_spread_and_stay() {
    let job = JobSettings::new("j");
    let offset = |address: &str, seed| {
        let group = TargetGroup::of_addresses("0", [address], Labels::empty());
        let Ok(Populated::Target(target)) = populate(&job, &group, &group.targets[0]) else {
            panic!("no target")
        };
        target.offset_ms(seed)
    };
    assert_eq!(offset("h:1", 7), offset("h:1", 7));
    assert_ne!(offset("h:1", 7), offset("h:1", 8));
    let mut quarters = [0; 4];
    for port in 0..400 {
        quarters[offset(&format!("h:{port}"), 7) as usize / 15_000] += 1;
    }
    assert!(quarters.iter().all(|count| *count > 60), "{quarters:?}");
}
