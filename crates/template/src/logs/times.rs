//! Functions on times.

use super::maths::integer;
use crate::{Time, Value};

/// The year 1, in nanoseconds since the Unix epoch: what Go has where no time is.
const NO_TIME: i128 = -62_135_596_800_000_000_000;

/// Calls a function of this table; `None` where it has none of the name.
pub(super) fn call(name: &str, given: &[Value], now_ns: i64) -> Option<Result<Value, String>> {
    let at = |index: usize| given.get(index).and_then(Value::as_text).unwrap_or_default();
    let nanos = || match given.first() {
        Some(Value::Time(time)) => time.nanos(),
        _ => 0,
    };
    let text = |value: i128| Ok(Value::text(&value.to_string()));
    Some(match name {
        "unixEpoch" => text(nanos().div_euclid(1_000_000_000)),
        "unixEpochMillis" => text(nanos().div_euclid(1_000_000)),
        "unixEpochNanos" => text(nanos()),
        "toDate" => Ok(read(at(0), "", at(1))),
        "toDateInZone" => Ok(read(at(0), at(1), at(2))),
        "unixToTime" => unix_to_time(at(0)).map(Value::Time),
        "date" => {
            let time = match given.get(1) {
                Some(Value::Time(time)) => time.clone(),
                Some(value @ Value::Int(_)) => Time::from_nanos(i128::from(integer(value)) * 1_000_000_000),
                _ => Time::from_nanos(i128::from(now_ns)),
            };
            Ok(Value::text(&time.format(at(0))))
        }
        _ => return None,
    })
}

/// A time by its layout; the year 1 where the text does not follow it.
fn read(layout: &str, zone: &str, text: &str) -> Value {
    Value::Time(Time::parse_layout(layout, zone, text).unwrap_or_else(|| Time::from_nanos(NO_TIME)))
}

/// A time by its distance from the Unix epoch; how many digits there are tells the unit.
fn unix_to_time(text: &str) -> Result<Time, String> {
    let unit = match text.len() {
        5 => 86_400_000_000_000,
        10 => 1_000_000_000,
        13 => 1_000_000,
        16 => 1_000,
        19 => 1,
        _ => return Err(format!("unable to parse time '{text}': %!w(<nil>)")),
    };
    let number: i64 = text.parse().map_err(|_| {
        let quoted = model::quote::quote(text);
        format!("unable to parse time '{text}': strconv.ParseInt: parsing {quoted}: invalid syntax")
    })?;
    Ok(Time::from_nanos(i128::from(number) * unit))
}
