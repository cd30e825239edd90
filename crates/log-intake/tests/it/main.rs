//! The intake before a store in memory.

mod recorded;
mod rules;
