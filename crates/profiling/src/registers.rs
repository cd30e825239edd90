//! The registers of a thread by the numbers that unwinding tables give them.

use libc::ucontext_t;

#[cfg(target_arch = "x86_64")]
mod machine {
    //! Source: System V ABI, AMD64 supplement, figure 3.36.
    pub(super) const COUNT: usize = 17;
    pub(crate) const STACK_POINTER: u16 = 7;
    pub(crate) const RETURN_ADDRESS: u16 = 16;
    /// Where the saved registers stand that have the numbers 0 to 15.
    const SAVED: [i32; 16] = [
        libc::REG_RAX,
        libc::REG_RDX,
        libc::REG_RCX,
        libc::REG_RBX,
        libc::REG_RSI,
        libc::REG_RDI,
        libc::REG_RBP,
        libc::REG_RSP,
        libc::REG_R8,
        libc::REG_R9,
        libc::REG_R10,
        libc::REG_R11,
        libc::REG_R12,
        libc::REG_R13,
        libc::REG_R14,
        libc::REG_R15,
    ];

    pub(super) fn saved(context: &libc::ucontext_t) -> ([u64; COUNT], u64) {
        let saved =
            |at: i32| context.uc_mcontext.gregs.get(at as usize).map_or(0, |value| value.cast_unsigned());
        let mut values = [0; COUNT];
        for (value, at) in values.iter_mut().zip(SAVED) {
            *value = saved(at);
        }
        (values, saved(libc::REG_RIP))
    }

    /// The address of code without what a processor may sign it with.
    pub(super) fn plain(address: u64) -> u64 {
        address
    }
}

#[cfg(target_arch = "aarch64")]
mod machine {
    //! Source: DWARF for the Arm 64-bit Architecture.
    pub(super) const COUNT: usize = 32;
    pub(crate) const STACK_POINTER: u16 = 31;
    pub(crate) const RETURN_ADDRESS: u16 = 30;

    pub(super) fn saved(context: &libc::ucontext_t) -> ([u64; COUNT], u64) {
        let machine = &context.uc_mcontext;
        let mut values = [0; COUNT];
        for (value, saved) in values.iter_mut().zip(machine.regs.iter().chain([&machine.sp])) {
            *value = *saved;
        }
        (values, machine.pc)
    }

    /// The address of code without what a processor may sign it with.
    pub(super) fn plain(address: u64) -> u64 {
        address & ((1 << 48) - 1)
    }
}

pub(crate) use machine::{RETURN_ADDRESS, STACK_POINTER};

/// The registers of a thread at one place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registers {
    values: [u64; machine::COUNT],
    /// What is executed there.
    pub(crate) pc: u64,
}

impl Registers {
    /// No registers yet.
    pub(crate) const NONE: Self = Self { values: [0; machine::COUNT], pc: 0 };

    /// The registers that the system or the library has saved.
    pub(crate) fn of(context: &ucontext_t) -> Self {
        let (values, pc) = machine::saved(context);
        Self { values, pc }
    }

    /// A register; `None` for one that is not kept, such as those of vectors.
    pub(crate) fn get(&self, number: u16) -> Option<u64> {
        self.values.get(usize::from(number)).copied()
    }

    /// The same thread one call further out.
    pub(crate) fn set(&mut self, number: u16, value: u64) {
        if let Some(kept) = self.values.get_mut(usize::from(number)) {
            *kept = value;
        }
    }

    /// Goes on at an address that was found as a return address.
    pub(crate) fn return_to(&mut self, address: u64) {
        self.pc = machine::plain(address);
    }
}
