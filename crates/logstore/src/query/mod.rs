//! What a query reads: blocks of buffers in memory and of parts, and the rows of one after the other.

mod gather;
mod head;
mod part;
mod querier;
mod selected;
mod set;

pub(crate) use part::KeptFrames;
pub(crate) use querier::StoreQuerier;
