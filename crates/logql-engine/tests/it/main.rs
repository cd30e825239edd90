//! The engine over the store in memory.

mod dataset;
mod properties;
mod recorded;
