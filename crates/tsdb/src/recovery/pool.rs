//! Buffers that go from one thread to another and back, and of which no more are filled than the bound says.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// Buffers of one kind.
#[derive(Debug)]
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    given: Condvar,
    bytes_max: usize,
}

#[derive(Debug)]
struct State<T> {
    free: Vec<T>,
    /// Bytes of the buffers that are out.
    bytes: usize,
}

/// Empty buffers that are kept.
const FREE_MAX: usize = 64;
/// A buffer for more bytes is not kept.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// A buffer of a pool; it goes back when this is dropped.
#[derive(Debug)]
pub(super) struct Held<T: Buffer> {
    value: T,
    bytes: usize,
    pool: Arc<Pool<T>>,
}

/// What can be filled again.
pub(super) trait Buffer: Default {
    /// Empties it; its memory stays.
    fn empty(&mut self);
}

impl<T: Buffer> Pool<T> {
    /// A pool whose buffers hold at most `bytes_max` bytes together, or one of them what it must.
    pub(super) fn new(bytes_max: usize) -> Arc<Self> {
        let state = Mutex::new(State { free: Vec::new(), bytes: 0 });
        Arc::new(Self { state, given: Condvar::new(), bytes_max })
    }

    /// An empty buffer for so many bytes, once they are within the bound.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Held<T> {
        let mut state = self.state.lock();
        while state.bytes > 0 && state.bytes.saturating_add(bytes) > self.bytes_max {
            self.given.wait(&mut state);
        }
        state.bytes += bytes;
        let value = state.free.pop().unwrap_or_default();
        Held { value, bytes, pool: Arc::clone(self) }
    }
}

impl<T: Buffer> Drop for Held<T> {
    fn drop(&mut self) {
        let mut value = std::mem::take(&mut self.value);
        value.empty();
        let mut state = self.pool.state.lock();
        state.bytes -= self.bytes;
        if state.free.len() < FREE_MAX && self.bytes <= KEPT_BYTES_MAX {
            state.free.push(value);
        }
        self.pool.given.notify_one();
    }
}

impl<T: Buffer> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Buffer> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
