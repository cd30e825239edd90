//! `template render`: what a template says of given data.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use config::alertmanager::template_files;
use platform::real::{RealClock, RealFileSystem};
use platform::{Clock, FileSystem};
use serde_json::Value;
use template::Time;
use template::notifications::{AlertData, NotificationData, Texts};

use super::check::{TEMPLATE_BYTES_MAX, load_templates};
use super::failed;
use super::flags::flags;
use crate::answer;
use crate::cli::tool::{Tool, ToolCall, ToolFlag, list, value};

const GLOB: ToolFlag =
    list("template.glob", "", "Glob of the template that will be expanded and used for rendering.");
const TEXT: ToolFlag = value("template.text", "", "The template that will be rendered.");
const TYPE: ToolFlag =
    value("template.type", "text", "The type of the template. Can be either text (default) or html.");
const DATA: ToolFlag = value(
    "template.data",
    "",
    "Full path to a file which contains the data of the alert(-s) with which the --template.text will be rendered. Must be in JSON.",
);

pub(super) const TOOL: Tool = Tool {
    name: "template render",
    about: "Render a given definition in a template file to standard output.",
    flags: flags!(GLOB, TEXT, TYPE, DATA),
    arguments: &[],
};

pub(super) fn run(program: &str, call: &ToolCall) -> ExitCode {
    match render(call) {
        Ok(text) => answer(&text, 0),
        Err(error) => failed(program, error),
    }
}

fn render(call: &ToolCall) -> Result<String, String> {
    let mut files = Vec::new();
    for pattern in call.all(GLOB.name).iter().filter(|pattern| !pattern.is_empty()) {
        files.extend(template_files(pattern, &RealFileSystem).map_err(|error| error.to_string())?);
    }
    let templates = load_templates(&files)?;
    let data = match call.get(DATA.name) {
        "" => example(),
        path => {
            let bytes = RealFileSystem
                .read(Path::new(path), TEMPLATE_BYTES_MAX)
                .map_err(|error| format!("open {path}: {error}"))?;
            let document: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            read_data(&document)
        }
    };
    let now_ns = RealClock::new().now_ms() * 1_000_000;
    let (text, data) = (call.get(TEXT.name), Arc::new(data).to_value());
    match call.get(TYPE.name) {
        "text" => templates.expand(text, &data, now_ns),
        "html" => templates.expand_html(text, &data, now_ns),
        other => return Err(format!("invalid template type: {other}")),
    }
    .map_err(|error| error.to_string())
}

fn read_data(document: &Value) -> NotificationData {
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let alerts = document.get("alerts").and_then(Value::as_array);
    NotificationData {
        receiver: text("receiver"),
        status: Some(text("status")),
        alerts: alerts.into_iter().flatten().map(|alert| Arc::new(read_alert(alert))).collect(),
        reason: text("notification_reason"),
        group_labels: pairs(document, "groupLabels"),
        common_labels: pairs(document, "commonLabels"),
        common_annotations: pairs(document, "commonAnnotations"),
        external_url: text("externalURL"),
    }
}

fn read_alert(alert: &Value) -> AlertData {
    let text = |key: &str| alert.get(key).and_then(Value::as_str).unwrap_or_default();
    let time = |key: &str| Time::parse(text(key)).unwrap_or_else(zero_time);
    AlertData {
        is_resolved: text("status") == "resolved",
        labels: pairs(alert, "labels"),
        annotations: pairs(alert, "annotations"),
        starts_at: time("startsAt"),
        ends_at: time("endsAt"),
        generator_url: text("generatorURL").into(),
        fingerprint: text("fingerprint").to_owned(),
    }
}

fn pairs(value: &Value, key: &str) -> Texts {
    let entries = value.get(key).and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
}

fn zero_time() -> Time {
    Time::parse("0001-01-01T00:00:00Z").unwrap_or_else(|| Time::from_nanos(0))
}

/// What is rendered where no data is given.
fn example() -> NotificationData {
    let texts = |pairs: &[(&str, &str)]| -> Texts { pairs.iter().copied().collect() };
    let alert = |number: &str, is_resolved| {
        Arc::new(AlertData {
            is_resolved,
            labels: texts(&[("alertname", "Example"), ("instance", number), ("severity", "warning")]),
            annotations: texts(&[("summary", "An example")]),
            starts_at: Time::from_nanos(0),
            ends_at: zero_time(),
            generator_url: Arc::from("https://example.com"),
            fingerprint: format!("000000000000000{number}"),
        })
    };
    let mut data = NotificationData {
        receiver: "receiver".to_owned(),
        alerts: vec![alert("1", false), alert("2", true)],
        group_labels: texts(&[("alertname", "Example")]),
        external_url: "https://example.com".to_owned(),
        ..NotificationData::default()
    };
    data.find_common();
    data
}
