//! Requests that failed are sent again.

use std::time::Duration;

use super::ask::given;
use super::flags;
use crate::cli::tool::{ToolCall, ToolFlag};
use crate::complain;

/// The longest that is waited, whatever is asked for.
const WAIT_MAX: Duration = Duration::from_secs(3600);

/// How often a request is sent again, and how long is waited before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempts {
    retries: u32,
    wait: Duration,
    wait_max: Duration,
}

/// Why an attempt failed.
pub(super) struct Failure {
    pub(super) text: String,
    /// Whether another attempt may go better.
    pub(super) passes: bool,
}

impl Failure {
    /// The text with how many attempts were left, as the original ends it.
    fn with(self, left: u32) -> String {
        format!("{} attempts remaining: {left}", self.text)
    }
}

impl Attempts {
    /// What the flags or the environment say.
    pub(super) fn new(call: &ToolCall) -> Result<Self, String> {
        let number = |flag: &ToolFlag, variable: &str| match given(call, flag, variable).as_str() {
            "" => Ok(0),
            text => text.parse::<u32>().map_err(|error| format!("--{}: {error}", flag.name)),
        };
        let seconds = |flag: &ToolFlag, variable: &str| {
            number(flag, variable).map(|seconds| Duration::from_secs(u64::from(seconds)).min(WAIT_MAX))
        };
        let wait = seconds(&flags::BACKOFF_MIN, "LOKI_CLIENT_MIN_BACKOFF")?;
        let wait_max = seconds(&flags::BACKOFF_MAX, "LOKI_CLIENT_MAX_BACKOFF")?.max(wait);
        Ok(Self { retries: number(&flags::RETRIES, "LOKI_CLIENT_RETRIES")?, wait, wait_max })
    }

    /// Tries until it goes well, cannot go better or was tried often enough.
    #[expect(clippy::disallowed_methods, reason = "a command has nothing else to do while it waits")]
    pub(super) fn run<T>(self, attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, String> {
        self.run_with(attempt, std::thread::sleep)
    }

    fn run_with<T>(
        self,
        mut attempt: impl FnMut() -> Result<T, Failure>,
        mut sleep: impl FnMut(Duration),
    ) -> Result<T, String> {
        let mut wait = self.wait;
        for left in (1..=self.retries).rev() {
            match attempt() {
                Ok(done) => return Ok(done),
                Err(failure) if !failure.passes => return Err(failure.with(left)),
                Err(failure) => complain(&failure.with(left), 0),
            };
            if !wait.is_zero() {
                sleep(wait);
                wait = (wait * 2).min(self.wait_max);
            }
        }
        attempt().map_err(|failure| failure.with(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(attempts: Attempts, passes: bool, good_from: u32) -> (Result<u32, String>, Vec<u64>) {
        let mut count = 0;
        let mut waits = Vec::new();
        let attempt = || {
            count += 1;
            if count >= good_from { Ok(count) } else { Err(Failure { text: "no".to_owned(), passes }) }
        };
        let done = attempts.run_with(attempt, |wait| waits.push(wait.as_secs()));
        (done, waits)
    }

    #[test]
    fn failures_that_may_pass_are_tried_again_at_growing_distances() {
        let seconds = Duration::from_secs;
        let often = Attempts { retries: 4, wait: seconds(1), wait_max: seconds(5) };
        assert_eq!(tried(often, true, 1), (Ok(1), vec![]));
        assert_eq!(tried(often, true, 3), (Ok(3), vec![1, 2]));
        assert_eq!(tried(often, true, 9), (Err("no attempts remaining: 0".to_owned()), vec![1, 2, 4, 5]));
        assert_eq!(tried(often, false, 3), (Err("no attempts remaining: 4".to_owned()), vec![]));
        let once = Attempts { retries: 0, wait: seconds(1), wait_max: seconds(5) };
        assert_eq!(tried(once, true, 2), (Err("no attempts remaining: 0".to_owned()), vec![]));
        let at_once = Attempts { retries: 1, wait: Duration::ZERO, wait_max: Duration::ZERO };
        assert_eq!(tried(at_once, true, 2), (Ok(2), vec![]));
    }
}
