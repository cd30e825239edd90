//! Work that comes at its own pace, several kinds at once.

use std::time::Duration;

use platform::Clock;

use crate::latency::Latencies;
use crate::meter::Meter;
use crate::{Error, pace};

/// What is done in a turn; how much that was.
type Work<'a> = Box<dyn FnMut(u64) -> Result<u64, Error> + Send + 'a>;

/// Work on a thread of its own.
pub(super) struct Load<'a> {
    name: &'static str,
    every: Duration,
    work: Work<'a>,
}

/// What came of all work of a name.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) name: &'static str,
    /// How long turns took that did not fail.
    pub(super) latencies: Latencies,
    pub(super) units: u64,
    pub(super) errors: u64,
    pub(super) first_error: Option<String>,
}

/// Resident memory of the server: seconds, and bytes.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) seen: Vec<(f64, f64)>,
}

/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

impl<'a> Load<'a> {
    /// Work that begins a turn so often; a turn that takes longer puts off the next.
    pub(super) fn new(
        name: &'static str,
        every: Duration,
        work: impl FnMut(u64) -> Result<u64, Error> + Send + 'a,
    ) -> Self {
        Self { name, every, work: Box::new(work) }
    }

    fn run(mut self, clock: &dyn Clock, end: Duration) -> Done {
        let mut done = Done { name: self.name, ..Done::default() };
        for turn in 0.. {
            let began = clock.monotonic();
            if turn > 0 && began >= end {
                break;
            }
            match (self.work)(turn) {
                Ok(units) => {
                    done.units += units;
                    done.latencies.add(clock.monotonic().saturating_sub(began));
                }
                Err(error) => {
                    done.errors += 1;
                    done.first_error.get_or_insert_with(|| error.to_string());
                }
            }
            pace::wait_until(clock, (began + self.every).min(end));
        }
        done
    }
}

/// Runs all loads for a time, each for a turn at least; what came of them by name, and the server's memory meanwhile.
pub(super) fn run_all(
    loads: Vec<Load<'_>>,
    meter: &Meter<'_>,
    clock: &dyn Clock,
    time: Duration,
) -> Result<(Vec<Done>, Memory), Error> {
    let end = clock.monotonic() + time;
    std::thread::scope(|scope| {
        let running: Vec<_> =
            loads.into_iter().map(|load| scope.spawn(move || load.run(clock, end))).collect();
        let mut memory = Memory::default();
        while clock.monotonic() < end && running.iter().any(|thread| !thread.is_finished()) {
            let reading = meter.read();
            memory
                .seen
                .extend(reading.server.map(|cost| (reading.at.as_secs_f64(), cost.resident_bytes as f64)));
            pace::wait_until(clock, (reading.at + LOOK_EVERY).min(end));
        }
        let mut all: Vec<Done> = Vec::new();
        for thread in running {
            let done = thread.join().map_err(|_| Error::Panicked)?;
            match all.iter_mut().find(|other| other.name == done.name) {
                Some(other) => other.add(done),
                None => all.push(done),
            }
        }
        Ok((all, memory))
    })
}

impl Done {
    fn add(&mut self, other: Self) {
        self.latencies.extend(&other.latencies);
        self.units += other.units;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }
}
