//! Entries of a log query, whole: for what needs few of them (the past of a tail, fields, patterns).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use logql_engine::pipeline::{CompileOptions, LabelKind, Pipeline, Row, Runner};
use logql_syntax::LogExpr;
use model::Labels;
use storage::logs::{BlockHeader, EntryColumns, LogQuerier};

use super::refusal::Refusal;

/// An entry as it came out of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) timestamp: i64,
    pub(super) line: Vec<u8>,
    /// The labels of its stream, as they are stored.
    pub(super) stream: Labels,
    /// Its labels, whatever stage made them; an error among them.
    pub(super) labels: Vec<(String, String, Kind)>,
}

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Stream,
    Metadata,
    Parsed,
}

impl Entry {
    pub(super) fn new(stream: &Labels, row: &Row<'_>) -> Self {
        let own = |name: &str, value: &str, kind| (name.to_owned(), value.to_owned(), kind);
        let mut labels: Vec<_> = row
            .labels
            .iter()
            .map(|label| {
                let kind = match label.kind {
                    LabelKind::Stream => Kind::Stream,
                    LabelKind::Metadata => Kind::Metadata,
                    LabelKind::Parsed => Kind::Parsed,
                };
                own(label.name, label.value, kind)
            })
            .collect();
        if row.labels.has_error() {
            labels.push(own("__error__", row.labels.error(), Kind::Parsed));
            if !row.labels.error_details().is_empty() {
                labels.push(own("__error_details__", row.labels.error_details(), Kind::Parsed));
            }
        }
        labels.sort_unstable();
        Self { timestamp: row.timestamp, line: row.line.to_vec(), stream: stream.clone(), labels }
    }
}

/// Which entries of a query are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection {
    /// At most so many.
    pub(super) limit: usize,
    /// Whether the oldest are wanted, oldest first; else the newest, newest first.
    pub(super) forward: bool,
}

/// Where an entry stands among all: those that come out first are the least.
type Place = (i64, i64, i64);

/// The entries of a log query that come first.
pub(super) fn select(
    logs: &dyn LogQuerier,
    log: &LogExpr,
    selection: Selection,
) -> Result<Vec<Entry>, Refusal> {
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(Refusal::bad)?;
    let mut runner = Runner::new(&pipeline);
    let blocks = logs.select(&log.matchers)?;
    let sign = if selection.forward { 1 } else { -1 };
    let first = |header: &BlockHeader| if selection.forward { header.start } else { -header.end };
    let mut order: Vec<(usize, &BlockHeader)> = blocks.blocks().iter().enumerate().collect();
    order.sort_by_key(|(_, header)| first(header));
    let mut kept: BTreeMap<Place, Entry> = BTreeMap::new();
    let mut columns = EntryColumns::default();
    for (number, (block, header)) in order.into_iter().enumerate() {
        let worst = kept.last_key_value().map(|(place, _)| place.0);
        if kept.len() >= selection.limit && worst.is_some_and(|worst| first(header) > worst) {
            break;
        }
        if blocks.excludes(block, pipeline.needles()) {
            continue;
        }
        blocks.read(block, pipeline.columns(), &mut columns)?;
        let Some(stream) = blocks.streams().get(header.stream) else { continue };
        let _ = runner.run(stream, &columns, &mut |row| {
            let place = (row.timestamp * sign, number as i64, row.row as i64 * sign);
            let full = kept.len() >= selection.limit;
            if !full || kept.last_key_value().is_some_and(|(worst, _)| place < *worst) {
                kept.insert(place, Entry::new(stream, &row));
                if full {
                    kept.pop_last();
                }
            }
            ControlFlow::Continue(())
        });
    }
    Ok(kept.into_values().collect())
}
