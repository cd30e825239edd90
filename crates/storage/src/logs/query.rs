//! How log entries are read: headers of blocks first, then the columns that are named, one block at a time.

use std::ops::Range;

use model::{Labels, Matcher};

use super::EntryColumns;
use crate::{Listing, Result};

/// A span of time in nanoseconds since the Unix epoch: the start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryRange {
    /// The first nanosecond.
    pub start: i64,
    /// The first nanosecond after it.
    pub end: i64,
}

impl EntryRange {
    /// All of time but its last nanosecond.
    pub const ALL: Self = Self { start: i64::MIN, end: i64::MAX };

    /// The span from `start` up to and without `end`.
    pub const fn new(start: i64, end: i64) -> Self {
        Self { start, end }
    }

    /// Whether a time lies in the span.
    pub const fn contains(self, timestamp: i64) -> bool {
        self.start <= timestamp && timestamp < self.end
    }

    /// Whether rows from `first` to `last`, both included, may lie in the span.
    pub const fn overlaps(self, first: i64, last: i64) -> bool {
        first < self.end && self.start <= last
    }
}

/// A store of log entries that can be asked.
pub trait LogQueryable: Send + Sync {
    /// A view of a tenant's entries in a span of time as they are stored now; later ones may stay unseen.
    ///
    /// # Errors
    /// `Unavailable` while the store is not open.
    fn log_querier(&self, tenant: &str, range: EntryRange) -> Result<Box<dyn LogQuerier>>;
}

/// A view of a tenant's entries in a span of time.
pub trait LogQuerier: Send + Sync {
    /// The blocks of the streams that fulfil every matcher and may have entries in the span; nothing but headers is
    /// read. No matcher selects every stream.
    ///
    /// # Errors
    /// `Corrupt`, `OverLimit`, `Canceled`, `Internal`.
    fn select(&self, matchers: &[Matcher]) -> Result<Box<dyn BlockSet>>;

    /// As [`LogQuerier::select`], less some of the blocks that surely have no line that contains one needle of every group, as
    /// some of their filters say; [`BlockSet::left_out`] counts them.
    ///
    /// # Errors
    /// As [`LogQuerier::select`].
    fn select_holding(
        &self,
        matchers: &[Matcher],
        groups: &[Vec<Needle>],
        filters: Filters,
    ) -> Result<Box<dyn BlockSet>> {
        let _ = (groups, filters);
        self.select(matchers)
    }

    /// The streams that fulfil every matcher and have entries in the days that the span touches, sorted.
    ///
    /// # Errors
    /// As [`LogQuerier::select`].
    fn streams(&self, matchers: &[Matcher]) -> Result<Vec<Labels>>;

    /// The names of labels of [`LogQuerier::streams`], sorted.
    ///
    /// # Errors
    /// As [`LogQuerier::select`].
    fn label_names(&self, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing>;

    /// The values of a label of [`LogQuerier::streams`], sorted.
    ///
    /// # Errors
    /// As [`LogQuerier::select`].
    fn label_values(&self, name: &str, matchers: &[Matcher], limit: Option<usize>) -> Result<Listing>;
}

/// Which filters a selection asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filters {
    /// Those in memory: nothing is read for them.
    AtHand,
    /// All.
    All,
}

/// Blocks found by a selector, by position.
///
/// Positions are stable, and any number of threads may read different blocks at once.
pub trait BlockSet: Send + Sync {
    /// The streams that the blocks belong to, each once, sorted.
    fn streams(&self) -> &[Labels];

    /// The blocks; of those of one stream that share some time, the one whose entries came first comes first.
    fn blocks(&self) -> &[BlockHeader];

    /// How many blocks are not among them, since no line in them can be wanted.
    fn left_out(&self) -> usize {
        0
    }

    /// A number for each block: blocks of equal numbers are stored together, so that to read them one right after the
    /// other costs little more than to read one of them. Empty where each block stands alone.
    fn neighbours(&self) -> &[u32] {
        &[]
    }

    /// Which rows of [`BlockSet::read_neighbours`] are those of a block; `None` where the block is to be read alone: it has no
    /// neighbours, lies in part outside of the span, or rows of it are deleted.
    fn rows_among_neighbours(&self, block: usize) -> Option<Range<usize>> {
        let _ = block;
        None
    }

    /// Replaces `out` by the rows of a block, of its neighbours, and of blocks that were not selected and are stored together
    /// with them, as far as columns are named. Times rise within each block alone.
    ///
    /// # Errors
    /// As [`BlockSet::read`].
    fn read_neighbours(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()> {
        self.read(block, columns, out)
    }

    /// Whether a block surely has no line that contains one needle of every group. It costs a look at a filter and no
    /// reading of lines; `false` says nothing. Neighbours are excluded together.
    fn excludes(&self, block: usize, groups: &[Vec<Needle>]) -> bool;

    /// Replaces `out` by the rows of a block that lie in the querier's span and are not deleted, as far as columns
    /// are named.
    ///
    /// # Errors
    /// `Corrupt`, `Canceled`, `Internal`; an error of one block leaves the others readable.
    fn read(&self, block: usize, columns: &Columns, out: &mut EntryColumns) -> Result<()>;
}

/// What is known of a block without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockHeader {
    /// The position of its stream in [`BlockSet::streams`].
    pub stream: usize,
    /// The time of its first row.
    pub start: i64,
    /// The time of its last row.
    pub end: i64,
    /// The number of its rows, those outside of the span counted in.
    pub rows: usize,
    /// Bytes of its lines.
    pub line_bytes: u64,
    /// Bytes of its structured metadata, names and values of every row.
    pub metadata_bytes: u64,
    /// Bytes that it takes on disk, 0 for one in memory.
    pub stored_bytes: u64,
    /// Whether each of its rows stands, and stands in no other block: the numbers above may be used in place of the
    /// rows where the span covers the block. Else another block of the stream may hold the same entry once more, or
    /// rows are deleted.
    pub exact: bool,
}

/// A text that a line must contain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Needle {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether ASCII letters match in either case.
    pub any_case: bool,
}

/// The columns that are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Whether the times are wanted.
    pub timestamps: bool,
    /// Whether the lines are wanted.
    pub lines: bool,
    /// Whether times that lines tell of themselves may be left out of the text, a byte of [`TIME_MARKS`](super::TIME_MARKS) in the place of each.
    pub without_times: bool,
    /// The structured metadata that is wanted.
    pub metadata: MetadataWanted,
}

impl Columns {
    /// Every column.
    pub const ALL: Self =
        Self { timestamps: true, lines: true, without_times: false, metadata: MetadataWanted::All };
    /// The times alone.
    pub const TIMES: Self =
        Self { timestamps: true, lines: false, without_times: false, metadata: MetadataWanted::None };
}

/// The keys of structured metadata that are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataWanted {
    /// None.
    None,
    /// Those named.
    Named(Vec<String>),
    /// All.
    All,
}

impl MetadataWanted {
    /// Whether a key is wanted.
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Named(names) => names.iter().any(|wanted| wanted == name),
            Self::All => true,
        }
    }
}
