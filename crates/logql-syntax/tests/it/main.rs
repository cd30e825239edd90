//! The public interface of the crate.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that cannot go on fails; recorded answers are real files; what is left out is told"
)]

mod bounds;
mod grammar;
mod messages;
mod recorded;
mod round_trip;
