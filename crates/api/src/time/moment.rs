//! Moments of requests as the original reckons with them: seconds and nanoseconds apart, in numbers that wrap around.

use jiff::Timestamp;
use model::number::parse_float;

use super::{EARLIEST, LATEST, parse_rfc3339_timestamp};

/// Seconds from the beginning of the year 1 to the Unix epoch: what the original compares counts from there.
const YEAR_ONE_TO_EPOCH: i64 = 62_135_596_800;
const NANOS: i64 = 1_000_000_000;

/// A moment. What lies beyond the numbers is another one, the same as in the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Since the Unix epoch.
    seconds: i64,
    /// From 0 to below a second.
    nanoseconds: i64,
}

impl Moment {
    /// Reads seconds since the Unix epoch, or RFC 3339.
    ///
    /// # Errors
    /// The original's text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(seconds) = parse_float(text) {
            let whole = seconds.trunc();
            let part = ((seconds - whole) * 1000.0).round() / 1000.0;
            return Ok(Self::new(wrapping_int(whole), wrapping_int(part * 1e9)));
        }
        match text {
            EARLIEST => return Ok(Self::new(i64::MIN / 1000 + YEAR_ONE_TO_EPOCH + 1, 0)),
            LATEST => return Ok(Self::new(i64::MAX / 1000 - YEAR_ONE_TO_EPOCH - 1, NANOS - 1)),
            _ => {}
        }
        let of = |time: Timestamp| Self::new(time.as_second(), i64::from(time.subsec_nanosecond()));
        parse_rfc3339_timestamp(text)
            .map(of)
            .ok_or_else(|| format!("cannot parse {} to a valid timestamp", model::quote::quote(text)))
    }

    fn new(seconds: i64, nanoseconds: i64) -> Self {
        Self {
            seconds: seconds.wrapping_add(nanoseconds.div_euclid(NANOS)),
            nanoseconds: nanoseconds.rem_euclid(NANOS),
        }
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn ms(self) -> i64 {
        self.seconds.wrapping_mul(1000).wrapping_add(self.nanoseconds / 1_000_000)
    }

    /// Milliseconds since the Unix epoch by way of nanoseconds in 64 bits, which end in the year 2262: a far moment is
    /// evaluated, but as another one.
    pub(crate) fn evaluation_ms(self) -> i64 {
        self.seconds.wrapping_mul(NANOS).wrapping_add(self.nanoseconds) / 1_000_000
    }

    /// Nanoseconds since another moment; as many as there can be where they are more.
    pub(crate) fn nanoseconds_since(self, other: Self) -> i64 {
        let (late, early) = (self.place(), other.place());
        let seconds = i128::from(late.0) - i128::from(early.0);
        let nanoseconds = seconds * i128::from(NANOS) + i128::from(late.1 - early.1);
        nanoseconds.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// Whether it comes before another moment.
    pub(crate) fn is_before(self, other: Self) -> bool {
        self.place() < other.place()
    }

    /// What moments are compared by.
    fn place(self) -> (i64, i64) {
        (self.seconds.wrapping_add(YEAR_ONE_TO_EPOCH), self.nanoseconds)
    }
}

/// An integer as the original's usual platform makes it: what fits into no 64 bits becomes the lowest number.
fn wrapping_int(value: f64) -> i64 {
    let limit = -(i64::MIN as f64);
    if (-limit..limit).contains(&value) { value as i64 } else { i64::MIN }
}
