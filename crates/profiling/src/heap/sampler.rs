//! The samples that are held, and the calls that made them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Error;
use crate::capture::Capture;
use crate::modules::Modules;
use crate::unwind::Unwinder;

/// How many samples that are held are known: 64 GiB, at one for 512 KiB.
const HELD_MAX: usize = 131_072;
/// How many different stacks are told apart.
const STACKS_MAX: usize = 16_384;

/// Allocations, as they are estimated from samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Amount {
    pub(super) count: f64,
    pub(super) bytes: f64,
}

/// What was allocated by the same calls.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    pub(super) calls: Arc<[u64]>,
    /// Ever.
    pub(super) allocated: Amount,
    /// And not freed.
    pub(super) held: Amount,
}

struct Held {
    stack: usize,
    bytes: usize,
}

/// All samples.
pub(super) struct Sampler {
    unwinder: Unwinder<'static>,
    capture: Capture,
    calls: Vec<u64>,
    mean: f64,
    held: HashMap<usize, Held>,
    stacks: Vec<Stack>,
    known: HashMap<Arc<[u64]>, usize>,
    left_out: u64,
}

impl Sampler {
    /// # Errors
    /// Where the system refuses to have stacks copied.
    pub(super) fn new(modules: &'static Modules<'static>, mean_bytes: usize) -> Result<Self, Error> {
        let mut capture = Capture::new();
        capture.here().map_err(|source| Error::Refused { call: "process_vm_readv", source })?;
        Ok(Self {
            unwinder: Unwinder::new(modules),
            capture,
            calls: Vec::new(),
            mean: mean_bytes as f64,
            held: HashMap::new(),
            stacks: Vec::new(),
            known: HashMap::new(),
            left_out: 0,
        })
    }

    /// Notes an allocation of the thread that calls; whether it was taken.
    pub(super) fn add(&mut self, address: usize, bytes: usize) -> bool {
        if self.held.len() >= HELD_MAX || self.capture.here().is_err() {
            self.left_out += 1;
            return false;
        }
        self.unwinder.walk(&self.capture, &mut self.calls);
        let Some(stack) = self.stack() else {
            self.left_out += 1;
            return false;
        };
        let amount = self.stands_for(bytes);
        if let Some(stack) = self.stacks.get_mut(stack) {
            stack.allocated.add(amount);
            stack.held.add(amount);
        }
        self.held.insert(address, Held { stack, bytes });
        true
    }

    /// The allocation is freed; whether it was a sample.
    pub(super) fn forget(&mut self, address: usize) -> bool {
        let Some(held) = self.held.remove(&address) else { return false };
        let amount = self.stands_for(held.bytes);
        if let Some(stack) = self.stacks.get_mut(held.stack) {
            stack.held.add(Amount { count: -amount.count, bytes: -amount.bytes });
        }
        true
    }

    /// What was allocated, by the calls that did it.
    pub(super) fn stacks(&self) -> Vec<Stack> {
        self.stacks.clone()
    }

    /// How many samples found no room.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The stack of the calls that were just walked.
    fn stack(&mut self) -> Option<usize> {
        if let Some(known) = self.known.get(self.calls.as_slice()) {
            return Some(*known);
        }
        if self.stacks.len() >= STACKS_MAX {
            return None;
        }
        let calls: Arc<[u64]> = self.calls.as_slice().into();
        let position = self.stacks.len();
        self.stacks.push(Stack {
            calls: Arc::clone(&calls),
            allocated: Amount::default(),
            held: Amount::default(),
        });
        self.known.insert(calls, position);
        Some(position)
    }

    /// How many allocations of so many bytes there are for one that is a sample: the larger, the more likely it is one.
    fn stands_for(&self, bytes: usize) -> Amount {
        let bytes = (bytes as f64).max(1.0);
        let likelihood = -(-bytes / self.mean).exp_m1();
        Amount { count: 1.0 / likelihood, bytes: bytes / likelihood }
    }
}

impl Amount {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
    }
}
