//! What flags and configuration say, as the settings of the components that are not scraping.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use config::prometheus::Config;
use model::duration::format_duration;
use platform::Clock;
use platform::real::RealFileSystem;
use storage::Appendable;
use telemetry::Registry;

use super::DRAIN_TIMEOUT;
use crate::cli::server_options::{ServerOptions, WalCompression};
use crate::version;

/// How often the log is synced where it is not synced at every commit.
pub(super) const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The largest form that is read.
const FORM_BYTES_MAX: usize = 10 << 20;

/// Settings of the HTTP surface.
pub(super) fn api(options: &ServerOptions) -> api::Settings {
    api::Settings {
        route_prefix: options.route_prefix.clone(),
        external_url: options.external_url.clone(),
        cors_origin: options.cors_origin.clone(),
        enable_lifecycle: options.enable_lifecycle,
        enable_admin_api: options.enable_admin_api,
        enable_remote_write_receiver: options.enable_remote_write_receiver,
        enable_otlp_receiver: options.enable_otlp_receiver,
        query_timeout: options.query_timeout,
        query_concurrency_max: options.query_concurrency_max,
        form_bytes_max: FORM_BYTES_MAX,
    }
}

/// Bounds of the listeners.
pub(super) fn listen_limits(options: &ServerOptions) -> api::serve::Limits {
    api::serve::Limits {
        connections_max: options.connections_max,
        read_timeout: options.read_timeout,
        drain_timeout: DRAIN_TIMEOUT,
    }
}

/// Settings of the store.
pub(super) fn tsdb(options: &ServerOptions, config: &Config) -> tsdb::Settings {
    let window = config.storage.tsdb.as_ref().map(|tsdb| tsdb.out_of_order_time_window);
    tsdb::Settings {
        out_of_order_window: window.filter(|window| !window.is_zero()),
        wal: wal::Settings {
            segment_bytes: options.wal_segment_bytes.unwrap_or(wal::Settings::SEGMENT_BYTES),
            compression: match options.wal_compression {
                WalCompression::Off => wal::Compression::None,
                WalCompression::Snappy => wal::Compression::Snappy,
                WalCompression::Zstd => wal::Compression::Zstd,
            },
            sync: if options.wal_sync_always {
                wal::SyncMode::Always
            } else {
                wal::SyncMode::Interval(SYNC_INTERVAL)
            },
        },
        lock: options.lock_data,
        ..tsdb::Settings::default()
    }
}

/// Settings of the PromQL engine.
pub(super) fn engine(options: &ServerOptions, config: &Config) -> promql_engine::Settings {
    promql_engine::Settings {
        lookback: options.lookback,
        timeout: options.query_timeout,
        samples_max: options.query_samples_max as u64,
        subquery_step: config.global.evaluation_interval,
        delayed_name_removal: options.has_feature("promql-delayed-name-removal"),
        use_start_timestamps: options.has_feature("use-start-timestamps"),
        per_step_stats: options.has_feature("promql-per-step-stats"),
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        ..promql_engine::Settings::default()
    }
}

/// Switches of PromQL's grammar.
pub(super) fn syntax(options: &ServerOptions) -> promql_syntax::Options {
    promql_syntax::Options {
        experimental_functions: options.has_feature("promql-experimental-functions"),
        extended_range_selectors: options.has_feature("promql-extended-range-selectors"),
        binop_fill_modifiers: options.has_feature("promql-binop-fill-modifiers"),
        ..promql_syntax::Options::default()
    }
}

/// What scraping works with.
pub(super) fn scrape_parts(
    options: &ServerOptions,
    appendable: Arc<dyn Appendable>,
    clock: Arc<dyn Clock>,
    registry: Registry,
) -> scrape::Parts {
    scrape::Parts {
        appendable,
        clock,
        files: Arc::new(RealFileSystem),
        registry,
        user_agent: format!("Prometheus/{}", version::PROMETHEUS_VERSION),
        host: telemetry::process::hostname(),
        features: scrape::Features {
            timestamp_tolerance: if options.adjust_timestamps {
                options.timestamp_tolerance
            } else {
                Duration::ZERO
            },
        },
        discovery_interval: options.discovery_reload_interval,
    }
}

/// The retention as the original's status page shows it.
pub(super) fn retention_text(options: &ServerOptions) -> String {
    let time = options.retention_time.map(format_duration);
    let size = options.retention_bytes.map(|bytes| format!("{bytes}B"));
    match (time, size) {
        (Some(time), Some(size)) => format!("{time} or {size}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "15d".to_owned(),
    }
}

/// First, last and present segment of the replay.
pub(super) fn replay_position(progress: &tsdb::ReplayProgress) -> [i64; 3] {
    [&progress.min, &progress.max, &progress.current].map(|number| number.load(Ordering::Relaxed))
}
