//! The outside world as two small traits, [`Clock`] and [`FileSystem`], and the memory that the process may take of it.
//!
//! Floors 0 to 3 read the time and touch files through this crate only, so that every store can be run on
//! [`simulated`] parts: crash images at any write, injected faults, a full disk, a clock that a test moves.
//!
//! Reading order: [`Clock`], [`FileSystem`], [`MemoryBudget`], then [`real`] and [`simulated`].

mod cancel;
mod clock;
mod disk_reserve;
mod file_system;
mod memory;
pub mod real;
pub mod simulated;

pub use cancel::CancelFlag;
pub use clock::Clock;
pub use disk_reserve::{DiskReserve, RoomChange, Shortage};
pub use file_system::{AppendFile, DirEntry, FileSystem, Lock, Mapped, Metadata, ReadFile, Space};
pub use memory::{MemoryBudget, MemoryLevel, MemoryPart, MemoryShare};
