//! The server: assembling, life cycle, reload.

mod active_queries;
mod alertmanager;
mod assemble;
mod configuration;
mod control;
mod fanout;
mod features;
mod history;
mod log_rules;
mod logs;
mod memory;
mod metrics;
mod options;
mod periodic;
mod remote;
mod rules;
mod settings;
mod signals;
mod store;
mod targets;
mod web_security;

use std::time::Duration;

use crate::cli::server_options::ServerOptions;
use crate::cli::{PROFILING, Parsed};
use settings::Configured;

pub(crate) use alertmanager::run as run_alertmanager;
pub(crate) use logs::run_alone as run_loki;

/// How long running requests may go on once a stop has begun; the whole stop must take less than ten seconds.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(4);

/// Why the server ended: one line and the exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) text: String,
    pub(crate) status: u8,
}

impl Failure {
    /// Something failed while running or starting.
    fn running(text: impl std::fmt::Display) -> Self {
        Self { text: text.to_string(), status: 1 }
    }

    /// Flags or configuration are wrong.
    fn usage(text: impl std::fmt::Display) -> Self {
        Self { text: text.to_string(), status: 2 }
    }
}

/// How requests are sent, as a block of a configuration file says.
///
/// # Errors
/// What cannot be used, with the key.
pub(crate) fn http_settings(
    block: &config::prometheus::HttpClientConfig,
) -> Result<http_client::Settings, String> {
    settings::http::settings(block)
}

/// Checks a file of Loki, and the files of overrides that it names; gives what deserves a word.
///
/// # Errors
/// Why a server would not start with it.
pub(crate) fn check_loki(file: std::path::PathBuf, expand_env: bool) -> Result<Vec<String>, String> {
    logs::check(file, expand_env)
}

/// Deltas are summed up or kept: not both.
fn check_features(options: &ServerOptions) -> Result<(), Failure> {
    let features = ["otlp-deltatocumulative", "otlp-native-delta-ingestion"];
    if features.iter().all(|feature| options.has_feature(feature)) {
        return Err(Failure::running(format!(
            "cannot enable {} features at the same time",
            features.join(" and ")
        )));
    }
    Ok(())
}

/// The scrape jobs of a configuration.
///
/// # Errors
/// What a job asks for and cannot be done, with job and key.
pub(crate) fn scrape_settings(loaded: &config::prometheus::Loaded) -> Result<scrape::Settings, String> {
    settings::scrape::settings(loaded, None)
}

/// Has allocations sampled for profiles of memory; to be called before threads start, so that what they allocate is
/// seen from the beginning.
fn sample_allocations(are_profiled: bool) {
    if are_profiled && let Err(error) = profiling::heap::start() {
        tracing::warn!(%error, "allocations are not sampled");
    }
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// A bad configuration, an address or a data directory that cannot be used.
pub(crate) fn run(parsed: &Parsed, options: ServerOptions) -> Result<(), Failure> {
    telemetry::log::init(options.log).map_err(|error| Failure::running(format!("{error:?}")))?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting lapwing");
    for warning in &options.warnings {
        tracing::warn!("{warning}");
    }
    check_features(&options)?;
    sample_allocations(options.has_feature(PROFILING));
    let configured = Configured::load(&options).map_err(Failure::usage)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::running)?;
    let outcome = runtime.block_on(assemble::serve(parsed, options, configured));
    // A query that ignores its cancellation must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}
