//! Who is at work: appenders and readers, so that what they may still need is not taken from under them.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;

/// The running sessions of one kind, numbered as they begin.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: u64,
    running: BTreeSet<u64>,
}

/// A running session; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Session {
    sessions: Arc<Sessions>,
    number: u64,
}

/// A point in time between sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Barrier(u64);

impl Sessions {
    /// Begins a session.
    pub(crate) fn begin(self: &Arc<Self>) -> Session {
        let mut state = self.0.lock();
        state.last += 1;
        let number = state.last;
        state.running.insert(number);
        Session { sessions: Arc::clone(self), number }
    }

    /// Behind all sessions that have begun.
    pub(crate) fn barrier(&self) -> Barrier {
        Barrier(self.0.lock().last)
    }

    /// Whether all sessions that had begun before the barrier have ended.
    pub(crate) fn have_passed(&self, barrier: Barrier) -> bool {
        self.0.lock().running.first().is_none_or(|oldest| *oldest > barrier.0)
    }

    /// The number of the oldest running session; without any, that of the next one.
    pub(crate) fn oldest(&self) -> u64 {
        let state = self.0.lock();
        state.running.first().copied().unwrap_or(state.last + 1)
    }
}

impl Session {
    /// Numbers of later sessions are larger; 0 is none.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.sessions.0.lock().running.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barrier_is_passed_when_all_before_it_have_ended() {
        let sessions = Arc::new(Sessions::default());
        assert!(sessions.have_passed(sessions.barrier()));
        let (first, second) = (sessions.begin(), sessions.begin());
        let barrier = sessions.barrier();
        let third = sessions.begin();
        assert_eq!(sessions.oldest(), first.number());
        drop(first);
        assert!(!sessions.have_passed(barrier));
        drop(second);
        assert!(sessions.have_passed(barrier));
        assert_eq!(sessions.oldest(), third.number());
        drop(third);
        assert_eq!(sessions.oldest(), 4);
    }
}
