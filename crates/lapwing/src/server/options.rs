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
use crate::cli::PROFILING;
use crate::cli::server_options::{ServerOptions, WalCompression};
use crate::version;

/// How often the log is synced where it is not synced at every commit.
pub(super) const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// How long samples are kept where nothing is said.
const RETENTION_DEFAULT: Duration = Duration::from_hours(15 * 24);

/// The largest range of a block.
const BLOCK_DURATION_MAX: Duration = Duration::from_hours(31 * 24);

/// How many exemplars are kept where nothing is said.
const EXEMPLARS_MAX_DEFAULT: usize = 100_000;

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
        enable_profiles: options.has_feature(PROFILING),
        enable_remote_write_receiver: options.enable_remote_write_receiver,
        remote_write: api::RemoteWriteSettings {
            start_zeros: options.has_feature("created-timestamp-zero-ingestion"),
            metadata: options.has_feature("metadata-wal-records"),
            ..options.remote_write.clone()
        },
        remote_read: options.remote_read.clone(),
        enable_otlp_receiver: options.enable_otlp_receiver,
        query_timeout: options.query_timeout,
        query_concurrency_max: options.query_concurrency_max,
        lookback: options.lookback,
        enable_search: options.has_feature("search-api"),
        search_limit_max: options.search_limit_max,
        notification_subscribers_max: options.notification_subscribers_max,
        has_alertmanager: options.alertmanager.is_some(),
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
    let chunks = config.storage.tsdb.as_ref().and_then(|tsdb| tsdb.chunk_encoding.as_ref());
    let wants_xor = chunks.is_some_and(|chunks| chunks.floats == "xor");
    let kept = Retention::new(options, config);
    tsdb::Settings {
        // A tenth of the time that is kept, at most 31 days, as in the original.
        block_duration_max: kept.time.map_or(BLOCK_DURATION_MAX, |time| (time / 10).min(BLOCK_DURATION_MAX)),
        retention: kept.time,
        retention_bytes: kept.bytes,
        retention_percentage: kept.percentage,
        out_of_order_window: window.filter(|window| !window.is_zero()),
        stale_series_threshold: config
            .storage
            .tsdb
            .as_ref()
            .map(|tsdb| tsdb.stale_series_compaction_threshold)
            .filter(|share| *share > 0.0),
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
        exemplars_max: exemplars_max(options, config),
        start_timestamps: options.has_feature("st-storage"),
        xor2: options.has_feature("xor2-encoding") && !wants_xor,
        histogram_start_timestamps: options.has_feature("histograms-st-encoding"),
        metadata_in_wal: options.has_feature("metadata-wal-records"),
        disk_reserve_bytes: options.disk_reserve_bytes,
        decoded_chunks: options.decoded_chunks,
        series_max: options.series_max,
        lock: options.lock_data,
        ..tsdb::Settings::default()
    }
}

/// How many exemplars are kept: none without the feature, and as many as the configuration says with it.
fn exemplars_max(options: &ServerOptions, config: &Config) -> Option<usize> {
    let configured = config.storage.exemplars.as_ref().map(|exemplars| exemplars.max_exemplars);
    let max = configured.map_or(EXEMPLARS_MAX_DEFAULT, |max| usize::try_from(max).unwrap_or(0));
    Some(max).filter(|max| *max > 0 && options.has_feature("exemplar-storage"))
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
        type_and_unit_labels: options.has_feature("type-and-unit-labels"),
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
            exemplars: options.has_feature("exemplar-storage"),
            type_and_unit_labels: options.has_feature("type-and-unit-labels"),
            start_timestamp_zeros: options.has_feature("created-timestamp-zero-ingestion"),
            start_timestamps: options.has_feature("st-storage"),
            metadata_records: options.has_feature("metadata-wal-records"),
            timestamp_tolerance: if options.adjust_timestamps {
                options.timestamp_tolerance
            } else {
                Duration::ZERO
            },
        },
        discovery_interval: options.discovery_reload_interval,
    }
}

/// How much is kept: what the configuration says, else the flags, else 15 days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Retention {
    time: Option<Duration>,
    bytes: Option<u64>,
    percentage: Option<f64>,
}

impl Retention {
    pub(super) fn new(options: &ServerOptions, config: &Config) -> Self {
        let file = config.storage.tsdb.as_ref().and_then(|tsdb| tsdb.retention.as_ref());
        let mut kept =
            Self { time: options.retention_time, bytes: options.retention_bytes, percentage: None };
        let mut time_given = options.retention_time_given;
        if let Some(file) = file {
            if let Some(time) = file.time {
                kept.time = Some(time).filter(|time| !time.is_zero());
                time_given = true;
            }
            kept.bytes = u64::try_from(file.size.0).ok().filter(|bytes| *bytes > 0).or(kept.bytes);
            kept.percentage = Some(file.percentage).filter(|percentage| *percentage > 0.0);
        }
        if !time_given && kept.bytes.is_none() && kept.percentage.is_none() {
            kept.time = Some(RETENTION_DEFAULT);
        }
        kept
    }

    /// The text of the original's status page: `15d or 1GiB or 80%`.
    pub(super) fn text(&self) -> String {
        let time = self.time.map(format_duration);
        let size = self.bytes.map(size_text);
        let percentage = self.percentage.map(|percentage| format!("{percentage}%"));
        time.into_iter().chain(size).chain(percentage).collect::<Vec<_>>().join(" or ")
    }
}

/// A size in the largest unit that divides it.
fn size_text(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut left = bytes;
    let mut unit = 0;
    while left >= 1024 && left.is_multiple_of(1024) && unit + 1 < units.len() {
        left /= 1024;
        unit += 1;
    }
    format!("{left}{}", units.get(unit).copied().unwrap_or("B"))
}

/// First, last and present segment of the replay.
pub(super) fn replay_position(progress: &tsdb::ReplayProgress) -> [i64; 3] {
    [&progress.min, &progress.max, &progress.current].map(|number| number.load(Ordering::Relaxed))
}
