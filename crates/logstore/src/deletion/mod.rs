//! Requests to delete entries: hidden from queries at once, gone from the parts later.

mod requests;
mod rows;

use std::fmt;
use std::sync::Arc;

use model::{Labels, Matcher};
use serde::{Deserialize, Serialize};
use storage::logs::EntryRange;

pub(crate) use requests::Deletions;
pub(crate) use rows::drop_rows;

/// What a request names, read from its query by whoever knows the language.
#[derive(Clone)]
pub struct DeleteSelector {
    /// Which streams; all of them must hold.
    pub matchers: Vec<Matcher>,
    /// Which of their rows; `None` for all.
    pub rows: Option<RowPredicate>,
}

/// Whether a row is deleted.
pub type RowPredicate = Arc<dyn Fn(&DeletedRow<'_>) -> bool + Send + Sync>;

/// Reads the query of a request; the error is a text for the log.
pub type ReadDeleteQuery = Arc<dyn Fn(&str) -> Result<DeleteSelector, String> + Send + Sync>;

/// A row that may be deleted.
#[derive(Debug, Clone, Copy)]
pub struct DeletedRow<'a> {
    /// Its stream.
    pub labels: &'a Labels,
    /// Nanoseconds since the Unix epoch.
    pub timestamp: i64,
    /// The line.
    pub line: &'a [u8],
    /// Structured metadata, sorted by name.
    pub metadata: &'a [(&'a str, &'a str)],
}

/// A request to delete entries, as it is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteRequest {
    /// Its name.
    pub id: String,
    /// Whose entries.
    pub tenant: String,
    /// The query, as it came.
    pub query: String,
    /// The first nanosecond that is deleted.
    pub start: i64,
    /// The last nanosecond that is deleted.
    pub end: i64,
    /// When it came, in milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// How many parts were looked through.
    pub parts_done: usize,
    /// How many parts there were to look through, once it began.
    pub parts_all: usize,
    /// Whether everything it names is gone.
    pub is_processed: bool,
}

/// Why a request could not be canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelRefusal {
    /// There is none of the name.
    Unknown,
    /// It is done.
    Processed,
    /// It has begun or may begin at any time, and was not to be forced.
    Begun,
}

/// A request at work.
pub(crate) struct Deletion {
    pub(crate) id: String,
    pub(crate) range: EntryRange,
    pub(crate) selector: DeleteSelector,
}

impl fmt::Debug for Deletion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Deletion({})", self.id)
    }
}

impl Deletion {
    /// Whether it deletes rows of a stream.
    pub(crate) fn names(&self, labels: &Labels) -> bool {
        self.selector.matchers.iter().all(|matcher| matcher.matches_labels(labels))
    }

    /// Whether it deletes a row of a stream that it names.
    pub(crate) fn deletes(&self, row: &DeletedRow<'_>) -> bool {
        self.range.contains(row.timestamp) && self.selector.rows.as_ref().is_none_or(|is_named| is_named(row))
    }
}
