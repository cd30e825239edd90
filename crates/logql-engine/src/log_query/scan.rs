//! Blocks are read in the order in which their entries are wanted.

use std::hash::{BuildHasher, Hasher};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::Labels;
use parking_lot::Mutex;
use storage::logs::{BlockHeader, BlockSet, EntryColumns};
use twox_hash::XxHash64;

use super::LogQuery;
use super::collect::{Candidate, Collection};
use super::result::RowIdentity;
use crate::pipeline::{Order, Pipeline, Runner};
use crate::{Control, Result, Statistics};

/// The most blocks that are begun before somebody looks whether the answer is complete, for each thread.
const WAVE_MAX: usize = 16;

/// What all threads of a query work with.
struct Scan<'q> {
    blocks: &'q dyn BlockSet,
    pipeline: &'q Pipeline,
    query: &'q LogQuery<'q>,
    control: &'q Control,
    collection: Mutex<Collection<'q>>,
}

/// The entries of the answer, in order.
pub(super) fn scan(
    blocks: &dyn BlockSet,
    pipeline: &Pipeline,
    query: &LogQuery<'_>,
    control: &Control,
) -> Result<Vec<Candidate>> {
    let headers = blocks.blocks();
    let mut order: Vec<usize> = (0..headers.len()).collect();
    if query.order == Order::Backward {
        let end =
            |block: &usize| std::cmp::Reverse(headers.get(*block).map_or(i64::MIN, |header| header.end));
        order.sort_by_key(end);
    }
    let scan = Scan { blocks, pipeline, query, control, collection: Mutex::new(Collection::new(query)) };
    let threads = control.limits().threads.max(1);
    let mut wave = threads;
    let mut left = order.as_slice();
    while let Some(first) = left.first().and_then(|block| headers.get(*block)) {
        if scan.collection.lock().is_complete(near(first, query.order)) {
            break;
        }
        control.check()?;
        let (now, behind) = left.split_at_checked(wave).unwrap_or((left, &[]));
        scan.wave(now, threads)?;
        left = behind;
        wave = (wave * 2).min(threads * WAVE_MAX);
    }
    Ok(scan.collection.into_inner().into_entries())
}

/// The time of the entry of a block that is wanted first.
fn near(header: &BlockHeader, order: Order) -> i64 {
    match order {
        Order::Forward => header.start,
        Order::Backward => header.end,
    }
}

impl Scan<'_> {
    /// Reads some blocks, on several threads.
    fn wave(&self, blocks: &[usize], threads: usize) -> Result<()> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            let mut runner = Runner::new(self.pipeline);
            let mut columns = EntryColumns::default();
            while let Some(block) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.read(*block, &mut runner, &mut columns)?;
            }
            Ok(())
        };
        if threads == 1 || blocks.len() == 1 {
            return work();
        }
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads.min(blocks.len())).map(|_| scope.spawn(work)).collect();
            let mut result = work();
            for other in others {
                let of_other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                result = result.and(of_other);
            }
            result
        })
    }

    /// Takes the entries of a block that may be wanted.
    fn read(&self, block: usize, runner: &mut Runner<'_>, columns: &mut EntryColumns) -> Result<()> {
        let Some(header) = self.blocks.blocks().get(block) else { return Ok(()) };
        let Some(stream) = self.blocks.streams().get(header.stream) else { return Ok(()) };
        let bound = self.collection.lock().bound();
        if bound.is_some_and(|bound| self.is_beyond(near(header, self.query.order), bound)) {
            return Ok(());
        }
        self.control.check()?;
        let mut figures = Statistics { blocks: 1, ..Statistics::default() };
        let needles = self.pipeline.needles();
        if !needles.is_empty() && self.blocks.excludes(block, needles) {
            figures.blocks_skipped = 1;
            self.control.note(&figures);
            return Ok(());
        }
        self.control.read_bytes(header.line_bytes)?;
        self.blocks.read(block, self.pipeline.columns(), columns)?;
        let rank = rank(stream);
        let mut found = Vec::new();
        let mut last: Option<Arc<RowIdentity>> = None;
        let _ = runner.run_in(self.query.order, stream, columns, &mut |row| {
            if bound.is_some_and(|bound| self.is_beyond(row.timestamp, bound)) {
                return ControlFlow::Break(());
            }
            let labels = RowIdentity::of(row.labels);
            let labels = match last.take().filter(|last| **last == labels) {
                Some(last) => last,
                None => Arc::new(labels),
            };
            last = Some(Arc::clone(&labels));
            found.push(Candidate {
                timestamp: row.timestamp,
                stream: header.stream,
                rank,
                block,
                row: row.row,
                line: row.line.to_vec(),
                labels,
                stored: (!header.exact).then(|| stored_hash(columns, row.row)),
            });
            if found.len() >= self.query.limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        figures.lines = columns.rows as u64;
        figures.lines_kept = found.len() as u64;
        figures.line_bytes = header.line_bytes;
        figures.metadata_bytes = header.metadata_bytes;
        figures.stored_bytes = header.stored_bytes;
        figures.blocks_in_memory = u64::from(header.stored_bytes == 0);
        self.control.note(&figures);
        self.collection.lock().add(found, self.control)
    }

    /// Whether a time lies behind a bound.
    fn is_beyond(&self, time: i64, bound: i64) -> bool {
        match self.query.order {
            Order::Forward => time > bound,
            Order::Backward => time < bound,
        }
    }
}

/// XXH64 of the names and values of a stream's labels, each followed by a byte of ones.
fn rank(stream: &Labels) -> u64 {
    let mut bytes = Vec::with_capacity(stream.as_bytes().len() + 16);
    for text in stream.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0xFF);
    }
    XxHash64::oneshot(0, &bytes)
}

/// A number for a row as it is stored.
fn stored_hash(columns: &EntryColumns, row: usize) -> u64 {
    let mut hasher = foldhash::fast::FixedState::with_seed(0).build_hasher();
    hasher.write(columns.line(row));
    for column in &columns.metadata {
        if let Some(value) = column.get(row) {
            hasher.write(column.name.as_bytes());
            hasher.write_u8(0xFF);
            hasher.write(value.as_bytes());
            hasher.write_u8(0xFF);
        }
    }
    hasher.finish()
}
