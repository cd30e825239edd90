//! The queries that run at this moment: for lists, for the journal that survives a crash, and to end one of them.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use parking_lot::Mutex;
use platform::CancelFlag;

/// The longest text of a query that is kept here, in bytes.
const TEXT_BYTES_MAX: usize = 4096;

/// A query that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveQuery {
    /// Its number; no other query of this process has it.
    pub id: u64,
    /// Its text; the beginning of it where it is very long.
    pub text: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub began_ms: i64,
    /// Its first step, in milliseconds since the Unix epoch; its only one in an instant query.
    pub start: i64,
    /// Its last step.
    pub end: i64,
    /// The distance of its steps in milliseconds, 0 in an instant query.
    pub step: i64,
}

/// Where running queries are written down, so that those of a process that died are known.
pub trait ActiveJournal: Send + Sync + std::fmt::Debug {
    /// Writes the query that holds a place, or that nobody holds it any more. Places beyond what the journal has
    /// are not written.
    fn write(&self, place: usize, query: Option<&ActiveQuery>);
}

/// The queries that run at this moment.
#[derive(Debug, Default)]
pub struct ActiveQueries {
    state: Mutex<State>,
    journal: Option<Box<dyn ActiveJournal>>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    /// By place.
    running: Vec<Option<(ActiveQuery, CancelFlag)>>,
}

impl ActiveQueries {
    /// No queries, and no journal of them.
    pub fn new() -> Self {
        Self::default()
    }

    /// No queries, and a journal of them.
    pub fn with_journal(journal: Box<dyn ActiveJournal>) -> Self {
        Self { journal: Some(journal), ..Self::default() }
    }

    /// The queries that run, in the order in which they began.
    pub fn list(&self) -> Vec<ActiveQuery> {
        let state = self.state.lock();
        let mut queries: Vec<ActiveQuery> =
            state.running.iter().flatten().map(|(query, _)| query.clone()).collect();
        queries.sort_by_key(|query| query.id);
        queries
    }

    /// Ends a query at its next look; `false` where there is none with this number.
    pub fn cancel(&self, id: u64) -> bool {
        let state = self.state.lock();
        let found = state.running.iter().flatten().find(|(query, _)| query.id == id);
        if let Some((_, cancel)) = found {
            cancel.cancel();
        }
        found.is_some()
    }

    /// Enters a query, for as long as the result lives; its number is given here.
    pub(crate) fn enter(self: &Arc<Self>, mut query: ActiveQuery, cancel: CancelFlag) -> Entered {
        query.text.truncate(query.text.floor_char_boundary(TEXT_BYTES_MAX));
        let mut state = self.state.lock();
        state.last_id += 1;
        query.id = state.last_id;
        let free = state.running.iter().position(Option::is_none);
        let place = free.unwrap_or(state.running.len());
        // Under the lock, so that what is written of a place is what happened last.
        if let Some(journal) = &self.journal {
            journal.write(place, Some(&query));
        }
        match state.running.get_mut(place) {
            Some(free) => *free = Some((query, cancel)),
            None => state.running.push(Some((query, cancel))),
        }
        Entered { queries: Arc::clone(self), place }
    }
}

/// Holds a place among the running queries.
#[derive(Debug)]
pub(crate) struct Entered {
    queries: Arc<ActiveQueries>,
    place: usize,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut state = self.queries.state.lock();
        if let Some(place) = state.running.get_mut(self.place) {
            *place = None;
        }
        if let Some(journal) = &self.queries.journal {
            journal.write(self.place, None);
        }
    }
}
