//! Points and spans of time, with the methods and layouts of Go.

mod layout;
mod methods;
mod reading;

use jiff::{Timestamp, Zoned, tz::TimeZone};

/// A point in time as a zone sees it.
#[derive(Clone, Debug)]
pub struct Time {
    at: Zoned,
    pointer: bool,
}

impl PartialEq for Time {
    fn eq(&self, other: &Time) -> bool {
        self.at.timestamp() == other.at.timestamp()
    }
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    nanos: i64,
    pointer: bool,
}

impl Duration {
    /// A span of nanoseconds.
    pub fn from_nanos(nanos: i64) -> Duration {
        Duration { nanos, pointer: false }
    }

    /// The span in nanoseconds.
    pub fn nanos(self) -> i64 {
        self.nanos
    }

    /// The same, as Go's functions return it that give a pointer.
    pub fn pointed(self) -> Duration {
        Duration { pointer: true, ..self }
    }

    pub(crate) fn is_pointer(self) -> bool {
        self.pointer
    }

    /// As Go writes it: `1h30m0s`, `1.5ms`.
    pub fn to_text(self) -> String {
        let total = self.nanos.unsigned_abs();
        let sign = if self.nanos < 0 { "-" } else { "" };
        const SECOND: u64 = 1_000_000_000;
        let fraction = |value: u64, unit: u64| {
            let digits = unit.ilog10() as usize;
            let text = format!("{}.{:0digits$}", value / unit, value % unit);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        if total < SECOND {
            return match total {
                0 => "0s".into(),
                1..1_000 => format!("{sign}{total}ns"),
                1_000..1_000_000 => format!("{sign}{}µs", fraction(total, 1_000)),
                _ => format!("{sign}{}ms", fraction(total, 1_000_000)),
            };
        }
        let (minutes, rest) = (total / (60 * SECOND), total % (60 * SECOND));
        let seconds = fraction(rest, SECOND);
        match (minutes / 60, minutes % 60) {
            (0, 0) => format!("{sign}{seconds}s"),
            (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
            (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
        }
    }
}

impl Time {
    /// A point in time, in UTC, by its distance from the Unix epoch; the nearest that can be told.
    pub fn from_nanos(nanos: i128) -> Time {
        let at = Timestamp::from_nanosecond(nanos).unwrap_or(if nanos < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        Time { at: at.to_zoned(TimeZone::UTC), pointer: false }
    }

    /// Reads a time of RFC 3339; it keeps its distance from UTC.
    pub fn parse(text: &str) -> Option<Time> {
        let at: Timestamp = text.parse().ok()?;
        let zone = match jiff::fmt::temporal::Pieces::parse(text).ok()?.to_numeric_offset() {
            Some(offset) if offset.seconds() != 0 => TimeZone::fixed(offset),
            _ => TimeZone::UTC,
        };
        Some(Time { at: at.to_zoned(zone), pointer: false })
    }

    /// Reads a time by a layout of Go; where it says no zone, it is that of a name (`""` for UTC). `None` where the text
    /// does not follow the layout or nobody knows the zone.
    pub fn parse_layout(layout: &str, zone: &str, text: &str) -> Option<Time> {
        let zone = match zone {
            "" | "UTC" => TimeZone::UTC,
            "Local" => TimeZone::system(),
            _ => TimeZone::get(zone).ok()?,
        };
        Some(Time { at: reading::read(layout, zone, text)?, pointer: false })
    }

    /// The same, as Go's functions return it that give a pointer.
    pub fn pointed(self) -> Time {
        Time { pointer: true, ..self }
    }

    pub(crate) fn is_pointer(&self) -> bool {
        self.pointer
    }

    /// Its distance from the Unix epoch in nanoseconds.
    pub fn nanos(&self) -> i128 {
        self.at.timestamp().as_nanosecond()
    }

    /// The same point as another zone sees it.
    ///
    /// # Errors
    /// Nobody knows the zone.
    pub fn in_zone(&self, name: &str) -> Result<Time, String> {
        let zone = match name {
            "" | "UTC" => TimeZone::UTC,
            "Local" => TimeZone::system(),
            _ => TimeZone::get(name).map_err(|_| format!("unknown time zone {name}"))?,
        };
        Ok(Time { at: self.at.with_time_zone(zone), pointer: false })
    }

    /// Writes it by a layout of Go: the reference time `Mon Jan 2 15:04:05 MST 2006` as it should look.
    pub fn format(&self, layout: &str) -> String {
        layout::format(&self.at, layout)
    }

    /// As Go writes it: `2006-01-02 15:04:05.999999999 -0700 MST`.
    pub fn to_text(&self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }
}
