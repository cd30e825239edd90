//! The contracts between who writes or reads log entries and who keeps them.
//!
//! Writers (`api`, `collector`, `rules`) know [`EntryAppendable`]; readers (the LogQL engine, `api`) know
//! [`LogQueryable`]; stores (`logstore`, the [`memory`] store of the tests) implement them. Everything belongs to a
//! tenant; times are nanoseconds since the Unix epoch.
//!
//! Reading order: [`EntryRef`], [`EntryAppendable`]; [`LogQueryable`], [`LogQuerier`], [`BlockSet`], [`EntryColumns`].

mod append;
mod columns;
pub mod memory;
mod query;

pub use append::{
    AppendReport, AppendRules, EntryAppendable, EntryRef, RejectReason, Rejected, StreamEntries, StreamHint,
    StreamRate,
};
pub use columns::{EntryColumns, MISSING, MetadataColumn, MetadataValues, TIME_MARKS};
pub use query::{
    BlockHeader, BlockSet, Columns, EntryRange, Filters, LogQuerier, LogQueryable, MetadataWanted, Needle,
};
