//! Stacks that were seen, and how often.

use std::collections::HashMap;
use std::time::Duration;

use crate::Error;
use crate::capture::Capture;
use crate::modules::Modules;
use crate::pprof::Writer;
use crate::unwind::Unwinder;

/// How many different stacks are told apart; what is seen beyond is counted alone.
const STACKS_MAX: usize = 65_536;

/// Stacks by the names of their threads.
pub(super) struct Samples<'a> {
    unwinder: Unwinder<'a>,
    calls: Vec<u64>,
    counts: HashMap<String, HashMap<Box<[u64]>, i64>>,
    stacks: usize,
    left_out: u64,
}

impl<'a> Samples<'a> {
    pub(super) fn new(modules: &'a Modules<'a>) -> Self {
        let unwinder = Unwinder::new(modules);
        Self { unwinder, calls: Vec::new(), counts: HashMap::new(), stacks: 0, left_out: 0 }
    }

    /// Counts a stack of a thread of this name.
    pub(super) fn add(&mut self, thread: &str, capture: &Capture) {
        self.unwinder.walk(capture, &mut self.calls);
        if !self.counts.contains_key(thread) {
            self.counts.insert(thread.to_owned(), HashMap::new());
        }
        let Some(counts) = self.counts.get_mut(thread) else { return };
        if let Some(count) = counts.get_mut(self.calls.as_slice()) {
            *count += 1;
        } else if self.stacks < STACKS_MAX {
            self.stacks += 1;
            counts.insert(self.calls.as_slice().into(), 1);
        } else {
            self.left_out += 1;
        }
    }

    /// The profile.
    pub(super) fn write(
        self,
        modules: &Modules<'_>,
        (begun, took): (Duration, Duration),
        period: Duration,
        lost: u64,
    ) -> Result<Vec<u8>, Error> {
        let period = period.as_nanos() as i64;
        let time = ("cpu", "nanoseconds");
        let mut writer = Writer::new(modules, &[("samples", "count"), time], "cpu");
        writer.set_time(begun, took);
        writer.set_period(time, period);
        if lost > 0 {
            writer.comment(&format!("{lost} samples were lost, since those before were not yet looked at"));
        }
        if self.left_out > 0 {
            let left_out = self.left_out;
            writer.comment(&format!(
                "{left_out} samples are left out: only {STACKS_MAX} stacks are told apart"
            ));
        }
        for (thread, counts) in &self.counts {
            for (calls, count) in counts {
                writer.add(calls, vec![*count, count * period], Some(("thread", thread)));
            }
        }
        writer.finish()
    }
}
