//! Numbers as people read them.

use model::number::{format_general, format_significant, parse_float};

use crate::{Time, Value};

/// How many digits are shown.
const DIGITS: usize = 4;

/// The number that a value stands for.
pub(crate) fn number(value: Option<&Value>) -> Result<f64, String> {
    match value.map(Value::base) {
        Some(Value::Float(value)) => Ok(value),
        Some(Value::Int(value)) => Ok(value as f64),
        Some(Value::Uint(value)) => Ok(value as f64),
        Some(Value::Duration(span)) => Ok(span.nanos() as f64 / 1e9),
        Some(Value::Text(text)) => parse_float(&text).ok_or_else(|| {
            let quoted = model::quote::quote(&text);
            format!("strconv.ParseFloat: parsing {quoted}: invalid syntax")
        }),
        other => {
            let name = other.map_or_else(|| "<nil>".into(), |value| value.type_name());
            Err(format!("can't convert {name} to float"))
        }
    }
}

fn short(value: f64) -> String {
    format_significant(value, DIGITS)
}

/// Divides as long as `value` is not below `base`; the prefix that says how often.
fn reduced(mut value: f64, base: f64, prefixes: &[&'static str]) -> (f64, &'static str) {
    let mut taken = "";
    for prefix in prefixes {
        if value.abs() < base {
            break;
        }
        taken = prefix;
        value /= base;
    }
    (value, taken)
}

/// Multiplies as long as `value` is below one; the prefix that says how often.
fn raised(mut value: f64) -> (f64, &'static str) {
    let mut taken = "";
    for prefix in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if value.abs() >= 1.0 {
            break;
        }
        taken = prefix;
        value *= 1000.0;
    }
    (value, taken)
}

/// `1.235M`.
pub(super) fn humanize(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return short(value);
    }
    let (value, prefix) = if value.abs() >= 1.0 {
        reduced(value, 1000.0, &["k", "M", "G", "T", "P", "E", "Z", "Y"])
    } else {
        raised(value)
    };
    format!("{}{prefix}", short(value))
}

/// `1.397Gi`.
pub(super) fn humanize_1024(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return short(value);
    }
    let (value, prefix) = reduced(value, 1024.0, &["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]);
    format!("{}{prefix}", short(value))
}

/// `1d 2h 3m 4s`.
pub(crate) fn humanize_duration(value: f64) -> String {
    if !value.is_finite() {
        return short(value);
    }
    if value == 0.0 {
        return format!("{}s", short(value));
    }
    if value.abs() < 1.0 {
        let (value, prefix) = raised(value);
        return format!("{}{prefix}s", short(value));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let value = value.abs();
    // What is beyond a whole number is the least one, as the original's machine has it.
    let whole = if value >= i64::MAX as f64 { i64::MIN } else { value as i64 };
    let (seconds, minutes) = (whole % 60, whole / 60 % 60);
    let (hours, days) = (whole / 3600 % 24, whole / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", short(value)),
        (0, 0, _) => format!("{sign}{minutes}m {seconds}s"),
        (0, ..) => format!("{sign}{hours}h {minutes}m {seconds}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {seconds}s"),
    }
}

/// `12.35%`.
pub(super) fn humanize_percentage(value: f64) -> String {
    format!("{}%", short(value * 100.0))
}

/// The point in time, to the millisecond.
pub(super) fn time_of(value: f64) -> Result<Time, String> {
    let nanos = value * 1e9;
    if !(i64::MIN as f64..=i64::MAX as f64).contains(&nanos) {
        let shown = format_general(value);
        return Err(format!(
            "{shown} cannot be represented as a nanoseconds timestamp since it overflows int64"
        ));
    }
    let millis = nanos as i64 / 1_000_000;
    Ok(Time::from_nanos(i128::from(millis) * 1_000_000))
}

/// The point in time as Go writes it.
pub(super) fn humanize_timestamp(value: f64) -> Result<String, String> {
    if !value.is_finite() {
        return Ok(short(value));
    }
    Ok(time_of(value)?.to_text())
}
