//! Entries in memory: a buffer for each stream that has had entries since the head was last written down.

mod append;
mod buffer;
mod rate;
mod stream;

pub(crate) use append::{Push, Target, refuse_all};
pub(crate) use buffer::{Buffer, Rows};
pub(crate) use stream::{Intake, Stream};
