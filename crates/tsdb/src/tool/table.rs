//! Columns of text, and numbers as the original prints them.

use std::io::{self, Write};

/// A column is at least so wide.
const COLUMN_MIN: usize = 13;
/// Blanks behind the longest text of a column.
const PADDING: usize = 2;
const UNITS: [&str; 6] = ["EiB", "PiB", "TiB", "GiB", "MiB", "KiB"];

/// Writes rows with their columns below each other; the last column is not filled up.
pub(super) fn write_rows<const N: usize>(rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = COLUMN_MIN.max(*width).max(cell.chars().count() + PADDING);
        }
    }
    for row in rows {
        for (place, (width, cell)) in widths.iter().zip(row).enumerate() {
            if place + 1 == N {
                writeln!(out, "{cell}")?;
            } else {
                write!(out, "{cell:<width$}", width = *width)?;
            }
        }
    }
    Ok(())
}

/// A length of time as Go prints it: `1h59m30.001s`.
pub(super) fn duration(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    if ms == 0 {
        return "0s".to_owned();
    }
    if ms < 1000 {
        return format!("{sign}{ms}ms");
    }
    let (minutes, ms) = (ms / 60_000, ms % 60_000);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let mut seconds = format!("{}.{:03}", ms / 1000, ms % 1000);
    seconds.truncate(seconds.trim_end_matches('0').trim_end_matches('.').len());
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// A length in bytes: `82KiB573B`.
pub(super) fn bytes(bytes: u64) -> String {
    if bytes == 0 {
        return "0B".to_owned();
    }
    let mut text = String::new();
    let mut rest = bytes;
    for (power, unit) in (1..=UNITS.len() as u32).rev().zip(UNITS) {
        let size = 1_u64 << (10 * power);
        if rest >= size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if rest > 0 {
        text.push_str(&format!("{rest}B"));
    }
    text
}

/// A time as Go prints it: `2023-11-15 01:59:30 +0000 UTC`.
pub(super) fn time(ms: i64) -> String {
    let seconds = ms.div_euclid(1000);
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = model::calendar::date_of_day(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} +0000 UTC")
}
