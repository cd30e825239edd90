//! The samples of a chunk in a form that is little larger than must be and is read back many times faster than the chunk
//! is decoded.

use storage::{SampleColumns, TimeRange};

/// The samples of a chunk, bit for bit as they were decoded.
#[derive(Debug)]
pub(super) struct Packed {
    start: i64,
    count: usize,
    times: Times,
    values: Values,
}

/// Times behind the first.
#[derive(Debug)]
enum Times {
    /// Each so many milliseconds behind the one before.
    Regular(i64),
    /// The same, but each a little before or behind where it should be: as a scrape is that was held up.
    Near { step: i64, away: Box<[i8]> },
    /// Milliseconds behind the first.
    Offsets(Box<[u32]>),
}

/// The values.
#[derive(Debug)]
enum Values {
    /// One for all.
    Same(f64),
    /// Whole numbers divided by `scale`: the first, and how much each is more than it.
    Steps { first: f64, scale: f64, steps: Box<[i32]> },
    /// Any.
    Whole(Box<[f64]>),
}

/// By what values are multiplied to see whether they are whole then: counts and bytes are as they are, seconds of CPU and
/// loads are told in hundredths.
const SCALES: [f64; 2] = [1.0, 100.0];

impl Packed {
    /// Packs columns of one length; `None` where there is no sample or times do not ascend, or over months.
    pub(super) fn of(timestamps: &[i64], values: &[f64]) -> Option<Self> {
        let start = *timestamps.first()?;
        if timestamps.len() != values.len() {
            return None;
        }
        let times = Times::of(timestamps, start)?;
        Some(Self { start, count: timestamps.len(), times, values: Values::of(values)? })
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let times = match &self.times {
            Times::Regular(_) => 0,
            Times::Near { away, .. } => size_of_val(&**away),
            Times::Offsets(offsets) => size_of_val(&**offsets),
        };
        let values = match &self.values {
            Values::Same(_) => 0,
            Values::Steps { steps, .. } => size_of_val(&**steps),
            Values::Whole(values) => size_of_val(&**values),
        };
        times + values
    }

    /// Appends the samples that lie in `range`.
    pub(super) fn unpack(&self, range: TimeRange, out: &mut SampleColumns) {
        let (from, end) = self.places(range);
        if from >= end {
            return;
        }
        match &self.times {
            Times::Regular(step) => {
                let (step, mut time) = (*step, self.start + step * from as i64 - step);
                let next = move || {
                    time += step;
                    time
                };
                out.timestamps.extend(std::iter::repeat_with(next).take(end - from));
            }
            Times::Near { step, away } => {
                let (step, mut on_time) = (*step, self.start + step * from as i64 - step);
                let next = move |away: &i8| {
                    on_time += step;
                    on_time + i64::from(*away)
                };
                out.timestamps.extend(away.get(from..end).unwrap_or_default().iter().map(next));
            }
            Times::Offsets(offsets) => {
                let (start, offsets) = (self.start, offsets.get(from..end).unwrap_or_default());
                out.timestamps.extend(offsets.iter().map(move |offset| start + i64::from(*offset)));
            }
        }
        match &self.values {
            Values::Same(value) => out.values.resize(out.timestamps.len(), *value),
            Values::Steps { first, scale, steps } => {
                // Copies, so that the loops know that nobody changes them and do several samples at once.
                let (first, scale) = (*first, *scale);
                let steps = steps.get(from..end).unwrap_or_default().iter();
                if scale == 1.0 {
                    out.values.extend(steps.map(move |step| first + f64::from(*step)));
                } else {
                    out.values.extend(steps.map(move |step| (first + f64::from(*step)) / scale));
                }
            }
            Values::Whole(values) => out.values.extend_from_slice(values.get(from..end).unwrap_or_default()),
        }
        if !out.start_timestamps.is_empty() {
            out.start_timestamps.resize(out.timestamps.len(), 0);
        }
    }

