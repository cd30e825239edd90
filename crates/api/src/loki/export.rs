//! `/export`: all entries of a log query, a JSON object a line, as a stream without a limit.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use logql_syntax::LogExpr;
use serde_json::{Map, Value, json};
use storage::logs::LogQuerier;
use tokio::sync::mpsc;

use super::Loki;
use super::asked::Asked;
use super::entries::{self, Entry, Looking, Selection};
use super::refusal::Refusal;
use super::table::Answering;
use super::times::Span;

/// So many bytes of lines are read at once, about.
const WINDOW_BYTES: u64 = 8 << 20;
/// The shortest span that is read at once.
const WINDOW_MIN: i64 = 1_000_000;
/// Pieces that wait for a slow client.
const PIECES_MAX: usize = 4;

type Pieces = mpsc::Sender<Result<Bytes, std::io::Error>>;

/// `/export`: lines oldest first.
pub(super) fn export(loki: Arc<Loki>, asked: Asked) -> Answering {
    Box::pin(async move {
        let span = Span::forward(asked.params(), asked.now)?;
        let log = logql_syntax::parse_log(asked.params().get("query"), asked.limits.syntax())?;
        let logs = asked.logs(&loki)?;
        let tenants = asked.tenants.joined();
        let (pieces, taken) = mpsc::channel(PIECES_MAX);
        tokio::task::spawn_blocking(move || {
            let outcome = logs
                .log_querier(&tenants, span.range())
                .map_err(Refusal::from)
                .and_then(|view| windows(view.as_ref(), &log, span))
                .and_then(|windows| {
                    let view = |window: Span| Ok(logs.log_querier(&tenants, window.range())?);
                    let looking = || Looking::unhurried(&loki, &asked.limits);
                    windows.into_iter().try_for_each(|window| send(&view, &log, window, &looking, &pieces))
                });
            if let Err(refusal) = outcome {
                // The client has its first lines: a stream that breaks off is all that can be told now.
                let _ = pieces.blocking_send(Err(std::io::Error::other(refusal.text)));
            }
        });
        let stream = futures_util::stream::unfold(taken, |mut taken| async move {
            taken.recv().await.map(|piece| (piece, taken))
        });
        let mut response = Response::new(Body::from_stream(stream));
        let kind = HeaderValue::from_static("application/x-ndjson");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        Ok(response)
    })
}

/// Spans that hold about so much each, as the headers of blocks say.
fn windows(view: &dyn LogQuerier, log: &LogExpr, span: Span) -> Result<Vec<Span>, Refusal> {
    let blocks = view.select(&log.matchers)?;
    let first = blocks.blocks().iter().map(|block| block.start).min();
    let last = blocks.blocks().iter().map(|block| block.end).max();
    let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
    let span = Span { start: span.start.max(first), end: span.end.min(last.saturating_add(1)) };
    let bytes: u64 = blocks.blocks().iter().map(|block| block.line_bytes + block.metadata_bytes).sum();
    let count = i64::try_from(bytes / WINDOW_BYTES + 1).unwrap_or(i64::MAX);
    let length = (span.length() / count + 1).max(WINDOW_MIN);
    let mut windows = Vec::new();
    let mut start = span.start;
    while start < span.end {
        let end = start.saturating_add(length).min(span.end);
        windows.push(Span { start, end });
        start = end;
    }
    Ok(windows)
}

type Viewing<'v> = dyn Fn(Span) -> Result<Box<dyn LogQuerier>, Refusal> + 'v;

/// Sends the entries of a window; in halves where they are too many to be held at once.
fn send<'l>(
    view: &Viewing<'_>,
    log: &LogExpr,
    window: Span,
    looking: &dyn Fn() -> Looking<'l>,
    pieces: &Pieces,
) -> Result<(), Refusal> {
    let selection = Selection { limit: usize::MAX, forward: true };
    let present = looking();
    let selected = entries::select(view(window)?.as_ref(), log, selection, &present);
    let entries = match selected {
        Err(_) if present.is_full() && window.length() > 1 => {
            // Nothing of what it counted is held any more: the halves need the room.
            drop(present);
            let middle = window.start + window.length() / 2;
            send(view, log, Span { end: middle, ..window }, looking, pieces)?;
            return send(view, log, Span { start: middle, ..window }, looking, pieces);
        }
        entries => entries?,
    };
    let mut text = String::new();
    for entry in &entries {
        text.push_str(&line(entry));
        text.push('\n');
    }
    if text.is_empty() {
        return Ok(());
    }
    pieces.blocking_send(Ok(Bytes::from(text))).map_err(|_| Refusal::canceled())
}

fn line(entry: &Entry) -> String {
    let labels: Map<String, Value> =
        entry.labels.iter().map(|(name, value, _)| (name.clone(), Value::from(value.as_str()))).collect();
    json!({
        "timestamp": entry.timestamp.to_string(),
        "labels": labels,
        "line": String::from_utf8_lossy(&entry.line),
    })
    .to_string()
}
