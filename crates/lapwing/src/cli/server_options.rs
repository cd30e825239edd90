//! The server's flags as values of their types.

use std::path::PathBuf;
use std::time::Duration;

use go_regex::Regex;
use model::duration::parse_duration;
use tsdb::DecodedLimit;

use super::alertmanager_flags::BuiltInOptions;
use super::{PROFILING, Parsed, UsageError};

/// Features that are known and built: `--enable-feature` turns them on.
const FEATURES: [&str; 19] = [
    "concurrent-rule-eval",
    "created-timestamp-zero-ingestion",
    "exemplar-storage",
    "extra-scrape-metrics",
    "histograms-st-encoding",
    "metadata-wal-records",
    "otlp-deltatocumulative",
    "otlp-native-delta-ingestion",
    PROFILING,
    "promql-binop-fill-modifiers",
    "promql-delayed-name-removal",
    "promql-experimental-functions",
    "promql-extended-range-selectors",
    "promql-per-step-stats",
    "st-storage",
    "use-start-timestamps",
    "search-api",
    "type-and-unit-labels",
    "xor2-encoding",
];

/// Features that have become part of the language or the format: nothing to turn on.
const FEATURES_ALWAYS_ON: [&str; 4] =
    ["memory-snapshot-on-shutdown", "native-histograms", "ooo-native-histograms", "promql-duration-expr"];

/// What the server is told by flags.
#[derive(Debug, Clone)]
pub(crate) struct ServerOptions {
    pub(crate) config_file: PathBuf,
    /// Whether the file was named; without a name a missing file means the built-in configuration.
    pub(crate) config_file_given: bool,
    /// Loki's file.
    pub(crate) loki_file: Option<PathBuf>,
    /// How the listener is secured.
    pub(crate) web_config_file: Option<PathBuf>,
    pub(crate) data_path: PathBuf,
    pub(crate) lock_data: bool,
    pub(crate) retention_time: Option<Duration>,
    /// Whether the time was named; `0s` means forever.
    pub(crate) retention_time_given: bool,
    pub(crate) retention_bytes: Option<u64>,
    pub(crate) wal_compression: WalCompression,
    pub(crate) wal_segment_bytes: Option<u64>,
    pub(crate) wal_sync_always: bool,
    pub(crate) disk_reserve_bytes: Option<u64>,
    /// The memory that the process may take.
    pub(crate) memory_budget: MemoryLimit,
    /// The memory that decoded chunks may take.
    pub(crate) decoded_chunks: DecodedLimit,
    /// The most series in memory.
    pub(crate) series_max: Option<usize>,
    /// The most series of a scrape job.
    pub(crate) job_series_max: Option<usize>,
    pub(crate) listen_addresses: Vec<String>,
    pub(crate) connections_max: usize,
    pub(crate) read_timeout: Duration,
    pub(crate) external_url: String,
    pub(crate) route_prefix: String,
    pub(crate) cors_origin: Regex,
    pub(crate) enable_lifecycle: bool,
    pub(crate) enable_admin_api: bool,
    pub(crate) enable_remote_write_receiver: bool,
    /// How long remote write may go on sending at a stop, where it was said.
    pub(crate) flush_deadline: Option<Duration>,
    pub(crate) remote_write: api::RemoteWriteSettings,
    pub(crate) remote_read: api::RemoteReadSettings,
    pub(crate) enable_otlp_receiver: bool,
    pub(crate) notification_subscribers_max: usize,
    pub(crate) search_limit_max: usize,
    pub(crate) lookback: Duration,
    pub(crate) query_timeout: Duration,
    pub(crate) query_concurrency_max: usize,
    pub(crate) query_samples_max: usize,
    pub(crate) adjust_timestamps: bool,
    pub(crate) timestamp_tolerance: Duration,
    pub(crate) discovery_reload_interval: Duration,
    /// How rules are evaluated.
    pub(crate) rules: rules::Options,
    /// How alerts are sent.
    pub(crate) notifications: notify::Options,
    /// The Alertmanager inside of the server.
    pub(crate) alertmanager: Option<BuiltInOptions>,
    pub(crate) log: telemetry::log::Settings,
    /// Features that are on.
    pub(crate) features: Vec<String>,
    /// What the user should know, for the log.
    pub(crate) warnings: Vec<String>,
}

