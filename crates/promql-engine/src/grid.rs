//! The times at which an expression is evaluated.

/// Evaluation times: `start`, `start + step`, … ; milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    /// The first time.
    pub(crate) start: i64,
    /// The distance of the times; not 0 where there are several.
    pub(crate) step: i64,
    /// The number of times.
    pub(crate) steps: usize,
}

impl Grid {
    /// One time.
    pub(crate) fn instant(time: i64) -> Self {
        Self { start: time, step: 0, steps: 1 }
    }

    /// All times from `start` to at most `end`; none where `end` is before `start`.
    pub(crate) fn range(start: i64, end: i64, step: i64) -> Self {
        if end < start {
            return Self { start, step: step.max(1), steps: 0 };
        }
        let steps = i128::from(end).saturating_sub(i128::from(start)) / i128::from(step.max(1)) + 1;
        Self { start, step: step.max(1), steps: usize::try_from(steps).unwrap_or(usize::MAX) }
    }

    /// The time of a step.
    #[inline]
    pub(crate) fn time(self, step: usize) -> i64 {
        self.start.saturating_add(self.step.saturating_mul(i64::try_from(step).unwrap_or(i64::MAX)))
    }

    /// The last time.
    pub(crate) fn end(self) -> i64 {
        self.time(self.steps.saturating_sub(1))
    }

    /// All times.
    pub(crate) fn times(self) -> impl Iterator<Item = i64> {
        let mut next = self.start;
        (0..self.steps).map(move |_| {
            let time = next;
            next = time.saturating_add(self.step);
            time
        })
    }

    /// The first time alone.
    pub(crate) fn once(self) -> Self {
        Self::instant(self.start)
    }
}

/// A time in seconds.
pub(crate) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}
