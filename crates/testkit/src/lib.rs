//! What tests are made of: script runners, a contract suite for stores, a server under test.
//!
//! Reading order: [`promqltest`], [`expect_file`], [`mod@store_contract`], [`server`]. Tests that need a clock take
//! [`SimulatedClock`].

use std::path::PathBuf;

pub mod expect_file;
pub mod promqltest;
pub mod server;
pub mod store_contract;

pub use platform::simulated::SimulatedClock;

/// The answers recorded from the real programs, if they are beside the repository: `../shared/conformance`.
pub fn recordings() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance");
    folder.is_dir().then_some(folder)
}
