//! `labels`, `series`, `fmt`, `stats`, `volume`, `volume_range`, `detected-fields`.

use std::io::Read;

use serde_json::Value;

use super::ask::{Loki, span};
use super::flags::{self, flags};
use crate::answer;
use crate::cli::tool::{Tool, ToolArgument, ToolCall, ToolFlag, switch, value};

const SELECTOR: ToolArgument = ToolArgument { name: "matcher", required: true, help: "The selector." };
const TARGETS: ToolFlag = value("targetLabels", "", "Labels to group by.");
const BY_LABELS: ToolFlag = switch("aggregateByLabels", "Sum by names of labels.");

/// The longest query that is formatted.
const QUERY_BYTES_MAX: u64 = 1 << 20;

pub(super) const LABELS: Tool = Tool {
    name: "labels",
    about: "Find values for a given label.",
    flags: flags![flags::SINCE, flags::FROM, flags::TO],
    arguments: &[ToolArgument { name: "label", required: false, help: "The name of the label." }],
};

pub(super) const SERIES: Tool = Tool {
    name: "series",
    about: "Run series query.",
    flags: flags![
        flags::SINCE,
        flags::FROM,
        flags::TO,
        switch("analyze-labels", "Print a summary of labels and how many values they have."),
    ],
    arguments: &[SELECTOR],
};

pub(super) const FORMAT: Tool = Tool {
    name: "fmt",
    about: "Formats a LogQL query from standard input.",
    flags: flags![],
    arguments: &[],
};

pub(super) const STATS: Tool = Tool {
    name: "stats",
    about: "Run a stats query.",
    flags: flags![flags::SINCE, flags::FROM, flags::TO],
    arguments: &[SELECTOR],
};

pub(super) const VOLUME: Tool = Tool {
    name: "volume",
    about: "Run a volume query.",
    flags: flags![flags::LIMIT, flags::SINCE, flags::FROM, flags::TO, TARGETS, BY_LABELS],
    arguments: &[SELECTOR],
};

pub(super) const VOLUME_RANGE: Tool = Tool {
    name: "volume_range",
    about: "Run a volume query over time.",
    flags: flags![
        flags::LIMIT,
        flags::SINCE,
        flags::FROM,
        flags::TO,
        value("step", "1h", "Width of the steps."),
        TARGETS,
        BY_LABELS,
    ],
    arguments: &[SELECTOR],
};

pub(super) const FIELDS: Tool = Tool {
    name: "detected-fields",
    about: "Run a query for detected fields.",
    flags: flags![
        value("limit", "100", "Limit on number of fields or values."),
        value("line-limit", "1000", "Limit on number of lines that are looked at."),
        flags::SINCE,
        flags::FROM,
        flags::TO,
    ],
    arguments: &[
        ToolArgument { name: "query", required: true, help: "The query." },
        ToolArgument { name: "field", required: false, help: "The field whose values are wanted." },
    ],
};

/// `start` and `end`.
fn times(call: &ToolCall) -> Result<Vec<(&'static str, String)>, String> {
    let (start, end) = span(call)?;
    Ok(vec![("start", start.to_string()), ("end", end.to_string())])
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(super) fn labels(call: &ToolCall) -> Result<(), String> {
    let path = match call.argument(0) {
        None => "labels".to_owned(),
        Some(name) => {
            let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            format!("label/{name}/values")
        }
    };
    let found = Loki::new(call)?.get(&path, &times(call)?)?;
    for text in texts(&found["data"]) {
        answer(&format!("{text}\n"), 0);
    }
    Ok(())
}

pub(super) fn series(call: &ToolCall) -> Result<(), String> {
    let mut params = times(call)?;
    params.push(("match", call.argument(0).unwrap_or_default().to_owned()));
    let found = Loki::new(call)?.get("series", &params)?;
    let streams: Vec<Vec<(String, String)>> =
        found["data"].as_array().into_iter().flatten().map(pairs).collect();
    if call.is_on("analyze-labels") {
        answer(&summary(&streams), 0);
        return Ok(());
    }
    for labels in streams {
        let shown: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}={}", model::quote::quote(value))).collect();
        answer(&format!("{{{}}}\n", shown.join(", ")), 0);
    }
    Ok(())
}

