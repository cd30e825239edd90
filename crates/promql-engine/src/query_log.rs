//! What is told of finished queries to whoever writes them down.

use std::net::IpAddr;
use std::time::Duration;

use crate::answer::QueryStats;

/// Who asked a query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Not told.
    #[default]
    Unknown,
    /// A client of the API.
    Http {
        /// The client's address, where it is known.
        client_ip: Option<IpAddr>,
        /// The request's method.
        method: String,
        /// The request's path.
        path: String,
    },
    /// A group of rules.
    RuleGroup {
        /// The file of the group.
        file: String,
        /// The group.
        name: String,
    },
}

/// A query that has come to its end.
#[derive(Debug, Clone, Copy)]
pub struct FinishedQuery<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its first step, in milliseconds since the Unix epoch; its only one in an instant query.
    pub start: i64,
    /// Its last step.
    pub end: i64,
    /// The distance of its steps in milliseconds, 0 in an instant query.
    pub step: i64,
    /// Who asked it.
    pub origin: &'a Origin,
    /// How long it had waited before it began.
    pub waited: Duration,
    /// What it took.
    pub stats: &'a QueryStats,
    /// Why it failed, if it did.
    pub error: Option<&'a str>,
}

/// A log of finished queries.
pub trait QueryLog: Send + Sync + std::fmt::Debug {
    /// Whether finished queries are wanted at present; their samples are counted for it.
    fn is_on(&self) -> bool;

    /// Writes down a query. Failures are the log's own concern.
    fn write(&self, query: &FinishedQuery<'_>);
}
