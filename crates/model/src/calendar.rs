//! Days of the proleptic Gregorian calendar, counted from 1970-01-01.

#[cfg(test)]
mod tests;

/// Days from 0000-03-01 to 1970-01-01. Years that begin in March end with the day that some of them lack.
const SHIFT: i64 = 719_468;
/// Days after which the calendar repeats itself: those of 400 years.
const ERA: i64 = 146_097;

/// Year, month (from 1) and day (from 1) of a number of days since 1970-01-01, which may be negative.
pub fn date_of_day(days: i64) -> (i64, i64, i64) {
    let shifted = days + SHIFT;
    let (era, of_era) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The number of days since 1970-01-01 of a date.
pub fn day_of_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - SHIFT
}
