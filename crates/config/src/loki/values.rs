//! Durations and sizes as Loki's files write them.

use std::time::Duration;

use crate::{
    decode::{Decoder, Field, Invalid},
    values::GoDuration,
    yaml::{Node, Resolved, Yaml},
};

/// A duration in Go's or in Prometheus's notation (`1h30m`, `7d`, `-1ns`); a bare number counts nanoseconds. One
/// below zero is read as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// So many hours.
    pub const fn hours(hours: u64) -> Self {
        Self(Duration::from_secs(hours * 3600))
    }

    /// The duration, `None` for zero, which mostly means "off".
    pub fn on(self) -> Option<Duration> {
        (!self.0.is_zero()).then_some(self.0)
    }
}

impl Field for Span {
    fn zero() -> Self {
        Span::default()
    }

    fn type_name() -> String {
        "time.Duration".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let text = node.scalar().map(|scalar| scalar.text.as_str());
        let read = match (node.resolve(), text) {
            (Some(Resolved::Int(nanoseconds)), _) => {
                Some(Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0)))
            }
            (_, Some(text)) => GoDuration::parse(text)
                .map(|duration| duration.0)
                .or_else(|| model::duration::parse_duration(text).ok()),
            _ => None,
        };
        match read {
            Some(duration) => self.0 = duration,
            None => return Ok(decoder.wrong_type(node, "time.Duration")),
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(go_text(self.0))
    }

    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}

/// A duration as Go prints it: `1h0m0s`, `1.5s`.
fn go_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let rest = duration.subsec_nanos();
    if seconds == 0 && rest > 0 {
        return match rest {
            0..1_000 => format!("{rest}ns"),
            1_000..1_000_000 => format!("{}µs", f64::from(rest) / 1e3),
            _ => format!("{}ms", f64::from(rest) / 1e6),
        };
    }
    let of_minute = (seconds % 60) as f64 + f64::from(rest) / 1e9;
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{of_minute}s"),
        (0, minutes) => format!("{minutes}m{of_minute}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{of_minute}s"),
    }
}

/// A number of bytes: a bare number or one with a unit (`256KB`, `5MiB`, `1.5GB`), a kilobyte being 1024 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// Units from small to large, each 1024 times the one before.
const UNITS: [&str; 7] = ["", "k", "m", "g", "t", "p", "e"];

impl Size {
    /// So many kilobytes.
    pub const fn kilobytes(kilobytes: u64) -> Self {
        Self(kilobytes << 10)
    }

    /// So many megabytes.
    pub const fn megabytes(megabytes: u64) -> Self {
        Self(megabytes << 20)
    }

    /// The bytes, `None` for zero, which mostly means "any number".
    pub fn on(self) -> Option<usize> {
        (self.0 > 0).then(|| usize::try_from(self.0).unwrap_or(usize::MAX))
    }

    /// Reads a size; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let number_len = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let (number, unit) = text.split_at_checked(number_len)?;
        let unit = unit.trim().to_ascii_lowercase();
        let unit = unit.strip_suffix('b').unwrap_or(&unit);
        let unit = unit.strip_suffix('i').unwrap_or(unit);
        let power = UNITS.iter().position(|known| *known == unit)?;
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(1 << (10 * power)).map(Self);
        }
        let number: f64 = number.parse().ok()?;
        Some(Self((number * f64::exp2(10.0 * power as f64)) as u64))
    }
}

impl Field for Size {
    fn zero() -> Self {
        Size::default()
    }

    fn type_name() -> String {
        "flagext.ByteSize".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        match node.scalar().and_then(|scalar| Size::parse(&scalar.text)) {
            Some(size) => *self = size,
            None => return Ok(decoder.wrong_type(node, "flagext.ByteSize")),
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        let (mut number, mut unit) = (self.0, 0);
        while number > 0 && number % 1024 == 0 && unit + 1 < UNITS.len() {
            number /= 1024;
            unit += 1;
        }
        let unit = UNITS.get(unit).copied().unwrap_or_default().to_ascii_uppercase();
        Yaml::Text(format!("{number}{unit}B"))
    }

    fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

/// Texts as a list or, joined by commas, as one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl From<&[&str]> for Names {
    fn from(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Field for Names {
    fn zero() -> Self {
        Names::default()
    }

    fn type_name() -> String {
        "flagext.StringSlice".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        if node.scalar().is_none() {
            return self.0.decode(node, decoder);
        }
        let mut text = String::new();
        let good = text.decode(node, decoder)?;
        self.0 =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
        Ok(good)
    }

    fn encode(&self) -> Yaml {
        self.0.encode()
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}
