//! The ranges that a time interval is made of, as they are written.

use std::fmt;
use std::str::FromStr;

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// Not a time of day.
    #[error("couldn't parse timestamp {0}, invalid format")]
    Time(String),
    /// A span of the day without its start or its end.
    #[error("both start and end times must be provided")]
    TimeMissing,
    /// A span of the day that runs backwards or is empty.
    #[error("start time cannot be equal or greater than end time")]
    TimeOrder,
    /// More than one colon.
    #[error("couldn't parse range {0}, invalid format")]
    Range(String),
    /// Not a day of the week.
    #[error("{0} is not a valid weekday")]
    Weekday(String),
    /// Days of the week that run backwards.
    #[error("start day cannot be before end day")]
    WeekdayOrder,
    /// Not a number.
    #[error("strconv.Atoi: parsing {quoted}: invalid syntax", quoted = model::quote::quote(.0))]
    Number(String),
    /// No month has such a day.
    #[error("{0} is not a valid day of the month: out of range")]
    Day(i64),
    /// From the end of the month to a day counted from its start.
    #[error("end day must be negative if start day is negative")]
    DaySign,
    /// Days of the month that run backwards.
    #[error("end day {end} is always before start day {begin}")]
    DayOrder {
        /// The first.
        begin: i64,
        /// The last.
        end: i64,
    },
    /// Not a month.
    #[error("{0} is not a valid month")]
    Month(String),
    /// Months that run backwards.
    #[error("end month {end} is before start month {begin}")]
    MonthOrder {
        /// The first.
        begin: String,
        /// The last.
        end: String,
    },
    /// Years that run backwards.
    #[error("end year {end} is before start year {begin}")]
    YearOrder {
        /// The first.
        begin: i64,
        /// The last.
        end: i64,
    },
    /// Nobody knows the zone.
    #[error("unknown time zone {0}")]
    Zone(String),
}

/// A span of the day in minutes since midnight, the end not included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first minute.
    pub start_minute: u16,
    /// The minute behind the last.
    pub end_minute: u16,
}

/// Days of the week, Sunday being 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeekdayRange {
    begin: i8,
    end: i8,
}

/// Days of the month; negative ones count from its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayOfMonthRange {
    begin: i8,
    end: i8,
}

/// Months, January being 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthRange {
    begin: i8,
    end: i8,
}

/// Years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearRange {
    begin: i64,
    end: i64,
}

const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// The days by which the order of a range is checked: those that every month has.
const DAYS_IN_EVERY_MONTH: i64 = 28;

/// Reads `HH:MM`, up to `24:00`, as minutes since midnight.
///
/// # Errors
/// The text is none.
pub fn time_of_day(text: &str) -> Result<u16, IntervalError> {
    let error = || IntervalError::Time(text.to_owned());
    let (hour, minute) = text.split_once(':').ok_or_else(error)?;
    let digits = |part: &str| {
        let fits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if fits { part.parse::<u16>().ok() } else { None }
    };
    let (hour, minute) = (digits(hour).ok_or_else(error)?, digits(minute).ok_or_else(error)?);
    if minute > 59 || hour > 24 || hour == 24 && minute > 0 {
        return Err(error());
    }
    Ok(hour * 60 + minute)
}

impl TimeRange {
    /// The span between two times of day.
    ///
    /// # Errors
    /// One is missing, none, or the end is not behind the start.
    pub fn new(start: &str, end: &str) -> Result<Self, IntervalError> {
        if start.is_empty() || end.is_empty() {
            return Err(IntervalError::TimeMissing);
        }
        let (start_minute, end_minute) = (time_of_day(start)?, time_of_day(end)?);
        if start_minute >= end_minute {
            return Err(IntervalError::TimeOrder);
        }
        Ok(Self { start_minute, end_minute })
    }

    pub(super) fn contains(&self, minute: u16) -> bool {
        (self.start_minute..self.end_minute).contains(&minute)
    }

    /// Start and end as they are written.
    pub fn texts(&self) -> (String, String) {
        let text = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        (text(self.start_minute), text(self.end_minute))
    }
}

impl WeekdayRange {
    pub(super) fn contains(&self, day: i8) -> bool {
        (self.begin..=self.end).contains(&day)
    }
}

impl DayOfMonthRange {
    /// Negative days are taken from the month's end, what lies outside the month is cut to it, and a range that begins
    /// behind it holds nothing.
    pub(super) fn contains(&self, day: i8, days: i8) -> bool {
        let counted = |n: i8| if n < 0 { days + n + 1 } else { n };
        let (begin, end) = (counted(self.begin), counted(self.end));
        begin <= days && (begin.max(1)..=end.min(days)).contains(&day)
    }
}

