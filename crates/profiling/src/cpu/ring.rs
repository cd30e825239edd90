//! Where the handler of signals leaves its copies, for the thread that walks them.
#![expect(unsafe_code, reason = "a handler of signals is a function of C, and shares memory without a lock")]

use std::cell::UnsafeCell;
use std::io;
use std::mem::MaybeUninit;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU64, Ordering};

use libc::{c_int, c_void, siginfo_t, ucontext_t};

use crate::Error;
use crate::capture::Capture;
use crate::registers::Registers;

/// Copies for each processor that may wait to be looked at.
const SLOTS_PER_PROCESSOR: usize = 8;

/// Stays once it is made, since a handler may still be at work when a profile is finished.
static RING: OnceLock<Ring> = OnceLock::new();
/// Whether the handler of signals is there; it stays, since without one a late signal would end the process.
static HANDLES: AtomicBool = AtomicBool::new(false);

struct Ring {
    slots: Box<[Slot]>,
    is_on: AtomicBool,
    lost: AtomicU64,
}

/// Room for a copy. It belongs to whoever has moved the state on from what it was: to `FILLED` the handler, to
/// `EMPTY` the thread that collects.
struct Slot {
    state: AtomicU8,
    thread: AtomicI32,
    capture: UnsafeCell<Capture>,
}

const EMPTY: u8 = 0;
const TAKEN: u8 = 1;
const FILLED: u8 = 2;

// SAFETY: `capture` is touched only by whoever owns the slot by its `state`, which is moved with acquire and release.
unsafe impl Sync for Slot {}

/// The time in which signals leave copies. Only one at a time: there is one turn.
pub(super) struct Session(&'static Ring);

impl Session {
    /// Takes signals from now on.
    pub(super) fn begin() -> Result<Self, Error> {
        let ring = RING.get_or_init(Ring::new);
        if !HANDLES.load(Ordering::Acquire) {
            handle_signals().map_err(|source| Error::Refused { call: "sigaction", source })?;
            HANDLES.store(true, Ordering::Release);
        }
        let session = Self(ring);
        // What came late for the profile before.
        session.collect(|_, _| {});
        ring.lost.store(0, Ordering::Relaxed);
        ring.is_on.store(true, Ordering::Release);
        Ok(session)
    }

    /// Hands over what was copied, with the number of the thread.
    pub(super) fn collect(&self, mut take: impl FnMut(i32, &Capture)) {
        for slot in &self.0.slots {
            if slot.state.load(Ordering::Acquire) == FILLED {
                // SAFETY: a filled slot is left alone by handlers.
                take(slot.thread.load(Ordering::Relaxed), unsafe { &*slot.capture.get() });
                slot.state.store(EMPTY, Ordering::Release);
            }
        }
    }

    /// Takes no more signals; how many found no room.
    pub(super) fn end(self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.0.is_on.store(false, Ordering::Release);
    }
}

impl Ring {
    fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let slot = |_| Slot {
            state: AtomicU8::new(EMPTY),
            thread: AtomicI32::new(0),
            capture: UnsafeCell::new(Capture::new()),
        };
        let slots = (0..processors * SLOTS_PER_PROCESSOR).map(slot).collect();
        Self { slots, is_on: AtomicBool::new(false), lost: AtomicU64::new(0) }
    }

    /// Copies the thread that runs this. Called by a handler of signals: takes no lock and allocates nothing.
    fn fill(&self, registers: &Registers) {
        let free = |slot: &&Slot| {
            slot.state.compare_exchange(EMPTY, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
        };
        let Some(slot) = self.slots.iter().find(free) else {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        };
        // SAFETY: a taken slot is left alone by all others.
        let copied = unsafe { &mut *slot.capture.get() }.at(registers);
        // SAFETY: takes nothing, and cannot fail.
        slot.thread.store(unsafe { libc::gettid() }, Ordering::Relaxed);
        slot.state.store(if copied.is_ok() { FILLED } else { EMPTY }, Ordering::Release);
    }
}

/// Has the timers' signal handled; where calls of the system are interrupted by it they go on.
fn handle_signals() -> io::Result<()> {
    let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = on_signal;
    // SAFETY: all zero is a valid value: no signals are masked, no flags are set.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: the handler has the form that `SA_SIGINFO` asks for, and keeps to what handlers may do.
    let set = unsafe { libc::sigaction(libc::SIGPROF, &raw const action, std::ptr::null_mut()) };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

extern "C" fn on_signal(_signal: c_int, _about: *mut siginfo_t, context: *mut c_void) {
    let Some(ring) = RING.get() else { return };
    if !ring.is_on.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: the address of this thread's own error number, which whoever was interrupted may be about to read.
    let error = unsafe { &mut *libc::__errno_location() };
    let before = *error;
    // SAFETY: a handler of this form is given the registers that were saved, for as long as it runs.
    ring.fill(&Registers::of(unsafe { &*context.cast::<ucontext_t>() }));
    *error = before;
}
