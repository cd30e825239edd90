//! What a query read and threw away: the figures of the answer's statistics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Figures of one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Streams that the selectors found.
    pub streams: u64,
    /// Blocks that may have had rows.
    pub blocks: u64,
    /// Blocks that a look at their header or filter was enough for.
    pub blocks_skipped: u64,
    /// Blocks of those read that lay in memory.
    pub blocks_in_memory: u64,
    /// Bytes of lines that were looked at.
    pub line_bytes: u64,
    /// Bytes of structured metadata that belong to them.
    pub metadata_bytes: u64,
    /// Bytes as they lie on disk.
    pub stored_bytes: u64,
    /// Rows that were looked at.
    pub lines: u64,
    /// Rows that the pipeline let through.
    pub lines_kept: u64,
    /// Rows that were there twice.
    pub duplicates: u64,
    /// Entries of the answer.
    pub entries_returned: u64,
}

macro_rules! tally {
    ($($name:ident)*) => {
        /// [`Statistics`] in the making; any number of threads may add.
        #[derive(Debug, Default)]
        pub struct Tally {
            $($name: AtomicU64,)*
        }

        impl Tally {
            /// Adds figures.
            pub fn add(&self, figures: &Statistics) {
                $(if figures.$name > 0 { self.$name.fetch_add(figures.$name, Ordering::Relaxed); })*
            }

            /// The figures as they stand now.
            pub fn figures(&self) -> Statistics {
                Statistics { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

tally! {
    streams blocks blocks_skipped blocks_in_memory line_bytes metadata_bytes stored_bytes lines lines_kept duplicates
    entries_returned
}
