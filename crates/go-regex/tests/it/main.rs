//! What the crate does, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod facts;
mod interface;
mod limits;
mod properties;
mod recorded;
