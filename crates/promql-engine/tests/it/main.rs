//! The engine over the in-memory store, through its public API.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod answers;
mod data;
mod ends;
mod limits;
mod query_log;
mod reference;
mod scripts;
