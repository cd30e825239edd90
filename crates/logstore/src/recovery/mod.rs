//! What a start reads of the log.

pub(crate) mod record;
mod replay;

pub(crate) use replay::{Replayed, replay};
