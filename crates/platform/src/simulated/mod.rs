//! A clock and a file system for tests: time moves when told to, files live in memory.

mod clock;
mod crash;
mod faults;
mod file_system;
mod handles;
mod random;
#[cfg(test)]
mod tests;
mod tree;

pub use clock::SimulatedClock;
pub use faults::{Fault, FaultKind, Operation, Performed};
pub use file_system::SimulatedFileSystem;
pub use random::Random;
