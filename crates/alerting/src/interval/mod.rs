//! Spans of the calendar in which routes are mute or active: times of day, days, months, years, as a time zone sees them.

mod parts;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

pub use parts::{
    DayOfMonthRange, IntervalError, MonthRange, TimeRange, WeekdayRange, YearRange, time_of_day,
};

/// One condition on the time: what is empty holds always, the others must hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeInterval {
    /// Times of day, of which one must hold.
    pub times: Vec<TimeRange>,
    /// Days of the week.
    pub weekdays: Vec<WeekdayRange>,
    /// Days of the month.
    pub days_of_month: Vec<DayOfMonthRange>,
    /// Months.
    pub months: Vec<MonthRange>,
    /// Years.
    pub years: Vec<YearRange>,
    /// The zone in which all of them are meant; UTC without one.
    pub location: Option<TimeZone>,
}

/// Finds a time zone by the name that files use.
///
/// # Errors
/// Nobody knows the zone.
pub fn time_zone(name: &str) -> Result<TimeZone, IntervalError> {
    match name {
        "" | "UTC" => Ok(TimeZone::UTC),
        "Local" => Ok(TimeZone::system()),
        _ => TimeZone::get(name).map_err(|_| IntervalError::Zone(name.to_owned())),
    }
}

impl TimeInterval {
    /// Whether a point in time (nanoseconds since the Unix epoch) lies inside.
    pub fn contains(&self, now_ns: i64) -> bool {
        let zone = self.location.clone().unwrap_or(TimeZone::UTC);
        let at = Timestamp::from_nanosecond(i128::from(now_ns)).unwrap_or_default().to_zoned(zone);
        self.holds(&at)
    }

    fn holds(&self, at: &Zoned) -> bool {
        let minute = u16::from(at.hour().unsigned_abs()) * 60 + u16::from(at.minute().unsigned_abs());
        let weekday = at.weekday().to_sunday_zero_offset();
        any(&self.times, |range| range.contains(minute))
            && any(&self.days_of_month, |range| range.contains(at.day(), at.days_in_month()))
            && any(&self.months, |range| range.contains(at.month()))
            && any(&self.weekdays, |range| range.contains(weekday))
            && any(&self.years, |range| range.contains(i64::from(at.year())))
    }
}

fn any<T>(ranges: &[T], holds: impl Fn(&T) -> bool) -> bool {
    ranges.is_empty() || ranges.iter().any(holds)
}
