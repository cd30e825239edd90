//! The Prometheus text format, version 0.0.4, or 1.0.0 where names need quotes.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use model::MetricType;
use model::name::{is_legacy_label_name, is_legacy_metric_name};
use model::number::format_general;

use crate::exposition::{Family, Metric, MetricValue};

/// Appends families in the text format. Native histograms, which it does not know, are left out.
///
/// Names outside the classic syntax come in quotes: a caller whose reader does not take that escapes them before.
pub fn write_text(families: &[Family], out: &mut String) {
    for family in families {
        let name = quoted_name(&family.name);
        if !family.help.is_empty() {
            let _ = writeln!(out, "# HELP {name} {}", escape(&family.help, false));
        }
        let _ = writeln!(out, "# TYPE {name} {}", type_name(family.metric_type));
        for metric in &family.metrics {
            write_metric(&family.name, metric, out);
        }
    }
}

/// The name of a type in this format, which knows fewer than OpenMetrics.
fn type_name(metric_type: MetricType) -> &'static str {
    match metric_type {
        MetricType::Counter => "counter",
        MetricType::Gauge | MetricType::Info | MetricType::StateSet => "gauge",
        MetricType::Histogram | MetricType::GaugeHistogram => "histogram",
        MetricType::Summary => "summary",
        MetricType::Unknown => "untyped",
    }
}

fn write_metric(name: &str, metric: &Metric, out: &mut String) {
    let mut line = |suffix: &str, extra: Option<(&str, f64)>, value: &str| {
        push_series(out, name, suffix, &metric.labels, extra);
        out.push(' ');
        out.push_str(value);
        if let Some(timestamp) = metric.timestamp {
            let _ = write!(out, " {timestamp}");
        }
        out.push('\n');
    };
    match &metric.value {
        MetricValue::Number(value) => line("", None, &format_general(*value)),
        MetricValue::Histogram { count, sum, buckets } => {
            for (bound, cumulative) in buckets {
                line("_bucket", Some(("le", *bound)), &cumulative.to_string());
            }
            line("_sum", None, &format_general(*sum));
            line("_count", None, &count.to_string());
        }
        MetricValue::Summary { count, sum, quantiles } => {
            for (quantile, value) in quantiles {
                line("", Some(("quantile", *quantile)), &format_general(*value));
            }
            line("_sum", None, &format_general(*sum));
            line("_count", None, &count.to_string());
        }
        MetricValue::Native(_) => {}
    }
}

fn push_series(
    out: &mut String,
    name: &str,
    suffix: &str,
    labels: &[(String, String)],
    extra: Option<(&str, f64)>,
) {
    let full = format!("{name}{suffix}");
    let mut separator = '{';
    if is_legacy_metric_name(&full) {
        out.push_str(&full);
    } else {
        let _ = write!(out, "{{\"{}\"", escape(&full, true));
        separator = ',';
    }
    for (label, value) in labels {
        out.push(separator);
        separator = ',';
        if is_legacy_label_name(label) {
            out.push_str(label);
        } else {
            let _ = write!(out, "\"{}\"", escape(label, true));
        }
        let _ = write!(out, "=\"{}\"", escape(value, true));
    }
    if let Some((label, value)) = extra {
        let _ = write!(out, "{separator}{label}=\"{}\"", format_general(value));
        separator = ',';
    }
    if separator == ',' {
        out.push('}');
    }
}

fn quoted_name(name: &str) -> String {
    if is_legacy_metric_name(name) { name.to_owned() } else { format!("\"{}\"", escape(name, true)) }
}

/// Backslashes and line breaks, and quotes where the text stands in quotes, with a backslash before them.
fn escape(text: &str, quotes: bool) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quotes { escaped.replace('"', "\\\"") } else { escaped }
}
