//! `query` and `instant-query`.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::ask::{Loki, now, span};
use super::flags::{self, flags};
use crate::cli::tool::{Tool, ToolArgument, ToolCall, switch, value};
use crate::{answer, complain};

const QUERY_TEXT: ToolArgument = ToolArgument { name: "query", required: true, help: "The query." };

/// `query`
pub(super) const QUERY: Tool = Tool {
    name: "query",
    about: "Run a LogQL query.",
    flags: flags![
        flags::LIMIT,
        flags::SINCE,
        flags::FROM,
        flags::TO,
        value("step", "", "Query resolution step width, for metric queries."),
        value("interval", "", "Query interval, for log queries."),
        value("batch", "1000", "Query batch size."),
        switch("forward", "Scan forwards through logs."),
        switch("no-labels", "Do not print any labels."),
        switch("include-common-labels", "Print the labels that all lines have, too."),
        switch("colored-output", "Accepted: output has no colours."),
    ],
    arguments: &[QUERY_TEXT],
};

/// `instant-query`
pub(super) const INSTANT: Tool = Tool {
    name: "instant-query",
    about: "Run an instant LogQL query.",
    flags: flags![
        flags::LIMIT,
        value("now", "", "Time at which to execute the query (RFC 3339)."),
        switch("colored-output", "Accepted: output has no colours."),
    ],
    arguments: &[QUERY_TEXT],
};

/// One line with its labels.
struct Line {
    time: i64,
    labels: BTreeMap<String, String>,
    text: String,
}

/// Asks page by page until there are as many lines as wanted.
pub(super) fn query(call: &ToolCall) -> Result<(), String> {
    let loki = Loki::new(call)?;
    let text = call.argument(0).unwrap_or_default();
    let number = |name: &str| call.get(name).parse::<usize>().map_err(|error| format!("--{name}: {error}"));
    let (limit, batch) = (number("limit")?, number("batch")?.max(1));
    let forward = call.is_on("forward");
    let (mut start, mut end) = span(call)?;
    let mut seen: HashSet<(i64, String)> = HashSet::new();
    let mut shown = 0;
    loop {
        let wanted = if limit == 0 { batch } else { batch.min(limit - shown) };
        let page = (wanted + seen.len()).min(batch.max(wanted));
        let mut params = vec![
            ("query", text.to_owned()),
            ("start", start.to_string()),
            ("end", end.to_string()),
            ("limit", page.to_string()),
            ("direction", if forward { "FORWARD" } else { "BACKWARD" }.to_owned()),
        ];
        for name in ["step", "interval"] {
            if !call.get(name).is_empty() {
                params.push((name, call.get(name).to_owned()));
            }
        }
        let found = loki.get("query_range", &params)?;
        print_stats(call, &found);
        if found["data"]["resultType"] != "streams" {
            answer(&format!("{:#}\n", found["data"]["result"]), 0);
            return Ok(());
        }
        let mut lines = lines(&found["data"]["result"]);
        lines.sort_by_key(|line| if forward { line.time } else { -line.time });
        let count = lines.len();
        let edge = lines.last().map(|line| line.time);
        lines.retain(|line| seen.insert((line.time, line.text.clone())));
        if limit > 0 {
            lines.truncate(limit - shown);
        }
        shown += lines.len();
        print(call, &lines)?;
        let Some(edge) = edge.filter(|_| count >= page && (limit == 0 || shown < limit)) else {
            return Ok(());
        };
        if lines.is_empty() {
            return Err("more entries of one time than a batch holds: use a larger --batch".to_owned());
        }
        // Lines of the last time may go on in the next page: those that were shown are left out there.
        seen.retain(|(time, _)| *time == edge);
        (start, end) = if forward { (edge, end) } else { (start, edge + 1) };
    }
}

fn lines(result: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for stream in result.as_array().into_iter().flatten() {
        let labels: BTreeMap<String, String> = stream["stream"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        for value in stream["values"].as_array().into_iter().flatten() {
            let text = |place: usize| value.get(place).and_then(Value::as_str).unwrap_or_default();
            lines.push(Line {
                time: text(0).parse().unwrap_or_default(),
                labels: labels.clone(),
                text: text(1).to_owned(),
            });
        }
    }
    lines
}

fn print(call: &ToolCall, lines: &[Line]) -> Result<(), String> {
    let zone = match call.get(flags::ZONE.name) {
        "Local" => TimeZone::system(),
        name => TimeZone::get(name).map_err(|error| error.to_string())?,
    };
    let mut common = match lines.first() {
        Some(first) if !call.is_on("include-common-labels") => first.labels.clone(),
        _ => BTreeMap::new(),
    };
    for line in lines {
        common.retain(|name, value| line.labels.get(name) == Some(value));
    }
    if !common.is_empty() && !call.is_on(flags::QUIET.name) {
        complain(&format!("Common labels: {}", shown(&common)), 0);
    }
    let mut out = String::new();
    for line in lines {
        match call.get(flags::OUTPUT.name) {
            "raw" => out.push_str(&line.text),
            "jsonl" => {
                let time = time(line.time, &zone);
                out.push_str(
                    &json!({ "labels": line.labels, "line": line.text, "timestamp": time }).to_string(),
                );
            }
            _ => {
                let own: BTreeMap<String, String> = line
                    .labels
                    .iter()
                    .filter(|(name, _)| !common.contains_key(*name))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                out.push_str(&time(line.time, &zone));
                if !call.is_on("no-labels") {
                    out.push(' ');
                    out.push_str(&shown(&own));
                }
                out.push(' ');
                out.push_str(&line.text);
            }
        }
        out.push('\n');
    }
    answer(&out, 0);
    Ok(())
}

fn shown(labels: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={}", model::quote::quote(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn time(nanos: i64, zone: &TimeZone) -> String {
    match Timestamp::from_nanosecond(i128::from(nanos)) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        Err(_) => nanos.to_string(),
    }
}

fn print_stats(call: &ToolCall, found: &Value) {
    if call.is_on(flags::STATS.name) {
        complain(&format!("{:#}", found["data"]["stats"]), 0);
    }
}

/// Asks for numbers at one time.
pub(super) fn instant(call: &ToolCall) -> Result<(), String> {
    let loki = Loki::new(call)?;
    let time = match call.get("now") {
        "" => now()?.to_string(),
        text => text.to_owned(),
    };
    let params = [
        ("query", call.argument(0).unwrap_or_default().to_owned()),
        ("time", time),
        ("limit", call.get("limit").to_owned()),
    ];
    let found = loki.get("query", &params)?;
    print_stats(call, &found);
    answer(&format!("{:#}\n", found["data"]["result"]), 0);
    Ok(())
}