/// Compression of the write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalCompression {
    /// None.
    Off,
    /// Snappy blocks.
    Snappy,
    /// Zstandard.
    Zstd,
}

/// How much memory the process may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryLimit {
    /// Any amount.
    None,
    /// So many bytes.
    Bytes(u64),
    /// So much of a hundred parts of what there is.
    Percent(u64),
}

impl ServerOptions {
    /// Whether a feature is on.
    pub(crate) fn has_feature(&self, name: &str) -> bool {
        self.features.iter().any(|feature| feature == name)
    }

    /// The port of the first address that is listened on.
    pub(crate) fn first_port(&self) -> &str {
        let address = self.listen_addresses.first().map_or("", String::as_str);
        address.rsplit_once(':').map_or("9090", |(_, port)| port)
    }

    /// Types the flags.
    ///
    /// # Errors
    /// A value that is no value of its flag, named with the flag.
    pub(crate) fn new(parsed: &Parsed) -> Result<Self, UsageError> {
        let mut warnings = parsed.warnings.clone();
        let features = features(parsed.get("enable-feature"), &mut warnings);
        let rules = rules_options(parsed, &features)?;
        let external_url = external_url(parsed, "web.external-url")?;
        let given = |name: &str| parsed.given.contains(&name);
        Ok(Self {
            config_file: PathBuf::from(parsed.get("config.file")),
            config_file_given: given("config.file"),
            loki_file: Some(parsed.get("config.loki")).filter(|path| !path.is_empty()).map(PathBuf::from),
            web_config_file: Some(parsed.get("web.config.file"))
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            data_path: PathBuf::from(parsed.get("storage.tsdb.path")),
            lock_data: !parsed.is_on("storage.tsdb.no-lockfile"),
            retention_time: optional_duration(parsed, "storage.tsdb.retention.time")?,
            retention_time_given: given("storage.tsdb.retention.time"),
            retention_bytes: parse_size(parsed.get("storage.tsdb.retention.size")).filter(|bytes| *bytes > 0),
            wal_compression: wal_compression(parsed)?,
            wal_segment_bytes: wal_segment_bytes(parsed)?,
            wal_sync_always: wal_sync_always(parsed)?,
            disk_reserve_bytes: disk_reserve_bytes(parsed)?,
            memory_budget: memory_limit(parsed, "memory.budget")?,
            decoded_chunks: match memory_limit(parsed, "storage.tsdb.decoded-chunks")? {
                MemoryLimit::None => DecodedLimit::Off,
                MemoryLimit::Bytes(bytes) => DecodedLimit::Bytes(bytes),
                MemoryLimit::Percent(percent) => DecodedLimit::Percent(percent),
            },
            series_max: Some(number(parsed, "storage.tsdb.series-limit", 0)?).filter(|max| *max > 0),
            job_series_max: Some(number(parsed, "scrape.series-limit", 0)?).filter(|max| *max > 0),
            listen_addresses: parsed.get("web.listen-address").split(',').map(str::to_owned).collect(),
            connections_max: number(parsed, "web.max-connections", 1)?,
            read_timeout: duration(parsed, "web.read-timeout")?,
            route_prefix: route_prefix(
                parsed.get("web.route-prefix"),
                given("web.route-prefix"),
                &external_url,
            ),
            external_url,
            cors_origin: cors_origin(parsed)?,
            enable_lifecycle: parsed.is_on("web.enable-lifecycle"),
            enable_admin_api: parsed.is_on("web.enable-admin-api"),
            enable_remote_write_receiver: parsed.is_on("web.enable-remote-write-receiver"),
            flush_deadline: given("storage.remote.flush-deadline")
                .then(|| duration(parsed, "storage.remote.flush-deadline"))
                .transpose()?,
            remote_write: super::remote_options::remote_write(parsed)?,
            remote_read: super::remote_options::remote_read(parsed)?,
            enable_otlp_receiver: parsed.is_on("web.enable-otlp-receiver"),
            notification_subscribers_max: number(parsed, "web.max-notifications-subscribers", 0)?,
            search_limit_max: number(parsed, "web.search.max-limit", 0)?,
            lookback: duration(parsed, "query.lookback-delta")?,
            query_timeout: duration(parsed, "query.timeout")?,
            query_concurrency_max: number(parsed, "query.max-concurrency", 1)?,
            query_samples_max: number(parsed, "query.max-samples", 0)?,
            adjust_timestamps: parsed.is_on("scrape.adjust-timestamps"),
            timestamp_tolerance: duration(parsed, "scrape.timestamp-tolerance")?,
            discovery_reload_interval: duration(parsed, "scrape.discovery-reload-interval")?,
            rules,
            notifications: notify::Options {
                queue_capacity: number(parsed, "alertmanager.notification-queue-capacity", 1)?,
                batch_max: number(parsed, "alertmanager.notification-batch-size", 1)?,
                drains: parsed.is_on("alertmanager.drain-notification-queue-on-shutdown"),
            },
            alertmanager: BuiltInOptions::new(parsed)?,
            log: log_settings(parsed)?,
            features,
            warnings,
        })
    }
}

