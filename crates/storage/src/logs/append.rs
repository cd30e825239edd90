//! How log entries are written.

use std::sync::atomic::{AtomicU32, Ordering};

use model::Labels;

use crate::Result;

/// A store that takes log entries.
pub trait EntryAppendable: Send + Sync {
    /// Takes the entries of a push, stream by stream, each in the order given. When it returns, what was stored is
    /// seen by every query that begins later and survives the end of the process. Entries that cannot be taken are
    /// named in the report and never cost their neighbours; one that is stored already (time, line and metadata are
    /// equal) counts as a duplicate and is not stored again.
    ///
    /// # Errors
    /// Nothing was stored: `Unavailable` (starting, stopping, no space left), `Internal`.
    fn append(&self, tenant: &str, push: &[StreamEntries<'_>], rules: &AppendRules) -> Result<AppendReport>;
}

/// Entries of one stream on their way into a store.
#[derive(Debug, Clone, Copy)]
pub struct StreamEntries<'a> {
    /// The stream: its labels without empty values.
    pub labels: &'a Labels,
    /// The entries, in the order in which they arrived.
    pub entries: &'a [EntryRef<'a>],
    /// What the store noted when these labels came before; it belongs to them and to one tenant of one store.
    pub hint: Option<&'a StreamHint>,
}

/// Where a store has found a stream, kept by whoever sends entries of the same labels again and again: the store looks
/// there first, and trusts it no further than that.
#[derive(Debug)]
pub struct StreamHint(AtomicU32);

impl Default for StreamHint {
    fn default() -> Self {
        Self(AtomicU32::new(u32::MAX))
    }
}

impl StreamHint {
    /// The number that was noted last; one that no stream has where none was.
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes a number.
    pub fn set(&self, number: u32) {
        self.0.store(number, Ordering::Relaxed);
    }
}

/// A log entry that lies in somebody else's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryRef<'a> {
    /// Nanoseconds since the Unix epoch.
    pub timestamp: i64,
    /// The line; usually UTF-8, never checked.
    pub line: &'a [u8],
    /// Structured metadata: names and values, sorted by name, each name once; a value may be empty.
    pub metadata: &'a [(&'a str, &'a str)],
}

/// What a tenant's entries must fulfil that only the store can know.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AppendRules {
    /// How much older than the newest entry of its stream an entry may be, in nanoseconds (half of Loki's
    /// `max_chunk_age`); `None` for any age.
    pub out_of_order_window: Option<i64>,
    /// Refuse every entry older than the newest of its stream (Loki's `unordered_writes: false`).
    pub ordered: bool,
    /// The most streams a tenant may have active; 0 for any number.
    pub streams_max: usize,
    /// What one stream may take; `None` for anything.
    pub stream_rate: Option<StreamRate>,
}

/// A token bucket for the bytes (line and metadata) of one stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamRate {
    /// Bytes a second.
    pub per_second: f64,
    /// Bytes at once.
    pub burst: usize,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppendReport {
    /// Entries that were stored.
    pub stored: usize,
    /// Entries that were stored already.
    pub duplicates: usize,
    /// Where they stand: the position of the stream in the push and of the entry in the stream, in the order of the push.
    pub repeated: Vec<(usize, usize)>,
    /// Entries that were refused, in the order of the push.
    pub rejected: Vec<Rejected>,
}

/// An entry that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The position of its stream in the push.
    pub stream: usize,
    /// Its position among the entries of the stream.
    pub entry: usize,
    /// Why.
    pub reason: RejectReason,
}

/// Why an entry was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectReason {
    /// Older than the window allows; `oldest` would have been taken, in nanoseconds.
    TooFarBehind {
        /// The oldest time that is taken.
        oldest: i64,
    },
    /// Older than the newest entry of a stream that must be in order.
    OutOfOrder,
    /// The stream would be one too many for its tenant; all of its entries are refused.
    StreamLimit,
    /// The stream takes no more bytes now; all of its entries in the push, of so many bytes, are refused.
    StreamRate {
        /// Bytes of the stream's entries in the push.
        bytes: usize,
    },
}
