//! Names of metrics and labels.

use serde_json::json;

use super::{attributes, lines, point, request, run};
use crate::otlp::error::Failure;
use crate::otlp::{Accumulator, Settings, Strategy};

fn named(kind: &str, name: &str, unit: &str, strategy: Strategy) -> String {
    let points = json!([point(json!({"asInt": 1}))]);
    let metric = match kind {
        "gauge" => json!({"name": name, "unit": unit, "gauge": {"dataPoints": points}}),
        kind => json!({"name": name, "unit": unit, "sum": {
            "dataPoints": points, "aggregationTemporality": 2, "isMonotonic": kind == "counter"}}),
    };
    let settings = Settings { strategy, ..Settings::default() };
    let [line] = lines(&request(&[], json!([metric])), &settings).try_into().unwrap();
    let labels = line.split(" 1 20000").next().unwrap();
    labels.strip_prefix("{__name__=\"").and_then(|rest| rest.strip_suffix("\"}")).unwrap().to_owned()
}

#[test]
fn words_of_unit_and_type_are_appended() {
    for (kind, name, unit, expected) in [
        ("gauge", "(lambda).function.executions(#)", "", "lambda_function_executions"),
        ("gauge", "system.filesystem.usage", "By", "system_filesystem_usage_bytes"),
        ("gauge", "system.network.dropped", "{packets}", "system_network_dropped"),
        ("gauge", "system.network.dropped", "packets", "system_network_dropped_packets"),
        ("gauge", "system.memory.utilization", "1", "system_memory_utilization_ratio"),
        ("gauge", "storage.filesystem.utilization", "%", "storage_filesystem_utilization_percent"),
        ("gauge", "astro.light.speed", "m/s", "astro_light_speed_meters_per_second"),
        ("counter", "system.processes.created", "", "system_processes_created_total"),
        ("counter", "requests.count", "1", "requests_count_total"),
        ("counter", "total.bytes", "By", "bytes_total"),
        ("updown", "memory.usage", "By", "memory_usage_bytes"),
        ("updown", "memory.usage", "1", "memory_usage"),
        ("gauge", "a", "{req}/s", "a_per_second"),
        ("gauge", "seconds.since", "s", "seconds_since"),
        ("gauge", "1st", "", "_1st"),
        ("gauge", "a:b.c", "foo/bar", "a:b_c_foo_per_bar"),
        ("gauge", "a__b", "", "a_b"),
    ] {
        assert_eq!(named(kind, name, unit, Strategy::UnderscoresWithSuffixes), expected, "{name} {unit}");
    }
}

#[test]
fn other_strategies_leave_suffixes_or_characters() {
    let bare = |name| named("counter", name, "s", Strategy::Underscores);
    assert_eq!(bare("a.b c"), "a_b_c");
    assert_eq!(bare("a__b."), "a__b");
    assert_eq!(bare("2a"), "_2a");
    let kept = |kind, name, unit| named(kind, name, unit, Strategy::Utf8WithSuffixes);
    assert_eq!(kept("counter", "http.requests", ""), "http.requests_total");
    assert_eq!(kept("counter", "req.total", "By"), "req_bytes_total");
    assert_eq!(kept("gauge", "speed", "m/s"), "speed_meters_per_second");
    assert_eq!(kept("gauge", "cpu.use", "1"), "cpu.use_ratio");
    assert_eq!(kept("gauge", "a.seconds", "s"), "a.seconds");
    assert_eq!(named("counter", "a.b c", "s", Strategy::Untranslated), "a.b c");
}

#[test]
fn names_of_nothing_are_refused() {
    let refused = |name: &str| {
        let metrics = json!([{"name": name, "gauge": {"dataPoints": [point(json!({"asInt": 1}))]}}]);
        run(&request(&[], metrics), &Settings::default(), &mut Accumulator::new()).unwrap_err()
    };
    assert_eq!(refused(""), Failure::Metrics("metric name is empty".to_owned()));
    let text = "normalization for metric \"...\" resulted in empty name";
    assert_eq!(refused("..."), Failure::Metrics(text.to_owned()));
}

fn labelled(pairs: &[(&str, &str)], settings: &Settings) -> Result<String, Failure<String>> {
    let points = json!([point(json!({"asInt": 1, "attributes": attributes(pairs)}))]);
    let metrics = json!([{"name": "g", "gauge": {"dataPoints": points}}]);
    run(&request(&[], metrics), settings, &mut Accumulator::new()).map(|(lines, _)| lines.concat())
}

#[test]
fn labels_are_brought_into_the_classic_syntax() {
    for (name, expected) in [
        ("name", "name"),
        ("host.name", "host_name"),
        ("name (of the host)", "name__of_the_host_"),
        ("2 cents", "key_2_cents"),
        ("__name", "__name"),
        ("_name", "key_name"),
        ("__reserved__", "__reserved__"),
        ("label@with$symbols", "label_with_symbols"),
        ("é", "key_"),
    ] {
        let shown = labelled(&[(name, "v")], &Settings::default());
        assert!(shown.unwrap().contains(&format!("{expected}=\"v\"")), "{name}");
    }
    let text = "normalization for label name \"é.\" resulted in invalid name \"__\"";
    assert_eq!(labelled(&[("é.", "v")], &Settings::default()), Err(Failure::Metrics(text.to_owned())));
    let permissive = Settings { prefix_underscore: false, keep_underscores: false, ..Settings::default() };
    for (name, expected) in [("_name", "_name"), ("a..b", "a_b"), ("__a..b__", "__a_b__")] {
        assert!(
            labelled(&[(name, "v")], &permissive).unwrap().contains(&format!(", {expected}=\"v\""))
                || name.starts_with('_'),
            "{name}"
        );
    }
    let kept = Settings { strategy: Strategy::Untranslated, ..Settings::default() };
    assert!(labelled(&[("host.name", "v")], &kept).unwrap().contains(r#""host.name"="v""#));
}

#[test]
fn labels_that_become_one_are_joined_and_counted() {
    let points = json!([point(
        json!({"asInt": 1, "attributes": attributes(&[("a.b", "2"), ("a_b", "3"), ("a-b", "1"), ("__name__", "x")])})
    )]);
    let metrics = json!([{"name": "g", "gauge": {"dataPoints": points}}]);
    let (lines, translated) =
        run(&request(&[], metrics), &Settings::default(), &mut Accumulator::new()).unwrap();
    assert_eq!(lines, [r#"{__name__="g", a_b="1;2;3"} 1 20000"#]);
    assert_eq!(translated.label_collisions, 2);
}
