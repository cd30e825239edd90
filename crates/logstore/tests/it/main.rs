//! The store as its users see it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod crash;
mod fixture;
mod intake;
mod keeping;
mod log;
mod narrow;
mod parts;
