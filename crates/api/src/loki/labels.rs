//! `/labels`, `/label/{name}/values`, `/series`: what streams there are.

use std::collections::BTreeSet;

use axum::response::Response;
use model::Labels;

use super::Loki;
use super::answer::{json_bytes, written};
use super::asked::Asked;
use super::refusal::Refusal;
use super::times::Span;
use crate::answer::write_start;

/// `/labels`: the names of labels.
pub(super) fn names(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let span = span(asked)?;
    let matchers = asked.matchers(asked.params().get("query"))?;
    listing(asked.view(loki, span)?.label_names(&matchers, None)?.items)
}

/// `/label/{name}/values`: the values of a label.
pub(super) fn values(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let span = span(asked)?;
    let matchers = asked.matchers(asked.params().get("query"))?;
    listing(asked.view(loki, span)?.label_values(&asked.call.segment, &matchers, None)?.items)
}

/// `/series`: the label sets of streams.
pub(super) fn series(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let span = span(asked)?;
    let mut selectors: Vec<&str> = asked
        .params()
        .all("match")
        .chain(asked.params().all("match[]"))
        .filter(|one| !one.is_empty())
        .collect();
    selectors.sort_unstable();
    selectors.dedup();
    if selectors.is_empty() {
        selectors.push("{}");
    }
    let selectors =
        selectors.into_iter().map(|text| asked.selector(text)).collect::<Result<Vec<_>, Refusal>>()?;
    let view = asked.view(loki, span)?;
    let mut streams: BTreeSet<Labels> = BTreeSet::new();
    for matchers in &selectors {
        streams.extend(view.streams(matchers)?);
    }
    written(|json| {
        write_start(json)?;
        json.list(&streams, |json, labels| json.labels(labels))?;
        json.raw("}")
    })
}

/// The span of a question about streams; the original fails where it ends before it starts.
fn span(asked: &Asked) -> Result<Span, Refusal> {
    let span = Span::new(asked.params(), asked.now)?;
    if span.end < span.start {
        return Err(Refusal::internal("merging responses requires at least one response"));
    }
    Ok(span)
}

/// A list of texts; nothing where there are none.
fn listing(items: Vec<String>) -> Result<Response, Refusal> {
    if items.is_empty() {
        return Ok(json_bytes(br#"{"status":"success"}"#.to_vec()));
    }
    written(|json| {
        write_start(json)?;
        json.list(&items, |json, item| json.string(item))?;
        json.raw("}")
    })
}

/// The older form of both lists: `{"values":[…]}`.
pub(super) fn old_names(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let matchers = asked.matchers(asked.params().get("query"))?;
    old_listing(&asked.view(loki, span(asked)?)?.label_names(&matchers, None)?.items)
}

/// As [`old_names`], of values.
pub(super) fn old_values(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let matchers = asked.matchers(asked.params().get("query"))?;
    old_listing(&asked.view(loki, span(asked)?)?.label_values(&asked.call.segment, &matchers, None)?.items)
}

fn old_listing(items: &[String]) -> Result<Response, Refusal> {
    if items.is_empty() {
        return Ok(json_bytes(b"{}".to_vec()));
    }
    super::answer::json(&serde_json::json!({ "values": items }))
}
