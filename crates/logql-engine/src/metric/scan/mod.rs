//! From blocks to what is kept of each series: the part of a range aggregation that costs time.
//!
//! Threads take units (blocks) as they are free; what they keep joins at the end. Counts are whole numbers, first and
//! last values follow the order of entries, so that the split does not show; sums and spreads differ by rounding at
//! most.

mod plain;
mod rank;
mod sampler;
mod units;
mod worker;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use logql_syntax::ast::RangeOperation;
use model::Matcher;
use parking_lot::Mutex;
use storage::logs::{BlockSet, Filters, LogQuerier};

use super::groups::Groups;
use super::identity::Identity;
use super::windows::Windows;
use crate::pipeline::Pipeline;
use crate::{Control, Error, Result, Statistics};
use units::Units;
use worker::Worker;

/// A second thread begins where there are more rows than this.
const ROWS_WORTH_A_THREAD: usize = if cfg!(test) { 16 } else { 50_000 };

/// What a range aggregation looks at.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    /// Which streams.
    pub(super) matchers: &'a [Matcher],
    /// What their lines go through.
    pub(super) pipeline: Pipeline,
    /// What makes a series.
    pub(super) identity: Identity,
    /// What is computed.
    pub(super) operation: RangeOperation,
    /// Whether samples are numbers from labels.
    pub(super) unwraps: bool,
    /// When.
    pub(super) windows: Windows,
    /// The most series that may come out.
    pub(super) series_max: Option<usize>,
}

impl Selection<'_> {
    /// Whether the bytes of lines are what is counted.
    fn counts_bytes(&self) -> bool {
        matches!(self.operation, RangeOperation::Bytes | RangeOperation::BytesRate)
    }

    /// Whether rows are counted as they are stored.
    fn is_plain(&self) -> bool {
        self.pipeline.is_empty() && !self.unwraps
    }

    /// Whether rows are counted as they are stored, all or those that are found.
    fn is_counted(&self) -> bool {
        self.pipeline.only_searches() && !self.unwraps
    }

    /// Fails where there are more series than may come out.
    fn check_series(&self, groups: &Groups) -> Result<()> {
        match self.series_max {
            Some(max) if groups.len() > max => Err(Error::TooManySeries(max)),
            _ => Ok(()),
        }
    }
}

/// Reads what a range aggregation looks at.
pub(super) fn scan(selection: &Selection<'_>, querier: &dyn LogQuerier, control: &Control) -> Result<Groups> {
    let blocks = querier.select_holding(selection.matchers, selection.pipeline.needles(), Filters::All)?;
    let units = Units::plan(blocks.blocks(), blocks.neighbours());
    control.note(&Statistics {
        streams: blocks.streams().len() as u64,
        blocks: (blocks.blocks().len() + blocks.left_out()) as u64,
        blocks_skipped: blocks.left_out() as u64,
        ..Statistics::default()
    });
    let rows: usize = blocks.blocks().iter().map(|header| header.rows).sum();
    let wanted = control.limits().threads.min(1 + rows / ROWS_WORTH_A_THREAD).min(units.batches());
    let shared = Shared {
        selection,
        blocks: blocks.as_ref(),
        units: &units,
        ranks: rank::ranks(selection.operation, blocks.streams()),
        control,
        next: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
    };
    let parts: Mutex<Vec<(usize, Result<Groups>)>> = Mutex::new(Vec::new());
    let serve = |thread: usize| {
        let part = shared.work();
        shared.failed.fetch_or(part.is_err(), Ordering::Relaxed);
        parts.lock().push((thread, part));
    };
    std::thread::scope(|scope| {
        let serve = &serve;
        (1..wanted).for_each(|thread| drop(scope.spawn(move || serve(thread))));
        serve(0);
    });
    let mut whole = Groups::new(selection.operation, selection.unwraps);
    let mut parts = parts.into_inner();
    parts.sort_unstable_by_key(|(thread, _)| *thread);
    for (position, (_, part)) in parts.into_iter().enumerate() {
        let part = part?;
        if position == 0 {
            whole = part;
            continue;
        }
        control.check()?;
        control.return_bytes(whole.join(part));
        control.take_bytes(whole.take_new_bytes())?;
    }
    selection.check_series(&whole)?;
    Ok(whole)
}

/// What the threads of a scan share.
struct Shared<'a> {
    selection: &'a Selection<'a>,
    blocks: &'a dyn BlockSet,
    units: &'a Units,
    /// The order of streams among samples of equal time.
    ranks: Vec<u32>,
    control: &'a Control,
    next: AtomicUsize,
    failed: AtomicBool,
}

impl Shared<'_> {
    /// Works on units until there are none left, or a thread has failed.
    fn work(&self) -> Result<Groups> {
        let mut worker = Worker::new(self.selection, self.blocks, &self.ranks, self.control);
        let result = self.drain(&mut worker);
        self.control.note(&worker.figures);
        result.map(|()| worker.take_groups())
    }

    fn drain(&self, worker: &mut Worker<'_>) -> Result<()> {
        while !self.failed.load(Ordering::Relaxed) {
            let batch = self.next.fetch_add(1, Ordering::Relaxed);
            if batch >= self.units.batches() {
                break;
            }
            let mut batch = self.units.batch(batch);
            while let Some(unit) = batch.clone().next() {
                let together = self.units.together(batch.clone());
                if together.len() > 1 {
                    worker.neighbours(together)?;
                } else {
                    worker.unit(self.units.get(unit))?;
                }
                batch.start += together.len().max(1);
            }
        }
        Ok(())
    }
}
