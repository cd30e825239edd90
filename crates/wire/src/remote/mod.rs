//! Remote write 1.0 and 2.0 and remote read: the messages between Prometheus servers.
//!
//! Requests of remote write are walked over their bytes, and nothing is copied: a receiver knows nearly every
//! series already by the bytes of its labels, which stand beside its one sample ([`v1::Series::plain`],
//! [`v2::Series::plain`]), and looks at nothing else of them. What is not asked for is not checked, but the frame
//! of every message is: a request that is cut short is refused wherever it is cut.
//!
//! Source: <https://prometheus.io/docs/specs/prw/remote_write_spec/>,
//! <https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/>.
//!
//! Reading order: [`Decompressor`], [`v1`], [`v2`], [`SentHistogram`], [`SentLabels`], [`mod@write`], [`read`].

mod error;
mod histogram;
mod items;
mod labels;
pub(crate) mod message;
pub mod read;
mod sample;
mod send;
mod snappy;
#[cfg(test)]
mod tests;
pub mod v1;
pub mod v2;
pub mod write;

pub use error::Error;
pub use histogram::{SentHistogram, encode_float_histogram, encode_histogram};
pub use labels::{SentLabels, UnfitLabels};
pub use sample::{SentExemplar, SentSample};
pub use send::{ItemToSend, RequestV2, ValueToSend, put_item_v1, put_metadata_v1};
pub use snappy::{Decompressor, compress, decompressed_len};
