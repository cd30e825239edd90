//! Which parts of a day are merged.

use crate::part::DAY;

/// So many parts of a day that goes on are merged at once, at least.
const PARTS_MIN: usize = 4;
/// A part of a day that is over is not written again for others that are so many times smaller in all.
const LARGE_FACTOR: u64 = 8;
/// A day is over so many nanoseconds after its end: late entries come.
const LATE: i64 = 2 * 3_600_000_000_000;

/// Whether a day is over.
pub(crate) fn is_over(day: i64, now_ms: i64) -> bool {
    day.saturating_add(1).saturating_mul(DAY).saturating_add(LATE) < now_ms.saturating_mul(1_000_000)
}

/// The positions of the parts to merge, given the bytes of all parts of a day; none where nothing is to be done.
///
/// The smallest are taken, as many as make a part of at most `bytes_max`, and only where the largest of them is not
/// most of the work: so every entry is written again a few times at most.
pub(crate) fn plan_merge(bytes: &[u64], is_over: bool, bytes_max: u64) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..bytes.len()).collect();
    let bytes_of = |position: &usize| bytes.get(*position).copied().unwrap_or_default();
    by_size.sort_by_key(bytes_of);
    let (parts_min, factor) = if is_over { (2, LARGE_FACTOR) } else { (PARTS_MIN, 1) };
    for count in (parts_min..=by_size.len()).rev() {
        let Some((largest, rest)) = by_size.get(..count).and_then(<[usize]>::split_last) else { continue };
        let of_rest: u64 = rest.iter().map(bytes_of).sum();
        let largest = bytes_of(largest);
        if largest.saturating_add(of_rest) <= bytes_max && largest <= of_rest.saturating_mul(factor) {
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
        assert_eq!(plan_merge(&[10, 10, 10], false, 1_000), [] as [usize; 0]);
        assert_eq!(plan_merge(&[10, 12, 10, 11], false, 1_000), [0, 1, 2, 3]);
        assert_eq!(plan_merge(&[500, 10, 12, 10, 11], false, 1_000), [1, 2, 3, 4]);
        assert_eq!(plan_merge(&[40, 10, 12, 10, 11], false, 1_000), [0, 1, 2, 3, 4]);
        assert_eq!(plan_merge(&[400, 300, 400, 300], false, 1_000), [] as [usize; 0]);
    }

    #[test]
    fn a_day_that_is_over_becomes_few_parts() {
        assert_eq!(plan_merge(&[50, 10], true, 1_000), [0, 1]);
        assert_eq!(plan_merge(&[500, 10], true, 1_000), [] as [usize; 0]);
        assert_eq!(plan_merge(&[500, 400, 300], true, 1_000), [1, 2]);
        assert!(is_over(0, 27 * 3_600_000) && !is_over(0, 25 * 3_600_000));
    }

    #[test]
    fn every_entry_is_written_again_a_few_times_at_most() {
        let (mut parts, mut written) = (Vec::new(), 0);
        for new in [10_u64; 200] {
            parts.push(new);
            loop {
                let merged = plan_merge(&parts, false, 1 << 30);
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
        assert!(parts.len() < 15, "{parts:?}");
        assert!(written < 2_000 * 6, "{written}");
    }
}