pub(super) fn wrong(name: &str, error: impl std::fmt::Display) -> UsageError {
    UsageError::Wrong(format!("flag --{name}: {error}"))
}

pub(super) fn duration(parsed: &Parsed, name: &str) -> Result<Duration, UsageError> {
    parse_duration(parsed.get(name)).map_err(|error| wrong(name, error))
}

fn optional_duration(parsed: &Parsed, name: &str) -> Result<Option<Duration>, UsageError> {
    if parsed.get(name).is_empty() {
        return Ok(None);
    }
    duration(parsed, name).map(|duration| Some(duration).filter(|duration| !duration.is_zero()))
}

pub(super) fn number(parsed: &Parsed, name: &str, least: i64) -> Result<usize, UsageError> {
    let text = parsed.get(name);
    let value = text
        .parse::<i64>()
        .ok()
        .filter(|value| *value >= least)
        .and_then(|value| usize::try_from(value).ok());
    value.ok_or_else(|| wrong(name, format!("expected a number of at least {least}, found {text}")))
}

/// Reads a size: a number with `B`, `KB`, … `EB` (powers of 1024; `KiB` and `K` are taken too); empty is 0.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    if text.is_empty() || text == "0" {
        return Some(0);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = unit.strip_suffix("iB").or_else(|| unit.strip_suffix('B')).unwrap_or(unit);
    let power = match unit {
        "" if text.ends_with('B') => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        "P" => 5,
        "E" => 6,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1024u64.checked_pow(power)?)
}

/// How rules are evaluated.
fn rules_options(parsed: &Parsed, features: &[String]) -> Result<rules::Options, UsageError> {
    let concurrency = number(parsed, "rules.max-concurrent-evals", 1)?;
    let concurrent = features.iter().any(|feature| feature == "concurrent-rule-eval");
    Ok(rules::Options {
        outage_tolerance: duration(parsed, "rules.alert.for-outage-tolerance")?,
        grace_period: duration(parsed, "rules.alert.for-grace-period")?,
        resend_delay: duration(parsed, "rules.alert.resend-delay")?,
        concurrency: concurrent.then_some(concurrency),
    })
}

fn wal_compression(parsed: &Parsed) -> Result<WalCompression, UsageError> {
    if !parsed.is_on("storage.tsdb.wal-compression") {
        return Ok(WalCompression::Off);
    }
    let name = "storage.tsdb.wal-compression-type";
    match parsed.get(name) {
        "snappy" => Ok(WalCompression::Snappy),
        "zstd" => Ok(WalCompression::Zstd),
        other => Err(wrong(name, format!("expected snappy or zstd, found {other}"))),
    }
}

fn wal_segment_bytes(parsed: &Parsed) -> Result<Option<u64>, UsageError> {
    let name = "storage.tsdb.wal-segment-size";
    match parse_size(parsed.get(name)) {
        Some(0) => Ok(None),
        Some(bytes) if (10 << 20..=256 << 20).contains(&bytes) => Ok(Some(bytes)),
        _ => Err(wrong(name, "expected a size from 10MB to 256MB")),
    }
}

