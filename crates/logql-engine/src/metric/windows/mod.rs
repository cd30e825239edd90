//! The times at which an expression is evaluated, and the windows that end there.
//!
//! Windows overlap; the panes between their edges do not. A sample falls into one pane, whatever the range; a window
//! is a run of panes. So the cost is one step per sample and one or two per window ([`slide`]).

pub(super) mod cell;
pub(super) mod lane;
pub(super) mod order;
pub(super) mod samples;
pub(super) mod slide;

use storage::logs::EntryRange;

/// Evaluation times: `start`, `start + step`, … ; nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// The first time.
    pub(super) start: i64,
    /// The distance of the times; at least 1.
    pub(super) step: i64,
    /// The number of times; at least 1.
    pub(super) steps: usize,
}

impl Grid {
    /// One time.
    pub(super) fn instant(time: i64) -> Self {
        Self { start: time, step: 1, steps: 1 }
    }

    /// The times from `start` to `end` in multiples of `step`, the first and the last one rounded outwards.
    pub(super) fn aligned(start: i64, end: i64, step: i64) -> Self {
        let step = step.max(1);
        let first = start.div_euclid(step);
        let last = end.max(start).div_euclid(step) + i64::from(end.max(start).rem_euclid(step) != 0);
        let steps = usize::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(1);
        Self { start: first.saturating_mul(step), step, steps }
    }

    /// The time of a step.
    pub(super) fn time(self, step: usize) -> i64 {
        self.start.saturating_add(self.step.saturating_mul(i64::try_from(step).unwrap_or(i64::MAX)))
    }
}

/// How the panes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// There is time between windows: each is a pane.
    Apart,
    /// The range is a multiple of the step: a pane for each step.
    Even,
    /// Two panes for each step, split so far behind a window's start as the range exceeds a multiple of the step.
    Split(i64),
    /// Every window holds the time between the last start and the first end.
    Wide,
}

/// Where a time lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a pane whose last nanosecond is `last`.
    Pane {
        /// The pane.
        pane: u32,
        /// Its last nanosecond.
        last: i64,
    },
    /// In no window; neither are the times up to `last`.
    Nowhere {
        /// The last nanosecond in no window.
        last: i64,
    },
}

/// The windows `(t - range, t]` of the times `t` of a grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// The end of the first window.
    first_end: i64,
    step: i64,
    /// One by the step.
    inverse: f64,
    range: i64,
    steps: usize,
    layout: Layout,
    /// Panes that a window has.
    width: usize,
    /// Panes between the first ones of two windows.
    stride: usize,
    /// The nanosecond before the first window, the last one of the last window, and the number of panes: what every row is
    /// held against.
    before: i64,
    last_end: i64,
    panes: usize,
}

/// Panes as long as steps, in which times lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Even<'w> {
    windows: &'w Windows,
    /// The first and the last one.
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Even<'_> {
    /// How many panes lie before the one of a time.
    #[inline]
    pub(super) fn place(&self, time: i64) -> usize {
        let number = self.windows.steps_in(time.saturating_sub(self.windows.before) - 1);
        usize::try_from(number).unwrap_or_default().saturating_sub(self.first as usize)
    }
}

impl Windows {
    /// The windows of a grid, moved into the past by `offset` nanoseconds.
    pub(super) fn new(grid: Grid, range: i64, offset: i64) -> Self {
        let range = range.max(1);
        let (steps, step) = (grid.steps.max(1), grid.step.max(1));
        let last_step = i64::try_from(steps - 1).unwrap_or(i64::MAX);
        let (whole, rest) = (range / step, range % step);
        let whole_panes = usize::try_from(whole).unwrap_or(usize::MAX);
        let (layout, width, stride) = if steps == 1 || range >= step.saturating_mul(last_step) {
            (Layout::Wide, steps, 1)
        } else if range < step {
            (Layout::Apart, 1, 1)
        } else if rest == 0 {
            (Layout::Even, whole_panes, 1)
        } else {
            (Layout::Split(rest), whole_panes.saturating_mul(2).saturating_add(1), 2)
        };
        let first_end = grid.start.saturating_sub(offset);
        let inverse = 1.0 / step as f64;
        let before = first_end.saturating_sub(range);
        let last_end = first_end.saturating_add(step.saturating_mul(last_step));
        let panes = ((steps - 1) * stride).saturating_add(width);
        Self { first_end, step, inverse, range, steps, layout, width, stride, before, last_end, panes }
    }

    /// The time in which entries count.
    pub(super) fn span(&self) -> EntryRange {
        EntryRange::new(self.before.saturating_add(1), self.last_end.saturating_add(1))
    }

