//! Merging of parts: many small ones become few large ones, and rows that are deleted or too old stay behind.

mod execute;
mod plan;
mod stream;

pub(crate) use execute::Rewrite;
