//! `/api/prom/query`: log queries in the form of Loki's first releases.

use std::sync::Arc;

use axum::response::Response;
use jiff::Timestamp;
use logql_syntax::ast::Expr;
use model::quote::quote;
use serde_json::json;

use super::{RangeWish, Running, checks, run};
use crate::loki::Loki;
use crate::loki::answer::json as answer_json;
use crate::loki::asked::Asked;
use crate::loki::refusal::Refusal;
use crate::loki::statistics;
use crate::loki::table::Answering;

/// `/api/prom/query`
pub(in crate::loki) fn old(loki: Arc<Loki>, asked: Asked) -> Answering {
    Box::pin(async move {
        let wish = RangeWish::new(&asked, &with_regexp(&asked))?;
        if matches!(wish.expr, Expr::Metric(_)) {
            return Err(Refusal::bad(
                "legacy endpoints only support streams result type, current type is matrix",
            ));
        }
        run(loki, asked, move |loki, asked, cancel| old_lines(&wish, &Running::new(loki, asked, cancel)))
            .await
    })
}

/// The query of a request, with what the older parameter `regexp` adds to it.
pub(in crate::loki) fn with_regexp(asked: &Asked) -> String {
    let (query, regexp) = (asked.params().get("query"), asked.params().get("regexp"));
    if regexp.is_empty() { query.to_owned() } else { format!("{query} |~ {}", quote(regexp)) }
}

fn old_lines(wish: &RangeWish, running: &Running<'_>) -> Result<Response, Refusal> {
    let Expr::Log(log) = &wish.expr else { return Err(Refusal::bad("only log selector is supported")) };
    let outcome = wish.lines(running, log, false).and_then(|streams| {
        let shown = streams.iter().map(|stream| {
            let entries = stream.entries.iter().map(|entry| old_entry(entry.timestamp, &entry.line));
            let labels = stream.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            json!({ "labels": label_text(labels), "entries": entries.collect::<Vec<_>>() })
        });
        let streams: Vec<_> = shown.collect();
        answer_json(&json!({ "streams": streams, "stats": statistics::shown(&running.figures()) }))
    });
    running.note(checks::kind(&wish.expr), "range", &wish.told(), &outcome);
    outcome
}

/// An entry as an object, its time as a text.
pub(in crate::loki) fn old_entry(timestamp: i64, line: &[u8]) -> serde_json::Value {
    json!({ "ts": time_text(timestamp), "line": String::from_utf8_lossy(line) })
}

/// A time of RFC 3339 with as many decimals as it needs.
pub(in crate::loki) fn time_text(nanos: i64) -> String {
    Timestamp::from_nanosecond(i128::from(nanos)).map(|time| time.to_string()).unwrap_or_default()
}

/// Labels as one text: `{a="b", c="d"}`.
pub(in crate::loki) fn label_text<'a>(labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = labels.map(|(name, value)| format!("{name}={}", quote(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}
