//! The engine over the store in memory.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests stop at once when something is missing, and read the recorded material"
)]

mod dataset;
mod properties;
mod recorded;
