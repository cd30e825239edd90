//! What a point and a span of time can be asked.

use jiff::{Span, tz::TimeZone};

use super::{Duration, Time, layout};
use crate::value::{Method, Named, Type, Value};

const TIME: Type = Type::Named("time.Time", false);

impl Time {
    /// The method of a name.
    pub(crate) fn method(&self, name: &str) -> Option<Method> {
        let at = &self.at;
        let int = |value: i64| Some(Method::plain(Value::Int(value)));
        let named = |type_name, text: &str, number: i8| {
            let value = Named { type_name, text: text.to_owned(), number: i64::from(number) };
            Some(Method::plain(Value::Object(std::sync::Arc::new(value))))
        };
        match name {
            "Year" => int(i64::from(at.year())),
            "Month" => named("time.Month", layout::month(at.month()), at.month()),
            "Day" => int(i64::from(at.day())),
            "YearDay" => int(i64::from(at.day_of_year())),
            "Hour" => int(i64::from(at.hour())),
            "Minute" => int(i64::from(at.minute())),
            "Second" => int(i64::from(at.second())),
            "Nanosecond" => int(i64::from(at.subsec_nanosecond())),
            "Weekday" => {
                let day = at.weekday().to_sunday_zero_offset();
                named("time.Weekday", layout::weekday(day), day)
            }
            "Unix" => int(at.timestamp().as_second()),
            "UnixMilli" => int(at.timestamp().as_millisecond()),
            "UnixMicro" => int(at.timestamp().as_microsecond()),
            "UnixNano" => int(self.nanos() as i64),
            "String" => Some(Method::plain(Value::text(&self.to_text()))),
            "Location" => Some(Method::plain(Value::text(&self.zone_name()))),
            "IsZero" => Some(Method::plain(Value::Bool(self.nanos() == ZERO_NANOS))),
            "UTC" => Some(Method::plain(Value::Time(self.zoned(TimeZone::UTC)))),
            "Local" => Some(Method::plain(Value::Time(self.zoned(TimeZone::system())))),
            _ => self.method_with_arguments(name),
        }
    }

    /// The name of its zone; a mere distance from UTC has none.
    fn zone_name(&self) -> String {
        let zone = self.at.time_zone();
        match zone.to_fixed_offset() {
            Ok(offset) if offset.seconds() == 0 => "UTC".to_owned(),
            Ok(_) => String::new(),
            Err(_) => zone.iana_name().unwrap_or("Local").to_owned(),
        }
    }

    fn zoned(&self, zone: TimeZone) -> Time {
        Time { at: self.at.with_time_zone(zone), pointer: false }
    }

    fn method_with_arguments(&self, name: &str) -> Option<Method> {
        let own = self.clone();
        match name {
            "Format" => Some(Method::new(&[Type::Text], move |given| {
                Ok(Value::text(&own.format(given.first().and_then(Value::as_text).unwrap_or_default())))
            })),
            "Add" => Some(Method::new(&[Type::Duration], move |given| {
                Ok(Value::Time(own.moved(span_of(given.first()))))
            })),
            "AddDate" => Some(Method::new(&[Type::Int, Type::Int, Type::Int], move |given| {
                let part = |index: usize| match given.get(index) {
                    Some(Value::Int(value)) => *value,
                    _ => 0,
                };
                let span = Span::new().try_years(part(0)).and_then(|span| span.try_months(part(1)));
                let span = span.and_then(|span| span.try_days(part(2))).map_err(|error| error.to_string())?;
                let at = own.at.checked_add(span).map_err(|error| error.to_string())?;
                Ok(Value::Time(Time { at, pointer: false }))
            })),
            "Sub" => Some(with_time(move |other| {
                let nanos = own.nanos() - other.nanos();
                let nanos = nanos.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
                Value::Duration(Duration::from_nanos(nanos))
            })),
            "Compare" => Some(with_time(move |other| Value::Int(own.nanos().cmp(&other.nanos()) as i64))),
            "Before" => Some(with_time(move |other| Value::Bool(own.nanos() < other.nanos()))),
            "After" => Some(with_time(move |other| Value::Bool(own.nanos() > other.nanos()))),
            "Equal" => Some(with_time(move |other| Value::Bool(own.nanos() == other.nanos()))),
            "Truncate" => Some(Method::new(&[Type::Duration], move |given| {
                let step = i128::from(span_of(given.first()));
                let since = own.nanos() - ZERO_NANOS;
                let cut = if step > 0 { since.rem_euclid(step) } else { 0 };
                Ok(Value::Time(own.moved_by(-cut)))
            })),
            "Round" => Some(Method::new(&[Type::Duration], move |given| {
                let step = i128::from(span_of(given.first()));
                let cut = if step > 0 { (own.nanos() - ZERO_NANOS).rem_euclid(step) } else { 0 };
                Ok(Value::Time(own.moved_by(if cut * 2 < step { -cut } else { step - cut })))
            })),
            _ => None,
        }
    }

    fn moved(&self, nanos: i64) -> Time {
        self.moved_by(i128::from(nanos))
    }

    fn moved_by(&self, nanos: i128) -> Time {
        let there = Time::from_nanos(self.nanos().saturating_add(nanos));
        there.zoned(self.at.time_zone().clone())
    }
}

/// The first moment of year 1: Go's time that was never set.
const ZERO_NANOS: i128 = -62_135_596_800 * 1_000_000_000;

fn span_of(value: Option<&Value>) -> i64 {
    match value {
        Some(Value::Duration(span)) => span.nanos(),
        Some(Value::Int(nanos)) => *nanos,
        _ => 0,
    }
}

fn with_time(run: impl Fn(&Time) -> Value + Send + Sync + 'static) -> Method {
    Method::new(&[TIME], move |given| match given.first() {
        Some(Value::Time(other)) => Ok(run(other)),
        _ => Ok(Value::Nil),
    })
}

impl Duration {
    /// The method of a name.
    pub(crate) fn method(self, name: &str) -> Option<Method> {
        let nanos = self.nanos();
        let float = |unit: f64| Some(Method::plain(Value::Float(nanos as f64 / unit)));
        let int = |unit: i64| Some(Method::plain(Value::Int(nanos / unit)));
        match name {
            "Hours" => float(3.6e12),
            "Minutes" => float(6e10),
            "Seconds" => float(1e9),
            "Milliseconds" => int(1_000_000),
            "Microseconds" => int(1_000),
            "Nanoseconds" => int(1),
            "Abs" => Some(Method::plain(Value::Duration(Duration::from_nanos(nanos.saturating_abs())))),
            "String" => Some(Method::plain(Value::text(&self.to_text()))),
            "Truncate" => Some(Method::new(&[Type::Duration], move |given| {
                let step = span_of(given.first());
                let cut = if step > 0 { nanos % step } else { 0 };
                Ok(Value::Duration(Duration::from_nanos(nanos - cut)))
            })),
            "Round" => Some(Method::new(&[Type::Duration], move |given| {
                let step = span_of(given.first());
                if step <= 0 {
                    return Ok(Value::Duration(self));
                }
                let cut = nanos % step;
                let away =
                    if cut.saturating_abs().saturating_mul(2) < step { 0 } else { step * nanos.signum() };
                Ok(Value::Duration(Duration::from_nanos((nanos - cut).saturating_add(away))))
            })),
            _ => None,
        }
    }
}
