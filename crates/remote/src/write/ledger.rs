//! Which part of the log has been answered for.
//!
//! What is read from the log in one go is an epoch. Values of several epochs go out at once and come back in any
//! order; the log is done with up to the end of the last epoch before which nothing is open.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::item::Item;
use super::position::Place;

#[derive(Debug)]
pub(super) struct Ledger {
    open: Mutex<Open>,
    /// Told whenever the place has moved.
    pub(super) moved: Notify,
}

#[derive(Debug)]
struct Open {
    /// The number of the first epoch in the list.
    first: u64,
    epochs: VecDeque<Epoch>,
    place: Place,
}

#[derive(Debug)]
struct Epoch {
    end: wal::Position,
    /// The time of its newest value.
    highest: i64,
    /// How many of its values are not answered for.
    pending: usize,
}

impl Ledger {
    pub(super) fn new(place: Place) -> Self {
        Self { open: Mutex::new(Open { first: 0, epochs: VecDeque::new(), place }), moved: Notify::new() }
    }

    /// The number that the next epoch will have.
    pub(super) fn next_epoch(&self) -> u64 {
        let open = self.open.lock();
        open.first + open.epochs.len() as u64
    }

    /// Opens an epoch of values that were read up to `end`.
    pub(super) fn open(&self, end: wal::Position, items: &[Item]) {
        let mut open = self.open.lock();
        let highest = items.iter().map(|item| item.timestamp).max().unwrap_or(i64::MIN);
        open.epochs.push_back(Epoch { end, highest, pending: items.len() });
        self.settle(&mut open);
    }

    /// Values that were sent or refused.
    pub(super) fn answered(&self, items: &[Item]) {
        let mut open = self.open.lock();
        for run in items.chunk_by(|a, b| a.epoch == b.epoch) {
            let Some(number) = run.first().map(|item| item.epoch) else { continue };
            let position = number.checked_sub(open.first).and_then(|position| usize::try_from(position).ok());
            if let Some(epoch) = position.and_then(|position| open.epochs.get_mut(position)) {
                epoch.pending = epoch.pending.saturating_sub(run.len());
            }
        }
        self.settle(&mut open);
    }

    /// Takes the place to begin at; nothing is open yet.
    pub(super) fn begin(&self, place: Place) {
        self.open.lock().place = place;
        // Kept at once: a queue whose store never answers must begin here again.
        self.moved.notify_one();
    }

    /// Up to where the log was read.
    pub(super) fn end(&self) -> wal::Position {
        let open = self.open.lock();
        open.epochs.back().map_or(open.place.position, |epoch| epoch.end)
    }

    pub(super) fn place(&self) -> Place {
        self.open.lock().place
    }

    fn settle(&self, open: &mut Open) {
        let before = open.place.position;
        while let Some(epoch) = open.epochs.pop_front_if(|epoch| epoch.pending == 0) {
            open.place.position = epoch.end;
            open.place.highest_sent = open.place.highest_sent.max(epoch.highest);
            open.first += 1;
        }
        if open.place.position != before {
            self.moved.notify_one();
        }
    }
}
