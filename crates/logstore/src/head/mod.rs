//! Entries in memory: a buffer for each stream that has had entries since the head was last written down.

mod append;
mod buffer;
mod chunk;
mod rate;
mod stream;

pub(crate) use append::{Push, Target, refuse_all};
pub(crate) use buffer::{Buffer, Rows, SetPlace};
pub(crate) use chunk::{Chunk, ChunkBuilder, Place};
pub(crate) use stream::{Intake, Stream};