    /// The first sample in `range`, and the first one behind.
    fn places(&self, range: TimeRange) -> (usize, usize) {
        let before = range.start.saturating_sub(self.start).max(0);
        let Ok(behind) = u64::try_from(range.end.saturating_sub(self.start)) else { return (0, 0) };
        match &self.times {
            Times::Regular(step) => {
                let last = step * (self.count - 1) as i64;
                let from = if before == 0 { 0 } else { (before as u64).div_ceil(*step as u64) };
                let end = if behind >= last as u64 { self.count as u64 } else { behind / *step as u64 + 1 };
                (from.min(self.count as u64) as usize, end as usize)
            }
            Times::Near { step, away } => {
                let offset = |place: usize| {
                    let away = away.get(place).copied().unwrap_or_default();
                    step * place as i64 + i64::from(away)
                };
                let from = first_without(self.count, |place| offset(place) < before);
                (from, first_without(self.count, |place| offset(place) as u64 <= behind))
            }
            Times::Offsets(offsets) => {
                let from = offsets.partition_point(|offset| i64::from(*offset) < before);
                let end = match offsets.last() {
                    Some(last) if u64::from(*last) <= behind => self.count,
                    _ => offsets.partition_point(|offset| u64::from(*offset) <= behind),
                };
                (from, end)
            }
        }
    }
}

/// The first of so many places that something does not hold of which holds of all before; their number if there is none.
fn first_without(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut end) = (0, count);
    while from < end {
        let middle = usize::midpoint(from, end);
        if holds(middle) {
            from = middle + 1;
        } else {
            end = middle;
        }
    }
    from
}

impl Times {
    fn of(timestamps: &[i64], start: i64) -> Option<Self> {
        let gap = |pair: &[i64]| match pair {
            [before, after] => after.checked_sub(*before).filter(|gap| *gap > 0),
            _ => None,
        };
        let mut gaps = timestamps.windows(2).map(gap);
        let first = gaps.next().unwrap_or(Some(1))?;
        let last = timestamps.last()?;
        if u32::try_from(last.checked_sub(start)?).is_err() {
            return None;
        }
        let mut is_regular = true;
        for gap in gaps {
            is_regular &= gap? == first;
        }
        if is_regular {
            return Some(Self::Regular(first));
        }
        if let Some(near) = Self::near(timestamps, start) {
            return Some(near);
        }
        let offset = |timestamp: &i64| u32::try_from(timestamp - start).ok();
        Some(Self::Offsets(timestamps.iter().map(offset).collect::<Option<_>>()?))
    }

    /// Times that are about regular; `None` where one is too far from where it should be.
    fn near(timestamps: &[i64], start: i64) -> Option<Self> {
        let (gaps, last) =
            (timestamps.len().checked_sub(1).filter(|gaps| *gaps > 0)? as i64, timestamps.last()?);
        let step = (last - start + gaps / 2) / gaps;
        let away =
            |(place, timestamp): (usize, &i64)| i8::try_from(timestamp - start - step * place as i64).ok();
        let away = timestamps.iter().enumerate().map(away).collect::<Option<_>>()?;
        Some(Self::Near { step, away })
    }
}

impl Values {
    fn of(values: &[f64]) -> Option<Self> {
        let first = *values.first()?;
        if values.iter().all(|value| value.to_bits() == first.to_bits()) {
            return Some(Self::Same(first));
        }
        Some(
            SCALES
                .iter()
                .find_map(|scale| Self::steps(values, *scale))
                .unwrap_or_else(|| Self::Whole(values.into())),
        )
    }

    /// Values as whole numbers; `None` where they do not come back bit for bit.
    fn steps(values: &[f64], scale: f64) -> Option<Self> {
        let first = (values.first()? * scale).round();
        let step = |value: &f64| {
            let step = ((value * scale).round() - first) as i32;
            let back = (first + f64::from(step)) / scale;
            (back.to_bits() == value.to_bits()).then_some(step)
        };
        let steps = values.iter().map(step).collect::<Option<Box<[i32]>>>()?;
        Some(Self::Steps { first, scale, steps })
    }
}
