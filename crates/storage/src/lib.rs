//! The contracts between who writes or reads samples or log entries and who keeps them.
//!
//! Writers (`scrape`, `api`, `rules`) know [`Appendable`]; readers (the engines, `api`) know [`Queryable`]; stores
//! (`tsdb`, the [`memory`] store of the tests, remote readers) implement them. No store is named here, and no
//! query language.
//!
//! Reading order: [`Appender`], [`Queryable`] with [`Querier`] and [`SeriesSet`], [`SampleColumns`], then
//! [`merge`] and [`memory`]; [`logs`] has the same for log entries.

mod append;
mod columns;
mod error;
pub mod logs;
pub mod memory;
pub mod merge;
mod query;
mod raw;

pub use append::{AppendOptions, Appendable, Appender, HistogramSample};
pub use columns::{HistogramColumn, SampleColumns};
pub use error::{Error, ErrorKind, Result};
pub use query::{
    EncodedChunk, ExemplarQueryable, Listing, Querier, Queryable, SelectHints, SeriesExemplars, SeriesSet,
    TimeRange,
};
pub use raw::{FloatBatch, NO_SERIES, PairsKey, RawHasher, RawKey};
