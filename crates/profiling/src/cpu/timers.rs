//! Timers that run while a thread does, one for each thread.
#![expect(unsafe_code, reason = "timers are made by functions of C")]

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use libc::{clockid_t, itimerspec, timer_t, timespec};

use crate::{Error, real};

/// What the system calls the clock of a thread: its number, inverted, before these bits (`CPUCLOCK_SCHED` and
/// `CPUCLOCK_PERTHREAD_MASK` of its sources), as glibc's `pthread_getcpuclockid` makes it of the current thread's.
const CLOCK_OF_THREAD: clockid_t = 0b110;

/// The timers of all threads but the one that made them; they end with this.
pub(super) struct Timers {
    period: Duration,
    own_thread: i32,
    threads: HashMap<i32, Thread>,
}

struct Thread {
    name: String,
    timer: timer_t,
}

impl Timers {
    pub(super) fn new(period: Duration) -> Self {
        // SAFETY: takes nothing, and cannot fail.
        Self { period, own_thread: unsafe { libc::gettid() }, threads: HashMap::new() }
    }

    /// Gives every thread a timer that has none.
    ///
    /// # Errors
    /// Where the system refuses all of them.
    pub(super) fn watch_new_threads(&mut self) -> Result<(), Error> {
        let mut refused = None;
        for (number, name) in real::threads().map_err(Error::Program)? {
            if number == self.own_thread || self.threads.contains_key(&number) {
                continue;
            }
            match start(number, self.period) {
                Ok(timer) => drop(self.threads.insert(number, Thread { name, timer })),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            // One that ended meanwhile is refused, too.
            Some(source) if self.threads.is_empty() => Err(Error::Refused { call: "timer_create", source }),
            _ => Ok(()),
        }
    }

    /// The name of a thread.
    pub(super) fn name(&self, number: i32) -> &str {
        self.threads.get(&number).map_or("", |thread| &thread.name)
    }
}

impl Drop for Timers {
    fn drop(&mut self) {
        for thread in self.threads.values() {
            // SAFETY: made by `start`, and ended only here.
            let _ = unsafe { libc::timer_delete(thread.timer) };
        }
    }
}

/// Starts a timer over what a thread takes of the processor's time, whose signals go to the same thread.
fn start(thread: i32, period: Duration) -> io::Result<timer_t> {
    // SAFETY: all zero is a valid value.
    let mut event: libc::sigevent = unsafe { MaybeUninit::zeroed().assume_init() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = libc::SIGPROF;
    event.sigev_notify_thread_id = thread;
    let mut timer: timer_t = std::ptr::null_mut();
    let clock = (!thread << 3) | CLOCK_OF_THREAD;
    // SAFETY: reads the event and fills the timer, as its manual says.
    if unsafe { libc::timer_create(clock, &raw mut event, &raw mut timer) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let time = timespec { tv_sec: period.as_secs().cast_signed(), tv_nsec: i64::from(period.subsec_nanos()) };
    let times = itimerspec { it_interval: time, it_value: time };
    // SAFETY: the timer was just made; nothing is written back.
    if unsafe { libc::timer_settime(timer, 0, &raw const times, std::ptr::null_mut()) } != 0 {
        let error = io::Error::last_os_error();
        // SAFETY: made above, and not handed out.
        let _ = unsafe { libc::timer_delete(timer) };
        return Err(error);
    }
    Ok(timer)
}
