//! Layouts: the reference time as a result should look.

use std::fmt::Write;

use jiff::Zoned;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The English name of a month, from 1.
pub(super) fn month(number: i8) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or_default()
}

/// The English name of a day of the week, from Sunday as 0.
pub(super) fn weekday(number: i8) -> &'static str {
    usize::try_from(number).ok().and_then(|index| DAYS.get(index)).copied().unwrap_or_default()
}

/// Pieces of the reference time; where one begins like another the longer stands first.
const PIECES: &[&str] = &[
    "January",
    "Jan",
    "Monday",
    "Mon",
    "MST",
    "2006",
    "-07:00:00",
    "-070000",
    "-07:00",
    "-0700",
    "-07",
    "Z07:00:00",
    "Z070000",
    "Z07:00",
    "Z0700",
    "Z07",
    "002",
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "15",
    "PM",
    "pm",
    "__2",
    "_2006",
    "_2",
    "1",
    "2",
    "3",
    "4",
    "5",
];

pub(super) fn format(at: &Zoned, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = fraction(rest) {
            let (piece, after) = rest.split_at(length);
            push_fraction(&mut out, at, piece);
            rest = after;
            continue;
        }
        let Some(piece) = piece_at(rest) else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        };
        push(&mut out, at, piece);
        rest = rest.get(piece.len()..).unwrap_or_default();
    }
    out
}

/// The piece of the reference time that stands at the beginning of a layout.
pub(super) fn piece_at(rest: &str) -> Option<&'static str> {
    let is_word = |piece: &str| {
        rest.get(piece.len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    // `Jan` of `Janet` is no month.
    let stands =
        |piece: &&&str| rest.starts_with(**piece) && !(matches!(**piece, "Jan" | "Mon") && is_word(piece));
    PIECES.iter().find(stands).copied()
}

/// How long a fraction of a second is that stands here.
pub(super) fn fraction(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(['.', ','])?;
    let digit = digits.chars().next().filter(|digit| matches!(digit, '0' | '9'))?;
    let length = digits.len() - digits.trim_start_matches(digit).len();
    let ends = !digits.get(length..)?.starts_with(|next: char| next.is_ascii_digit());
    (ends && length <= 9).then_some(length + 1)
}

fn push_fraction(out: &mut String, at: &Zoned, piece: &str) {
    let nanos = format!("{:09}", at.subsec_nanosecond());
    let kept = nanos.get(..piece.len() - 1).unwrap_or_default();
    if piece.contains('9') {
        let kept = kept.trim_end_matches('0');
        if !kept.is_empty() {
            out.push_str(piece.get(..1).unwrap_or_default());
            out.push_str(kept);
        }
        return;
    }
    out.push_str(piece.get(..1).unwrap_or_default());
    out.push_str(kept);
}

// Writing to a String cannot fail, here and below.
fn push(out: &mut String, at: &Zoned, piece: &str) {
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let month_name = month(at.month());
    let day_name = weekday(at.weekday().to_sunday_zero_offset());
    let _ = match piece {
        "2006" => write!(out, "{:04}", at.year()),
        "_2006" => write!(out, "_{:04}", at.year()),
        "06" => write!(out, "{:02}", at.year().rem_euclid(100)),
        "January" => write!(out, "{month_name}"),
        "Jan" => write!(out, "{month_name:.3}"),
        "01" => write!(out, "{:02}", at.month()),
        "1" => write!(out, "{}", at.month()),
        "Monday" => write!(out, "{day_name}"),
        "Mon" => write!(out, "{day_name:.3}"),
        "02" => write!(out, "{:02}", at.day()),
        "_2" => write!(out, "{:2}", at.day()),
        "2" => write!(out, "{}", at.day()),
        "002" => write!(out, "{:03}", at.day_of_year()),
        "__2" => write!(out, "{:3}", at.day_of_year()),
        "15" => write!(out, "{:02}", at.hour()),
        "03" => write!(out, "{hour:02}"),
        "3" => write!(out, "{hour}"),
        "04" => write!(out, "{:02}", at.minute()),
        "4" => write!(out, "{}", at.minute()),
        "05" => write!(out, "{:02}", at.second()),
        "5" => write!(out, "{}", at.second()),
        "PM" => write!(out, "{}", if at.hour() >= 12 { "PM" } else { "AM" }),
        "pm" => write!(out, "{}", if at.hour() >= 12 { "pm" } else { "am" }),
        "MST" => {
            push_zone_name(out, at);
            Ok(())
        }
        _ => {
            push_offset(out, at.offset().seconds(), piece);
            Ok(())
        }
    };
}

fn push_zone_name(out: &mut String, at: &Zoned) {
    let seconds = at.offset().seconds();
    if seconds != 0 && at.time_zone().to_fixed_offset().is_ok() {
        // A mere distance from UTC has no name.
        return push_offset(out, seconds, "-0700");
    }
    let info = at.time_zone().to_offset_info(at.timestamp());
    let name = info.abbreviation();
    if seconds == 0 && (name.is_empty() || name == "Z") {
        out.push_str("UTC");
    } else {
        out.push_str(name);
    }
}

fn push_offset(out: &mut String, seconds: i32, piece: &str) {
    if piece.starts_with('Z') && seconds == 0 {
        out.push('Z');
        return;
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let total = seconds.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    let _ = match piece.get(1..).unwrap_or_default() {
        "07:00:00" => write!(out, "{sign}{hours:02}:{minutes:02}:{seconds:02}"),
        "070000" => write!(out, "{sign}{hours:02}{minutes:02}{seconds:02}"),
        "07:00" => write!(out, "{sign}{hours:02}:{minutes:02}"),
        "0700" => write!(out, "{sign}{hours:02}{minutes:02}"),
        _ => write!(out, "{sign}{hours:02}"),
    };
}
