//! Ranges as they are written, and the times that lie inside.

use super::*;

/// Nanoseconds of an RFC 3339 time.
fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_nanosecond() as i64
}

#[test]
fn wrong_ranges_are_told_in_the_original_s_words() {
    let weekday = |text: &str| text.parse::<WeekdayRange>().unwrap_err().to_string();
    let day = |text: &str| text.parse::<DayOfMonthRange>().unwrap_err().to_string();
    let month = |text: &str| text.parse::<MonthRange>().unwrap_err().to_string();
    assert_eq!(weekday("mon"), "mon is not a valid weekday");
    assert!(!weekday("friday:monday").is_empty());
    assert_eq!(day("0"), "0 is not a valid day of the month: out of range");
    assert_eq!(day("32"), "32 is not a valid day of the month: out of range");
    assert_eq!(day("5:1"), "end day 1 is always before start day 5");
    assert_eq!(day("-5:1"), "end day must be negative if start day is negative");
    assert_eq!(month("foo"), "foo is not a valid month");
    assert_eq!(month("may:march"), "end month march is before start month may");
    let year = "x".parse::<YearRange>().unwrap_err().to_string();
    assert_eq!(year, "strconv.Atoi: parsing \"x\": invalid syntax");
    let order = TimeRange::new("17:00", "09:00").unwrap_err().to_string();
    assert_eq!(order, "start time cannot be equal or greater than end time");
    assert!(TimeRange::new("09:00", "24:00").is_ok() && TimeRange::new("09:00", "24:01").is_err());
    assert_eq!(time_zone("Nope/X").unwrap_err().to_string(), "unknown time zone Nope/X");
}

#[test]
fn parts_hold_together_and_ranges_of_a_part_one_by_one() {
    let interval = TimeInterval {
        times: vec![TimeRange::new("09:00", "17:00").unwrap()],
        weekdays: vec!["monday:friday".parse().unwrap(), "sunday".parse().unwrap()],
        ..TimeInterval::default()
    };
    assert!(interval.contains(at("2024-06-10T09:00:00Z")), "a Monday");
    assert!(!interval.contains(at("2024-06-10T17:00:00Z")), "the end is not inside");
    assert!(!interval.contains(at("2024-06-08T10:00:00Z")), "a Saturday");
    assert!(interval.contains(at("2024-06-09T10:00:00Z")), "a Sunday");
    assert!(TimeInterval::default().contains(0));
}

#[test]
fn zones_move_the_hours() {
    let interval = TimeInterval {
        times: vec![TimeRange::new("09:00", "10:00").unwrap()],
        location: Some(time_zone("Europe/Paris").unwrap()),
        ..TimeInterval::default()
    };
    assert!(interval.contains(at("2024-06-10T07:30:00Z")), "summer: two hours ahead");
    assert!(!interval.contains(at("2024-01-10T07:30:00Z")));
    assert!(interval.contains(at("2024-01-10T08:30:00Z")), "winter: one hour ahead");
}

#[test]
fn negative_days_count_from_the_end_of_the_month() {
    let days =
        |text: &str| TimeInterval { days_of_month: vec![text.parse().unwrap()], ..TimeInterval::default() };
    assert!(days("-3:-1").contains(at("2024-02-27T00:00:00Z")));
    assert!(!days("-3:-1").contains(at("2024-02-26T23:59:00Z")));
    assert!(days("29:31").contains(at("2024-02-29T12:00:00Z")));
    assert!(!days("30:31").contains(at("2024-02-29T12:00:00Z")), "the range begins behind the month");
    assert!(days("1:-1").contains(at("2024-02-14T12:00:00Z")));
    assert_eq!("-3:-1".parse::<DayOfMonthRange>().unwrap().to_string(), "-3:-1");
    assert_eq!("1:3".parse::<MonthRange>().unwrap().to_string(), "january:march");
}
