//! The public interface of the crate.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails; recorded answers are real files"
)]

mod answers;
mod bounds;
mod recorded;
mod round_trip;
mod scripts;
