//! Pages of files in the process's memory.
#![expect(unsafe_code, reason = "the system is told of pages by their addresses")]

use rustix::mm::{Advice, madvise};

/// Takes pages out of the process's memory; they stay in the system's cache of files. That they could not be taken out
/// harms nobody.
///
/// # Safety
/// The range is mapped, belongs to a file, and was never written to: the next access reads the same bytes from the file.
pub(super) unsafe fn give_back(start: usize, len: usize) {
    let start = std::ptr::without_provenance_mut(start);
    // SAFETY: nothing is lost with such pages, by the contract of this function.
    let _ = unsafe { madvise(start, len, Advice::LinuxDontNeed) };
}
