//! Times read by a layout.

use jiff::{
    Zoned,
    civil::DateTime,
    tz::{Offset, TimeZone},
};

use super::layout;

/// What has been read so far.
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    day_of_year: Option<i16>,
    hour: i8,
    minute: i8,
    second: i8,
    nanos: i32,
    afternoon: Option<bool>,
    offset_seconds: Option<i32>,
}

/// Reads a time by a layout; without a zone in the text it is in `zone`.
pub(super) fn read(layout: &str, zone: TimeZone, text: &str) -> Option<Zoned> {
    let mut parts = Parts {
        year: 0,
        month: 1,
        day: 1,
        day_of_year: None,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
        afternoon: None,
        offset_seconds: None,
    };
    let (mut layout, mut text) = (layout, text);
    while let Some(first) = layout.chars().next() {
        if let Some(length) = layout::fraction(layout) {
            let (piece, behind) = layout.split_at_checked(length)?;
            text = parts.fraction(piece, text)?;
            layout = behind;
        } else if let Some(piece) = layout::piece_at(layout) {
            text = parts.piece(piece, text)?;
            layout = layout.get(piece.len()..)?;
            // Seconds may have a fraction that the layout does not tell of.
            if matches!(piece, "05" | "5") && text.starts_with('.') && layout::fraction(layout).is_none() {
                text = parts.fraction(".9", text)?;
            }
        } else {
            text = text.strip_prefix(first)?;
            layout = layout.get(first.len_utf8()..)?;
        }
    }
    text.is_empty().then(|| parts.finish(zone)).flatten()
}

/// A number of at least `least` and at most `most` digits.
fn number(text: &str, least: usize, most: usize) -> Option<(i32, &str)> {
    let length = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length).filter(|_| length >= least)?;
    Some((digits.parse().ok()?, rest))
}

/// Which of twelve or seven names stands there, from 1.
fn name(text: &str, count: i8, short: bool, of: impl Fn(i8) -> &'static str) -> Option<(i8, &str)> {
    (1..=count).find_map(|index| {
        let name = of(index);
        let name = if short { name.get(..3)? } else { name };
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| Some((index, text.get(name.len()..)?)))?
    })
}

impl Parts {
    /// Reads what stands for a piece of a layout and returns the rest.
    fn piece<'t>(&mut self, piece: &str, text: &'t str) -> Option<&'t str> {
        let small = |value: i32| i8::try_from(value).ok();
        let take = |least, most| number(text, least, most);
        match piece {
            "2006" => {
                let (year, rest) = take(4, 4)?;
                self.year = i16::try_from(year).ok()?;
                Some(rest)
            }
            "06" => {
                let (year, rest) = take(2, 2)?;
                self.year = i16::try_from(year + if year >= 69 { 1900 } else { 2000 }).ok()?;
                Some(rest)
            }
            "January" | "Jan" => {
                let (month, rest) = name(text, 12, piece == "Jan", layout::month)?;
                self.month = month;
                Some(rest)
            }
            "Monday" | "Mon" => {
                name(text, 7, piece == "Mon", |day| layout::weekday(day - 1)).map(|found| found.1)
            }
            "002" => {
                let (day, rest) = take(3, 3)?;
                self.day_of_year = i16::try_from(day).ok();
                Some(rest)
            }
            "01" | "1" => set(&mut self.month, small, take(piece.len(), 2)?),
            "02" | "2" => set(&mut self.day, small, take(piece.len(), 2)?),
            "_2" => set(&mut self.day, small, number(text.strip_prefix(' ').unwrap_or(text), 1, 2)?),
            "15" => set(&mut self.hour, small, take(2, 2)?),
            "03" | "3" => set(&mut self.hour, small, take(piece.len(), 2)?),
            "04" | "4" => set(&mut self.minute, small, take(piece.len(), 2)?),
            "05" | "5" => set(&mut self.second, small, take(piece.len(), 2)?),
            "PM" | "pm" => {
                let half = text.get(..2)?;
                self.afternoon = match half {
                    "PM" | "pm" => Some(true),
                    "AM" | "am" => Some(false),
                    _ => return None,
                };
                text.get(2..)
            }
            "MST" => {
                let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
                if !(3..=4).contains(&length) {
                    return None;
                }
                if matches!(text.get(..length), Some("UTC" | "GMT")) {
                    self.offset_seconds = Some(0);
                }
                text.get(length..)
            }
            _ => self.offset(piece, text),
        }
    }

    /// Reads a distance from UTC.
    fn offset<'t>(&mut self, piece: &str, text: &'t str) -> Option<&'t str> {
        if piece.starts_with('Z')
            && let Some(rest) = text.strip_prefix('Z')
        {
            self.offset_seconds = Some(0);
            return Some(rest);
        }
        let (sign, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+')?),
        };
        let mut seconds = 0;
        let mut unit = 3600;
        for (index, _) in piece.get(1..)?.split(':').flat_map(pairs).enumerate() {
            if index > 0 && piece.contains(':') {
                rest = rest.strip_prefix(':')?;
            }
            let (value, behind) = number(rest, 2, 2)?;
            seconds += value * unit;
            unit /= 60;
            rest = behind;
        }
        self.offset_seconds = Some(sign * seconds);
        Some(rest)
    }

    /// Reads a fraction of a second: of as many digits as there are noughts, or of any where there are nines.
    fn fraction<'t>(&mut self, piece: &str, text: &'t str) -> Option<&'t str> {
        let is_open = piece.contains('9');
        let Some(digits) = text.strip_prefix(['.', ',']) else {
            return is_open.then_some(text);
        };
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let length =
            if is_open { length } else { Some(piece.len() - 1).filter(|wanted| *wanted <= length)? };
        let (digits, rest) = digits.split_at_checked(length)?;
        self.nanos = format!("{digits:0<9}").get(..9)?.parse().ok()?;
        Some(rest)
    }

    fn finish(self, zone: TimeZone) -> Option<Zoned> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let mut at =
            DateTime::new(self.year, self.month, self.day, hour, self.minute, self.second, self.nanos)
                .ok()?;
        if let Some(day) = self.day_of_year {
            at = at.with().day_of_year(day).build().ok()?;
        }
        let zone = match self.offset_seconds {
            Some(0) => TimeZone::UTC,
            Some(seconds) => TimeZone::fixed(Offset::from_seconds(seconds).ok()?),
            None => zone,
        };
        at.to_zoned(zone).ok()
    }
}

/// Puts a number at its place and returns the rest.
fn set<'t>(
    place: &mut i8,
    small: impl Fn(i32) -> Option<i8>,
    (value, rest): (i32, &'t str),
) -> Option<&'t str> {
    *place = small(value)?;
    Some(rest)
}

/// A text cut into pieces of two bytes.
fn pairs(text: &str) -> impl Iterator<Item = &str> {
    (0..text.len() / 2).filter_map(move |index| text.get(index * 2..index * 2 + 2))
}
