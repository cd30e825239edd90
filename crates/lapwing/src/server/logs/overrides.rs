//! The files of overrides by tenant, read again while the process runs: what is changed holds without a reload.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use config::loki::Config;
use parking_lot::Mutex;
use telemetry::{Family, Gauge, Registry};
use tokio_util::sync::CancellationToken;

use super::settings::{Configured, overrides_files, overrides_period, read_overrides};

/// What stands in the files, in their order.
pub(super) type Texts = Vec<(PathBuf, String)>;

/// Overrides over a configuration.
pub(super) struct Overrides {
    state: Mutex<State>,
    is_well: Gauge,
    hash: Family<Gauge>,
    defaults: Family<Gauge>,
}

struct State {
    config: Config,
    /// What was read the last time, useful or not.
    seen: Result<Texts, String>,
}

impl Overrides {
    /// Those that stand over `config`, and the texts that were read with it.
    pub(super) fn new(config: Config, texts: Texts, registry: &Registry) -> Arc<Self> {
        let overrides = Self {
            is_well: registry.gauge(
                "loki_runtime_config_last_reload_successful",
                "Whether the last runtime-config reload attempt was successful.",
            ),
            hash: registry.gauges(
                "loki_runtime_config_hash",
                "Hash of the currently active runtime configuration, merged from all configured files.",
                &["sha256"],
            ),
            defaults: registry.gauges(
                "loki_overrides_defaults",
                "Default values for resource limit overrides applied to tenants",
                &["limit_name"],
            ),
            state: Mutex::new(State { config: Config::default(), seen: Ok(Texts::new()) }),
        };
        overrides.set_config(config, texts);
        Arc::new(overrides)
    }

    /// The configuration was loaded anew, and the texts with it: what the files say by now may be something else, and is
    /// found when they are read again.
    pub(super) fn set_config(&self, config: Config, texts: Texts) {
        let limits = config.limits_config.to_yaml();
        // Lines of the block itself; what is below is indented.
        let pairs = limits
            .lines()
            .filter(|line| !line.starts_with([' ', '-']))
            .filter_map(|line| line.split_once(": "));
        for (name, value) in pairs {
            let number = match value {
                "true" => Some(1.0),
                "false" => Some(0.0),
                value => value.parse().ok(),
            };
            if let Some(number) = number {
                self.defaults.with(&[name]).set(number);
            }
        }
        let seen = Ok(texts);
        self.tell(&seen);
        *self.state.lock() = State { config, seen };
    }

    /// How long it is until the files are read again.
    fn period(&self) -> Duration {
        overrides_period(&self.state.lock().config)
    }

    /// Reads the files again: the settings where something has changed.
    ///
    /// # Errors
    /// A file that cannot be read or used, told once; what held before holds on.
    pub(super) fn reread(&self) -> Result<Option<Configured>, String> {
        let mut state = self.state.lock();
        let seen = read_overrides(&overrides_files(&state.config));
        if seen == state.seen {
            return Ok(None);
        }
        state.seen = seen.clone();
        let configured = seen.clone().and_then(|texts| Configured::new(state.config.clone(), texts));
        match configured {
            Ok(configured) => {
                self.tell(&seen);
                Ok(Some(configured))
            }
            Err(error) => {
                self.is_well.set(0.0);
                Err(error)
            }
        }
    }

    fn tell(&self, seen: &Result<Texts, String>) {
        self.is_well.set(f64::from(u8::from(seen.is_ok())));
        let Ok(texts) = seen else { return };
        let mut hasher = ring::digest::Context::new(&ring::digest::SHA256);
        texts.iter().for_each(|(_, text)| hasher.update(text.as_bytes()));
        let hash: String = hasher.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.hash.clear();
        self.hash.with(&[&hash]).set(1.0);
    }
}

/// Reads the files again and again until `stop`, and applies what has changed.
pub(super) async fn follow(
    overrides: Arc<Overrides>,
    apply: impl Fn(Configured) + Send + 'static,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(overrides.period()) => {}
        }
        let reading = Arc::clone(&overrides);
        match tokio::task::spawn_blocking(move || reading.reread()).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(configured))) => {
                tracing::info!("overrides of tenants have changed");
                apply(configured);
            }
            Ok(Err(error)) => {
                tracing::error!(error, "overrides of tenants cannot be used, the old ones stay")
            }
            Err(error) => tracing::error!(%error, "reading the overrides of tenants panicked"),
        }
    }
}

#[cfg(test)]
mod tests;
