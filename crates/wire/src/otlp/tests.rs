//! What becomes of requests; names and labels as the tables of the translation's documentation have them.

mod deltas;
mod names;

use model::Labels;
use serde_json::{Value as Json, json};

use super::error::Failure;
use super::translate::{Sample, Sink, Translated, Value, translate};
use super::{Accumulator, Promotion, Settings, json as json_form};

/// Samples as texts.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) lines: Vec<String>,
    /// A time whose samples are refused.
    pub(super) refused: Option<i64>,
}

impl Sink for Shown {
    type Error = String;

    fn take(&mut self, labels: &Labels, sample: &Sample<'_>) -> Result<(), String> {
        if self.refused == Some(sample.timestamp) {
            return Err("refused".to_owned());
        }
        let value = match sample.value {
            Value::Float(value) if model::is_stale_nan(value) => "stale".to_owned(),
            Value::Float(value) => value.to_string(),
            Value::Histogram(histogram) => histogram.to_float().notation(),
        };
        let exemplars: Vec<String> = sample
            .exemplars
            .iter()
            .map(|exemplar| format!(" # {} {}", exemplar.labels, exemplar.value))
            .collect();
        let start = match sample.start_timestamp {
            0 => String::new(),
            start => format!(" since {start}"),
        };
        self.lines.push(format!("{labels} {value} {}{start}{}", sample.timestamp, exemplars.concat()));
        Ok(())
    }
}

pub(super) fn run(
    request: &Json,
    settings: &Settings,
    sums: &mut Accumulator,
) -> Result<(Vec<String>, Translated), Failure<String>> {
    let body = json_form::to_protobuf(request.to_string().as_bytes()).map_err(Failure::Unreadable)?;
    let mut shown = Shown::default();
    let translated = translate(&body, settings, (sums, 0), &mut shown)?;
    Ok((shown.lines, translated))
}

pub(super) fn lines(request: &Json, settings: &Settings) -> Vec<String> {
    run(request, settings, &mut Accumulator::new()).unwrap().0
}

pub(super) fn attributes(pairs: &[(&str, &str)]) -> Json {
    pairs.iter().map(|(key, value)| json!({"key": key, "value": {"stringValue": value}})).collect()
}

pub(super) fn request(resource: &[(&str, &str)], metrics: Json) -> Json {
    json!({"resourceMetrics": [{
        "resource": {"attributes": attributes(resource)},
        "scopeMetrics": [{
            "scope": {"name": "lib", "version": "1.2", "attributes": attributes(&[("x.y", "z")])},
            "schemaUrl": "u",
            "metrics": metrics,
        }],
    }]})
}

/// A point at 20 s that counts since 10 s.
pub(super) fn point(mut fields: Json) -> Json {
    fields["startTimeUnixNano"] = json!("10000000000");
    fields["timeUnixNano"] = json!("20000000000");
    fields
}

const SERVICE: [(&str, &str); 3] =
    [("service.name", "shop"), ("service.namespace", "ns"), ("service.instance.id", "i1")];

#[test]
fn numbers_carry_what_resource_and_point_say() {
    let mut resource = SERVICE.to_vec();
    resource.extend([("host.name", "h"), ("k8s.pod", "p")]);
    let points = json!([point(json!({"asInt": "5", "attributes": attributes(&[("http.method", "GET")])}))]);
    let metrics = json!([{"name": "a.b", "unit": "s", "sum": {
        "dataPoints": points, "isMonotonic": true, "aggregationTemporality": 2}}]);
    let settings =
        Settings { promotion: Promotion::Listed(vec!["host.name".to_owned()]), ..Settings::default() };
    assert_eq!(
        lines(&request(&resource, metrics), &settings),
        [
            r#"{__name__="a_b_seconds_total", host_name="h", http_method="GET", instance="i1", job="ns/shop"} 5 20000 since 10000"#,
            r#"{__name__="target_info", host_name="h", instance="i1", job="ns/shop", k8s_pod="p"} 1 20000"#,
        ]
    );
}

