//! What the HTTP surface is told by flags.

use std::time::Duration;

use go_regex::Regex;

use crate::{RemoteReadSettings, RemoteWriteSettings};

/// Settings of the HTTP surface, fixed for the life of the process.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Path in front of all routes, without a slash at the end; empty for none.
    pub route_prefix: String,
    /// Where users reach the server, without a slash at the end of its path.
    pub external_url: String,
    /// Origins that browsers may call from, matched as a whole.
    pub cors_origin: Regex,
    /// Whether `/-/reload` and `/-/quit` do anything.
    pub enable_lifecycle: bool,
    /// Whether the admin endpoints do anything.
    pub enable_admin_api: bool,
    /// Whether `/debug/pprof` gives profiles.
    pub enable_profiles: bool,
    /// Whether `/api/v1/write` takes samples.
    pub enable_remote_write_receiver: bool,
    /// What `/api/v1/write` takes.
    pub remote_write: RemoteWriteSettings,
    /// Bounds of `/api/v1/read`.
    pub remote_read: RemoteReadSettings,
    /// Whether `/api/v1/otlp/v1/metrics` takes samples.
    pub enable_otlp_receiver: bool,
    /// The longest that a query may take, waiting for its turn included.
    pub query_timeout: Duration,
    /// How many queries run at once.
    pub query_concurrency_max: usize,
    /// How far back an instant selector, and federation, looks for a sample.
    pub lookback: Duration,
    /// Whether the search endpoints do anything.
    pub enable_search: bool,
    /// The largest limit of the search endpoints; 0 for none.
    pub search_limit_max: usize,
    /// How many clients may follow notifications at once.
    pub notification_subscribers_max: usize,
    /// Whether there is an Alertmanager inside of the server.
    pub has_alertmanager: bool,
    /// The largest form that is read, in bytes.
    pub form_bytes_max: usize,
}
