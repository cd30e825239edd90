//! Parts of a date in UTC: `hour`, `day_of_week`, `month`, …

use vectors::Column;

/// Days, and the time of day, of a number of seconds since the Unix epoch.
fn day_and_seconds(value: f64) -> (i64, i64) {
    // As in the original: whole seconds; what is no number or too large becomes a fixed number.
    let seconds = go_int(value);
    (seconds.div_euclid(86_400), seconds.rem_euclid(86_400))
}

/// What the original's conversion to an integer gives on its usual platform.
fn go_int(value: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !(-LIMIT..LIMIT).contains(&value) { i64::MIN } else { value as i64 }
}

/// A day of the proleptic Gregorian calendar.
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// The date of a number of days since 1970-01-01, which may be negative.
fn date(days: i64) -> Date {
    // Counted from 0000-03-01, so that a leap day ends a year; 146097 days make 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Date { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(super) fn minute(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| (day_and_seconds(value).1 / 60 % 60) as f64);
}

pub(super) fn hour(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| (day_and_seconds(value).1 / 3600) as f64);
}

pub(super) fn day_of_week(column: &mut Column, _: &[Vec<f64>]) {
    // 1970-01-01 was a Thursday; Sunday is 0.
    column.map_floats(|value| (day_and_seconds(value).0 + 4).rem_euclid(7) as f64);
}

pub(super) fn day_of_month(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| date(day_and_seconds(value).0).day as f64);
}

pub(super) fn day_of_year(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| {
        let date = date(day_and_seconds(value).0);
        let before: i64 = (1..date.month).map(|month| days_of_month(date.year, month)).sum();
        (before + date.day) as f64
    });
}

pub(super) fn days_in_month(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| {
        let date = date(day_and_seconds(value).0);
        days_of_month(date.year, date.month) as f64
    });
}

pub(super) fn month(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| date(day_and_seconds(value).0).month as f64);
}

pub(super) fn year(column: &mut Column, _: &[Vec<f64>]) {
    column.map_floats(|value| date(day_and_seconds(value).0).year as f64);
}
