//! A clock and a file system for tests: time moves when told to, files live in memory.

mod clock;

pub use clock::SimulatedClock;
