//! The outside world as two small traits: [`Clock`] and [`FileSystem`].
//!
//! Floors 0 to 3 read the time and touch files through this crate only, so that every store can be run on
//! [`simulated`] parts: crash images at any write, injected faults, a full disk, a clock that a test moves.
//!
//! Reading order: [`Clock`], [`FileSystem`], then [`real`] and [`simulated`].

mod clock;
mod file_system;
pub mod real;
pub mod simulated;

pub use clock::Clock;
pub use file_system::{AppendFile, DirEntry, FileSystem, Lock, Mapped, Metadata, ReadFile, Space};
