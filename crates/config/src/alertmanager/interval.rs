//! Named time intervals.

use std::str::FromStr;

use alerting::interval::{
    DayOfMonthRange, IntervalError, MonthRange, TimeInterval, TimeRange, WeekdayRange, YearRange, time_zone,
};

use crate::{
    decode::{Check, Decoder, Field, Invalid, section},
    yaml::{Node, Yaml},
};

section! {
    /// Intervals under a name; one of them must hold.
    pub struct NamedInterval as "config.plain" {
        /// The name.
        name: String = String::new() => ["name", always];
        /// The intervals.
        time_intervals: Vec<IntervalConfig> = Vec::new() => ["time_intervals", always];
    }
}

section! {
    /// One interval, of whose parts each must hold.
    pub struct IntervalConfig as "timeinterval.TimeInterval" {
        /// Times of day.
        times: Vec<TimeRangeField> = Vec::new() => ["times"];
        /// Days of the week.
        weekdays: Vec<RangeField<WeekdayRange>> = Vec::new() => ["weekdays", flow];
        /// Days of the month.
        days_of_month: Vec<RangeField<DayOfMonthRange>> = Vec::new() => ["days_of_month", flow];
        /// Months.
        months: Vec<RangeField<MonthRange>> = Vec::new() => ["months", flow];
        /// Years.
        years: Vec<RangeField<YearRange>> = Vec::new() => ["years", flow];
        /// The time zone.
        location: Location = Location::default() => ["location"];
    }
}

section! {
    /// A span of the day as it is written.
    struct TimeRangeTexts as "timeinterval.yamlTimeRange" {
        /// When it begins.
        start_time: String = String::new() => ["start_time", always];
        /// When it ends.
        end_time: String = String::new() => ["end_time", always];
    }
}

impl Check for IntervalConfig {}
impl Check for TimeRangeTexts {}

impl Check for NamedInterval {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.name.is_empty() {
            return Err(decoder.invalid_key(node, "name", "missing name in time interval"));
        }
        Ok(())
    }
}

impl NamedInterval {
    /// The intervals as the dispatcher takes them.
    pub fn intervals(&self) -> Vec<TimeInterval> {
        let parsed = self.time_intervals.iter().map(|interval| TimeInterval {
            times: interval.times.iter().map(|range| range.0).collect(),
            weekdays: interval.weekdays.iter().map(|range| range.range).collect(),
            days_of_month: interval.days_of_month.iter().map(|range| range.range).collect(),
            months: interval.months.iter().map(|range| range.range).collect(),
            years: interval.years.iter().map(|range| range.range).collect(),
            // Checked when it was read.
            location: Some(interval.location.0.as_str())
                .filter(|name| !name.is_empty())
                .and_then(|name| time_zone(name).ok()),
        });
        parsed.collect()
    }
}

/// A span of the day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimeRangeField(pub TimeRange);

impl Field for TimeRangeField {
    fn zero() -> Self {
        TimeRangeField::default()
    }

    fn type_name() -> String {
        "timeinterval.yamlTimeRange".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut texts = TimeRangeTexts::default();
        if !texts.decode(node, decoder)? {
            return Ok(false);
        }
        self.0 = TimeRange::new(&texts.start_time, &texts.end_time)
            .map_err(|error| Box::new(decoder.problem(node, error.to_string())))?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        let (start_time, end_time) = self.0.texts();
        TimeRangeTexts { start_time, end_time }.encode()
    }

    fn is_zero(&self) -> bool {
        *self == TimeRangeField::default()
    }
}

/// A range, with the text that is printed again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RangeField<T> {
    /// The range.
    pub range: T,
}

impl<T> Field for RangeField<T>
where
    T: FromStr<Err = IntervalError> + Printed + Default + PartialEq + 'static,
{
    fn zero() -> Self {
        RangeField::default()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let mut text = String::new();
        if !text.decode(node, decoder)? {
            return Ok(false);
        }
        self.range = text.parse().map_err(|error: IntervalError| decoder.invalid(node, error.to_string()))?;
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(self.range.printed())
    }

    fn is_zero(&self) -> bool {
        self.range == T::default()
    }
}

/// How a range stands in a printed configuration.
pub(crate) trait Printed {
    /// Its text.
    fn printed(&self) -> String;
}

impl Printed for WeekdayRange {
    fn printed(&self) -> String {
        self.to_string()
    }
}

impl Printed for DayOfMonthRange {
    fn printed(&self) -> String {
        self.to_string()
    }
}

impl Printed for YearRange {
    fn printed(&self) -> String {
        self.to_string()
    }
}

/// Months are printed as numbers.
impl Printed for MonthRange {
    fn printed(&self) -> String {
        self.numbers()
    }
}

/// The name of a time zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location(pub String);

impl Field for Location {
    fn zero() -> Self {
        Location::default()
    }

    fn type_name() -> String {
        "string".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let good = self.0.decode(node, decoder)?;
        time_zone(&self.0).map_err(|error| decoder.invalid(node, error.to_string()))?;
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        self.0.encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}
