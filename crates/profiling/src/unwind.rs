//! From a copied stack to the addresses of the calls on it.

use gimli::{CfaRule, RegisterRule, UnwindContext, UnwindSection};

use crate::capture::Capture;
use crate::modules::{Frames, Modules};
use crate::registers::{RETURN_ADDRESS, Registers, STACK_POINTER};

/// How many calls of a stack are told: those further out are cut off.
pub(crate) const CALLS_MAX: usize = 128;

/// Walks stacks.
pub(crate) struct Unwinder<'a> {
    modules: &'a Modules<'a>,
    context: UnwindContext<usize>,
}

impl<'a> Unwinder<'a> {
    pub(crate) fn new(modules: &'a Modules<'a>) -> Self {
        Self { modules, context: UnwindContext::new() }
    }

    /// The addresses of the calls, the innermost first: the first one is what was executed, the others lie within the
    /// calls that have not returned.
    pub(crate) fn walk(&mut self, capture: &Capture, calls: &mut Vec<u64>) {
        calls.clear();
        let mut registers = capture.registers;
        let mut address = registers.pc;
        while calls.len() < CALLS_MAX {
            calls.push(address);
            let Some(caller) = self.caller(address, &registers, capture) else { break };
            registers = caller;
            // A call that never returns is the last instruction of its function: what it returns to is another one.
            address = registers.pc.wrapping_sub(1);
        }
    }

    /// The registers of the caller; `None` for the outermost, and where the tables or the copy end.
    fn caller(&mut self, address: u64, registers: &Registers, capture: &Capture) -> Option<Registers> {
        let (_, module) = self.modules.find(address)?;
        let Frames { section, header, bases } = module.frames.as_ref()?;
        let found = header.table()?.unwind_info_for_address(
            section,
            bases,
            &mut self.context,
            module.inside(address),
            gimli::EhFrame::cie_from_offset,
        );
        let row = found.ok()?;
        let frame = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                registers.get(register.0)?.wrapping_add_signed(*offset)
            }
            // Written for code that binds functions late alone, which is left after a moment.
            CfaRule::Expression(_) => return None,
        };
        // A stack goes one way: what does not was misread.
        if frame <= registers.get(STACK_POINTER)? && calls_take_stack() {
            return None;
        }
        let mut caller = *registers;
        for &(register, ref rule) in row.registers() {
            match rule {
                RegisterRule::Offset(offset) => {
                    caller.set(register.0, capture.word(frame.wrapping_add_signed(*offset))?);
                }
                RegisterRule::ValOffset(offset) => caller.set(register.0, frame.wrapping_add_signed(*offset)),
                RegisterRule::Register(other) => caller.set(register.0, registers.get(other.0)?),
                RegisterRule::SameValue => {}
                RegisterRule::Undefined if register.0 == RETURN_ADDRESS => return None,
                // Not needed by any caller, or the caller's row will say that it is.
                _ => caller.set(register.0, 0),
            }
        }
        caller.set(STACK_POINTER, frame);
        caller.return_to(caller.get(RETURN_ADDRESS)?);
        (caller.pc != 0).then_some(caller)
    }
}

/// Whether every call puts something on the stack, as it does where there is no register for the return address.
const fn calls_take_stack() -> bool {
    cfg!(target_arch = "x86_64")
}
