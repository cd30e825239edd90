//! The HTTP surface: routes, JSON shapes, and the one map from errors to statuses.
//!
//! Stores, engine and targets come in as [`Services`]; this crate knows their contracts only. The server listens
//! before they are there: what needs them answers 503 until [`Api::open`] is called.
//!
//! Reading order: [`Parts`] and [`Services`], `router.rs` (the table of routes), `call.rs` (a request), `answer.rs`
//! (an answer), then `prometheus/` and `management.rs`.
#![deny(clippy::indexing_slicing)]

pub mod alertmanager;
mod answer;
mod call;
mod compress;
mod cors;
mod error;
mod federate;
mod ingest;
mod json;
mod loki;
mod management;
mod memory;
mod metrics;
mod notifications;
mod otlp;
mod params;
mod parts;
mod profiles;
mod prometheus;
mod query_log;
mod router;
pub mod serve;
mod settings;
mod time;
mod waiting;

pub use error::{ApiError, ErrorType};
pub use loki::{
    BlockedPattern, BlockedQuery, CancelDeleteRefusal, DeleteProgress, LiveEntries, LogAdmin, LogDelete,
    Loki, LokiParts, LokiServices, LokiSettings, ReadLimits, SINGLE_TENANT, SetLogLevel, loki_router,
};
pub use metrics::Metrics;
pub use parts::{
    Api, BuildInfo, Control, HeadReport, LoadedConfig, NamedCount, Parts, Services, StoreAdmin, StoreReport,
    TargetReport,
};
pub use profiles::{Profiles, with_profiles};
pub use prometheus::remote::{RemoteReadSettings, RemoteWriteSettings, WriteMessage};
pub use query_log::QueryLogFile;
pub use router::router;
pub use settings::Settings;
pub use time::{format_rfc3339, parse_time};
