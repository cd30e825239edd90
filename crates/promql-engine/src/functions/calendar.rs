//! Parts of a date in UTC: `hour`, `day_of_week`, `month`, …

use model::calendar::date_of_day;
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
    let (year, month, day) = date_of_day(days);
    Date { year, month, day }
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
