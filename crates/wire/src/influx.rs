//! The Influx line protocol: `measurement,tag=value field=1i,other=2.5 timestamp`, as VictoriaMetrics reads it.
//!
//! Each field of a line is a sample of its own. Texts count as the number that they spell, as 1 where they say true,
//! and as 0 otherwise.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

/// A line with at least one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'a> {
    /// What is measured; may be empty.
    pub measurement: Cow<'a, str>,
    /// Tags in their order; those without a value are left out.
    pub tags: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Fields in their order.
    pub fields: Vec<(Cow<'a, str>, f64)>,
    /// The time as it is written, in a unit that the line does not tell.
    pub timestamp: Option<i64>,
}

/// What a time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// What its size suggests.
    Guessed,
    /// Billionths of a second.
    Nanoseconds,
    /// Millionths of a second.
    Microseconds,
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing stands behind the measurement and its tags.
    #[error("cannot find Whitespace I in {}", model::quote::quote(.0))]
    NoFields(String),
    /// A tag has no value.
    #[error("missing tag value for {}", model::quote::quote(.0))]
    NoTagValue(String),
    /// A field has no value.
    #[error("missing field value for {}", model::quote::quote(.0))]
    NoFieldValue(String),
    /// A field's value is empty or no number of its kind.
    #[error("cannot parse field value for {}: {value:?}", model::quote::quote(.field))]
    FieldValue {
        /// The field.
        field: String,
        /// What stands there.
        value: String,
    },
    /// The time is no whole number.
    #[error("cannot parse timestamp {}", model::quote::quote(.0))]
    Timestamp(String),
}

impl Precision {
    /// The precision of a request's parameter; guessed where it names none.
    pub fn from_name(name: &str) -> Self {
        match name {
            "ns" | "n" => Self::Nanoseconds,
            "us" | "u" | "µ" => Self::Microseconds,
            "ms" => Self::Milliseconds,
            "s" => Self::Seconds,
            "m" => Self::Minutes,
            "h" => Self::Hours,
            _ => Self::Guessed,
        }
    }

    /// A time in milliseconds since the Unix epoch.
    pub fn to_ms(self, time: i64) -> i64 {
        match self {
            Self::Guessed => guess(time).to_ms(time),
            Self::Nanoseconds => time / 1_000_000,
            Self::Microseconds => time / 1000,
            Self::Milliseconds => time,
            Self::Seconds => time.saturating_mul(1000),
            Self::Minutes => time.saturating_mul(60_000),
            Self::Hours => time.saturating_mul(3_600_000),
        }
    }
}

/// What a time counts, by its size: no two of them come near each other for a thousand years.
fn guess(time: i64) -> Precision {
    match time {
        100_000_000_000_000_000.. => Precision::Nanoseconds,
        100_000_000_000_000.. => Precision::Microseconds,
        100_000_000_000.. => Precision::Milliseconds,
        _ => Precision::Seconds,
    }
}

impl<'a> Line<'a> {
    /// Reads a line; `None` for an empty one and for a comment.
    ///
    /// # Errors
    /// The line is not in the format.
    pub fn parse(text: &'a str) -> Result<Option<Self>, Error> {
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let mut rest = Rest(text);
        let measurement = rest.take_word(&[',', ' ']);
        let mut tags = Vec::new();
        while rest.skip(',') {
            let name = rest.take_word(&['=', ',', ' ']);
            if !rest.skip('=') {
                return Err(Error::NoTagValue(name.into_owned()));
            }
            let value = rest.take_word(&[',', ' ']);
            if !value.is_empty() {
                tags.push((name, value));
            }
        }
        if !rest.skip(' ') {
            return Err(Error::NoFields(text.to_owned()));
        }
        rest.skip_spaces();
        let mut fields = Vec::new();
        loop {
            let name = rest.take_word(&['=', ',', ' ']);
            if !rest.skip('=') {
                return Err(Error::NoFieldValue(name.into_owned()));
            }
            let value = rest.take_value();
            let number = field_number(value).ok_or_else(|| Error::FieldValue {
                field: name.clone().into_owned(),
                value: value.to_owned(),
            })?;
            fields.push((name, number));
            if !rest.skip(',') {
                break;
            }
        }
        rest.skip_spaces();
        let timestamp = match rest.0 {
            "" => None,
            time => Some(time.parse().map_err(|_| Error::Timestamp(time.to_owned()))?),
        };
        Ok(Some(Self { measurement, tags, fields, timestamp }))
    }
}

/// The number of a field; `None` where it is none of its kind.
fn field_number(value: &str) -> Option<f64> {
    if let Some(quoted) = value.strip_prefix('"') {
        return Some(quoted.trim_end_matches('"').parse().unwrap_or(0.0));
    }
    match value {
        "" => return None,
        "t" | "T" | "true" | "True" | "TRUE" => return Some(1.0),
        "f" | "F" | "false" | "False" | "FALSE" => return Some(0.0),
        _ => {}
    }
    let whole = |digits: &str| digits.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    if let Some(digits) = value.strip_suffix('i').filter(|digits| whole(digits)) {
        return digits.parse::<i64>().ok().map(|number| number as f64);
    }
    if let Some(digits) = value.strip_suffix('u').filter(|digits| whole(digits)) {
        return digits.parse::<u64>().ok().map(|number| number as f64);
    }
    Some(value.parse().unwrap_or(0.0))
}

/// What is not read yet of a line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes a character where it comes next.
    fn skip(&mut self, character: char) -> bool {
        match self.0.strip_prefix(character) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start_matches(' ');
    }

    /// Takes what stands before the first of `ends` that no backslash stands before.
    fn take_word(&mut self, ends: &[char]) -> Cow<'a, str> {
        let mut escaped = false;
        let mut has_escapes = false;
        let end = self.0.find(|character: char| {
            let is_end = !escaped && ends.contains(&character);
            escaped = !escaped && character == '\\';
            has_escapes |= escaped;
            is_end
        });
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        if has_escapes { Cow::Owned(unescaped(word)) } else { Cow::Borrowed(word) }
    }

    /// Takes a field's value; one in quotes may have anything in it.
    fn take_value(&mut self) -> &'a str {
        let mut quoted = self.0.starts_with('"');
        let mut escaped = false;
        let end = self.0.char_indices().find(|(at, character)| match character {
            _ if std::mem::take(&mut escaped) => false,
            '\\' => {
                escaped = true;
                false
            }
            '"' if *at > 0 => {
                quoted = false;
                false
            }
            ',' | ' ' => !quoted,
            _ => false,
        });
        let (value, rest) = self.0.split_at(end.map_or(self.0.len(), |(at, _)| at));
        self.0 = rest;
        value
    }
}

/// Takes off the backslashes that stand before what has a meaning; the others stay.
fn unescaped(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut characters = word.chars().peekable();
    while let Some(character) = characters.next() {
        let hides = character == '\\' && matches!(characters.peek(), Some(',' | ' ' | '=' | '\\'));
        plain.push(if hides { characters.next().unwrap_or(character) } else { character });
    }
    plain
}
