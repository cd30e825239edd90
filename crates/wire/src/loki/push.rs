//! A push as plain data over the bytes of its body.

use std::borrow::Cow;
use std::ops::Range;

use super::Error;

/// The most entries of one push: what an entry takes here and on its way into the store, some 240 bytes, is more than its
/// two bytes in a hostile body. Shippers send thousands.
pub const ENTRIES_MAX: usize = 1 << 21;
/// The most pairs of structured metadata of one push.
pub const METADATA_MAX: usize = 1 << 22;
/// The most bytes of texts that had to be written anew: what is written once for every entry must not grow without end.
const BUFFER_BYTES_MAX: usize = 512 << 20;
/// The time of an entry that came without one: the zero time of the original, in nanoseconds of 64 bits.
pub const ZERO_TIME: i64 = -6_795_364_578_871_345_152;

/// Streams with their entries.
#[derive(Debug, Clone, Default)]
pub struct Push<'a> {
    /// The streams, in the order of the body; the same labels may come twice.
    pub streams: Vec<Stream<'a>>,
    /// The entries of all streams.
    pub entries: Vec<Entry<'a>>,
    /// The structured metadata of all entries: names and values as they came.
    pub metadata: Vec<(Text<'a>, Text<'a>)>,
    /// The texts that do not stand in the body.
    buffer: String,
}

/// A stream of a push.
#[derive(Debug, Clone)]
pub struct Stream<'a> {
    /// The labels as `{name="value", …}`; may be empty, may be no labels at all.
    pub labels: Text<'a>,
    /// Its entries in [`Push::entries`].
    pub entries: Range<usize>,
}

/// An entry of a push.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Nanoseconds since the Unix epoch.
    pub timestamp: i64,
    /// The line.
    pub line: Text<'a>,
    /// The first pair of its structured metadata in [`Push::metadata`].
    pub metadata_start: u32,
    /// The number of pairs.
    pub metadata_len: u32,
}

/// A text of a push, for [`Push::bytes`] and [`Push::text`].
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    /// It stands in the body.
    Body(&'a [u8]),
    /// It stands in the push.
    Buffer {
        /// The first byte.
        start: usize,
        /// The byte behind it.
        end: usize,
    },
}

impl Text<'_> {
    /// The text without a character.
    pub const EMPTY: Self = Text::Body(&[]);
}

impl<'a> Push<'a> {
    /// A push without streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of a text.
    #[inline]
    pub fn bytes(&self, text: Text<'a>) -> &[u8] {
        match text {
            Text::Body(bytes) => bytes,
            Text::Buffer { start, end } => self.buffer.as_bytes().get(start..end).unwrap_or_default(),
        }
    }

    /// A text that is known to be one: labels and metadata are checked when they are read.
    #[inline]
    pub fn text(&self, text: Text<'a>) -> &str {
        match text {
            Text::Body(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
            Text::Buffer { start, end } => self.buffer.get(start..end).unwrap_or_default(),
        }
    }

    /// The structured metadata of an entry.
    pub fn metadata_of(&self, entry: &Entry<'a>) -> &[(Text<'a>, Text<'a>)] {
        let start = entry.metadata_start as usize;
        self.metadata.get(start..start + entry.metadata_len as usize).unwrap_or_default()
    }

    /// Begins a stream; entries that are added next belong to it.
    pub fn begin_stream(&mut self, labels: Text<'a>) {
        let place = self.entries.len();
        self.streams.push(Stream { labels, entries: place..place });
    }

    /// Says what the labels of the stream that was begun last are.
    pub(super) fn set_labels(&mut self, labels: Text<'a>) {
        if let Some(stream) = self.streams.last_mut() {
            stream.labels = labels;
        }
    }

    /// Adds an entry to the stream that was begun last; its metadata are the pairs from `metadata_start` on.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn add(&mut self, timestamp: i64, line: Text<'a>, metadata_start: usize) -> Result<(), Error> {
        if self.entries.len() >= ENTRIES_MAX {
            return Err(Error::TooMany("entries"));
        }
        if self.buffer.len() > BUFFER_BYTES_MAX {
            return Err(Error::TooMany("bytes"));
        }
        let metadata_len = self.metadata.len().saturating_sub(metadata_start) as u32;
        self.entries.push(Entry { timestamp, line, metadata_start: metadata_start as u32, metadata_len });
        if let Some(stream) = self.streams.last_mut() {
            stream.entries.end = self.entries.len();
        }
        Ok(())
    }

    /// Adds a pair of structured metadata for the entry that is added next.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    #[inline]
    pub fn add_metadata(&mut self, name: Text<'a>, value: Text<'a>) -> Result<(), Error> {
        if self.metadata.len() >= METADATA_MAX {
            return Err(Error::TooMany("pairs of structured metadata"));
        }
        self.metadata.push((name, value));
        Ok(())
    }

    /// Copies a text into the push.
    pub fn keep(&mut self, text: &str) -> Text<'a> {
        self.keep_with(|buffer| buffer.push_str(text))
    }

    /// Writes a text into the push.
    pub(crate) fn keep_with(&mut self, write: impl FnOnce(&mut String)) -> Text<'a> {
        let start = self.buffer.len();
        write(&mut self.buffer);
        Text::Buffer { start, end: self.buffer.len() }
    }

    /// Keeps a text where it is, if it is in the body.
    pub(crate) fn keep_cow(&mut self, text: Cow<'a, str>) -> Text<'a> {
        match text {
            Cow::Borrowed(text) => Text::Body(text.as_bytes()),
            Cow::Owned(text) => self.keep(&text),
        }
    }

    /// A text of the body; what is no UTF-8 in it is replaced.
    #[inline]
    pub(super) fn utf8(&mut self, bytes: &'a [u8]) -> Text<'a> {
        if std::str::from_utf8(bytes).is_ok() {
            return Text::Body(bytes);
        }
        self.keep(&String::from_utf8_lossy(bytes))
    }
}
