//! Metrics of the process as a whole.

use telemetry::{Gauge, Registry};

use crate::version;

/// Metrics of the configuration in force.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    pub(super) reload_successful: Gauge,
    pub(super) reload_success_time: Gauge,
}

impl Metrics {
    /// Enters the metrics, and the constant one that tells the build.
    pub(super) fn new(registry: &Registry) -> Self {
        let build = version::build_info();
        let info = registry.gauges(
            "prometheus_build_info",
            "A metric with a constant '1' value labeled by version, revision, branch, goversion from which prometheus was built, and the goos and goarch for the build.",
            &["version", "revision", "branch", "goversion", "goos", "goarch", "tags"],
        );
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        info.with(&[&build.version, &build.revision, &build.branch, &build.go_version, os, arch, ""])
            .set(1.0);
        let own = registry.gauges(
            "lapwing_build_info",
            "A metric with a constant '1' value labeled by the version of this program.",
            &["version"],
        );
        own.with(&[env!("CARGO_PKG_VERSION")]).set(1.0);
        telemetry::process::register(registry);
        Self {
            reload_successful: registry.gauge(
                "prometheus_config_last_reload_successful",
                "Whether the last configuration reload attempt was successful.",
            ),
            reload_success_time: registry.gauge(
                "prometheus_config_last_reload_success_timestamp_seconds",
                "Timestamp of the last successful configuration reload.",
            ),
        }
    }
}
