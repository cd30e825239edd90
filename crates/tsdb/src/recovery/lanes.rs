//! Puts samples in their places, side by side: each series has its lane, in which its samples keep their order.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};

use model::{FloatHistogram, Histogram, SeriesRef};
use wal::record::{HistogramColumns, Samples};

use super::SEALED_MAX;
use super::pool::Held;
use crate::Error;
use crate::head::{Applied, HeadHistogram, Memory, apply_floats, apply_histograms};

/// Samples of any kind.
#[derive(Debug, Clone)]
pub(super) enum Columns {
    Floats(Arc<Held<Samples>>),
    Histograms(Arc<Held<HistogramColumns<Histogram>>>),
    FloatHistograms(Arc<Held<HistogramColumns<FloatHistogram>>>),
}

/// Samples that were read behind so many records of series.
#[derive(Debug, Clone)]
pub(super) struct Load {
    pub(super) columns: Columns,
    pub(super) told: u32,
}

enum Work {
    Load(Load),
    /// All before is done when this is dropped.
    Mark {
        _done: Sender<()>,
    },
}

/// Gives the number of samples whose series is not there.
type LaneThread<'scope> = ScopedJoinHandle<'scope, Result<u64, Error>>;

/// The lanes; without any the samples are put in their places at once.
pub(super) struct Lanes<'scope, 'm> {
    memory: &'m Memory,
    lanes: Vec<(Sender<Work>, LaneThread<'scope>)>,
    /// Samples whose series is not there.
    unknown: u64,
}

/// So many series whose references follow each other go the same lane.
const SERIES_TOGETHER_BITS: u32 = 9;

/// A lane among others.
#[derive(Debug, Clone, Copy)]
struct Lane {
    number: u32,
    of: u32,
}

impl Lane {
    const ONLY: Self = Self { number: 0, of: 1 };

    fn has(self, series: SeriesRef) -> bool {
        // The lower half is the series' place; whoever has the same one waits in the same lane.
        (series.0 as u32 >> SERIES_TOGETHER_BITS) % self.of == self.number
    }

    /// The parts of a column of references that go this lane.
    fn parts(self, refs: &[SeriesRef]) -> impl Iterator<Item = Range<usize>> {
        let mut end = 0;
        std::iter::from_fn(move || {
            let rest = refs.get(end..)?;
            let start = end + rest.iter().position(|series| self.has(*series))?;
            let run = refs.get(start..)?.iter().position(|series| !self.has(*series));
            end = run.map_or(refs.len(), |run| start + run);
            Some(start..end)
        })
    }
}

impl<'scope, 'm> Lanes<'scope, 'm> {
    /// None: who gives samples does the work.
    pub(super) fn none(memory: &'m Memory) -> Self {
        Self { memory, lanes: Vec::new(), unknown: 0 }
    }

    /// So many lanes, each with a thread.
    pub(super) fn start(scope: &'scope Scope<'scope, '_>, memory: &'m Memory, count: u32) -> Self
    where
        'm: 'scope,
    {
        let lane = |number| {
            let (sender, receiver) = channel();
            let lane = Lane { number, of: count };
            (sender, scope.spawn(move || work(memory, lane, receiver)))
        };
        Self { memory, lanes: (0..count).map(lane).collect(), unknown: 0 }
    }

    /// Puts samples in their places, at some time before those that are given later.
    ///
    /// # Errors
    /// Where full chunks cannot be written to files.
    pub(super) fn give(&mut self, load: &Load) -> Result<(), Error> {
        if self.lanes.is_empty() {
            self.unknown += apply(self.memory, Lane::ONLY, load);
            return file_full(self.memory);
        }
        for (sender, _) in &self.lanes {
            // A lane that has failed says why at the end.
            let _ = sender.send(Work::Load(load.clone()));
        }
        Ok(())
    }

    /// Waits until all samples that were given are in their places.
    pub(super) fn wait(&self) {
        let (done, all_done) = channel();
        for (sender, _) in &self.lanes {
            let _ = sender.send(Work::Mark { _done: done.clone() });
        }
        drop(done);
        // It ends when nobody can send any more.
        all_done.into_iter().for_each(drop);
    }

    /// Ends the work; gives the number of samples whose series is not there.
    ///
    /// # Errors
    /// The first of a lane.
    pub(super) fn finish(self) -> Result<u64, Error> {
        let (senders, threads): (Vec<_>, Vec<_>) = self.lanes.into_iter().unzip();
        drop(senders);
        let results: Vec<Result<u64, Error>> = threads.into_iter().map(super::join).collect();
        results.into_iter().try_fold(self.unknown, |sum, unknown| Ok(sum + unknown?))
    }
}

fn work(memory: &Memory, lane: Lane, receiver: Receiver<Work>) -> Result<u64, Error> {
    let mut unknown = 0;
    for work in receiver {
        if let Work::Load(load) = work {
            unknown += apply(memory, lane, &load);
            drop(load);
            file_full(memory)?;
        }
    }
    Ok(unknown)
}

fn apply(memory: &Memory, lane: Lane, load: &Load) -> u64 {
    let mut applied = Applied::new(memory, Memory::RECOVERED).behind(load.told);
    match &load.columns {
        Columns::Floats(samples) => {
            lane.parts(&samples.refs).for_each(|part| apply_floats(&mut applied, samples, part));
        }
        Columns::Histograms(columns) => apply_lane(&mut applied, lane, columns),
        Columns::FloatHistograms(columns) => apply_lane(&mut applied, lane, columns),
    }
    applied.finish()
}

fn apply_lane<H: HeadHistogram>(applied: &mut Applied<'_>, lane: Lane, columns: &HistogramColumns<H>) {
    lane.parts(&columns.refs).for_each(|part| apply_histograms(applied, columns, part));
}

/// A start must not take more memory than the work before it did.
fn file_full(memory: &Memory) -> Result<(), Error> {
    if memory.sealed.lock().len() >= SEALED_MAX { memory.file_chunks() } else { Ok(()) }
}
