//! Freed memory that the allocator keeps for later.
#![expect(unsafe_code, reason = "the allocator of glibc is asked by a function of C")]

use std::ffi::c_int;

unsafe extern "C" {
    fn malloc_trim(pad: usize) -> c_int;
}

/// Gives memory that was freed back to the system. It looks through all that is free, and whoever allocates
/// meanwhile may wait for it: nothing for every second.
pub fn give_back_freed() {
    // SAFETY: declared as in glibc's manual; it takes no pointer, and may be called by any thread at any time.
    let _ = unsafe { malloc_trim(0) };
}
