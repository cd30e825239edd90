//! Entries of a log query, whole: for what needs few of them (the past of a tail, fields, patterns).

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use logql_engine::pipeline::{CompileOptions, LabelKind, Pipeline, Row, Runner};
use logql_engine::{Control, Limits, StoredEntry};
use logql_syntax::LogExpr;
use model::Labels;
use platform::CancelFlag;
use storage::logs::{BlockHeader, EntryColumns, LogQuerier};

use super::Loki;
use super::query::refusal;
use super::refusal::Refusal;
use super::settings::ReadLimits;

/// The most bytes of entries that one request holds.
const HELD_BYTES_MAX: u64 = 256 << 20;
/// What an entry takes beside its line and its labels, and a label beside its texts.
const ENTRY_BYTES: usize = 200;
const LABEL_BYTES: usize = 56;

/// What a request that looks at entries may use.
pub(super) struct Looking<'l> {
    control: Control,
    limits: &'l ReadLimits,
    full: Cell<bool>,
}

impl<'l> Looking<'l> {
    /// As long as a query of the tenant may take.
    pub(super) fn new(loki: &Loki, limits: &'l ReadLimits) -> Self {
        Self::within(loki, limits, limits.timeout)
    }

    /// As long as it takes.
    pub(super) fn unhurried(loki: &Loki, limits: &'l ReadLimits) -> Self {
        Self::within(loki, limits, Duration::MAX)
    }

    fn within(loki: &Loki, limits: &'l ReadLimits, timeout: Duration) -> Self {
        let read_bytes_max = Some(limits.bytes_max).filter(|max| *max > 0);
        let own = Limits { timeout, memory_bytes_max: HELD_BYTES_MAX, read_bytes_max, ..Limits::default() };
        let (clock, memory) = (Arc::clone(&loki.parts.clock), Arc::clone(&loki.parts.memory));
        Self { control: Control::new(clock, own, CancelFlag::new(), memory), limits, full: Cell::new(false) }
    }

    /// Whether there were more entries than can be held.
    pub(super) fn is_full(&self) -> bool {
        self.full.get()
    }

    fn refused(&self, error: &logql_engine::Error) -> Refusal {
        self.full.set(matches!(error, logql_engine::Error::TooManyBytes { .. }));
        refusal(error, self.limits)
    }
}

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

    /// About how many bytes of memory it takes.
    fn bytes(&self) -> u64 {
        let of_label = |(name, value, _): &(String, String, Kind)| name.len() + value.len() + LABEL_BYTES;
        (ENTRY_BYTES + self.line.len() + self.labels.iter().map(of_label).sum::<usize>()) as u64
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

/// Entries that come first.
#[derive(Default)]
struct Kept {
    entries: BTreeMap<Place, (Entry, Option<StoredEntry>)>,
    /// Those of blocks that may hold the same entry.
    stored: HashSet<StoredEntry>,
}

impl Kept {
    /// The place of the last one.
    fn worst(&self) -> Option<Place> {
        self.entries.last_key_value().map(|(place, _)| *place)
    }

    /// Adds an entry unless it was there already; one more than `limit` goes.
    fn add(
        &mut self,
        place: Place,
        (entry, stored): (Entry, Option<StoredEntry>),
        limit: usize,
        control: &Control,
    ) -> logql_engine::Result<()> {
        if stored.is_some_and(|stored| !self.stored.insert(stored)) {
            return Ok(());
        }
        control.take_bytes(entry.bytes())?;
        self.entries.insert(place, (entry, stored));
        if self.entries.len() > limit
            && let Some((_, (last, stored))) = self.entries.pop_last()
        {
            control.return_bytes(last.bytes());
            if let Some(stored) = stored {
                self.stored.remove(&stored);
            }
        }
        Ok(())
    }
}

/// The entries of a log query that come first.
pub(super) fn select(
    logs: &dyn LogQuerier,
    log: &LogExpr,
    selection: Selection,
    looking: &Looking<'_>,
) -> Result<Vec<Entry>, Refusal> {
    let control = &looking.control;
    let pipeline = Pipeline::compile(&log.stages, &CompileOptions::ALL).map_err(Refusal::bad)?;
    let mut runner = Runner::new(&pipeline).checked_by(control);
    let blocks = logs.select(&log.matchers)?;
    let sign = if selection.forward { 1 } else { -1 };
    let first = |header: &BlockHeader| if selection.forward { header.start } else { -header.end };
    let mut order: Vec<(usize, &BlockHeader)> = blocks.blocks().iter().enumerate().collect();
    order.sort_by_key(|(_, header)| first(header));
    let mut kept = Kept::default();
    let mut columns = EntryColumns::default();
    for (number, (block, header)) in order.into_iter().enumerate() {
        let is_full = kept.entries.len() >= selection.limit;
        if is_full && kept.worst().is_some_and(|worst| first(header) > worst.0) {
            break;
        }
        if blocks.excludes(block, pipeline.needles()) {
            continue;
        }
        let admitted = control.check().and_then(|()| control.read_bytes(header.line_bytes));
        admitted.map_err(|error| looking.refused(&error))?;
        blocks.read(block, pipeline.columns(), &mut columns)?;
        let Some(stream) = blocks.streams().get(header.stream) else { continue };
        let mut taken = Ok(());
        let _ = runner.run(stream, &columns, &mut |row| {
            let place = (row.timestamp * sign, number as i64, row.row as i64 * sign);
            let is_full = kept.entries.len() >= selection.limit;
            if !is_full || kept.worst().is_some_and(|worst| place < worst) {
                let stored = StoredEntry::of(header, &columns, row.row);
                taken = kept.add(place, (Entry::new(stream, &row), stored), selection.limit, control);
            }
            if taken.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        taken.and_then(|()| control.check()).map_err(|error| looking.refused(&error))?;
    }
    Ok(kept.entries.into_values().map(|(entry, _)| entry).collect())
}
