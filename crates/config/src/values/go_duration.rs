//! Durations in Go's notation, `1h0m0.5s`, which some files use; a bare number counts nanoseconds.

use std::time::Duration;

use crate::{
    decode::{Decoder, Field, Invalid},
    yaml::{Node, Resolved, Yaml},
};

/// A duration in Go's notation; one below zero is read as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GoDuration(pub Duration);

/// Units with their length in nanoseconds, longer names first where one begins another.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// Longest duration that Go holds.
const NANOSECONDS_MAX: f64 = i64::MAX as f64;

impl GoDuration {
    /// Reads a duration; `None` when the text is none.
    pub fn parse(text: &str) -> Option<GoDuration> {
        let negative = text.starts_with('-');
        let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
        if rest == "0" {
            return Some(GoDuration::default());
        }
        if rest.is_empty() {
            return None;
        }
        let mut total = 0.0;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(|c| c.is_ascii_digit() || *c == b'.').count();
            let (number, after) = rest.split_at_checked(digits)?;
            let (unit, scale) = UNITS.iter().find(|(unit, _)| {
                // `m` begins `ms`: a unit ends where the next number begins.
                after.strip_prefix(unit).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic()))
            })?;
            total += number.parse::<f64>().ok()? * scale;
            rest = after.strip_prefix(unit)?;
        }
        if total >= NANOSECONDS_MAX {
            return None;
        }
        Some(GoDuration(if negative { Duration::ZERO } else { Duration::from_nanos(total as u64) }))
    }
}

impl Field for GoDuration {
    fn zero() -> Self {
        GoDuration::default()
    }

    fn type_name() -> String {
        "time.Duration".into()
    }

    fn decode(&mut self, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        let parsed = match (node.resolve(), node.scalar()) {
            (Some(Resolved::Int(nanoseconds)), _) => {
                Some(GoDuration(Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))))
            }
            (Some(Resolved::Float(nanoseconds)), _) if nanoseconds < NANOSECONDS_MAX => {
                Some(GoDuration(Duration::from_nanos(nanoseconds as u64)))
            }
            (_, Some(scalar)) => GoDuration::parse(&scalar.text),
            _ => None,
        };
        match parsed {
            Some(parsed) => *self = parsed,
            None => return Ok(decoder.wrong_type(node, "time.Duration")),
        }
        Ok(true)
    }

    fn encode(&self) -> Yaml {
        Yaml::Text(format!("{}s", self.0.as_secs_f64()))
    }

    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}
