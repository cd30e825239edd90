//! `query` and `instant-query`.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::ask::{Loki, now, span};
use super::flags::{self, flags};
use super::follow;
use super::parallel;
use super::show::{self, Line, labels_text, lines_of, text_of};
use super::stdin;
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
        show::EXCLUDE,
        show::INCLUDE,
        show::LENGTH,
        show::COLOURS,
        switch("tail", "Follow what comes in.").or('t'),
        switch("follow", "The same as --tail.").or('f'),
        follow::DELAY,
        parallel::DURATION,
        parallel::WORKERS,
        parallel::PREFIX,
        parallel::OVERWRITE,
        parallel::MERGE,
        parallel::KEEP,
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
        show::COLOURS,
    ],
    arguments: &[QUERY_TEXT],
};

/// `query`
pub(super) fn query(call: &ToolCall) -> Result<(), String> {
    if call.is_on(flags::STDIN.name) {
        return stdin::query(call);
    }
    if call.is_on("tail") || call.is_on("follow") {
        return follow::tail(call);
    }
    let (span, limit) = (span(call)?, number(call, "limit")?);
    if parallel::is_wanted(call)? {
        return parallel::query(call, span);
    }
    pages(call, &Loki::new(call)?, span, limit, &mut |text| {
        answer(text, 0);
        Ok(())
    })
}

/// A flag's number.
pub(super) fn number(call: &ToolCall, name: &str) -> Result<usize, String> {
    call.get(name).parse().map_err(|error| format!("--{name}: {error}"))
}

/// Asks page by page until there are as many lines as wanted; `take` gets what is to be printed of each page.
pub(super) fn pages(
    call: &ToolCall,
    loki: &Loki,
    (mut start, mut end): (i64, i64),
    limit: usize,
    take: &mut dyn FnMut(&str) -> Result<(), String>,
) -> Result<(), String> {
    let text = call.argument(0).unwrap_or_default();
    let batch = number(call, "batch")?.max(1);
    let forward = call.is_on("forward");
    // Lines of the page before that the next one may begin with.
    let mut seen: HashSet<(i64, BTreeMap<String, String>, String)> = HashSet::new();
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
            return take(&format!("{:#}\n", found["data"]["result"]));
        }
        let mut lines = lines_of(&found["data"]["result"]);
        lines.sort_by_key(|line| if forward { line.time } else { -line.time });
        let count = lines.len();
        let edge = lines.last().map(|line| line.time);
        let key = |line: &Line| (line.time, line.labels.clone(), line.text.clone());
        lines.retain(|line| !seen.contains(&key(line)));
        if limit > 0 {
            lines.truncate(limit - shown);
        }
        shown += lines.len();
        take(&page_text(call, &lines)?)?;
        let Some(edge) = edge.filter(|_| count >= page && (limit == 0 || shown < limit)) else {
            return Ok(());
        };
        if lines.is_empty() {
            return Err("more entries of one time than a batch holds: use a larger --batch".to_owned());
        }
        // Lines of the last time may go on in the next page: those that were shown are left out there.
        seen.retain(|(time, ..)| *time == edge);
        seen.extend(lines.iter().filter(|line| line.time == edge).map(key));
        (start, end) = if forward { (edge, end) } else { (start, edge + 1) };
    }
}

/// Lines as they are printed; the labels that they have in common are told apart.
fn page_text(call: &ToolCall, lines: &[Line]) -> Result<String, String> {
    let mut common = match lines.first() {
        Some(first) if !call.is_on("include-common-labels") => first.labels.clone(),
        _ => BTreeMap::new(),
    };
    for line in lines {
        common.retain(|name, value| line.labels.get(name) == Some(value));
    }
    if !common.is_empty() && !call.is_on(flags::QUIET.name) {
        complain(&format!("Common labels: {}", labels_text(&common)), 0);
    }
    text_of(call, lines, &common)
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
