//! JSON written piece by piece: what query answers are made of.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use model::Labels;
use model::number::{push_api, push_plain};

/// Writes the pieces of an answer to a sink.
pub(crate) struct JsonWriter<W> {
    sink: W,
    scratch: String,
}

impl<W: Write> JsonWriter<W> {
    pub(crate) fn new(sink: W) -> Self {
        Self { sink, scratch: String::new() }
    }

    /// Gives the sink back.
    pub(crate) fn into_inner(self) -> W {
        self.sink
    }

    /// Writes what is JSON already.
    pub(crate) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.sink.write_all(text.as_bytes())
    }

    /// Writes a text in quotes.
    pub(crate) fn string(&mut self, text: &str) -> io::Result<()> {
        serde_json::to_writer(&mut self.sink, text).map_err(io::Error::other)
    }

    /// Writes any value that serde knows.
    pub(crate) fn value(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.sink, value).map_err(io::Error::other)
    }

    /// Writes a time as seconds with up to three decimals.
    pub(crate) fn timestamp(&mut self, ms: i64) -> io::Result<()> {
        let (whole, part) = (ms / 1000, (ms % 1000).unsigned_abs());
        if ms < 0 && whole == 0 {
            self.raw("-")?;
        }
        write!(self.sink, "{whole}")?;
        if part > 0 {
            let digits = format!("{part:03}");
            write!(self.sink, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }

    /// Writes a sample value: a text, so that NaN and infinities can be told.
    pub(crate) fn number(&mut self, value: f64) -> io::Result<()> {
        self.scratch.clear();
        self.scratch.push('"');
        push_api(&mut self.scratch, value);
        self.scratch.push('"');
        self.sink.write_all(self.scratch.as_bytes())
    }

    /// Writes a number as text that never has an exponent: scalars are written so.
    pub(crate) fn plain_number(&mut self, value: f64) -> io::Result<()> {
        self.scratch.clear();
        self.scratch.push('"');
        push_plain(&mut self.scratch, value);
        self.scratch.push('"');
        self.sink.write_all(self.scratch.as_bytes())
    }

    /// Writes labels as an object.
    pub(crate) fn labels(&mut self, labels: &Labels) -> io::Result<()> {
        self.raw("{")?;
        for (position, (name, value)) in labels.iter().enumerate() {
            if position > 0 {
                self.raw(",")?;
            }
            self.string(name)?;
            self.raw(":")?;
            self.string(value)?;
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
