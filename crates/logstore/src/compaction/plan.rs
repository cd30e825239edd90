//! Which parts of a day are merged.

use crate::part::DAY;

/// So many parts of a day that goes on are merged at once, at least.
const PARTS_MIN: usize = 4;
/// The same while entries come in fast: then every part is written anew as seldom as can be, and later rather than now.
const PARTS_MIN_BUSY: usize = 48;
/// So many parts are merged at once at most: of each one a frame is in memory while they are read side by side, and where
/// entries come in any order a block of each one's.
const PARTS_MAX: usize = 64;
/// A merge while entries come in fast makes so many times more than the largest part that goes into it, and that much once
/// more.
const BUSY_FACTOR: u64 = 4;
/// A part of a day that is over is not written again for others that are so many times smaller in all.
const LARGE_FACTOR: u64 = 8;
/// A day is over so many nanoseconds after its end: late entries come.
const LATE: i64 = 2 * 3_600_000_000_000;

/// Whether a day is over.
pub(crate) fn is_over(day: i64, now_ms: i64) -> bool {
    day.saturating_add(1).saturating_mul(DAY).saturating_add(LATE) < now_ms.saturating_mul(1_000_000)
}

/// What is going on while parts are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Entries come in fast.
    Busy,
    /// They do not.
    Quiet,
    /// The day is over.
    Over,
}

/// The positions of the parts to merge, given the bytes of all parts of a day; none where nothing is to be done.
///
/// The smallest are taken, as many as make a part of at most `bytes_max`, and only where the largest of them is not
/// most of the work: so every entry is written again a few times at most.
pub(crate) fn plan_merge(bytes: &[u64], pace: Pace, bytes_max: u64) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..bytes.len()).collect();
    let bytes_of = |position: &usize| bytes.get(*position).copied().unwrap_or_default();
    by_size.sort_by_key(bytes_of);
    let parts_min = match pace {
        Pace::Busy => PARTS_MIN_BUSY,
        Pace::Quiet => PARTS_MIN,
        Pace::Over => 2,
    };
    let is_worth_it = |largest: u64, rest: u64| match pace {
        Pace::Busy => largest.saturating_mul(BUSY_FACTOR) <= rest,
        Pace::Quiet => largest <= rest,
        Pace::Over => largest <= rest.saturating_mul(LARGE_FACTOR),
    };
    for count in (parts_min..=by_size.len().min(PARTS_MAX)).rev() {
        let Some((largest, rest)) = by_size.get(..count).and_then(<[usize]>::split_last) else { continue };
        let of_rest: u64 = rest.iter().map(bytes_of).sum();
        let largest = bytes_of(largest);
        if largest.saturating_add(of_rest) <= bytes_max && is_worth_it(largest, of_rest) {
            by_size.truncate(count);
            by_size.sort_unstable();
            return by_size;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_like_size_are_merged_and_a_large_one_is_left_alone() {
        assert_eq!(plan_merge(&[10, 10, 10], Pace::Quiet, 1_000), [] as [usize; 0]);
        assert_eq!(plan_merge(&[10, 12, 10, 11], Pace::Quiet, 1_000), [0, 1, 2, 3]);
        assert_eq!(plan_merge(&[500, 10, 12, 10, 11], Pace::Quiet, 1_000), [1, 2, 3, 4]);
        assert_eq!(plan_merge(&[40, 10, 12, 10, 11], Pace::Quiet, 1_000), [0, 1, 2, 3, 4]);
        assert_eq!(plan_merge(&[400, 300, 400, 300], Pace::Quiet, 1_000), [] as [usize; 0]);
    }

    #[test]
    fn many_parts_are_merged_some_at_a_time() {
        for pace in [Pace::Busy, Pace::Quiet, Pace::Over] {
            assert_eq!(plan_merge(&[10; 500], pace, 1 << 30), (0..PARTS_MAX).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_day_that_is_over_becomes_few_parts() {
        assert_eq!(plan_merge(&[50, 10], Pace::Over, 1_000), [0, 1]);
        assert_eq!(plan_merge(&[500, 10], Pace::Over, 1_000), [] as [usize; 0]);
        assert_eq!(plan_merge(&[500, 400, 300], Pace::Over, 1_000), [1, 2]);
        assert!(is_over(0, 27 * 3_600_000) && !is_over(0, 25 * 3_600_000));
    }

    /// Parts of 10 that come one after the other, merged at a pace: how many there are at last, and how much was written.
    fn merged(pace: Pace) -> (usize, u64) {
        let (mut parts, mut written) = (Vec::new(), 0);
        for new in [10_u64; 200] {
            parts.push(new);
            loop {
                let merged = plan_merge(&parts, pace, 1 << 30);
                if merged.is_empty() {
                    break;
                }
                let bytes: u64 = merged.iter().map(|position| parts[*position]).sum();
                written += bytes;
                for position in merged.iter().rev() {
                    parts.remove(*position);
                }
                parts.push(bytes);
            }
        }
        (parts.len(), written)
    }

    #[test]
    fn every_entry_is_written_again_a_few_times_at_most() {
        let (parts, written) = merged(Pace::Quiet);
        assert!(parts < 15 && written < 2_000 * 6, "{parts} {written}");
        let (parts, written) = merged(Pace::Busy);
        assert!(parts < 60 && written < 2_000 * 2, "{parts} {written}");
    }

    #[test]
    fn fast_entries_leave_more_parts_alone() {
        let parts = [10; PARTS_MIN_BUSY - 1];
        let all: Vec<usize> = (0..PARTS_MIN_BUSY).collect();
        assert_eq!(plan_merge(&parts, Pace::Busy, 1_000), [] as [usize; 0]);
        assert_eq!(plan_merge(&[&parts[..], &[2]].concat(), Pace::Busy, 1_000), all);
        // One that is large beside the others is left alone.
        let others: Vec<usize> = all.iter().map(|position| position + 1).collect();
        assert_eq!(plan_merge(&[&[160][..], &parts, &[10]].concat(), Pace::Busy, 1_000), others);
    }
}
