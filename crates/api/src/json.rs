//! JSON written piece by piece: what query answers are made of.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use model::Labels;
use model::number::{push_api, push_plain};

/// There is room for so much from the start: most short answers are no longer.
const FIRST_BYTES: usize = 512;
/// Collected before it goes to the sink.
const BUFFER_BYTES: usize = 16 << 10;

/// Writes the pieces of an answer to a sink.
pub(crate) struct JsonWriter<W> {
    sink: W,
    text: String,
    times: Times,
    /// The bits of the value of the point written last, and where the point's end from the value on stands in `text`.
    last: Option<(u64, usize, usize)>,
}

impl<W: Write> JsonWriter<W> {
    pub(crate) fn new(sink: W) -> Self {
        Self { sink, text: String::with_capacity(FIRST_BYTES), times: Times::default(), last: None }
    }

    /// Gives the sink back, everything written.
    pub(crate) fn into_inner(mut self) -> io::Result<W> {
        self.sink.write_all(self.text.as_bytes())?;
        Ok(self.sink)
    }

    /// Hands to the sink what is collected, where it is enough.
    #[inline]
    fn hand_over(&mut self) -> io::Result<()> {
        if self.text.len() >= BUFFER_BYTES {
            self.sink.write_all(self.text.as_bytes())?;
            self.text.clear();
            self.last = None;
        }
        Ok(())
    }

    /// Writes what is JSON already.
    pub(crate) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.text.push_str(text);
        self.hand_over()
    }

    /// Writes a text in quotes.
    pub(crate) fn string(&mut self, text: &str) -> io::Result<()> {
        self.push_string(text)?;
        self.hand_over()
    }

    fn push_string(&mut self, text: &str) -> io::Result<()> {
        let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        if text.bytes().all(is_plain) {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
        } else {
            self.text.push_str(&serde_json::to_string(text).map_err(io::Error::other)?);
        }
        Ok(())
    }

    /// Writes any value that serde knows.
    pub(crate) fn value(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        self.text.push_str(&serde_json::to_string(value).map_err(io::Error::other)?);
        self.hand_over()
    }

    /// Writes a time as seconds with up to three decimals.
    pub(crate) fn timestamp(&mut self, ms: i64) -> io::Result<()> {
        push_timestamp(&mut self.text, ms);
        self.hand_over()
    }

    /// Writes a sample value: a text, so that NaN and infinities can be told.
    pub(crate) fn number(&mut self, value: f64) -> io::Result<()> {
        self.push_number(value);
        self.hand_over()
    }

    fn push_number(&mut self, value: f64) {
        self.text.push('"');
        push_api(&mut self.text, value);
        self.text.push('"');
    }

    /// Writes a float sample: its time and its value; ahead of it a comma, unless it is the `first` of a list.
    #[inline]
    pub(crate) fn point(&mut self, ms: i64, value: f64, first: bool) -> io::Result<()> {
        self.times.push_start(&mut self.text, ms, first);
        match self.last {
            // Many series stay where they are.
            Some((bits, start, end)) if bits == value.to_bits() => self.text.extend_from_within(start..end),
            _ => {
                let start = self.text.len();
                push_api(&mut self.text, value);
                self.text.push_str("\"]");
                self.last = Some((value.to_bits(), start, self.text.len()));
            }
        }
        self.hand_over()
    }

    /// Writes a number as text that never has an exponent: scalars are written so.
    pub(crate) fn plain_number(&mut self, value: f64) -> io::Result<()> {
        self.text.push('"');
        push_plain(&mut self.text, value);
        self.text.push('"');
        self.hand_over()
    }

    /// Writes labels as an object.
    pub(crate) fn labels(&mut self, labels: &Labels) -> io::Result<()> {
        self.text.push('{');
        for (position, (name, value)) in labels.iter().enumerate() {
            if position > 0 {
                self.text.push(',');
            }
            self.push_string(name)?;
            self.text.push(':');
            self.push_string(value)?;
        }
        self.raw("}")
    }

    /// Writes a list, one item after the other.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut item: impl FnMut(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        self.raw("[")?;
        for (position, each) in items.into_iter().enumerate() {
            if position > 0 {
                self.raw(",")?;
            }
            item(self, each)?;
        }
        self.raw("]")
    }
}

/// Writes a time as seconds with up to three decimals.
fn push_timestamp(text: &mut String, ms: i64) {
    let (whole, part) = (ms / 1000, (ms % 1000).unsigned_abs());
    if ms < 0 && whole == 0 {
        text.push('-');
    }
    text.push_str(itoa::Buffer::new().format(whole));
    if part > 0 {
        text.push('.');
        // Zeros at the end are left out.
        let mut rest = part;
        for unit in [100, 10, 1] {
            if rest > 0 {
                text.push(char::from(b'0' + (rest / unit) as u8));
                rest %= unit;
            }
        }
    }
}

/// So many times are kept; a range query has few more steps.
const TIMES_MAX: usize = 16 << 10;

/// How points of known times start, commas ahead of them included: series after series has the same.
#[derive(Debug, Default)]
struct Times {
    /// In order, each with where its text ends.
    known: Vec<(i64, usize)>,
    text: String,
    /// The place of the time that probably comes next.
    next: usize,
}

impl Times {
    /// Writes a point up to its value, without the comma where it is the `first`.
    #[inline]
    fn push_start(&mut self, out: &mut String, ms: i64, first: bool) {
        let place = match self.known.get(self.next) {
            Some((known, _)) if *known == ms => Some(self.next),
            _ => self.find(ms),
        };
        let Some(place) = place else {
            if !first {
                out.push(',');
            }
            push_start(out, ms);
            return;
        };
        self.next = place + 1;
        let start = place.checked_sub(1).and_then(|before| self.known.get(before)).map_or(0, |(_, end)| *end);
        let end = self.known.get(place).map_or(0, |(_, end)| *end);
        out.push_str(self.text.get(start + usize::from(first)..end).unwrap_or_default());
    }

    /// The place of a time, which is remembered where it is later than all others.
    fn find(&mut self, ms: i64) -> Option<usize> {
        let place = self.known.len();
        // The first series names the times one after the other.
        let is_latest = self.known.last().is_none_or(|(known, _)| *known < ms);
        if !is_latest {
            return self.known.binary_search_by_key(&ms, |(known, _)| *known).ok();
        }
        if place == TIMES_MAX {
            return None;
        }
        self.text.push(',');
        push_start(&mut self.text, ms);
        self.known.push((ms, self.text.len()));
        Some(place)
    }
}

fn push_start(text: &mut String, ms: i64) {
    text.push('[');
    push_timestamp(text, ms);
    text.push_str(",\"");
}
