//! Blocks are read in the order in which their entries are wanted.

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
use crate::{Control, Result, Statistics, StoredEntry};

/// The most blocks that are begun before somebody looks whether the answer is complete, for each thread.
const WAVE_MAX: usize = 16;
/// Entries of a block that take so many bytes are held against the limits before more of them come.
const HELD_BYTES_MAX: usize = 4 << 20;

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
    let runs = Runs::plan(blocks, query.order);
    let scan = Scan { blocks, pipeline, query, control, collection: Mutex::new(Collection::new(query)) };
    let threads = control.limits().threads.max(1);
    let mut wave = threads;
    let mut next = 0;
    let mut now = Vec::new();
    while let Some(near) = runs.near(next) {
        if scan.collection.lock().is_complete(near) {
            break;
        }
        now.clear();
        next = scan.gather(&runs, next, wave, &mut now)?;
        scan.wave(&now, threads)?;
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

/// Blocks that are stored together (see [`BlockSet::neighbours`]), in the order in which their entries are wanted.
struct Runs {
    /// The key that is least where the first entry of a block is wanted first, and the block. Those of a run are put in order when it
    /// is taken: most are left out before.
    blocks: Vec<(i64, u32)>,
    /// The least key of each run, and where it stands in `blocks`.
    runs: Vec<(i64, std::ops::Range<u32>)>,
    order: Order,
}

impl Runs {
    fn plan(set: &dyn BlockSet, order: Order) -> Self {
        let neighbours = set.neighbours();
        let key = |header: &BlockHeader| match order {
            Order::Forward => header.start,
            // The bits turned over: the greatest first.
            Order::Backward => !header.end,
        };
        let mut alone: Vec<(u32, i64, u32)> = (0_u32..)
            .zip(set.blocks())
            .map(|(block, header)| {
                let together = neighbours.get(block as usize).copied().unwrap_or(block);
                (together, key(header), block)
            })
            .collect();
        // Neighbours most often follow each other already.
        alone.sort_by_key(|(together, ..)| *together);
        let mut runs = Vec::new();
        let mut from = 0;
        for run in alone.chunk_by(|a, b| a.0 == b.0) {
            let to = from + run.len() as u32;
            runs.extend(run.iter().map(|(_, key, _)| *key).min().map(|least| (least, from..to)));
            from = to;
        }
        runs.sort_by_key(|(least, blocks)| (*least, blocks.start));
        Self { blocks: alone.into_iter().map(|(_, key, block)| (key, block)).collect(), runs, order }
    }

    /// The time that is wanted first of all runs from one on; `None` behind the last one.
    fn near(&self, run: usize) -> Option<i64> {
        let (least, _) = self.runs.get(run)?;
        Some(match self.order {
            Order::Forward => *least,
            Order::Backward => !*least,
        })
    }

    /// The blocks of a run, in no order.
    fn get(&self, run: usize) -> Option<&[(i64, u32)]> {
        let (_, blocks) = self.runs.get(run)?;
        self.blocks.get(blocks.start as usize..blocks.end as usize)
    }
}

impl Scan<'_> {
    /// Gathers blocks that may have lines that are wanted, of so many runs; says which run comes behind them.
    fn gather(&self, runs: &Runs, from: usize, wave: usize, now: &mut Vec<Vec<usize>>) -> Result<usize> {
        let needles = self.pipeline.needles();
        let mut figures = Statistics::default();
        let mut next = from;
        while let Some(run) = runs.get(next).filter(|_| now.len() < wave) {
            self.control.check()?;
            next += 1;
            // What is stored together is excluded together.
            let is_excluded = |(_, block): &(i64, u32)| self.blocks.excludes(*block as usize, needles);
            if !needles.is_empty() && run.first().is_some_and(is_excluded) {
                figures.blocks_skipped += run.len() as u64;
                continue;
            }
            let mut wanted = run.to_vec();
            wanted.sort_unstable();
            now.push(wanted.into_iter().map(|(_, block)| block as usize).collect());
        }
        figures.blocks = figures.blocks_skipped;
        self.control.note(&figures);
        Ok(next)
    }

    /// Reads some runs of blocks, on several threads.
    fn wave(&self, runs: &[Vec<usize>], threads: usize) -> Result<()> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            let mut runner = Runner::new(self.pipeline).checked_by(self.control);
            let mut columns = EntryColumns::default();
            while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                for block in run {
                    self.read(*block, &mut runner, &mut columns)?;
                }
            }
            Ok(())
        };
        if threads == 1 || runs.len() <= 1 {
            return work();
        }
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads.min(runs.len())).map(|_| scope.spawn(work)).collect();
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
        self.control.read_bytes(header.line_bytes)?;
        self.blocks.read(block, self.pipeline.columns(), columns)?;
        let rank = rank(stream);
        let mut found = Vec::new();
        let mut last: Option<Arc<RowIdentity>> = None;
        let (mut held, mut count, mut added) = (0, 0, Ok(()));
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
            (held, count) = (held + row.line.len() + labels.bytes(), count + 1);
            found.push(Candidate {
                timestamp: row.timestamp,
                rank,
                block,
                row: row.row,
                line: row.line.to_vec(),
                labels,
                stored: StoredEntry::of(header, columns, row.row),
            });
            if held > HELD_BYTES_MAX {
                held = 0;
                added = self.collection.lock().add(std::mem::take(&mut found), self.control);
            }
            if count >= self.query.limit || added.is_err() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        added?;
        self.control.check()?;
        figures.lines = columns.rows as u64;
        figures.lines_kept = count as u64;
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
