//! What start timestamps of samples tell about counters.

use crate::operators::instant::at;

/// Whether a counter was reset between a sample and the one before it, by their start timestamps alone.
///
/// Samples are given as time and start; a start of 0 is not known.
pub(super) fn tell_reset(before: (i64, i64), sample: (i64, i64)) -> bool {
    let (time_before, start_before) = before;
    let (time, start) = sample;
    if start == 0 || start >= time {
        return false;
    }
    // A start at the very time of the sample before is that of a delta, which begins where the last one ended; but
    // also what a counter with an unknown start is given, which then had none before.
    let start_before_is_valid = start_before != 0 && start_before < time_before;
    start > time_before || (start == time_before && start_before_is_valid)
}

/// Whether a sample claims to have started before the sample ahead of it was taken, but not as that one did.
pub(super) fn overlap(before: (i64, i64), sample: (i64, i64)) -> bool {
    let (time_before, start_before) = before;
    let (_, start) = sample;
    start != 0 && start_before < start && start < time_before
}

/// Whether any neighbours of a window overlap.
pub(super) fn any_overlap(times: &[i64], starts: &[i64], window: std::ops::Range<usize>) -> bool {
    !starts.is_empty()
        && (window.start + 1..window.end).any(|index| {
            overlap((at(times, index - 1), at(starts, index - 1)), (at(times, index), at(starts, index)))
        })
}

/// The start of the first sample of a window, where it lies inside of the window and before the sample.
pub(super) fn usable_start(time: i64, start: i64, window_start: i64) -> Option<i64> {
    (start != 0 && window_start < start && start < time).then_some(start)
}
