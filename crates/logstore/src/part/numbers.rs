//! Times as differences in as few bits as each group of them needs.

use crate::bytes::{Cursor, put_uvarint};

/// So many differences share a width.
const GROUP: usize = 64;

/// Appends times that rise within each run; `runs` are the numbers of rows of each.
///
/// The first time of a run is not stored: whoever reads knows it.
pub(crate) fn encode_times(timestamps: &[i64], runs: impl Iterator<Item = usize>, out: &mut Vec<u8>) {
    let mut differences = Vec::with_capacity(timestamps.len());
    let mut rest = timestamps;
    for rows in runs {
        let Some((run, after)) = rest.split_at_checked(rows) else { break };
        rest = after;
        let next = run.iter().skip(1);
        differences.extend(run.iter().zip(next).map(|(before, after)| after.wrapping_sub(*before) as u64));
    }
    let unit = differences.iter().copied().fold(0, greatest_common_divisor).max(1);
    put_uvarint(out, unit);
    for group in differences.chunks(GROUP) {
        let widest = group.iter().map(|difference| difference / unit).fold(0, |all, one| all | one);
        let width = u64::BITS - widest.leading_zeros();
        out.push(width as u8);
        let (mut bits, mut held) = (0_u128, 0);
        for difference in group {
            bits |= u128::from(difference / unit) << held;
            held += width;
            while held >= 8 {
                out.push(bits as u8);
                bits >>= 8;
                held -= 8;
            }
        }
        if held > 0 {
            out.push(bits as u8);
        }
    }
}

pub(super) fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Appends the times of runs whose first times and rows are given; `None` where the bytes are not theirs.
pub(crate) fn decode_times(
    bytes: &[u8],
    runs: impl Iterator<Item = (i64, usize)>,
    out: &mut Vec<i64>,
) -> Option<()> {
    let runs: Vec<(i64, usize)> = runs.collect();
    let mut left: usize = runs.iter().map(|(_, rows)| rows.saturating_sub(1)).sum();
    let mut cursor = Cursor::new(bytes);
    let unit = cursor.uvarint()?;
    // A group of equal times takes one byte.
    if left.div_ceil(GROUP) > cursor.left() {
        return None;
    }
    let mut differences = Vec::with_capacity(left);
    while left > 0 {
        let count = left.min(GROUP);
        left -= count;
        let width = u32::from(cursor.byte()?);
        let packed = cursor.take((count * width as usize).div_ceil(8))?;
        unpack(packed, width, count, unit, &mut differences)?;
    }
    let mut differences = differences.into_iter();
    for (first, rows) in runs.into_iter().filter(|(_, rows)| *rows > 0) {
        let mut time = first;
        out.push(time);
        for difference in differences.by_ref().take(rows - 1) {
            time = time.wrapping_add(difference as i64);
            out.push(time);
        }
    }
    Some(())
}

fn unpack(packed: &[u8], width: u32, count: usize, unit: u64, out: &mut Vec<u64>) -> Option<()> {
    if width > 64 {
        return None;
    }
    let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
    if width > WIDTH_OF_A_WORD {
        return unpack_wide(packed, width, count, (unit, mask), out);
    }
    // Eight bytes behind the last one that counts: each number lies in the eight from the byte on that it begins in.
    let mut padded = [0; GROUP * 8 + 8];
    padded.get_mut(..packed.len())?.copy_from_slice(packed);
    for number in 0..count {
        let place = number * width as usize;
        let word = padded.get(place / 8..)?.first_chunk::<8>()?;
        out.push((u64::from_le_bytes(*word) >> (place % 8) & mask).wrapping_mul(unit));
    }
    Some(())
}

/// The widest number that lies in eight bytes wherever in a byte it begins.
const WIDTH_OF_A_WORD: u32 = 57;

fn unpack_wide(
    packed: &[u8],
    width: u32,
    count: usize,
    (unit, mask): (u64, u64),
    out: &mut Vec<u64>,
) -> Option<()> {
    let (mut bits, mut held) = (0_u128, 0);
    let mut bytes = packed.iter();
    for _ in 0..count {
        while held < width {
            bits |= u128::from(*bytes.next()?) << held;
            held += 8;
        }
        out.push((bits as u64 & mask).wrapping_mul(unit));
        bits >>= width;
        held -= width;
    }
    Some(())
}