#[test]
fn gauges_have_no_start_and_stale_points_end_their_series() {
    let points = json!([
        point(json!({"asDouble": 1.5})),
        point(json!({"flags": 1, "attributes": attributes(&[("a", "b")])}))
    ]);
    let metrics = json!([{"name": "g", "gauge": {"dataPoints": points}}]);
    assert_eq!(
        lines(&request(&[], metrics), &Settings::default()),
        [r#"{__name__="g"} 1.5 20000"#, r#"{__name__="g", a="b"} stale 20000"#]
    );
}

#[test]
fn histograms_become_a_series_for_each_bucket() {
    let exemplar = json!({"asDouble": 0.7, "timeUnixNano": "19000000000", "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": "b7ad6b7169203331", "filteredAttributes": attributes(&[("user", "u")])});
    let points = json!([point(json!({"count": "6", "sum": 8.5, "bucketCounts": ["1", "2", "3"],
        "explicitBounds": [0.5, 1], "exemplars": [exemplar]}))]);
    let metrics = json!([{"name": "lat", "unit": "s", "histogram": {"dataPoints": points, "aggregationTemporality": 2}}]);
    let request = request(&[], metrics);
    assert_eq!(
        lines(&request, &Settings::default()),
        [
            r#"{__name__="lat_seconds_sum"} 8.5 20000 since 10000"#,
            r#"{__name__="lat_seconds_count"} 6 20000 since 10000"#,
            r#"{__name__="lat_seconds_bucket", le="0.5"} 1 20000 since 10000"#,
            r#"{__name__="lat_seconds_bucket", le="1"} 3 20000 since 10000 # {span_id="b7ad6b7169203331", trace_id="0af7651916cd43dd8448eb211c80319c", user="u"} 0.7"#,
            r#"{__name__="lat_seconds_bucket", le="+Inf"} 6 20000 since 10000"#,
        ]
    );
    let native = Settings { histograms_to_nhcb: true, ..Settings::default() };
    let [line] = lines(&request, &native).try_into().unwrap();
    assert!(line.starts_with(r#"{__name__="lat_seconds"} "#), "{line}");
    assert!(line.contains("custom_values:[0.5 1]") && line.contains("buckets:[1 2 3]"), "{line}");
}

#[test]
fn exponential_histograms_become_native_ones() {
    let points = json!([point(json!({"count": 10, "sum": 5, "scale": 1, "zeroCount": 1,
        "positive": {"offset": -1, "bucketCounts": [2, 0, 0, 0, 3]}, "negative": {"offset": 2, "bucketCounts": ["4"]}}))]);
    let metrics =
        json!([{"name": "e", "exponentialHistogram": {"dataPoints": points, "aggregationTemporality": 2}}]);
    let [line] = lines(&request(&[], metrics), &Settings::default()).try_into().unwrap();
    assert_eq!(
        line,
        r#"{__name__="e"} {{schema:1 count:10 sum:5 z_bucket:1 z_bucket_w:1e-128 buckets:[2 0 0 0 3] n_offset:3 n_buckets:[4]}} 20000 since 10000"#
    );
}

#[test]
fn finer_histograms_are_made_coarser_and_too_coarse_ones_refused() {
    let of_scale = |scale: i32| {
        let points = json!([point(json!({"count": 5, "sum": 5, "scale": scale,
            "positive": {"offset": 4, "bucketCounts": [1, 1, 1, 2]}}))]);
        request(
            &[],
            json!([{"name": "e", "exponentialHistogram": {"dataPoints": points, "aggregationTemporality": 2}}]),
        )
    };
    let [line] = lines(&of_scale(9), &Settings::default()).try_into().unwrap();
    assert!(line.contains("schema:8") && line.contains("offset:3 buckets:[2 3]"), "{line}");
    let refused = run(&of_scale(-5), &Settings::default(), &mut Accumulator::new()).unwrap_err();
    let text = "cannot convert exponential to native histogram. Scale must be >= -4, was -5";
    assert_eq!(refused, Failure::Metrics(text.to_owned()));
}

#[test]
fn summaries_become_quantiles_sum_and_count() {
    let points = json!([point(
        json!({"count": 3, "sum": 6, "quantileValues": [{"quantile": 0.5, "value": 2}, {"quantile": 1, "value": "NaN"}]})
    )]);
    let metrics = json!([{"name": "s", "summary": {"dataPoints": points}}]);
    assert_eq!(
        lines(&request(&[], metrics), &Settings::default()),
        [
            r#"{__name__="s_sum"} 6 20000 since 10000"#,
            r#"{__name__="s_count"} 3 20000 since 10000"#,
            r#"{__name__="s", quantile="0.5"} 2 20000 since 10000"#,
            r#"{__name__="s", quantile="1"} NaN 20000 since 10000"#,
        ]
    );
}

#[test]
fn one_bad_metric_refuses_the_request_and_all_are_told_of() {
    let metrics = json!([
        {"name": "none"},
        {"name": "d", "sum": {"dataPoints": [point(json!({"asInt": 1}))], "aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA"}},
        {"name": "empty", "unit": "s", "gauge": {"dataPoints": []}},
    ]);
    let refused = run(&request(&[], metrics), &Settings::default(), &mut Accumulator::new()).unwrap_err();
    let text = "invalid temporality and type combination for metric \"none\"; \
                invalid temporality and type combination for metric \"d\"; empty data points. empty_seconds is dropped";
    assert_eq!(refused, Failure::Metrics(text.to_owned()));
}

#[test]
fn target_info_spans_the_time_of_the_points() {
    let at = |seconds: u64| json!({"asInt": 1, "timeUnixNano": (seconds * 1_000_000_000).to_string(), "attributes": attributes(&[("n", &seconds.to_string())])});
    let metrics = json!([{"name": "g", "gauge": {"dataPoints": [at(400), at(100)]}}]);
    let mut resource = SERVICE.to_vec();
    let count = |resource: &[(&str, &str)], settings: &Settings| {
        let all = lines(&request(resource, metrics.clone()), settings);
        all.into_iter().filter(|line| line.contains("target_info")).collect::<Vec<_>>()
    };
    assert!(count(&resource, &Settings::default()).is_empty(), "what identifies alone says nothing");
    assert!(count(&[("host", "h")], &Settings::default()).is_empty(), "it belongs to no target");
    resource.push(("host", "h"));
    assert_eq!(
        count(&resource, &Settings::default()),
        [100_000, 250_000, 400_000].map(|time| format!(
            r#"{{__name__="target_info", host="h", instance="i1", job="ns/shop"}} 1 {time}"#
        ))
    );
    let keeping = Settings { keep_identifying: true, ..Settings::default() };
    assert!(count(&resource, &keeping)[0].contains(r#"service_name="shop", service_namespace="ns""#));
}

#[test]
fn scopes_become_labels_where_asked_for() {
    let metrics = json!([{"name": "g", "gauge": {"dataPoints": [point(json!({"asInt": 1}))]}}]);
    let settings = Settings { promote_scope: true, ..Settings::default() };
    assert_eq!(
        lines(&request(&[], metrics), &settings),
        [
            r#"{__name__="g", otel_scope_name="lib", otel_scope_schema_url="u", otel_scope_version="1.2", otel_scope_x_y="z"} 1 20000"#
        ]
    );
}

#[test]
fn types_and_units_become_labels_where_asked_for() {
    let metrics =
        json!([{"name": "g", "unit": "By/s", "gauge": {"dataPoints": [point(json!({"asInt": 1}))]}}]);
    let settings = Settings { type_and_unit_labels: true, ..Settings::default() };
    assert_eq!(
        lines(&request(&[], metrics), &settings),
        [r#"{__name__="g_bytes_per_second", __type__="gauge", __unit__="bytes_per_second"} 1 20000"#]
    );
}

#[test]
fn values_of_attributes_become_texts() {
    let value = |value: Json| json!({"key": "v", "value": value});
    let shown = |any: Json| {
        let points = json!([point(json!({"asInt": 1, "attributes": [value(any)]}))]);
        let metrics = json!([{"name": "g", "gauge": {"dataPoints": points}}]);
        let [line] = lines(&request(&[], metrics), &Settings::default()).try_into().unwrap();
        line.strip_prefix(r#"{__name__="g", v=""#)
            .and_then(|rest| rest.strip_suffix("\"} 1 20000"))
            .unwrap_or("")
            .to_owned()
    };
    assert_eq!(shown(json!({"boolValue": true})), "true");
    assert_eq!(shown(json!({"intValue": "-7"})), "-7");
    assert_eq!(shown(json!({"doubleValue": 1e21})), "1e+21");
    assert_eq!(shown(json!({"doubleValue": 1e-7})), "1e-7");
    assert_eq!(shown(json!({"bytesValue": "aGk="})), "aGk=");
    let list = json!({"arrayValue": {"values": [{"intValue": 1}, {"stringValue": "<a>"}, {}]}});
    assert_eq!(shown(list), r#"[1,\"\\u003ca\\u003e\",null]"#);
    let map = json!({"kvlistValue": {"values": [{"key": "b", "value": {"boolValue": false}}, {"key": "a"}]}});
    assert_eq!(shown(map), r#"{\"a\":null,\"b\":false}"#);
    assert_eq!(shown(json!({"stringValue": ""})), "");
}

#[test]
fn json_is_taken_in_both_spellings_and_the_unknown_left_out() {
    let plain = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [
        {"name": "g", "gauge": {"dataPoints": [{"asDouble": "1.5", "timeUnixNano": 5_000_000}]}}]}]}]});
    let snake = json!({"bogus": [1, {"a": null}], "resource_metrics": [{"resource": null, "scope_metrics": [{"metrics": [
        {"name": "g", "gauge": {"data_points": [{"as_double": 1.5, "time_unix_nano": "5000000"}]}}]}]}]});
    assert_eq!(lines(&plain, &Settings::default()), [r#"{__name__="g"} 1.5 5"#]);
    assert_eq!(lines(&snake, &Settings::default()), lines(&plain, &Settings::default()));
    for bad in [
        "",
        "[]",
        "{",
        r#"{"resourceMetrics": 5}"#,
        r#"{"resourceMetrics": [[{}]]}"#,
        "{} {}",
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":3}]}]}]}"#,
    ] {
        assert!(json_form::to_protobuf(bad.as_bytes()).is_err(), "{bad}");
    }
    let deep = "{\"arrayValue\":{\"values\":[".repeat(2000);
    let body = format!(r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"value":{deep}"#);
    assert!(json_form::to_protobuf(body.as_bytes()).is_err());
}

#[test]
fn numbers_of_json_are_read_to_the_last_bit() {
    // Sums that an SDK sent, and that a reading which rounds twice gets wrong.
    for value in
        [132_691_910.896_293_55, 265_429_119.810_241_58, 1_330_155_971.126_413_3, 106_360.215_362_548_83]
    {
        let request = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [
            {"name": "g", "gauge": {"dataPoints": [{"asDouble": value, "timeUnixNano": 5_000_000}]}}]}]}]});
        assert_eq!(lines(&request, &Settings::default()), [format!(r#"{{__name__="g"}} {value} 5"#)]);
    }
}

#[test]
fn a_request_that_is_cut_short_is_refused_wherever_it_is_cut() {
    let points =
        json!([point(json!({"count": 6, "sum": 8.5, "bucketCounts": [1, 2, 3], "explicitBounds": [0.5, 1],
        "attributes": attributes(&[("a", "b")])}))]);
    let metrics = json!([{"name": "lat", "histogram": {"dataPoints": points, "aggregationTemporality": 2}}]);
    let whole = json_form::to_protobuf(request(&SERVICE, metrics).to_string().as_bytes()).unwrap();
    let taken = |body: &[u8]| {
        translate(body, &Settings::default(), (&mut Accumulator::new(), 0), &mut Shown::default())
    };
    assert!(taken(&whole).is_ok());
    for end in 1..whole.len() {
        assert!(matches!(taken(&whole[..end]), Err(Failure::Unreadable(_))), "{end}");
    }
    // Any byte may be another one: that ends in a request or in an error, never otherwise.
    for place in 0..whole.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= change;
            let _ = taken(&changed);
        }
    }
}
