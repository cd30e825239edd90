//! Waiting for real time to pass, where a load is to come at its own pace.

use std::time::Duration;

use platform::Clock;

/// Waits for a time.
#[expect(
    clippy::disallowed_methods,
    reason = "a load that comes at its own pace waits for nothing but the time"
)]
pub(crate) fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Waits until a moment of the clock; returns at once where it is over.
pub(crate) fn wait_until(clock: &dyn Clock, moment: Duration) {
    let left = moment.saturating_sub(clock.monotonic());
    if !left.is_zero() {
        wait(left);
    }
}