fn pairs(labels: &Value) -> Vec<(String, String)> {
    let pairs = labels.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect()
}

/// How many values labels have, and in how many streams they are.
fn summary(streams: &[Vec<(String, String)>]) -> String {
    let mut labels: std::collections::BTreeMap<&str, (std::collections::BTreeSet<&str>, usize)> =
        std::collections::BTreeMap::new();
    for (name, value) in streams.iter().flatten() {
        let (values, count) = labels.entry(name).or_default();
        values.insert(value);
        *count += 1;
    }
    let mut rows: Vec<(&str, usize, usize)> =
        labels.into_iter().map(|(name, (values, count))| (name, values.len(), count)).collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let mut text = format!("Total Streams:  {}\nUnique Labels:  {}\n\n", streams.len(), rows.len());
    let width = rows.iter().map(|(name, ..)| name.len()).max().unwrap_or(0).max("Label Name".len());
    text.push_str(&format!("{:width$}  Unique Values  Found In Streams\n", "Label Name"));
    for (name, values, count) in rows {
        text.push_str(&format!("{name:width$}  {values:<13}  {count}\n"));
    }
    text
}

pub(super) fn format(_: &ToolCall) -> Result<(), String> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(QUERY_BYTES_MAX);
    input.read_to_string(&mut text).map_err(|error| error.to_string())?;
    let expr = logql_syntax::parse(text.trim(), logql_syntax::Options::default());
    let expr = expr.map_err(|error| format!("failed to format logql: {error}"))?;
    answer(&format!("{}\n", expr.pretty()), 0);
    Ok(())
}

pub(super) fn stats(call: &ToolCall) -> Result<(), String> {
    let mut params = times(call)?;
    params.push(("query", call.argument(0).unwrap_or_default().to_owned()));
    let found = Loki::new(call)?.get("index/stats", &params)?;
    let mut text = String::from("{\n");
    for key in ["bytes", "chunks", "streams", "entries"] {
        text.push_str(&format!("  {key}: {}\n", found[key]));
    }
    answer(&format!("{text}}}\n"), 0);
    Ok(())
}

pub(super) fn volume(call: &ToolCall) -> Result<(), String> {
    show_volume(call, "index/volume", &[])
}

pub(super) fn volume_range(call: &ToolCall) -> Result<(), String> {
    show_volume(call, "index/volume_range", &[("step", call.get("step").to_owned())])
}

fn show_volume(call: &ToolCall, path: &str, more: &[(&'static str, String)]) -> Result<(), String> {
    let mut params = times(call)?;
    params.push(("query", call.argument(0).unwrap_or_default().to_owned()));
    params.push(("limit", call.get("limit").to_owned()));
    params.push(("targetLabels", call.get(TARGETS.name).to_owned()));
    let by = if call.is_on(BY_LABELS.name) { "labels" } else { "series" };
    params.push(("aggregateBy", by.to_owned()));
    params.extend_from_slice(more);
    let found = Loki::new(call)?.get(path, &params)?;
    answer(&format!("{:#}\n", found["data"]["result"]), 0);
    Ok(())
}

pub(super) fn fields(call: &ToolCall) -> Result<(), String> {
    let mut params = times(call)?;
    params.push(("query", call.argument(0).unwrap_or_default().to_owned()));
    params.push(("limit", call.get("limit").to_owned()));
    params.push(("line_limit", call.get("line-limit").to_owned()));
    let loki = Loki::new(call)?;
    if let Some(field) = call.argument(1) {
        let name: String = form_urlencoded::byte_serialize(field.as_bytes()).collect();
        let found = loki.get(&format!("detected_field/{name}/values"), &params)?;
        for text in texts(&found["values"]) {
            answer(&format!("{text}\n"), 0);
        }
        return Ok(());
    }
    let found = loki.get("detected_fields", &params)?;
    for field in found["fields"].as_array().into_iter().flatten() {
        let text = |key: &str| field[key].as_str().unwrap_or_default().to_owned();
        let parsers = texts(&field["parsers"]).join(",");
        answer(
            &format!(
                "label: {}\t\ttype: {}\t\tcardinality: {}\t\tparsers: {parsers}\n",
                text("label"),
                text("type"),
                field["cardinality"]
            ),
            0,
        );
    }
    Ok(())
}
