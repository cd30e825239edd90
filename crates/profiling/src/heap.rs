//! Who holds memory: one allocation of every 512 KiB on average, with the calls that made it, until it is freed.
//!
//! [`SampledAllocator`] stands in front of the system's allocator for the whole program. Until [`start`] is called it
//! looks at a flag, and does nothing else.

mod allocator;
mod filter;
mod sampler;
#[cfg(test)]
mod tests;

pub use allocator::SampledAllocator;

use std::time::Duration;

use parking_lot::Mutex;
use sampler::Sampler;

use crate::modules::{Files, Modules};
use crate::pprof::{Kind, Writer};
use crate::turn::Turn;
use crate::{Error, real};

/// How many bytes are allocated for a sample, on average.
const SAMPLE_BYTES_MEAN: usize = 512 * 1024;

/// What a number of a sample is; the names are those that readers know.
const KINDS: [Kind; 4] = [
    ("alloc_objects", "count"),
    ("alloc_space", "bytes"),
    ("inuse_objects", "count"),
    ("inuse_space", "bytes"),
];

/// The way from whoever wants memory to the sample: of no interest to readers.
const OF_THE_ALLOCATOR: &str =
    "(.*::)?(__rust_)?(alloc|alloc_zeroed|realloc)|profiling::heap::allocator::sample";

static STATE: Mutex<Option<State>> = Mutex::new(None);

/// What samples are, once they are taken.
struct State {
    modules: &'static Modules<'static>,
    sampler: Sampler,
    begun: Duration,
}

/// Which numbers are shown unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// What is held now.
    InUse,
    /// What was ever allocated since [`start`].
    Allocated,
}

/// Takes samples from now on, for as long as the process lives: to be called once, before other threads start.
///
/// # Errors
/// Where the program's tables cannot be read, or the system refuses what is needed.
pub fn start() -> Result<(), Error> {
    let mut state = STATE.lock();
    if state.is_some() {
        return Ok(());
    }
    // They are needed until the process ends.
    let files: &'static Files = Box::leak(Box::new(Files::open()?));
    let modules: &'static Modules<'static> = Box::leak(Box::new(files.modules()));
    let sampler = Sampler::new(modules, SAMPLE_BYTES_MEAN)?;
    *state = Some(State { modules, sampler, begun: real::wall_clock() });
    drop(state);
    allocator::turn_on();
    Ok(())
}

/// A profile of what was sampled since [`start`].
///
/// # Errors
/// While another profile is being taken; where samples are not taken.
pub fn profile(shown: Shown) -> Result<Vec<u8>, Error> {
    let _turn = Turn::take()?;
    // Copied at once: whoever allocates a sample meanwhile waits.
    let copied = allocator::unsampled(|| {
        let state = STATE.lock();
        let state = state.as_ref()?;
        Some((state.modules, state.sampler.stacks(), state.sampler.left_out(), state.begun))
    });
    let (modules, stacks, left_out, begun) = copied.ok_or(Error::HeapOff)?;
    let shown = match shown {
        Shown::InUse => "inuse_space",
        Shown::Allocated => "alloc_space",
    };
    let mut writer = Writer::new(modules, &KINDS, shown);
    let now = real::wall_clock();
    writer.set_time(now, now.saturating_sub(begun));
    writer.set_period(("space", "bytes"), SAMPLE_BYTES_MEAN as i64);
    writer.leave_out(OF_THE_ALLOCATOR);
    if left_out > 0 {
        writer
            .comment(&format!("{left_out} samples are left out: the table of those that are held was full"));
    }
    for stack in stacks {
        let numbers = [stack.allocated.count, stack.allocated.bytes, stack.held.count, stack.held.bytes];
        let value = numbers.iter().map(|number| number.round().max(0.0) as i64).collect();
        writer.add(&stack.calls, value, None);
    }
    writer.finish()
}
