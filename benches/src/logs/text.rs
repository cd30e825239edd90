//! A line while it is written, and the time as logs write it.

use model::calendar::date_of_day;

use crate::noise::mix;

/// Numbers that look random, the same for the same start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(seed: u64, number: u64) -> Self {
        Self(mix(seed).wrapping_add(number.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        // The high half of a product is spread as evenly as a remainder, and quicker.
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// A number below `limit`, small ones far more often.
    pub(super) fn skewed(&mut self, limit: u64) -> u64 {
        let one = self.below(1 << 20);
        ((u128::from(one * one) * u128::from(limit)) >> 40) as u64
    }

    /// One of some texts, the first ones more often.
    pub(super) fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        let place = self.skewed(texts.len() as u64);
        texts.get(place as usize).copied().unwrap_or_default()
    }
}

/// A line while it is written.
#[derive(Debug, Default)]
pub(super) struct Line(pub(super) Vec<u8>);

impl Line {
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.padded(number, 1)
    }

    /// A number with at least so many digits.
    pub(super) fn padded(&mut self, mut number: u64, digits: usize) -> &mut Self {
        let mut reversed = [b'0'; 20];
        let mut len = 0;
        for place in &mut reversed {
            if number == 0 && len >= digits {
                break;
            }
            *place = b'0' + (number % 10) as u8;
            number /= 10;
            len += 1;
        }
        self.0.extend(reversed.iter().take(len).rev());
        self
    }

    pub(super) fn hexadecimal(&mut self, number: u64) -> &mut Self {
        for place in (0..16).rev() {
            let digit = (number >> (4 * place) & 0xf) as u8;
            self.0.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        }
        self
    }

    /// An address of a private network.
    pub(super) fn address(&mut self, number: u64) -> &mut Self {
        self.text("10.").number(number >> 16 & 0xff).text(".").number(number >> 8 & 0xff).text(".");
        self.number(number & 0xff)
    }
}

/// A time of day and its date as text; the date is put together once a second.
#[derive(Debug, Default)]
pub(super) struct Clock {
    second: i64,
    day: String,
    time: String,
    pub(super) nanos: u32,
}

impl Clock {
    /// Goes to a time in nanoseconds since the Unix epoch.
    pub(super) fn set(&mut self, timestamp: i64) {
        let second = timestamp.div_euclid(1_000_000_000);
        self.nanos = timestamp.rem_euclid(1_000_000_000) as u32;
        if second == self.second && !self.day.is_empty() {
            return;
        }
        self.second = second;
        let (year, month, day) = date_of_day(second.div_euclid(86_400));
        let of_day = second.rem_euclid(86_400);
        self.day = format!("{year:04}-{month:02}-{day:02}");
        self.time = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    }

    /// Writes date and time with milliseconds, put together as the log does it.
    pub(super) fn write(&self, line: &mut Line, between: &str, before_millis: &str) {
        line.text(&self.day).text(between).text(&self.time).text(before_millis);
        line.padded(u64::from(self.nanos / 1_000_000), 3);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_written() {
        let mut line = Line::default();
        line.number(0).text(" ").number(1_204).text(" ").padded(7, 3).text(" ").hexadecimal(0xab).text(" ");
        let mut clock = Clock::default();
        clock.set(1_709_210_096_007_000_000);
        clock.write(&mut line, "T", ".");
        assert_eq!(line.0, b"0 1204 007 00000000000000ab 2024-02-29T12:34:56.007");
    }

    #[test]
    fn noise_stays_below_its_limit() {
        let mut noise = Noise::new(1, 2);
        let numbers: Vec<u64> = (0..1_000).map(|_| noise.below(10)).collect();
        assert!((0..10).all(|number| numbers.contains(&number)) && numbers.iter().all(|number| *number < 10));
        let small = (0..1_000).filter(|_| noise.skewed(100) < 25).count();
        assert!((400..600).contains(&small), "{small}");
    }
}
