//! Structured metadata: the packed set of one row, and columns made of the sets of many.

mod builder;
mod sets;

pub(crate) use builder::MetadataBuilder;
pub(crate) use sets::{pack, pairs, text_bytes};