    /// The number of windows.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// The length of a window in seconds.
    pub(super) fn range_seconds(&self) -> f64 {
        self.range as f64 / 1e9
    }

    /// The end of a window.
    pub(super) fn end_of(&self, window: usize) -> i64 {
        self.first_end.saturating_add(self.step.saturating_mul(i64::try_from(window).unwrap_or(i64::MAX)))
    }

    /// The nanosecond before a window.
    pub(super) fn start_of(&self, window: usize) -> i64 {
        self.end_of(window).saturating_sub(self.range)
    }

    /// How many panes a window has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The first pane of a window.
    pub(super) fn first_pane(&self, window: usize) -> usize {
        window * self.stride
    }

    /// Where a time lies.
    #[inline]
    pub(super) fn place(&self, time: i64) -> Place {
        let before = self.before;
        if time <= before {
            return Place::Nowhere { last: before };
        }
        if time > self.last_end {
            return Place::Nowhere { last: i64::MAX };
        }
        match self.layout {
            // Most windows lie so, and a row of a stream with few of them costs little else.
            Layout::Even => {
                let number = self.steps_in(time.saturating_sub(before) - 1);
                self.pane(number, before.saturating_add((number + 1).saturating_mul(self.step)))
            }
            Layout::Apart => self.place_apart(time),
            Layout::Split(rest) => self.place_split(time, rest),
            Layout::Wide => self.place_wide(time),
        }
    }

    /// How times from `first` to `last` are put into panes, where each of them lies in one and panes are as long as steps.
    pub(super) fn even(&self, first: i64, last: i64) -> Option<Even<'_>> {
        let is_even = self.layout == Layout::Even && first <= last;
        let (Place::Pane { pane: from, .. }, Place::Pane { pane: to, .. }) =
            (self.place(first), self.place(last))
        else {
            return None;
        };
        is_even.then_some(Even { windows: self, first: from, last: to })
    }

    fn place_split(&self, time: i64, rest: i64) -> Place {
        let behind = time.saturating_sub(self.before) - 1;
        let number = self.steps_in(behind);
        let phase = behind - number * self.step;
        let start = self.before.saturating_add(number.saturating_mul(self.step));
        match phase < rest {
            true => self.pane(2 * number, start.saturating_add(rest)),
            false => self.pane(2 * number + 1, start.saturating_add(self.step)),
        }
    }

    /// How many whole steps a time of no less than nothing has: a division of such numbers takes longer than all else that a
    /// row costs.
    #[inline]
    fn steps_in(&self, time: i64) -> i64 {
        let about = (time as f64 * self.inverse) as i64;
        // Small enough that rounding makes a difference of one at most.
        if about > i64::from(u32::MAX) {
            return time / self.step;
        }
        let rest = time.wrapping_sub(about.wrapping_mul(self.step));
        about - i64::from(rest < 0) + i64::from(rest >= self.step)
    }

    fn place_apart(&self, time: i64) -> Place {
        // The first window that ends at or behind the time.
        let window = match time <= self.first_end {
            true => 0,
            false => self.steps_in(time.saturating_sub(self.first_end) - 1) + 1,
        };
        let end = self.first_end.saturating_add(window.saturating_mul(self.step));
        match time > end.saturating_sub(self.range) {
            true => self.pane(window, end),
            false => Place::Nowhere { last: end.saturating_sub(self.range) },
        }
    }

    /// Panes before the last start, one in the middle, panes behind the first end.
    fn place_wide(&self, time: i64) -> Place {
        let middle = i64::try_from(self.steps - 1).unwrap_or(i64::MAX);
        let number = self.steps_in(time.saturating_sub(self.before) - 1);
        if number < middle {
            return self.pane(number, self.before.saturating_add((number + 1).saturating_mul(self.step)));
        }
        if time <= self.first_end {
            return self.pane(middle, self.first_end);
        }
        let behind = self.steps_in(time.saturating_sub(self.first_end) - 1);
        let end = self.first_end.saturating_add((behind + 1).saturating_mul(self.step));
        self.pane(middle.saturating_add(1 + behind), end)
    }

    /// A pane by its number; none beyond the last window, where times are too large to be told apart.
    #[inline]
    fn pane(&self, number: i64, last: i64) -> Place {
        match u32::try_from(number) {
            Ok(pane) if (pane as usize) < self.panes => Place::Pane { pane, last },
            _ => Place::Nowhere { last: i64::MAX },
        }
    }
}

#[cfg(test)]
mod tests;
