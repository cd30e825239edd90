//! The machine's own clock and file system.
#![expect(clippy::disallowed_methods, reason = "this module is the one place that calls them")]

mod clock;
mod file_system;

pub use clock::RealClock;
pub use file_system::RealFileSystem;
