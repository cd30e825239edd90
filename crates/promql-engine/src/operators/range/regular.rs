//! Windows over samples that are all equally far apart, at steps that are multiples of that distance: they lie alike on
//! the samples from step to step, so that none has to be looked for.

use std::ops::Range;

use super::Windows;

/// The windows of all steps over samples that are equally far apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RegularWindows {
    windows: Windows,
    /// The number of samples.
    samples: i64,
    /// Where the first sample and the last of the first step's window would stand if the samples went on at both ends.
    first: i64,
    last: i64,
    /// By how many samples windows move from step to step.
    stride: i64,
}

/// To look at so many samples costs as much as to find a window.
const SAMPLES_PER_WINDOW: usize = 16;

impl RegularWindows {
    /// The windows, where samples and steps are regular; `None` also where that is not worth finding out.
    pub(crate) fn of(windows: Windows, timestamps: &[i64]) -> Option<Self> {
        let [start, second, ..] = timestamps else { return None };
        let stride_ms = windows.reference.stride().filter(|stride| *stride > 0)?;
        if timestamps.len() > SAMPLES_PER_WINDOW * windows.len() {
            return None;
        }
        let gap = second.checked_sub(*start).filter(|gap| *gap > 0)?;
        if stride_ms % gap != 0 || !is_regular(timestamps, gap) {
            return None;
        }
        let (before, last) = windows.bounds(0);
        let place = |time: i64| Some(time.checked_sub(*start)?.div_euclid(gap));
        let samples = i64::try_from(timestamps.len()).ok()?;
        let stride = stride_ms / gap;
        let (first, last) = (place(before)?.checked_add(1)?, place(last)?);
        // No place is beyond what numbers can tell.
        let steps = i64::try_from(windows.len()).ok()?;
        first.checked_add(stride.checked_mul(steps)?)?;
        last.checked_add(stride.checked_mul(steps)?)?.checked_add(1)?;
        Some(Self { windows, samples, first, last, stride })
    }

    /// The last time inside of a step's window.
    #[inline]
    pub(crate) fn end(&self, step: usize) -> i64 {
        self.windows.reference.time(step)
    }

    /// The window of a step as positions of samples.
    #[inline]
    pub(crate) fn window(&self, step: usize) -> Range<usize> {
        let moved = self.stride * step as i64;
        let within = |place: i64| place.clamp(0, self.samples) as usize;
        within(self.first + moved)..within(self.last + moved + 1)
    }

    /// By how many samples windows move from step to step.
    pub(crate) fn stride(&self) -> usize {
        self.stride as usize
    }

    /// The steps whose windows do not reach beyond the samples: all of these have as many, at the same distances.
    pub(crate) fn inner(&self) -> Range<usize> {
        let steps = self.windows.len();
        let from = if self.first < 0 {
            (-self.first).unsigned_abs().div_ceil(self.stride as u64) as usize
        } else {
            0
        };
        let room = self.samples - 1 - self.last;
        let end = if room < 0 { 0 } else { (room / self.stride) as usize + 1 };
        from.min(steps)..end.min(steps).max(from.min(steps))
    }
}

/// Whether all times are `gap` apart.
fn is_regular(timestamps: &[i64], gap: i64) -> bool {
    // Without a branch per sample.
    let behind = timestamps.get(1..).unwrap_or_default();
    let differs = timestamps
        .iter()
        .zip(behind)
        .fold(0, |differs, (before, time)| differs | (time.wrapping_sub(*before) ^ gap));
    differs == 0
}