fn disk_reserve_bytes(parsed: &Parsed) -> Result<Option<u64>, UsageError> {
    let name = "storage.tsdb.disk-reserve";
    let bytes = parse_size(parsed.get(name)).ok_or_else(|| wrong(name, "expected a size"))?;
    Ok(Some(bytes).filter(|bytes| *bytes > 0))
}

/// Reads a size or a percentage.
fn memory_limit(parsed: &Parsed, name: &str) -> Result<MemoryLimit, UsageError> {
    let text = parsed.get(name);
    let limit = match text.strip_suffix('%') {
        Some(percent) => {
            let percent = percent.parse().ok().filter(|percent| (0..=100).contains(percent));
            percent.map(MemoryLimit::Percent)
        }
        None => text.parse().ok().or_else(|| parse_size(text)).map(MemoryLimit::Bytes),
    };
    match limit {
        Some(MemoryLimit::Bytes(0) | MemoryLimit::Percent(0)) => Ok(MemoryLimit::None),
        limit => limit.ok_or_else(|| {
            wrong(name, format!("expected a size such as 4GB or a percentage such as 75%, found {text:?}"))
        }),
    }
}

fn wal_sync_always(parsed: &Parsed) -> Result<bool, UsageError> {
    let name = "storage.wal-sync";
    match parsed.get(name) {
        "interval" => Ok(false),
        "always" => Ok(true),
        other => Err(wrong(name, format!("expected interval or always, found {other}"))),
    }
}

fn cors_origin(parsed: &Parsed) -> Result<Regex, UsageError> {
    let name = "web.cors.origin";
    Regex::anchored(parsed.get(name)).map_err(|error| wrong(name, error))
}

pub(super) fn log_settings(parsed: &Parsed) -> Result<telemetry::log::Settings, UsageError> {
    Ok(telemetry::log::Settings {
        level: parsed.get("log.level").parse().map_err(|error| wrong("log.level", error))?,
        format: parsed.get("log.format").parse().map_err(|error| wrong("log.format", error))?,
        keys: telemetry::log::Keys::Prometheus,
    })
}

/// The URL for users: what was given, completed by a scheme, without slashes at the end.
pub(super) fn external_url(parsed: &Parsed, name: &str) -> Result<String, UsageError> {
    let text = parsed.get(name);
    if text.is_empty() {
        return Ok(String::new());
    }
    let invalid =
        text.starts_with(['"', '\'']) || text.ends_with(['"', '\'']) || text.contains(char::is_whitespace);
    if invalid {
        return Err(wrong(name, "URL must not begin or end with quotes"));
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    Ok(full.trim_end_matches('/').to_owned())
}

/// The path of a URL, with its slash; empty for none.
pub(crate) fn path_of(url: &str) -> &str {
    let behind_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    behind_scheme.find('/').and_then(|position| behind_scheme.get(position..)).unwrap_or("")
}

/// The path in front of all routes, empty for none: the flag's, else the external URL's.
pub(super) fn route_prefix(text: &str, given: bool, external_url: &str) -> String {
    let path = if given { text } else { path_of(external_url) };
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

fn features(text: &str, warnings: &mut Vec<String>) -> Vec<String> {
    let mut on = Vec::new();
    for feature in text.split(',').map(str::trim).filter(|feature| !feature.is_empty()) {
        if FEATURES.contains(&feature) {
            on.push(feature.to_owned());
        } else if FEATURES_ALWAYS_ON.contains(&feature) {
            warnings.push(format!("feature {feature} is always on, --enable-feature does nothing for it"));
        } else if KNOWN_LATER.contains(&feature) {
            warnings.push(format!("feature {feature} is not supported yet and stays off"));
        } else {
            warnings.push(format!("feature {feature} is not known and stays off"));
        }
    }
    on
}

/// Features of the original that are not built yet.
const KNOWN_LATER: [&str; 5] =
    ["auto-reload-config", "delayed-compaction", "fast-startup", "old-ui", "st-synthesis"];
