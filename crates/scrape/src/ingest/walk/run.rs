//! Lines that are as they were in the scrape before: nearly all of them.

use model::MetricType;
use parking_lot::MutexGuard;
use wire::exposition::{KnownLines, Parser};

use super::super::known::KnownSamples;
use super::super::memory::{ExpectedKey, Memory};
use super::super::preface::ReadPreface;
use super::Walk;
use crate::target::MetadataCache;

/// A run of such lines.
struct Run<'a> {
    memory: &'a mut Memory,
    known: &'a mut KnownSamples,
    metadata: MutexGuard<'a, MetadataCache>,
    time: i64,
    /// How many samples may be taken.
    most: u64,
    taken: u64,
}

impl KnownLines for Run<'_> {
    type Guess<'b>
        = ExpectedKey<'b>
    where
        Self: 'b;

    #[inline]
    fn guess(&self) -> ExpectedKey<'_> {
        self.memory.guess()
    }

    #[inline]
    fn take(&mut self, value: f64, metric_type: MetricType, prefaced: bool) -> bool {
        if self.taken >= self.most {
            return false;
        }
        // Such lines have no unit: the type is all that was declared.
        let Some((series, place)) = self.memory.settled(metric_type as u32) else { return false };
        if let Some(place) = place.filter(|_| prefaced) {
            self.metadata.see(place);
        }
        self.taken += 1;
        self.known.push(series, self.time, value);
        true
    }
}

impl Walk<'_> {
    /// Takes the samples of known series that follow each other.
    pub(super) fn pass_known(&mut self, parser: &mut Parser<'_>) {
        if !self.together || self.preface != ReadPreface::Empty || !self.memory.expects() {
            return;
        }
        let limit = self.context.job.limits.samples;
        let mut run = Run {
            memory: &mut *self.memory,
            known: &mut self.known,
            metadata: self.context.target.metadata.lock(),
            time: self.time,
            most: limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.counts.kept)),
            taken: 0,
        };
        parser.pass_known(&mut run);
        let taken = run.taken;
        drop(run);
        self.counts.scraped += taken;
        self.counts.kept += taken;
    }
}
