//! LogQL evaluated over whatever keeps log entries: it knows `storage`, no store, no HTTP, no async.
//!
//! A query is a selector and a pipeline of stages; a [`Pipeline`](pipeline::Pipeline) is compiled once and runs over
//! blocks of columns, one [`Runner`](pipeline::Runner) for each thread. The first line filters look at the text of a
//! whole block at once; the stages behind them see the rows that are left, one by one, and decode what is named
//! later and nothing else. Times and deadlines are arguments ([`Control`]).
//!
//! Reading order: [`Control`], [`pipeline`], [`query_logs`], [`metric`], [`Error`].
#![deny(clippy::indexing_slicing)]

mod control;
mod error;
mod log_query;
pub mod metric;
pub mod pipeline;
mod statistics;
mod stored;
pub mod unwrap;

pub use control::{Control, Limits};
pub use error::{Error, ErrorKind, Result};
pub use log_query::{LogEntry, LogQuery, LogResult, LogStream, query_logs};
pub use statistics::{Statistics, Tally};
pub use stored::StoredEntry;
