//! One profile at a time, and its end before its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::Error;

/// Whether a profile is being taken.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The right to take a profile; given back when it is dropped.
pub(crate) struct Turn(());

impl Turn {
    pub(crate) fn take() -> Result<Self, Error> {
        if TAKEN.swap(true, Ordering::AcqRel) { Err(Error::Busy) } else { Ok(Self(())) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.store(false, Ordering::Release);
    }
}

/// Ends a profile before its time, for instance because nobody waits for it any more.
#[derive(Debug, Default)]
pub struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Asks for the end.
    pub fn ask(&self) {
        *self.asked.lock() = true;
        self.changed.notify_all();
    }

    /// Whether the end was asked for.
    pub fn is_asked(&self) -> bool {
        *self.asked.lock()
    }

    /// Waits so long, or until the end is asked for, which is what is returned.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let mut asked = self.asked.lock();
        if !*asked {
            self.changed.wait_for(&mut asked, time);
        }
        *asked
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! Tests that take profiles do it one after the other.

    use parking_lot::{Mutex, MutexGuard};

    static TESTS: Mutex<()> = Mutex::new(());

    /// The right to take profiles.
    pub(crate) fn in_turn() -> MutexGuard<'static, ()> {
        TESTS.lock()
    }
}
