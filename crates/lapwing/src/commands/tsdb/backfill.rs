//! `tsdb create-blocks-from rules`: blocks of what recording rules would have written, asked of a server.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::duration::parse_duration;
use model::name::is_legacy_label_name;
use model::quote::quote;
use model::{Labels, LabelsBuilder, labels::METRIC_NAME};
use platform::real::{RealClock, RealFileSystem};
use platform::{Clock, FileSystem};
use rules::{GroupSettings, RuleKind, RuleSettings};
use serde_json::Value;
use tsdb::tool::{CreateOptions, create_blocks_from_open_metrics};

use super::{DATA_PATH, Failed};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, value};
use crate::commands::query::server::{HTTP_CONFIG, Server};
use crate::rules::{GroupDefaults, groups};

/// The length of a block, in milliseconds: as much is asked for at once.
const BLOCK_MS: i64 = 2 * 60 * 60 * 1000;
/// Where the end is not given: what is newer may still be in the head of the server that takes the blocks.
const END_BEFORE_NOW_MS: i64 = 3 * 60 * 60 * 1000;

/// The command.
pub(super) const TOOL: Tool = Tool {
    name: "tsdb create-blocks-from rules",
    about: "Create blocks of data for new recording rules.",
    flags: &[
        HTTP_CONFIG,
        value(
            "url",
            "http://localhost:9090",
            "The URL for the Prometheus API with the data where the rule will be backfilled from.",
        ),
        value(
            "start",
            "",
            "The time to start backfilling the new rule from. Must be a RFC3339 formatted date or Unix timestamp. Required.",
        ),
        value(
            "end",
            "",
            "If an end time is provided, all recording rules in the rule files provided will be backfilled to the end time. Default will backfill up to 3 hours ago. Must be a RFC3339 formatted date or Unix timestamp.",
        ),
        value("output-dir", DATA_PATH, "Output directory for generated blocks."),
        value(
            "eval-interval",
            "60s",
            "How frequently to evaluate rules when backfilling if a value is not set in the recording rule files.",
        ),
    ],
    arguments: &[ToolArgument {
        name: "rule-files...",
        required: true,
        help: "A list of one or more files containing recording rules to be backfilled. All recording rules listed in the files will be backfilled. Alerting rules are not evaluated.",
    }],
};

/// Runs it.
pub(super) fn run(call: &ToolCall, out: &mut dyn Write) -> Result<(), Failed> {
    let clock = RealClock::new();
    if call.get("start").is_empty() {
        return Err(Failed("required flag --start not provided".to_owned()));
    }
    let start = api::parse_time(call.get("start"))?;
    let end = match call.get("end") {
        "" => clock.now_ms() - END_BEFORE_NOW_MS,
        text => api::parse_time(text)?,
    };
    if start >= end {
        return Err(Failed("start time is not before end time".to_owned()));
    }
    let interval = parse_duration(call.get("eval-interval"))?;
    let patterns: Vec<&str> = call.arguments().iter().map(String::as_str).collect();
    let syntax = super::super::group::syntax_options(call);
    let files = crate::rules::load(&patterns, &RealFileSystem, syntax, false)?;
    let groups = groups(&files, GroupDefaults { interval, query_offset: Duration::ZERO });
    let server = Server::new(call.get("url"), call)?;
    let fs: Arc<dyn FileSystem> = Arc::new(RealFileSystem);
    let options = CreateOptions { listing: None, ..CreateOptions::default() };
    let mut block = start.div_euclid(BLOCK_MS) * BLOCK_MS;
    while block <= end {
        let span = (block.max(start), (block + BLOCK_MS - 1).min(end));
        let mut text = String::new();
        for group in &groups {
            for rule in group.rules.iter().filter(|rule| rule.kind == RuleKind::Recording) {
                ask(&server, group, rule, span, &mut text)?;
            }
        }
        if !text.is_empty() {
            text.push_str("# EOF\n");
            let output = Path::new(call.get("output-dir"));
            create_blocks_from_open_metrics(&fs, &clock, text.as_bytes(), output, &options, out)?;
        }
        block += BLOCK_MS;
    }
    Ok(())
}

/// Asks what a rule gives in a span of time, and appends it as OpenMetrics text.
fn ask(
    server: &Server,
    group: &GroupSettings,
    rule: &RuleSettings,
    (start_ms, end_ms): (i64, i64),
    text: &mut String,
) -> Result<(), Failed> {
    let first =
        rules::first_slot_ns(&group.file, &group.name, group.interval, start_ms.saturating_mul(1_000_000));
    let first_ms = first.div_euclid(1_000_000);
    if first_ms > end_ms {
        return Ok(());
    }
    let seconds = |ms: i64| model::number::format_plain(ms as f64 / 1000.0);
    let answer = server
        .post(
            "query_range",
            &[
                ("query", rule.expression.clone()),
                ("start", seconds(first_ms)),
                ("end", seconds(end_ms)),
                ("step", model::number::format_plain(group.interval.as_secs_f64())),
            ],
        )
        .map_err(|error| Failed(format!("query range: {error}")))?;
    let Some(series) = answer.data.get("result").and_then(Value::as_array) else {
        return Err(Failed("rule result is wrong type".to_owned()));
    };
    for one in series {
        let name = series_text(&labels(one, rule));
        let samples = one.get("values").and_then(Value::as_array);
        for sample in samples.into_iter().flatten().filter_map(Value::as_array) {
            if let [time, value] = sample.as_slice()
                && let (Some(time), Some(value)) = (time.as_f64(), value.as_str())
            {
                text.push_str(&format!("{name} {value} {}\n", model::number::format_plain(time)));
            }
        }
    }
    Ok(())
}

/// The labels of a series as the rule records it.
fn labels(series: &Value, rule: &RuleSettings) -> Labels {
    let pairs = series.get("metric").and_then(Value::as_object).into_iter().flatten();
    let pairs = pairs.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let mut builder = LabelsBuilder::new(Labels::from_pairs(pairs));
    for (name, value) in &rule.labels {
        builder.set(name, value);
    }
    builder.set(METRIC_NAME, &rule.name);
    builder.build()
}

/// A series in the quoted form of OpenMetrics, which takes any name.
fn series_text(labels: &Labels) -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let mut parts = vec![format!("\"{}\"", escape(labels.metric_name()))];
    for (name, value) in labels.iter().filter(|(name, _)| *name != METRIC_NAME) {
        let name = if is_legacy_label_name(name) { name.to_owned() } else { quote(name) };
        parts.push(format!("{name}=\"{}\"", escape(value)));
    }
    format!("{{{}}}", parts.join(","))
}
