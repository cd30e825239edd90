//! `/status/self_metrics`: own metrics as JSON, in the mapping of protobuf messages to JSON.

use std::sync::Arc;

use axum::response::Response;
use go_regex::Regex;
use serde_json::{Map, Value, json};
use telemetry::{Metric, MetricFamily, MetricKind};

use crate::Api;
use crate::answer::Success;
use crate::call::Call;
use crate::error::ApiError;

/// `/api/v1/status/self_metrics`: the families whose name fits a pattern, all without one.
pub(crate) async fn self_metrics(api: Arc<Api>, call: Call) -> Response {
    let pattern = call.params.get("metric_name_pattern");
    let wanted = match Regex::anchored(pattern) {
        _ if pattern.is_empty() => None,
        Ok(regex) => Some(regex),
        Err(error) => return ApiError::parameter("metric_name_pattern", error).into_response(),
    };
    let families = api.parts.registry.gather();
    let shown = families
        .iter()
        .filter(|family| wanted.as_ref().is_none_or(|wanted| wanted.is_match(&family.name)))
        .map(shape);
    Success::new(shown.collect::<Vec<_>>()).into_response()
}

fn shape(family: &MetricFamily) -> Value {
    let kind = match family.kind {
        MetricKind::Counter => "COUNTER",
        MetricKind::Gauge => "GAUGE",
        MetricKind::Histogram => "HISTOGRAM",
        MetricKind::Summary => "SUMMARY",
        MetricKind::Untyped => "UNTYPED",
    };
    let mut shown = Map::new();
    shown.insert("name".to_owned(), family.name.as_str().into());
    shown.insert("help".to_owned(), family.help.as_str().into());
    shown.insert("type".to_owned(), kind.into());
    shown.insert("metric".to_owned(), family.metrics.iter().map(metric).collect());
    if !family.unit.is_empty() {
        shown.insert("unit".to_owned(), family.unit.as_str().into());
    }
    shown.into()
}

fn metric(metric: &Metric) -> Value {
    let labels = metric.labels.iter().map(|(name, value)| json!({ "name": name, "value": value }));
    let (key, value) = match &metric.value {
        telemetry::Value::Counter(value) => ("counter", json!({ "value": number(*value) })),
        telemetry::Value::Gauge(value) => ("gauge", json!({ "value": number(*value) })),
        telemetry::Value::Untyped(value) => ("untyped", json!({ "value": number(*value) })),
        telemetry::Value::Histogram { count, sum, buckets } => {
            let buckets = buckets.iter().map(
                |(bound, count)| json!({ "cumulativeCount": count.to_string(), "upperBound": number(*bound) }),
            );
            let buckets: Vec<_> = buckets.collect();
            (
                "histogram",
                json!({ "sampleCount": count.to_string(), "sampleSum": number(*sum), "bucket": buckets }),
            )
        }
        telemetry::Value::Summary { count, sum, quantiles } => {
            let quantiles = quantiles
                .iter()
                .map(|(quantile, value)| json!({ "quantile": number(*quantile), "value": number(*value) }));
            let quantiles: Vec<_> = quantiles.collect();
            (
                "summary",
                json!({ "sampleCount": count.to_string(), "sampleSum": number(*sum), "quantile": quantiles }),
            )
        }
    };
    let mut shown = Map::new();
    let labels: Vec<_> = labels.collect();
    if !labels.is_empty() {
        shown.insert("label".to_owned(), labels.into());
    }
    shown.insert(key.to_owned(), value);
    shown.into()
}

/// A number, or the word that stands for what JSON has no number for.
fn number(value: f64) -> Value {
    match value {
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        _ if value.is_nan() => "NaN".into(),
        // Whole numbers without a fraction, as others write them.
        _ if value == value.trunc() && value.abs() < 9e15 => (value as i64).into(),
        _ => value.into(),
    }
}
