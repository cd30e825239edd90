//! The store through its public interface.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod append;
mod blocks;
mod compaction;
mod contract;
mod copies;
mod crash;
mod decoded;
mod deletion;
mod directory;
mod disk_full;
mod ended;
mod exemplars;
mod fixture;
mod head_blocks;
mod histograms;
mod lifecycle;
mod meta;
mod out_of_order;
mod receive;
mod select;
mod snapshots;
