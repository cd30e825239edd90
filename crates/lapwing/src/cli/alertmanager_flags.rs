//! Every flag of an Alertmanager, with its defaults, and what they say.

use std::path::PathBuf;
use std::time::Duration as Span;

use alerting::silence::SilenceLimits;

use super::flag::Kind::{Duration, List, Number, Switch, Text};
use super::flag::{Flag, flag};
use super::server_options::{duration, external_url, log_settings, number, route_prefix, wrong};
use super::{PROFILING, Parsed, UsageError};

const NO_CLUSTER: &str = "this server does not talk to peers, it notifies alone";
const NO_GO: &str = "there is no Go runtime to tune";

/// The flags in the order in which `--help` shows them.
pub(crate) static FLAGS: &[Flag] = &[
    flag("config.file", Text, "alertmanager.yml", "Alertmanager configuration file name."),
    flag("storage.path", Text, "data/", "Base path for data storage."),
    flag("data.retention", Duration, "120h", "How long to keep data for."),
    flag(
        "data.maintenance-interval",
        Duration,
        "15m",
        "Interval between garbage collection and writing the state anew.",
    ),
    flag(
        "silences.max-silences",
        Number,
        "0",
        "Maximum number of silences, including expired silences. 0 for no limit.",
    ),
    flag("silences.max-silence-size-bytes", Number, "0", "Maximum silence size in bytes. 0 for no limit."),
    flag("log.silences", Switch, "false", "Log changes of silences.").ignored("changes are in the journal"),
    flag("alerts.gc-interval", Duration, "30m", "Interval between alert GC."),
    flag(
        "alerts.per-alertname-limit",
        Number,
        "0",
        "Maximum number of alerts per alertname. 0 for no limit.",
    ),
    flag("alerts.survive-restart", Switch, "true", "Keep alerts over a restart, unlike the original."),
    flag("dispatch.maintenance-interval", Duration, "30s", "Interval between removals of empty groups.")
        .ignored("groups go with their last alert"),
    flag("dispatch.start-delay", Duration, "0s", "Minimum amount of time to wait before dispatching alerts."),
    flag("web.listen-address", List, ":9093", "Address to listen on. May be repeated."),
    flag("web.config.file", Text, "", "File with TLS and authentication settings."),
    flag("web.systemd-socket", Switch, "false", "Use systemd socket activation listeners.").not_yet(),
    flag("web.external-url", Text, "", "The URL under which Alertmanager is externally reachable."),
    flag("web.route-prefix", Text, "", "Prefix for the internal routes of web endpoints."),
    flag("web.get-concurrency", Number, "0", "Maximum number of GET requests processed concurrently.")
        .ignored("requests are bounded by the connections"),
    flag("web.timeout", Duration, "0s", "Timeout for HTTP requests.").ignored("requests are bounded anyway"),
    flag("auto-gomemlimit.ratio", Text, "0.9", "Part of the memory that Go's limit is set to.")
        .ignored(NO_GO),
    flag("cluster.listen-address", Text, "0.0.0.0:9094", "Listen address for cluster.").ignored(NO_CLUSTER),
    flag("cluster.advertise-address", Text, "", "Explicit address to advertise in cluster.")
        .ignored(NO_CLUSTER),
    flag("cluster.peer-name", Text, "", "Name of the peer.").ignored(NO_CLUSTER),
    flag("cluster.peer", List, "", "Initial peers. May be repeated.").ignored(NO_CLUSTER),
    flag("cluster.peer-timeout", Duration, "15s", "Time to wait between peers.").ignored(NO_CLUSTER),
    flag("cluster.peers-resolve-timeout", Duration, "15s", "Time to resolve peers.").ignored(NO_CLUSTER),
    flag("cluster.gossip-interval", Duration, "200ms", "Interval between gossip messages.")
        .ignored(NO_CLUSTER),
    flag("cluster.pushpull-interval", Duration, "1m", "Interval for full state syncs.").ignored(NO_CLUSTER),
    flag("cluster.tcp-timeout", Duration, "10s", "Timeout for streams.").ignored(NO_CLUSTER),
    flag("cluster.probe-timeout", Duration, "500ms", "Timeout of probes.").ignored(NO_CLUSTER),
    flag("cluster.probe-interval", Duration, "1s", "Interval of probes.").ignored(NO_CLUSTER),
    flag("cluster.settle-timeout", Duration, "1m", "Time to wait for the cluster.").ignored(NO_CLUSTER),
    flag("cluster.reconnect-interval", Duration, "10s", "Interval of reconnects.").ignored(NO_CLUSTER),
    flag("cluster.reconnect-timeout", Duration, "6h", "Time to try reconnects.").ignored(NO_CLUSTER),
    flag("cluster.tls-config", Text, "", "TLS configuration of the cluster.").ignored(NO_CLUSTER),
    flag(
        "cluster.allow-insecure-public-advertise-address-discovery",
        Switch,
        "false",
        "Allow public addresses.",
    )
    .ignored(NO_CLUSTER),
    flag("cluster.label", Text, "", "Label of cluster messages.").ignored(NO_CLUSTER),
    flag(
        "enable-feature",
        List,
        "",
        "Features to turn on: profiling. The log names those that do nothing here.",
    ),
    flag("log.level", Text, "info", "The least severity that is logged: debug, info, warn, error."),
    flag("log.format", Text, "logfmt", "Form of the log: logfmt or json."),
];

