//! Dates whose days the system's `date -u -d … +%s` tells, and every day of 800 years there and back.

use super::{date_of_day, day_of_date};

#[test]
fn days_have_their_dates() {
    for (days, date) in [
        (0, (1970, 1, 1)),
        (-1, (1969, 12, 31)),
        (11_016, (2000, 2, 29)),
        (11_017, (2000, 3, 1)),
        (20_779, (2026, 11, 22)),
        (47_540, (2100, 2, 28)),
        (47_541, (2100, 3, 1)),
    ] {
        assert_eq!(date_of_day(days), date);
        assert_eq!(day_of_date(date.0, date.1, date.2), days);
    }
}

#[test]
fn every_day_has_one_date() {
    for days in -146_097..=146_097 {
        let (year, month, day) = date_of_day(days);
        assert_eq!(day_of_date(year, month, day), days);
    }
}
