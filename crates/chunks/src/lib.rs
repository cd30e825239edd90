//! The chunk encodings of Prometheus, byte for byte: samples of one series, in time order, as a string of bits.
//!
//! Appenders are plain data beside a byte buffer that the caller owns ([`ByteBuffer`]); after every append the
//! buffer holds a whole, readable chunk. An appender can be taken up again from the bytes of a chunk. Decoders
//! turn a whole chunk into columns. Bytes that are no chunk give an [`Error`], never a panic, and no more memory
//! than the bytes themselves can stand for.
//!
//! Reading order: [`Encoding`], [`bits`], [`xor`].
#![deny(clippy::indexing_slicing)]

pub mod bits;
mod encoding;
mod error;
pub mod xor;

pub use bits::ByteBuffer;
pub use encoding::Encoding;
pub use error::Error;
pub use xor::XorAppender;