/// What the dispatcher is told by flags, whichever program it is part of.
#[derive(Debug, Clone)]
pub(crate) struct DispatcherOptions {
    pub(crate) retention: Span,
    pub(crate) maintenance_interval: Span,
    pub(crate) silence_limits: SilenceLimits,
    pub(crate) alerts_gc_interval: Span,
    pub(crate) alerts_per_name_max: Option<usize>,
    pub(crate) keeps_alerts: bool,
    pub(crate) start_delay: Span,
}

impl DispatcherOptions {
    /// Types the flags, whose names have `prefix` before them.
    fn new(parsed: &Parsed, prefix: &str) -> Result<Self, UsageError> {
        let named = |name: &str| format!("{prefix}{name}");
        let duration = |name: &str| duration(parsed, &named(name));
        let limit = |name: &str| number(parsed, &named(name), 0).map(|max| Some(max).filter(|max| *max > 0));
        let maintenance_interval = duration("data.maintenance-interval")?;
        if maintenance_interval.is_zero() {
            return Err(wrong(&named("data.maintenance-interval"), "expected more than nothing"));
        }
        Ok(Self {
            retention: duration("data.retention")?,
            maintenance_interval,
            silence_limits: SilenceLimits {
                count_max: limit("silences.max-silences")?,
                bytes_max: limit("silences.max-silence-size-bytes")?,
            },
            alerts_gc_interval: duration("alerts.gc-interval")?,
            alerts_per_name_max: limit("alerts.per-alertname-limit")?,
            keeps_alerts: parsed.is_on(&named("alerts.survive-restart")),
            start_delay: duration("dispatch.start-delay")?,
        })
    }
}

/// What the Alertmanager inside of a server is told by flags.
#[derive(Debug, Clone)]
pub(crate) struct BuiltInOptions {
    pub(crate) config_file: PathBuf,
    /// The folder of an Alertmanager; that of the samples has one otherwise.
    pub(crate) storage_path: Option<PathBuf>,
    pub(crate) dispatcher: DispatcherOptions,
    /// Empty for that of the server.
    pub(crate) external_url: String,
}

impl BuiltInOptions {
    /// Types the flags; there is none without a configuration.
    ///
    /// # Errors
    /// A value that is no value of its flag, named with the flag.
    pub(super) fn new(parsed: &Parsed) -> Result<Option<Self>, UsageError> {
        let path = |name: &str| Some(parsed.get(name)).filter(|path| !path.is_empty()).map(PathBuf::from);
        let dispatcher = DispatcherOptions::new(parsed, "alertmanager.")?;
        let external_url = external_url(parsed, "alertmanager.web.external-url")?;
        Ok(path("config.alertmanager").map(|config_file| Self {
            config_file,
            storage_path: path("alertmanager.storage.path"),
            dispatcher,
            external_url,
        }))
    }
}

/// What an Alertmanager is told by flags.
#[derive(Debug, Clone)]
pub(crate) struct AlertmanagerOptions {
    pub(crate) config_file: PathBuf,
    pub(crate) storage_path: PathBuf,
    pub(crate) dispatcher: DispatcherOptions,
    pub(crate) listen_addresses: Vec<String>,
    pub(crate) web_config_file: Option<PathBuf>,
    pub(crate) external_url: String,
    pub(crate) route_prefix: String,
    /// Whether `/debug/pprof` gives profiles.
    pub(crate) enable_profiles: bool,
    pub(crate) log: telemetry::log::Settings,
    pub(crate) warnings: Vec<String>,
}

impl AlertmanagerOptions {
    /// Types the flags.
    ///
    /// # Errors
    /// A value that is no value of its flag, named with the flag.
    pub(crate) fn new(parsed: &Parsed) -> Result<Self, UsageError> {
        let external_url = external_url(parsed, "web.external-url")?;
        let prefix = parsed.get("web.route-prefix");
        let mut warnings = parsed.warnings.clone();
        let features = || parsed.get("enable-feature").split(',').map(str::trim);
        warnings.extend(feature_warnings(features()));
        Ok(Self {
            config_file: parsed.get("config.file").into(),
            storage_path: parsed.get("storage.path").into(),
            dispatcher: DispatcherOptions::new(parsed, "")?,
            listen_addresses: parsed.get("web.listen-address").split(',').map(str::to_owned).collect(),
            web_config_file: Some(parsed.get("web.config.file"))
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            route_prefix: route_prefix(prefix, !prefix.is_empty(), &external_url),
            external_url,
            enable_profiles: features().any(|feature| feature == PROFILING),
            log: log_settings(parsed)?,
            warnings,
        })
    }
}

/// Features of the original, with what holds here instead.
const FEATURES: [(&str, &str); 7] = [
    ("alert-names-in-metrics", "metrics have no names of alerts"),
    ("receiver-name-in-metrics", "metrics have no names of receivers"),
    ("group-key-in-metrics", "metrics have no keys of groups"),
    ("classic-mode", "matchers are read in both grammars, as without it"),
    ("utf8-strict-mode", "matchers are read in both grammars, as without it"),
    ("auto-gomemlimit", NO_GO),
    ("event-recorder", "event_recorder is not acted on"),
];

/// What is to be said of the features that are asked for.
fn feature_warnings<'a>(asked: impl Iterator<Item = &'a str>) -> Vec<String> {
    asked
        .filter(|feature| !feature.is_empty() && *feature != PROFILING)
        .map(|asked| match FEATURES.iter().find(|(name, _)| *name == asked) {
            Some((_, instead)) => format!("feature {asked} is not supported and stays off: {instead}"),
            None => format!("feature {asked} is not known and stays off"),
        })
        .collect()
}
