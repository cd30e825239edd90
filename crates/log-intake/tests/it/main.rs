//! The intake before a store in memory.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod recorded;
mod rules;
