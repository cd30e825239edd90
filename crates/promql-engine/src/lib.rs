//! PromQL evaluated over the contracts of `storage`.
//!
//! A query is planned first: which series each selector finds, which labels each operator's series have, who belongs
//! to which group and who meets whom, are settled before a sample is read. Then operators yield one series' whole
//! step column at a time; an aggregation keeps an accumulator per group, so that memory is groups × steps.
//!
//! Invariants: nothing here knows a store, a file or HTTP. Time comes from `platform::Clock` alone, and only for
//! deadlines and timings: evaluation times are arguments. Results do not depend on the number of threads, but for
//! rounding.
//!
//! Reading order: [`Engine`], [`Answer`], then `plan` (tree to operators), `operators`, `functions`.

mod account;
mod active;
mod answer;
mod engine;
mod error;
mod functions;
mod grid;
mod limits;
mod notes;
mod operators;
mod plan;
mod query_log;
mod run;
mod series;
mod settings;

pub use active::{ActiveJournal, ActiveQueries, ActiveQuery};
pub use answer::{
    Answer, InstantSample, QueryStats, SampleStats, SampleValue, SeriesColumns, Timings, Value,
};
pub use engine::{Engine, Parts, Query, QueryOptions, StatsLevel};
pub use error::{Error, ErrorKind, Result};
pub use query_log::{FinishedQuery, Origin, QueryLog};
pub use settings::Settings;
