//! Under which settings of an engine the scripts of Prometheus hold.
//!
//! Besides these numbers: every experimental part of the language is on, names are removed at the end of a query
//! (delayed name removal), start timestamps are used.

/// How far an instant selector looks back, in milliseconds.
pub const LOOKBACK_MS: i64 = 5 * 60 * 1000;

/// The step of subqueries that name none, in milliseconds.
pub const SUBQUERY_STEP_MS: i64 = 60 * 1000;

/// How many samples a query may hold at once.
pub const SAMPLES_MAX: usize = 10_000;

/// How long a query may take, in milliseconds.
pub const TIMEOUT_MS: u64 = 100 * 1000;
