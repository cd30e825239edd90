//! Registers and the top of a stack, copied without ever touching memory that is not there.
#![expect(unsafe_code, reason = "registers and stack are told by functions of C and by the system")]

use std::io;
use std::mem::MaybeUninit;

use libc::{c_void, iovec};

use crate::registers::{Registers, STACK_POINTER};

/// How much of a stack is looked at: calls further out are cut off.
const STACK_BYTES_MAX: usize = 64 * 1024;
const WORD_BYTES: usize = size_of::<u64>();
/// The smallest unit that is mapped or not.
const PAGE_BYTES: usize = 4096;
const PAGES_MAX: usize = STACK_BYTES_MAX / PAGE_BYTES + 1;

/// A thread as it was at a moment.
pub(crate) struct Capture {
    pub(crate) registers: Registers,
    words: Box<[u64]>,
    /// The address of the first word.
    start: u64,
    /// How many words are from the stack.
    count: usize,
}

impl Capture {
    /// Room for one.
    pub(crate) fn new() -> Self {
        let words = vec![0; STACK_BYTES_MAX / WORD_BYTES].into_boxed_slice();
        Self { registers: Registers::NONE, words, start: 0, count: 0 }
    }

    /// Copies the thread that runs this.
    #[inline(never)]
    pub(crate) fn here(&mut self) -> io::Result<()> {
        let mut context = MaybeUninit::uninit();
        // SAFETY: the function fills what it is given, as its manual says.
        if unsafe { libc::getcontext(context.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was filled.
        self.at(&Registers::of(unsafe { context.assume_init_ref() }))
    }

    /// Copies the thread that runs this as it was where these registers were saved. Takes no lock and allocates
    /// nothing: it may be called by a handler of signals.
    pub(crate) fn at(&mut self, registers: &Registers) -> io::Result<()> {
        self.registers = *registers;
        self.start = registers.get(STACK_POINTER).unwrap_or_default() & !(WORD_BYTES as u64 - 1);
        self.count = read_memory(self.start, &mut self.words)? / WORD_BYTES;
        Ok(())
    }

    /// The word of the stack at an address, where it was copied.
    pub(crate) fn word(&self, address: u64) -> Option<u64> {
        let offset = address.checked_sub(self.start)? as usize;
        if !offset.is_multiple_of(WORD_BYTES) {
            return None;
        }
        self.words.get(..self.count)?.get(offset / WORD_BYTES).copied()
    }
}

/// Copies own memory from an address upward as far as it is mapped; the number of bytes.
///
/// # Errors
/// Where the system does not let a process read by this call, or nothing is mapped there.
fn read_memory(start: u64, into: &mut [u64]) -> io::Result<usize> {
    let mut pages = [iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; PAGES_MAX];
    // What reaches into a page that is not mapped is left out as a whole: so each page is asked for by itself.
    let (mut address, mut left, mut asked) = (start as usize, size_of_val(into), 0);
    for page in &mut pages {
        let bytes = (PAGE_BYTES - address % PAGE_BYTES).min(left);
        if bytes == 0 {
            break;
        }
        *page = iovec { iov_base: std::ptr::without_provenance_mut::<c_void>(address), iov_len: bytes };
        (address, left, asked) = (address + bytes, left - bytes, asked + 1);
    }
    let local = iovec { iov_base: into.as_mut_ptr().cast(), iov_len: size_of_val(into) };
    // SAFETY: the system writes into `into` alone, no more than its length, and reads addresses without a fault.
    let copied =
        unsafe { libc::process_vm_readv(libc::getpid(), &raw const local, 1, pages.as_ptr(), asked, 0) };
    usize::try_from(copied).map_err(|_| io::Error::last_os_error())
}
