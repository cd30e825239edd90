//! The formats that come in and go out: bytes to the words of `model`, and back.
//!
//! Everything here is pure: it reads slices and writes buffers. Bodies come from strangers, so that no byte may
//! lead to a panic or to memory beyond the body's own size.
//!
//! Reading order: [`exposition`], [`remote`], [`otlp`], [`influx`]; [`loki`] for logs.

#![deny(clippy::indexing_slicing)]

pub mod exposition;
pub mod influx;
pub mod loki;
pub mod otlp;
mod proto;
pub mod remote;

pub use proto::ProtoError;
