//! The machine's own clock, file system and memory.
#![expect(clippy::disallowed_methods, reason = "this module is the one place that calls them")]

mod clock;
mod file_system;
#[cfg(target_env = "gnu")]
mod freed;
mod memory;

pub use clock::RealClock;
pub use file_system::RealFileSystem;
#[cfg(target_env = "gnu")]
pub use freed::give_back_freed;
pub use memory::{anonymous_bytes, memory_limit};

/// Other allocators give back what they like.
#[cfg(not(target_env = "gnu"))]
pub fn give_back_freed() {}
