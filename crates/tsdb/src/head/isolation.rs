//! Which commits a reader sees: all of each one, or nothing of it.
//!
//! Commits get ascending numbers when they begin to be applied. The horizon is the last number up to which every
//! commit is wholly applied; a reader sees what lies at or below the horizon of its start. A commit returns only
//! when the horizon has reached it, so that its writer, and whoever it tells, reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex};

/// The number of a commit.
pub(crate) type CommitId = u64;

/// The numbers of commits and the horizons of readers.
#[derive(Debug, Default)]
pub(crate) struct Isolation {
    state: Mutex<State>,
    advanced: Condvar,
    /// Commits at or below it are seen by every reader there is and will be.
    low_watermark: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    last: CommitId,
    horizon: CommitId,
    /// Applied commits above the horizon.
    applied: BTreeSet<CommitId>,
    /// How many readers see up to which commit.
    readers: BTreeMap<CommitId, usize>,
}

impl State {
    fn low_watermark(&self) -> CommitId {
        self.readers.keys().next().copied().unwrap_or(self.horizon)
    }
}

impl Isolation {
    /// Begins to apply a commit.
    pub(crate) fn begin(&self) -> Commit<'_> {
        let mut state = self.state.lock();
        state.last += 1;
        Commit { isolation: self, id: state.last }
    }

    fn applied(&self, commit: CommitId) -> parking_lot::MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.applied.insert(commit);
        let mut horizon = state.horizon;
        while state.applied.remove(&(horizon + 1)) {
            horizon += 1;
        }
        if horizon > state.horizon {
            state.horizon = horizon;
            self.low_watermark.store(state.low_watermark(), Ordering::Release);
            self.advanced.notify_all();
        }
        state
    }

    /// Begins to read what is wholly applied now.
    pub(crate) fn read(self: &Arc<Self>) -> ReadView {
        let mut state = self.state.lock();
        let horizon = state.horizon;
        *state.readers.entry(horizon).or_default() += 1;
        ReadView { isolation: Arc::clone(self), horizon }
    }

    /// Commits at or below it are seen by every reader: nothing needs to be kept to hide them.
    pub(crate) fn low_watermark(&self) -> CommitId {
        self.low_watermark.load(Ordering::Acquire)
    }

    /// The last number given out.
    pub(crate) fn high_watermark(&self) -> CommitId {
        self.state.lock().last
    }
}

/// A commit that is being applied.
#[derive(Debug)]
pub(crate) struct Commit<'a> {
    isolation: &'a Isolation,
    id: CommitId,
}

impl Commit<'_> {
    /// Its number.
    pub(crate) fn id(&self) -> CommitId {
        self.id
    }

    /// Ends the application, and waits for the commits that began before.
    pub(crate) fn publish(self) {
        let isolation = self.isolation;
        let id = self.id;
        std::mem::forget(self);
        let mut state = isolation.applied(id);
        while state.horizon < id {
            isolation.advanced.wait(&mut state);
        }
    }
}

impl Drop for Commit<'_> {
    /// A commit that ends early (by a panic) must not keep all later ones hidden.
    fn drop(&mut self) {
        drop(self.isolation.applied(self.id));
    }
}

/// A reader's view; the store keeps what is needed to serve it while it lives.
#[derive(Debug)]
pub(crate) struct ReadView {
    isolation: Arc<Isolation>,
    horizon: CommitId,
}

impl ReadView {
    /// The last commit that the reader sees.
    pub(crate) fn horizon(&self) -> CommitId {
        self.horizon
    }
}

impl Drop for ReadView {
    fn drop(&mut self) {
        let mut state = self.isolation.state.lock();
        if let Some(readers) = state.readers.get_mut(&self.horizon) {
            *readers -= 1;
            if *readers == 0 {
                state.readers.remove(&self.horizon);
            }
        }
        self.isolation.low_watermark.store(state.low_watermark(), Ordering::Release);
    }
}

/// The newest samples of a series by commit, as far as some reader may not see them.
///
/// Almost always one commit; more only while a reader is at work.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    commit: CommitId,
    samples: u32,
    /// Older commits, oldest first.
    #[expect(clippy::box_collection, reason = "nearly always absent, and there is one for every series")]
    older: Option<Box<Vec<(CommitId, u32)>>>,
}

impl Tail {
    /// Notes that a commit has added one sample.
    pub(crate) fn add(&mut self, commit: CommitId, low_watermark: CommitId) {
        if self.commit == commit {
            self.samples += 1;
            return;
        }
        if let Some(older) = &mut self.older {
            older.retain(|(commit, _)| *commit > low_watermark);
            if older.is_empty() {
                self.older = None;
            }
        }
        if self.commit > low_watermark && self.samples > 0 {
            self.older.get_or_insert_default().push((self.commit, self.samples));
        }
        (self.commit, self.samples) = (commit, 1);
    }

    /// How many of the newest samples a reader with this horizon does not see.
    pub(crate) fn hidden(&self, horizon: CommitId) -> usize {
        let older = self.older.iter().flat_map(|older| older.iter().copied());
        older
            .chain([(self.commit, self.samples)])
            .skip_while(|(commit, _)| *commit <= horizon)
            .map(|(_, samples)| samples as usize)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_whole_commits_up_to_its_start() {
        let isolation = Arc::new(Isolation::default());
        let mut tail = Tail::default();
        let first = isolation.begin();
        tail.add(first.id(), isolation.low_watermark());
        tail.add(first.id(), isolation.low_watermark());
        let during = isolation.read();
        assert_eq!(tail.hidden(during.horizon()), 2);
        first.publish();
        let after = isolation.read();
        assert_eq!((tail.hidden(during.horizon()), tail.hidden(after.horizon())), (2, 0));

        let second = isolation.begin();
        tail.add(second.id(), isolation.low_watermark());
        second.publish();
        assert_eq!((tail.hidden(during.horizon()), tail.hidden(after.horizon())), (3, 1));
        assert_eq!(tail.hidden(isolation.read().horizon()), 0);

        drop((during, after));
        let third = isolation.begin();
        tail.add(third.id(), isolation.low_watermark());
        assert!(tail.older.is_none(), "nobody is left to hide older samples from");
    }

    #[test]
    fn a_commit_returns_when_those_before_it_are_applied() {
        let isolation = Arc::new(Isolation::default());
        let (first, second) = (isolation.begin(), isolation.begin());
        let last = second.id();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| second.publish());
            assert_eq!(isolation.read().horizon(), 0);
            first.publish();
            waiting.join().unwrap();
        });
        assert_eq!(isolation.read().horizon(), last);
        assert_eq!(isolation.low_watermark(), last);
    }

    #[test]
    fn a_commit_that_ends_early_hides_no_later_one() {
        let isolation = Arc::new(Isolation::default());
        drop(isolation.begin());
        let second = isolation.begin();
        let id = second.id();
        second.publish();
        assert_eq!(isolation.read().horizon(), id);
    }
}
