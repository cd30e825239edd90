//! Tests of the store and the queries together.
#![expect(clippy::panic, reason = "a test that cannot go on fails")]

mod answers;
mod store;
