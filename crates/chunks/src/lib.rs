//! The chunk encodings of Prometheus, byte for byte: samples of one series, in time order, as a string of bits.
//!
//! Appenders are plain data beside a byte buffer that the caller owns ([`ByteBuffer`]); after every append the
//! buffer holds a whole, readable chunk. An appender can be taken up again from the bytes of a chunk. Decoders
//! turn a whole chunk into columns. Bytes that are no chunk give an [`Error`], never a panic, and no more memory
//! than the bytes themselves can stand for.
//!
//! Reading order: [`Encoding`], [`xor`], [`xor2`], [`histogram`], [`recode`].
#![deny(clippy::indexing_slicing)]

mod bits;
mod encoding;
mod error;
mod fields;
mod floats;
pub mod histogram;
pub mod recode;
mod start;
pub mod xor;
pub mod xor2;

pub use bits::{BitBuffer, ByteBuffer};
pub use encoding::{Encoding, sample_count};
pub use error::Error;
pub use floats::decode_floats;
pub use histogram::{Appended, HistogramAppender, HistogramKind, ResetHeader};
pub use xor::XorAppender;
pub use xor2::Xor2Appender;
