//! `/index/stats`, `/index/volume`, `/index/volume_range`, `/index/shards`: how much there is, from the headers of
//! blocks alone.

use std::collections::BTreeMap;

use axum::response::Response;
use http::StatusCode;
use model::{Labels, Matcher};
use serde_json::json;
use storage::logs::{BlockHeader, BlockSet};

use super::answer::{json as answer_json, written};
use super::asked::Asked;
use super::refusal::Refusal;
use super::times::{self, Span};
use super::{Loki, statistics};
use crate::answer::write_start;

/// How many rows of an answer there are where nothing else is asked.
const ROWS: usize = 100;

/// Streams, blocks, bytes and entries.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub(super) struct Amounts {
    streams: usize,
    chunks: usize,
    bytes: u64,
    entries: u64,
}

/// `/index/stats`: how much a selector finds.
pub(super) fn stats(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let (span, blocks) = select(loki, asked)?;
    answer_json(&amounts(blocks.as_ref(), span))
}

fn amounts(blocks: &dyn BlockSet, span: Span) -> Amounts {
    let mut streams: Vec<usize> = blocks.blocks().iter().map(|block| block.stream).collect();
    streams.sort_unstable();
    streams.dedup();
    let mut amounts = Amounts { streams: streams.len(), chunks: blocks.blocks().len(), ..Amounts::default() };
    for block in blocks.blocks() {
        let part = part_of(block, span);
        amounts.bytes += (bytes_of(block) * part) as u64;
        amounts.entries += (block.rows as f64 * part) as u64;
    }
    amounts
}

/// `/index/shards`: one piece of everything, which is as good an answer as any where nothing is divided.
pub(super) fn shards(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    let target = times::count(asked.params(), "targetBytesPerShard", 0)
        .map_err(|_| Refusal::bad("targetBytesPerShard must be a positive value"))?;
    if target == 0 {
        return Err(Refusal::bad("targetBytesPerShard must be a positive value"));
    }
    let (span, blocks) = select(loki, asked)?;
    let stats = amounts(blocks.as_ref(), span);
    answer_json(&json!({
        "shards": [{ "bounds": { "min": 0, "max": u64::MAX }, "stats": stats }],
        "statistics": statistics::empty(),
        "chunkGroups": [],
    }))
}

fn select(loki: &Loki, asked: &Asked) -> Result<(Span, Box<dyn BlockSet>), Refusal> {
    let span = Span::forward(asked.params(), asked.now)?;
    let matchers = asked.selector(asked.params().get("query"))?;
    let blocks = asked.view(loki, span)?.select(&matchers)?;
    Ok((span, blocks))
}

/// What the rows of a volume stand for.
enum Grouping {
    /// Label sets of these names; streams without one of them are left out where they were asked for.
    Series { names: Vec<String>, required: bool },
    /// Whole streams.
    Streams,
    /// Names of labels, all or those asked for.
    Names(Vec<String>),
}

impl Grouping {
    fn new(asked: &Asked, matchers: &[Matcher]) -> Result<Self, Refusal> {
        let targets = asked.params().get("targetLabels");
        let targets: Vec<String> =
            targets.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        match asked.params().get("aggregateBy") {
            "" | "series" if !targets.is_empty() => Ok(Self::Series { names: targets, required: true }),
            "" | "series" if matchers.is_empty() => Ok(Self::Streams),
            "" | "series" => {
                let names = matchers.iter().map(|matcher| matcher.name().to_owned()).collect();
                Ok(Self::Series { names, required: false })
            }
            "labels" => Ok(Self::Names(targets)),
            _ => Err(Refusal::bad("invalid aggregation option")),
        }
    }

    /// The rows that a stream belongs to.
    fn rows(&self, stream: &Labels) -> Vec<Row> {
        match self {
            Self::Streams => vec![Row::Series(stream.clone())],
            Self::Series { names, required } => {
                if *required && names.iter().any(|name| stream.get(name).is_none()) {
                    return Vec::new();
                }
                vec![Row::Series(stream.filtered(|name| names.iter().any(|asked| asked == name)))]
            }
            Self::Names(names) => {
                let all = stream.iter().map(|(name, _)| name);
                let asked = all.filter(|name| names.is_empty() || names.iter().any(|one| one == name));
                asked.map(|name| Row::Name(name.to_owned())).collect()
            }
        }
    }
}

/// What a row of a volume stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Series(Labels),
    Name(String),
}

/// `/index/volume`: bytes by series or label over the whole span.
pub(super) fn volume(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    answer(loki, asked, false)
}

/// `/index/volume_range`: the same by step.
pub(super) fn volume_range(loki: &Loki, asked: &Asked) -> Result<Response, Refusal> {
    answer(loki, asked, true)
}

