//! A stream that takes entries.

use std::sync::Arc;
use std::time::Duration;

use model::Labels;
use parking_lot::Mutex;

use super::Buffer;
use super::rate::Bucket;
use crate::recovery::record::Told;

/// A stream with entries in memory, or that had some not long ago.
///
/// Writers hold the intake from the check of an entry until it is in the log; readers only ever wait for a copy.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Its number in the tenant's index.
    pub(crate) id: u32,
    pub(crate) labels: Labels,
    pub(crate) intake: Mutex<Intake>,
    /// The buffer of the intake, for readers, who do not wait for pushes.
    buffer: Mutex<Arc<Mutex<Buffer>>>,
}

/// What decides about the next entries of a stream.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// The time of the newest entry that was ever taken.
    pub(crate) newest: Option<i64>,
    pub(crate) bucket: Option<Bucket>,
    pub(crate) told: Told,
    /// When the last entry came.
    pub(crate) last_push: Duration,
    /// The buffer that entries go to now.
    pub(crate) buffer: Arc<Mutex<Buffer>>,
}

impl Stream {
    pub(crate) fn new(id: u32, labels: Labels) -> Self {
        let intake = Intake::default();
        let buffer = Mutex::new(Arc::clone(&intake.buffer));
        Self { id, labels, intake: Mutex::new(intake), buffer }
    }

    /// The buffer that entries go to now.
    pub(crate) fn buffer(&self) -> Arc<Mutex<Buffer>> {
        self.with_buffer(Arc::clone)
    }

    /// Calls `look` with the buffer that entries go to now: to look into it costs less than to share it.
    pub(crate) fn with_buffer<R>(&self, look: impl FnOnce(&Arc<Mutex<Buffer>>) -> R) -> R {
        look(&self.buffer.lock())
    }

    /// Gives the buffer away, if it holds anything, and begins an empty one; no push may run meanwhile.
    pub(crate) fn take_buffer(&self) -> Option<Arc<Mutex<Buffer>>> {
        let mut intake = self.intake.lock();
        let next = {
            let held = intake.buffer.lock();
            if held.rows() == 0 {
                return None;
            }
            Arc::new(Mutex::new(held.next()))
        };
        *self.buffer.lock() = Arc::clone(&next);
        Some(std::mem::replace(&mut intake.buffer, next))
    }
}
