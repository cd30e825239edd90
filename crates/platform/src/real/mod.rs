//! The machine's own clock, file system and memory.
#![expect(clippy::disallowed_methods, reason = "this module is the one place that calls them")]

mod clock;
mod file_system;
#[cfg(target_env = "gnu")]
mod freed;
mod memory;
#[cfg(target_os = "linux")]
mod pages;
#[cfg(target_os = "linux")]
mod program;

pub use clock::RealClock;
pub use file_system::RealFileSystem;
#[cfg(target_env = "gnu")]
pub use freed::{allocated_bytes, give_back_freed, limit_arenas};
pub use memory::{anonymous_bytes, memory_limit};
#[cfg(target_os = "linux")]
pub use program::give_back_program;

/// Other allocators give back what they like.
#[cfg(not(target_env = "gnu"))]
pub fn give_back_freed() {}

/// Other allocators do not tell.
#[cfg(not(target_env = "gnu"))]
pub fn allocated_bytes() -> Option<u64> {
    None
}

/// Other allocators have heaps as they like.
#[cfg(not(target_env = "gnu"))]
pub fn limit_arenas() {}

/// Other systems tell of their pages in other ways.
#[cfg(not(target_os = "linux"))]
pub fn give_back_program() {}
