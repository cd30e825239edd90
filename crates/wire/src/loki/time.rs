//! Times as texts.

use std::fmt::Write;

use model::calendar::{date_of_day, day_of_date};

const NANOSECONDS: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;

/// Reads a time of RFC 3339 as nanoseconds since the Unix epoch; `None` where it is none or out of range. The zone
/// may be left out (it is UTC then) and a space may stand for the `T`, as Elasticsearch's clients write it.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let mut rest = text.as_bytes();
    let year = number(&mut rest, 4)?;
    expect(&mut rest, b"-")?;
    let month = number(&mut rest, 2).filter(|month| (1..=12).contains(month))?;
    expect(&mut rest, b"-")?;
    let day = number(&mut rest, 2).filter(|day| (1..=days_of(year, month)).contains(day))?;
    expect(&mut rest, b"Tt ")?;
    let hour = number(&mut rest, 2).filter(|hour| *hour < 24)?;
    expect(&mut rest, b":")?;
    let minute = number(&mut rest, 2).filter(|minute| *minute < 60)?;
    expect(&mut rest, b":")?;
    let second = number(&mut rest, 2).filter(|second| *second <= 60)?;
    let nanos = fraction(&mut rest)?;
    let offset = zone(&mut rest)?;
    let days = day_of_date(year, month, day);
    let seconds = days * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset;
    seconds.checked_mul(NANOSECONDS)?.checked_add(nanos)
}

fn number(rest: &mut &[u8], digits: usize) -> Option<i64> {
    let (head, after) = rest.split_at_checked(digits)?;
    let value = head
        .iter()
        .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))?;
    *rest = after;
    Some(value)
}

fn expect(rest: &mut &[u8], any_of: &[u8]) -> Option<()> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    any_of.contains(first).then_some(())
}

/// Digits behind a point or comma, as nanoseconds; those behind the ninth are left out.
fn fraction(rest: &mut &[u8]) -> Option<i64> {
    let Some((b'.' | b',', after)) = rest.split_first() else { return Some(0) };
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, after) = after.split_at_checked(digits)?;
    *rest = after;
    if digits.is_empty() {
        return None;
    }
    let shown = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    Some(shown.fold(0, |value, byte| value * 10 + i64::from(byte - b'0')))
}

/// Seconds that the zone is before UTC.
fn zone(rest: &mut &[u8]) -> Option<i64> {
    match rest.split_first() {
        None => Some(0),
        Some((b'Z' | b'z', [])) => Some(0),
        Some((sign @ (b'+' | b'-'), after)) => {
            *rest = after;
            let hours = number(rest, 2).filter(|hours| *hours < 24)?;
            if rest.first() == Some(&b':') {
                expect(rest, b":")?;
            }
            let minutes = number(rest, 2).filter(|minutes| *minutes < 60)?;
            let offset = hours * 3600 + minutes * 60;
            rest.is_empty().then_some(if *sign == b'-' { -offset } else { offset })
        }
        Some(_) => None,
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A time in UTC as RFC 3339 without a fraction, as the original shows times in its errors.
pub fn format_rfc3339(nanoseconds: i64) -> String {
    let (date, time) = parts(nanoseconds);
    format!("{date}T{time}Z")
}

/// A time in UTC as Go prints it: `2024-06-10 09:00:00.5 +0000 UTC`.
pub fn format_go(nanoseconds: i64) -> String {
    let (date, time) = parts(nanoseconds);
    let mut out = format!("{date} {time}");
    let nanos = nanoseconds.rem_euclid(NANOSECONDS);
    if nanos > 0 {
        let digits = format!("{nanos:09}");
        // Writing to a String cannot fail.
        let _ = write!(out, ".{}", digits.trim_end_matches('0'));
    }
    out.push_str(" +0000 UTC");
    out
}

fn parts(nanoseconds: i64) -> (String, String) {
    let seconds = nanoseconds.div_euclid(NANOSECONDS);
    let (year, month, day) = date_of_day(seconds.div_euclid(DAY_SECONDS));
    let of_day = seconds.rem_euclid(DAY_SECONDS);
    let time = format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
    (format!("{year:04}-{month:02}-{day:02}"), time)
}
