//! The records that Prometheus writes: what the first byte of each says, and the bodies as columns.
//!
//! All record types of the specification (section 6.3) are read; those that every release of Prometheus 3
//! reads are written. Bodies append to the columns they are decoded into, so that many records fill one batch.

mod cursor;
mod exemplars;
mod histogram;
mod histograms;
mod marks;
mod metadata;
mod packed;
mod samples;
mod series;
mod snapshot;
#[cfg(test)]
mod tests;

pub use cursor::{DecodeError, LabelTexts, is_packed_alike, pack_labels, packed_alike};
pub use exemplars::{Exemplars, decode_exemplars, encode_exemplars};
pub use histograms::{
    HistogramColumns, RecordHistogram, decode_float_histograms, decode_histograms, encode_histograms,
};
pub use marks::{
    MmapMarker, Tombstone, decode_mmap_markers, decode_tombstones, encode_mmap_markers, encode_tombstones,
};
pub use metadata::{MetadataEntry, decode_metadata, encode_metadata};
pub(crate) use packed::pack_samples;
pub use samples::{Samples, SamplesSlice, decode_samples, encode_samples};
pub use series::{SeriesEncoder, decode_series, decode_series_bytes};
pub use snapshot::{
    LastSample, SnapshotChunk, SnapshotRecord, decode_labels, decode_snapshot, encode_snapshot_exemplars,
    encode_snapshot_series, encode_snapshot_tombstones,
};

/// What a record holds, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordType {
    /// Labels of new series.
    Series,
    /// Float samples.
    Samples,
    /// Deleted ranges.
    Tombstones,
    /// Exemplars.
    Exemplars,
    /// Where out-of-order chunks were mapped (write-behind log only).
    MmapMarkers,
    /// Types, units and help texts.
    Metadata,
    /// Histograms with whole counts.
    Histograms,
    /// Histograms with fractional counts.
    FloatHistograms,
    /// Histograms with whole counts and custom buckets.
    CustomHistograms,
    /// Histograms with fractional counts and custom buckets.
    CustomFloatHistograms,
    /// Float samples with start timestamps.
    SamplesV2,
    /// Histograms with whole counts and start timestamps.
    HistogramsV2,
    /// Histograms with fractional counts and start timestamps.
    FloatHistogramsV2,
}

impl RecordType {
    const ALL: [Self; 13] = [
        Self::Series,
        Self::Samples,
        Self::Tombstones,
        Self::Exemplars,
        Self::MmapMarkers,
        Self::Metadata,
        Self::Histograms,
        Self::FloatHistograms,
        Self::CustomHistograms,
        Self::CustomFloatHistograms,
        Self::SamplesV2,
        Self::HistogramsV2,
        Self::FloatHistogramsV2,
    ];

    /// The type of a record; `None` for an empty record and for types that are not known.
    pub fn of(record: &[u8]) -> Option<Self> {
        let code = usize::from(*record.first()?);
        Self::ALL.get(code.checked_sub(1)?).copied()
    }

    /// The first byte of such records.
    pub fn code(self) -> u8 {
        match self {
            Self::Series => 1,
            Self::Samples => 2,
            Self::Tombstones => 3,
            Self::Exemplars => 4,
            Self::MmapMarkers => 5,
            Self::Metadata => 6,
            Self::Histograms => 7,
            Self::FloatHistograms => 8,
            Self::CustomHistograms => 9,
            Self::CustomFloatHistograms => 10,
            Self::SamplesV2 => 11,
            Self::HistogramsV2 => 12,
            Self::FloatHistogramsV2 => 13,
        }
    }
}
