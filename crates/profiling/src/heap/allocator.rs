//! The system's allocator, with a look at one allocation of many.
#![expect(unsafe_code, reason = "an allocator hands out memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::filter::Filter;
use super::{SAMPLE_BYTES_MEAN, STATE};

/// Whether samples are taken.
static IS_ON: AtomicBool = AtomicBool::new(false);
/// The addresses of samples.
static SAMPLED: Filter = Filter::new();
/// Makes the chance of every thread another one.
static SEEDS: AtomicU64 = AtomicU64::new(0x2545_F491_4F6C_DD1D);

thread_local! {
    /// Bytes that this thread may allocate before the next sample.
    static LEFT: Cell<isize> = const { Cell::new(0) };
    /// Whether this thread is taking a sample: what it allocates for that is none.
    static SAMPLES: Cell<bool> = const { Cell::new(false) };
    /// Where this thread's chance stands.
    static CHANCE: Cell<u64> = const { Cell::new(0) };
}

/// The allocator of the system, of which samples are taken once they are turned on. Before, each call costs one look
/// at a flag more.
#[derive(Debug, Default, Clone, Copy)]
pub struct SampledAllocator;

// SAFETY: all memory is the system allocator's, which is given what was asked for unchanged; samples are noted beside
// it, and what notes them does not unwind.
unsafe impl GlobalAlloc for SampledAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_ON.load(Ordering::Relaxed) {
            // SAFETY: promised by the caller.
            return counted(unsafe { System.alloc(layout) }, layout.size());
        }
        // SAFETY: promised by the caller. The last thing that is done, so that it takes this one's place.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if IS_ON.load(Ordering::Relaxed) {
            // SAFETY: promised by the caller.
            return counted(unsafe { System.alloc_zeroed(layout) }, layout.size());
        }
        // SAFETY: promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if IS_ON.load(Ordering::Relaxed) {
            // Before it is freed: afterwards another thread may be given the same address.
            forget(memory);
        }
        // SAFETY: promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if IS_ON.load(Ordering::Relaxed) {
            forget(memory);
            // SAFETY: promised by the caller.
            return counted(unsafe { System.realloc(memory, layout, bytes) }, bytes);
        }
        // SAFETY: promised by the caller.
        unsafe { System.realloc(memory, layout, bytes) }
    }
}

/// Counts an allocation, and takes a sample where it is due.
#[inline]
fn counted(memory: *mut u8, bytes: usize) -> *mut u8 {
    let left = LEFT.get().wrapping_sub(bytes.cast_signed());
    LEFT.set(left);
    if left < 0 {
        sample(memory.addr(), bytes);
    }
    memory
}

#[inline]
fn forget(memory: *mut u8) {
    if SAMPLED.may_hold(memory.addr()) {
        forget_sampled(memory.addr());
    }
}

/// Notes an allocation, with the calls that lead here.
#[cold]
#[inline(never)]
fn sample(address: usize, bytes: usize) {
    if CHANCE.get() == 0 {
        // The first one of a thread is as any other: not one because nothing was chosen yet.
        LEFT.set(next_distance().saturating_sub_unsigned(bytes));
        if LEFT.get() >= 0 {
            return;
        }
    }
    if address == 0 || SAMPLES.replace(true) {
        return;
    }
    LEFT.set(next_distance());
    if let Some(state) = STATE.lock().as_mut()
        && state.sampler.add(address, bytes)
    {
        SAMPLED.add(address);
    }
    SAMPLES.set(false);
}

#[cold]
#[inline(never)]
fn forget_sampled(address: usize) {
    // What is allocated while a sample is taken is none, and the lock is this thread's own already.
    if SAMPLES.replace(true) {
        return;
    }
    if let Some(state) = STATE.lock().as_mut()
        && state.sampler.forget(address)
    {
        SAMPLED.remove(address);
    }
    SAMPLES.set(false);
}

/// Takes samples from now on.
pub(super) fn turn_on() {
    IS_ON.store(true, Ordering::SeqCst);
}

/// Does something that takes the lock of samples, and may allocate.
pub(super) fn unsampled<T>(act: impl FnOnce() -> T) -> T {
    let before = SAMPLES.replace(true);
    let outcome = act();
    SAMPLES.set(before);
    outcome
}

/// The bytes up to the next sample: so that each byte is as likely as any other to be the one, whatever came before.
fn next_distance() -> isize {
    let mut chance = CHANCE.get();
    if chance == 0 {
        chance = SEEDS.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed) | 1;
    }
    // Xorshift: Marsaglia, "Xorshift RNGs", 2003.
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    CHANCE.set(chance);
    // In (0, 1].
    let uniform = ((chance >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    (-uniform.ln() * SAMPLE_BYTES_MEAN as f64) as isize
}