fn answer(loki: &Loki, asked: &Asked, by_step: bool) -> Result<Response, Refusal> {
    if !asked.limits.volume_enabled {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "not found\n"));
    }
    let span = Span::forward(asked.params(), asked.now)?;
    let limit = times::count(asked.params(), "limit", ROWS)?;
    let step = if by_step { times::step(asked.params(), span)? } else { span.length().max(1) };
    let matchers = asked.selector(asked.params().get("query"))?;
    let grouping = Grouping::new(asked, &matchers)?;
    if limit > asked.limits.volume_series_max && asked.limits.volume_series_max > 0 {
        let max = asked.limits.volume_series_max;
        return Err(Refusal::bad(format!(
            "the query hit the max number of series limit (limit: {max} series)"
        )));
    }
    let blocks = asked.view(loki, span)?.select(&matchers)?;
    let buckets = buckets(span, step);
    let mut rows = sum(blocks.as_ref(), &grouping, &buckets);
    rows.sort_by(|(a, bytes_a), (b, bytes_b)| {
        let total = |bytes: &[u64]| bytes.iter().sum::<u64>();
        total(bytes_b).cmp(&total(bytes_a)).then_with(|| a.cmp(b))
    });
    rows.truncate(limit);
    write(&rows, &buckets)
}

/// The spans of the steps; each ends one millisecond before the next one starts, and the last one with the span.
fn buckets(span: Span, step: i64) -> Vec<Span> {
    let mut buckets = Vec::new();
    let mut start = span.start;
    while start < span.end {
        let next = start.saturating_add(step);
        let end = if next < span.end { next - 1_000_000 } else { span.end };
        buckets.push(Span { start, end });
        start = next;
    }
    buckets
}

/// Bytes of each row in each step.
fn sum(blocks: &dyn BlockSet, grouping: &Grouping, buckets: &[Span]) -> Vec<(Row, Vec<u64>)> {
    let mut rows: BTreeMap<Row, Vec<u64>> = BTreeMap::new();
    let of_streams: Vec<Vec<Row>> = blocks.streams().iter().map(|stream| grouping.rows(stream)).collect();
    for block in blocks.blocks() {
        for row in of_streams.get(block.stream).into_iter().flatten() {
            let sums = rows.entry(row.clone()).or_insert_with(|| vec![0; buckets.len()]);
            for (sum, bucket) in sums.iter_mut().zip(buckets) {
                *sum += (bytes_of(block) * part_of(block, *bucket)) as u64;
            }
        }
    }
    rows.into_iter().filter(|(_, sums)| sums.iter().any(|sum| *sum > 0)).collect()
}

fn bytes_of(block: &BlockHeader) -> f64 {
    (block.line_bytes + block.metadata_bytes) as f64
}

/// How much of a block's time lies in a span; of its rows it will be about as many.
fn part_of(block: &BlockHeader, span: Span) -> f64 {
    let whole = block.end.saturating_sub(block.start).saturating_add(1);
    let start = block.start.max(span.start);
    let end = block.end.saturating_add(1).min(span.end);
    (end.saturating_sub(start).max(0) as f64 / whole as f64).clamp(0.0, 1.0)
}

fn write(rows: &[(Row, Vec<u64>)], buckets: &[Span]) -> Result<Response, Refusal> {
    let points = |sums: &[u64]| -> Vec<(i64, u64)> {
        let all = buckets.iter().zip(sums).filter(|(_, sum)| **sum > 0);
        all.map(|(bucket, sum)| (bucket.end / 1_000_000, *sum)).collect()
    };
    let rows: Vec<(&Row, Vec<(i64, u64)>)> = rows.iter().map(|(row, sums)| (row, points(sums))).collect();
    let is_matrix = rows.iter().any(|(_, points)| points.len() > 1);
    written(|json| {
        write_start(json)?;
        let kind = if is_matrix { "matrix" } else { "vector" };
        json.raw(&format!(r#"{{"resultType":"{kind}","result":"#))?;
        json.list(&rows, |json, (row, points)| {
            json.raw(r#"{"metric":"#)?;
            match row {
                Row::Series(labels) => json.labels(labels)?,
                Row::Name(name) => json.value(&json!({ name.as_str(): "" }))?,
            }
            json.raw(if is_matrix { r#","values":["# } else { r#","value":"# })?;
            for (position, (ms, sum)) in points.iter().enumerate() {
                json.raw(if position > 0 { ",[" } else { "[" })?;
                json.timestamp(*ms)?;
                json.raw(&format!(r#","{sum}"]"#))?;
            }
            json.raw(if is_matrix { "]}" } else { "}" })
        })?;
        json.raw(r#","stats":"#)?;
        json.value(&statistics::empty())?;
        json.raw("}}")
    })
}
