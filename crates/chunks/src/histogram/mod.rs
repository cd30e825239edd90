//! Encodings 2, 3, 5 and 6: histograms whose buckets, zero bucket and bounds stand in the header of the chunk.
//!
//! All samples of a chunk have the same layout. A sample with new buckets makes the chunk be written anew with
//! empty ones in between, a sample that lacks buckets that were always empty gets them, and a sample that fits in
//! no way begins a new chunk, whose header says whether the counter was reset in between.

mod appender;
mod chunk_header;
mod decoder;
mod expand;
mod kind;
mod layout;
mod plan;
#[cfg(test)]
mod tests;

pub use appender::{Appended, HistogramAppender};
pub use chunk_header::ResetHeader;
pub use decoder::{decode, decode_as_float, reset_header};
pub use kind::HistogramKind;
