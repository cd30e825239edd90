//! Freed memory that the allocator keeps for later.
#![expect(unsafe_code, reason = "the allocator of glibc is asked by functions of C")]

use std::ffi::c_int;
use std::num::NonZero;
use std::thread::available_parallelism;

/// As glibc's manual has it; the names are its own.
#[repr(C)]
struct Mallinfo2 {
    arena: usize,
    ordblks: usize,
    smblks: usize,
    hblks: usize,
    hblkhd: usize,
    usmblks: usize,
    fsmblks: usize,
    uordblks: usize,
    fordblks: usize,
    keepcost: usize,
}

const M_ARENA_MAX: c_int = -8;
/// With fewer, one thread that allocates would wait for another on every machine.
const ARENAS_MIN: usize = 2;

unsafe extern "C" {
    fn malloc_trim(pad: usize) -> c_int;
    fn mallinfo2() -> Mallinfo2;
    fn mallopt(parameter: c_int, value: c_int) -> c_int;
}

/// Gives memory that was freed back to the system. It looks through all that is free, and whoever allocates
/// meanwhile may wait for it: nothing for every second.
pub fn give_back_freed() {
    // SAFETY: declared as in glibc's manual; it takes no pointer, and may be called by any thread at any time.
    let _ = unsafe { malloc_trim(0) };
}

/// The bytes that the allocator has handed out and that were not freed; `None` where it does not tell.
pub fn allocated_bytes() -> Option<u64> {
    // SAFETY: declared as in glibc's manual; it takes nothing, gives plain numbers, and takes the allocator's own locks.
    let told = unsafe { mallinfo2() };
    Some(told.uordblks.saturating_add(told.hblkhd) as u64)
}

/// Has the allocator keep no more heaps than there are processors, where it would keep eight times as many: what was
/// freed in one of them is of no use to the others. For the start, before there are threads. Whoever has said how many
/// (`MALLOC_ARENA_MAX`) is not contradicted.
pub fn limit_arenas() {
    if std::env::var_os("MALLOC_ARENA_MAX").is_some() {
        return;
    }
    let processors = available_parallelism().map_or(ARENAS_MIN, NonZero::get).max(ARENAS_MIN);
    // SAFETY: declared as in glibc's manual; it takes two numbers. Where it does not take them nothing changes.
    let _ = unsafe { mallopt(M_ARENA_MAX, c_int::try_from(processors).unwrap_or(c_int::MAX)) };
}
