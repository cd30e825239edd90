//! Functions on numbers, and those that make numbers of texts.

use std::borrow::Cow;

use crate::Value;

/// Calls a function of this table; `None` where it has none of the name.
pub(super) fn call(name: &str, given: &[Value]) -> Option<Result<Value, String>> {
    let integers = || given.iter().map(integer);
    let floats = || given.iter().map(float);
    let at = |index: usize| given.get(index).map_or(0.0, float);
    let value = match name {
        "int" => Value::Int(given.first().map_or(0, integer)),
        "float64" => Value::Float(at(0)),
        "add" => Value::Int(integers().fold(0, i64::wrapping_add)),
        "mul" => Value::Int(integers().fold(1, i64::wrapping_mul)),
        "sub" => Value::Int(integers().reduce(i64::wrapping_sub).unwrap_or(0)),
        "max" => Value::Int(integers().max().unwrap_or(0)),
        "min" => Value::Int(integers().min().unwrap_or(0)),
        "div" | "mod" => return Some(divided(name, given)),
        "addf" => Value::Float(floats().reduce(|a, b| decimal(a + b)).unwrap_or(0.0)),
        "subf" => Value::Float(floats().reduce(|a, b| decimal(a - b)).unwrap_or(0.0)),
        "mulf" => Value::Float(floats().reduce(|a, b| decimal(a * b)).unwrap_or(0.0)),
        "divf" if floats().skip(1).any(|by| by == 0.0) => return Some(Err("decimal division by 0".into())),
        "divf" => Value::Float(floats().reduce(quotient).unwrap_or(0.0)),
        "maxf" => Value::Float(floats().fold(f64::NEG_INFINITY, f64::max)),
        "minf" => Value::Float(floats().fold(f64::INFINITY, f64::min)),
        "ceil" => Value::Float(at(0).ceil()),
        "floor" => Value::Float(at(0).floor()),
        "round" => {
            Value::Float(rounded(at(0), given.get(1).map_or(0, integer), given.get(2).map_or(0.5, float)))
        }
        "bytes" => return Some(bytes(given.first().and_then(Value::as_text).unwrap_or_default())),
        "duration" | "duration_seconds" => {
            return Some(seconds(given.first().and_then(Value::as_text).unwrap_or_default()));
        }
        _ => return None,
    };
    Some(Ok(value))
}

/// A value as a whole number; 0 where it is none.
pub(super) fn integer(value: &Value) -> i64 {
    match value {
        Value::Int(value) => *value,
        Value::Uint(value) => i64::try_from(*value).unwrap_or(i64::MAX),
        Value::Float(value) => *value as i64,
        Value::Bool(value) => i64::from(*value),
        Value::Text(text) => integer_of(text),
        _ => 0,
    }
}

fn integer_of(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    // A number with nothing but noughts behind its point is whole.
    let digits = match digits.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => digits,
    };
    let digits = without_separators(digits);
    let radix = |prefix: &str, radix| i64::from_str_radix(digits.get(prefix.len()..)?, radix).ok();
    let value = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => radix("0x", 16),
        Some("0b") => radix("0b", 2),
        Some("0o") => radix("0o", 8),
        _ if digits.starts_with('0') => i64::from_str_radix(&digits, 8).ok(),
        _ => digits.parse().ok(),
    };
    value.map_or(0, |value: i64| value.wrapping_mul(sign))
}

/// Digits without the underscores that may stand between them; what has them elsewhere is no number and stays so.
fn without_separators(digits: &str) -> Cow<'_, str> {
    let is_good = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    if is_good && digits.contains('_') { Cow::Owned(digits.replace('_', "")) } else { Cow::Borrowed(digits) }
}

/// A value as a number; 0 where it is none.
fn float(value: &Value) -> f64 {
    match value {
        Value::Float(value) => *value,
        Value::Text(text) => model::number::parse_float(text).unwrap_or(0.0),
        other => integer(other) as f64,
    }
}

fn divided(name: &str, given: &[Value]) -> Result<Value, String> {
    let (Some(left), Some(right)) = (given.first().map(integer), given.get(1).map(integer)) else {
        return Ok(Value::Int(0));
    };
    let result = if name == "div" { left.checked_div(right) } else { left.checked_rem(right) };
    match result {
        Some(value) => Ok(Value::Int(value)),
        None if right == 0 => Err("runtime error: integer divide by zero".into()),
        None => Ok(Value::Int(if name == "div" { left } else { 0 })),
    }
}

/// The number as decimal arithmetic would have it: what floats add behind the fifteenth digit goes away.
fn decimal(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

/// A quotient to sixteen decimals.
fn quotient(left: f64, right: f64) -> f64 {
    let value = left / right;
    if value.abs() < 1e3 { format!("{value:.16}").parse().unwrap_or(value) } else { value }
}

/// Rounds to so many decimals, upwards from `on` of the last one.
fn rounded(value: f64, decimals: i64, on: f64) -> f64 {
    let power = 10f64.powi(decimals.clamp(-300, 300) as i32);
    let scaled = power * value;
    let rounded = if scaled.fract() >= on { scaled.ceil() } else { scaled.floor() };
    rounded / power
}

fn no_number(text: &str) -> String {
    format!("strconv.ParseFloat: parsing {}: invalid syntax", model::quote::quote(text))
}

/// A size in bytes: `5 KB`, `1.5GiB`.
fn bytes(text: &str) -> Result<Value, String> {
    let end = text.find(|digit: char| !digit.is_ascii_digit() && !matches!(digit, '.' | ','));
    let (number, unit) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
    let number: f64 = number.replace(',', "").parse().map_err(|_| no_number(&number.replace(',', "")))?;
    let unit = unit.trim().to_lowercase();
    let short = unit.strip_suffix('b').unwrap_or(&unit);
    let (prefix, step): (&str, u64) = match short.strip_suffix('i') {
        Some(prefix) if !prefix.is_empty() => (prefix, 1024),
        _ => (short, 1000),
    };
    let power = ["", "k", "m", "g", "t", "p", "e"].iter().position(|name| *name == prefix);
    let power = power.ok_or_else(|| format!("unhandled size name: {unit}"))?;
    Ok(Value::Float((number * (step as f64).powi(power as i32)).trunc()))
}

/// Units of Go's durations in nanoseconds, longer names first.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];

/// A duration of Go in seconds.
fn seconds(text: &str) -> Result<Value, String> {
    let invalid = || format!("time: invalid duration {}", model::quote::quote(text));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(Value::Float(0.0));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanos = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|digit: char| !digit.is_ascii_digit() && digit != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at_checked(end).ok_or_else(invalid)?;
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let length =
            behind.find(|digit: char| digit.is_ascii_digit() || digit == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(length).ok_or_else(invalid)?;
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", model::quote::quote(text)));
        }
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let (unit, text) = (model::quote::quote(unit), model::quote::quote(text));
            return Err(format!("time: unknown unit {unit} in duration {text}"));
        };
        nanos += number * size;
        rest = behind;
    }
    Ok(Value::Float(sign * nanos / 1e9))
}