impl MonthRange {
    /// The months by their numbers, as configurations are printed.
    pub fn numbers(&self) -> String {
        if self.begin == self.end { self.begin.to_string() } else { format!("{}:{}", self.begin, self.end) }
    }

    pub(super) fn contains(&self, month: i8) -> bool {
        (self.begin..=self.end).contains(&month)
    }
}

impl YearRange {
    pub(super) fn contains(&self, year: i64) -> bool {
        (self.begin..=self.end).contains(&year)
    }
}

/// Both ends of `a:b`, or the one of `a` twice, in small letters.
fn ends(text: &str) -> Result<(String, String), IntervalError> {
    let text = text.to_lowercase();
    match text.split(':').collect::<Vec<_>>().as_slice() {
        [one] => Ok(((*one).to_owned(), (*one).to_owned())),
        [begin, end] => Ok(((*begin).to_owned(), (*end).to_owned())),
        _ => Err(IntervalError::Range(text)),
    }
}

fn number(text: &str) -> Result<i64, IntervalError> {
    text.parse().map_err(|_| IntervalError::Number(text.to_owned()))
}

impl FromStr for WeekdayRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text)?;
        let day = |name: String| match WEEKDAYS.iter().position(|day| *day == name) {
            Some(day) => Ok(day as i8),
            None => Err(IntervalError::Weekday(name)),
        };
        let (begin, end) = (day(begin)?, day(end)?);
        if begin > end {
            return Err(IntervalError::WeekdayOrder);
        }
        Ok(Self { begin, end })
    }
}

impl FromStr for DayOfMonthRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text)?;
        let (begin, end) = (number(&begin)?, number(&end)?);
        for day in [begin, end] {
            if day == 0 || !(-31..=31).contains(&day) {
                return Err(IntervalError::Day(day));
            }
        }
        if begin < 0 && end > 0 {
            return Err(IntervalError::DaySign);
        }
        let counted = |n: i64| if n < 0 { DAYS_IN_EVERY_MONTH + n } else { n };
        if counted(begin) > counted(end) {
            return Err(IntervalError::DayOrder { begin, end });
        }
        Ok(Self { begin: begin as i8, end: end as i8 })
    }
}

impl FromStr for MonthRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text)?;
        let month = |name: &str| {
            let named = MONTHS.iter().position(|month| *month == name).map(|month| month as i64 + 1);
            let month = named.or_else(|| name.parse().ok().filter(|month| (1..=12).contains(month)));
            month.map(|month| month as i8).ok_or_else(|| IntervalError::Month(name.to_owned()))
        };
        let range = Self { begin: month(&begin)?, end: month(&end)? };
        if range.begin > range.end {
            return Err(IntervalError::MonthOrder {
                begin: month_name(range.begin).to_owned(),
                end: month_name(range.end).to_owned(),
            });
        }
        Ok(range)
    }
}

impl FromStr for YearRange {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let (begin, end) = ends(text)?;
        let (begin, end) = (number(&begin)?, number(&end)?);
        if begin > end {
            return Err(IntervalError::YearOrder { begin, end });
        }
        Ok(Self { begin, end })
    }
}

fn month_name(month: i8) -> &'static str {
    MONTHS.get(usize::try_from(month - 1).unwrap_or_default()).copied().unwrap_or_default()
}

fn weekday_name(day: i8) -> &'static str {
    WEEKDAYS.get(usize::try_from(day).unwrap_or_default()).copied().unwrap_or_default()
}

fn write_range(
    formatter: &mut fmt::Formatter<'_>,
    begin: impl fmt::Display,
    end: impl fmt::Display,
    is_one: bool,
) -> fmt::Result {
    if is_one { write!(formatter, "{begin}") } else { write!(formatter, "{begin}:{end}") }
}

impl fmt::Display for WeekdayRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_range(formatter, weekday_name(self.begin), weekday_name(self.end), self.begin == self.end)
    }
}

impl fmt::Display for DayOfMonthRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_range(formatter, self.begin, self.end, self.begin == self.end)
    }
}

impl fmt::Display for MonthRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_range(formatter, month_name(self.begin), month_name(self.end), self.begin == self.end)
    }
}

impl fmt::Display for YearRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_range(formatter, self.begin, self.end, self.begin == self.end)
    }
}
