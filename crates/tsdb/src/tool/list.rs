//! `tsdb list`: one line for each block.

use std::io::{self, Write};

use super::table;
use crate::block::{Block, BlockMeta};

/// A block as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedBlock {
    /// What it is.
    pub meta: BlockMeta,
    /// Length of its files.
    pub bytes: u64,
}

impl From<&Block> for ListedBlock {
    fn from(block: &Block) -> Self {
        Self { meta: block.meta(), bytes: block.bytes() }
    }
}

/// Writes a table of blocks, with times and sizes as people read them if asked to.
///
/// # Errors
/// Those of `out`.
pub fn list(
    blocks: &[ListedBlock],
    header: bool,
    human_readable: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut rows = Vec::new();
    if header {
        let names = [
            "BLOCK ULID",
            "MIN TIME",
            "MAX TIME",
            "DURATION",
            "NUM SAMPLES",
            "NUM CHUNKS",
            "NUM SERIES",
            "SIZE",
        ];
        rows.push(names.map(str::to_owned));
    }
    let time = |ms: i64| if human_readable { table::time(ms) } else { ms.to_string() };
    for ListedBlock { meta, bytes } in blocks {
        rows.push([
            meta.ulid.to_string(),
            time(meta.min_time),
            time(meta.max_time),
            table::duration(meta.max_time.saturating_sub(meta.min_time)),
            meta.stats.num_samples.to_string(),
            meta.stats.num_chunks.to_string(),
            meta.stats.num_series.to_string(),
            if human_readable { table::bytes(*bytes) } else { bytes.to_string() },
        ]);
    }
    table::write_rows(&rows, out)
}
