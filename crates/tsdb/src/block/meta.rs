//! `meta.json`: what a block is, without opening the rest of it.

use std::path::Path;

use platform::FileSystem;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Ulid;
use crate::Error;

/// Name of the file.
pub(crate) const META_FILE: &str = "meta.json";
/// Extensions may add to it, but not this much.
const META_BYTES_MAX: u64 = 16 << 20;
/// The only version there is.
const VERSION: u32 = 1;

/// What a block is.
///
/// Members that are not known (Thanos adds one) are kept when the file is written again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockMeta {
    /// Its name, that of its folder.
    pub ulid: Ulid,
    /// Time from which it has samples, milliseconds since the Unix epoch.
    pub min_time: i64,
    /// Time up to which it has samples, exclusive.
    pub max_time: i64,
    /// How much is in it.
    #[serde(default)]
    pub stats: BlockStats,
    /// How it came about.
    #[serde(default)]
    pub compaction: Compaction,
    /// Version of the format.
    pub version: u32,
    /// Whatever else stands in the file.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// How much is in a block.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlockStats {
    /// Samples of both kinds.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_samples: u64,
    /// Floats; 0 also where it was not counted.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_float_samples: u64,
    /// Histograms; 0 also where it was not counted.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_histogram_samples: u64,
    /// Series.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_series: u64,
    /// Chunks.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_chunks: u64,
    /// Deleted spans of time of single series.
    #[serde(skip_serializing_if = "is_zero")]
    pub num_tombstones: u64,
    /// Whatever else is counted; a block that is made of this one counts anew.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// How a block came about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Compaction {
    /// 1 for a block of the head, one more than the highest of its parents for any other.
    pub level: u32,
    /// The blocks of the head that its samples went through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Ulid>,
    /// Nothing was left of it when it was compacted: it may be removed.
    #[serde(skip_serializing_if = "is_false")]
    pub deletable: bool,
    /// The blocks that it replaces.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Parent>,
    /// Its last compaction failed: it is not tried again with others.
    #[serde(skip_serializing_if = "is_false")]
    pub failed: bool,
    /// Where its samples come from, see [`hint`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// Whatever else is said of it.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// A block that another one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parent {
    /// Its name.
    pub ulid: Ulid,
    /// Its first time.
    pub min_time: i64,
    /// Its end, exclusive.
    pub max_time: i64,
}

/// What may stand in [`Compaction::hints`].
pub mod hint {
    /// Samples that came late.
    pub const FROM_OUT_OF_ORDER: &str = "from-out-of-order";
    /// Series that had ended when the block was made early.
    pub const FROM_STALE_SERIES: &str = "from-stale-series";
    /// Series that were chosen when the block was made.
    pub const FROM_SELECTED_SERIES: &str = "from-selected-series";
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl BlockMeta {
    /// A block of the head, not yet counted.
    pub fn new(ulid: Ulid, min_time: i64, max_time: i64) -> Self {
        let compaction = Compaction { level: 1, sources: vec![ulid], ..Compaction::default() };
        Self {
            ulid,
            min_time,
            max_time,
            stats: BlockStats::default(),
            compaction,
            version: VERSION,
            extensions: Map::new(),
        }
    }

    /// Reads the file of the block in `folder`.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Meta`].
    pub fn read(fs: &dyn FileSystem, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(META_FILE);
        let bytes = fs.read(&path, META_BYTES_MAX).map_err(Error::io("read", &path))?;
        let meta: Self = serde_json::from_slice(&bytes)
            .map_err(|error| Error::Meta { path: path.clone(), reason: error.to_string() })?;
        if meta.version != VERSION {
            let reason = format!("unexpected meta file version {}", meta.version);
            return Err(Error::Meta { path, reason });
        }
        Ok(meta)
    }

    /// Writes the file of the block in `folder`; it appears complete or not at all.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, fs: &dyn FileSystem, folder: &Path) -> Result<(), Error> {
        let path = folder.join(META_FILE);
        fs.write_atomic(&path, self.to_json().as_bytes()).map_err(Error::io("write", &path))
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
        // Texts and numbers alone: there is nothing that could fail.
        let _ = self.serialize(&mut serializer);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether its samples came late.
    pub fn is_from_out_of_order(&self) -> bool {
        self.has_hint(hint::FROM_OUT_OF_ORDER)
    }

    /// Whether the head had other samples of its time.
    pub fn is_of_a_part(&self) -> bool {
        self.is_from_out_of_order()
            || self.has_hint(hint::FROM_STALE_SERIES)
            || self.has_hint(hint::FROM_SELECTED_SERIES)
    }

    /// Whether a hint stands in it.
    pub fn has_hint(&self, hint: &str) -> bool {
        self.compaction.hints.iter().any(|other| other == hint)
    }
}
