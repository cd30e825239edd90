//! Where the processor's time goes: the stacks of threads that run, a hundred times a second of their own time.

mod ring;
mod samples;
#[cfg(test)]
mod tests;
mod timers;

use std::time::Duration;

use ring::Session;
use samples::Samples;
use timers::Timers;

use crate::capture::Capture;
use crate::modules::Files;
use crate::turn::Turn;
use crate::{Error, Stop, real};

/// The processor's time between two samples of a thread.
const PERIOD: Duration = Duration::from_millis(10);
/// How often copied stacks are walked.
const COLLECT_INTERVAL: Duration = Duration::from_millis(10);
/// How often threads are looked for that have started meanwhile, in collections.
const COLLECTIONS_PER_LOOK: u32 = 10;

/// Takes a profile of all threads but the one that calls, which is held up so long, or until `stop` is asked.
///
/// # Errors
/// While another profile is being taken; where the system refuses what is needed; when `stop` was asked.
pub fn profile(duration: Duration, stop: &Stop) -> Result<Vec<u8>, Error> {
    let _turn = Turn::take()?;
    // Asked once where an error can be told: a handler of signals has nobody to tell.
    let probe = Capture::new().here();
    probe.map_err(|source| Error::Refused { call: "process_vm_readv", source })?;
    let files = Files::open()?;
    let modules = files.modules();
    let begun = real::wall_clock();
    let elapsed = real::stopwatch();
    let mut samples = Samples::new(&modules);
    let session = Session::begin()?;
    let mut timers = Timers::new(PERIOD);
    let mut collections = 0_u32;
    let stopped = loop {
        if collections.is_multiple_of(COLLECTIONS_PER_LOOK) {
            timers.watch_new_threads()?;
        }
        collections = collections.wrapping_add(1);
        let left = duration.saturating_sub(elapsed());
        let stopped = stop.wait(COLLECT_INTERVAL.min(left));
        session.collect(|thread, capture| samples.add(timers.name(thread), capture));
        if stopped || left.is_zero() {
            break stopped;
        }
    };
    let took = elapsed();
    drop(timers);
    let lost = session.end();
    if stopped {
        return Err(Error::Stopped);
    }
    samples.write(&modules, (begun, took), PERIOD, lost)
}
