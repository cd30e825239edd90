//! The Alertmanager alone: assembling, life cycle, reload. Inside of the server it is the same one ([`BuiltIn`]).

mod built_in;
mod settings;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use api::alertmanager::{Alertmanager, ShownConfig};
use config::alertmanager::{Config, Loaded, parse_tree};
use notify::{Runner, RunnerParts, RunnerSettings};
use parking_lot::RwLock;
use platform::Clock;
use platform::real::{RealClock, RealFileSystem};
use telemetry::Registry;
use tokio_util::sync::CancellationToken;

use super::signals::{Asked, Signals};
use super::web_security::WebSecurity;
use super::{DRAIN_TIMEOUT, Failure};
use crate::cli::alertmanager_flags::{AlertmanagerOptions, DispatcherOptions};
use crate::version;

pub(super) use built_in::BuiltIn;

const LIMITS: api::serve::Limits = api::serve::Limits {
    connections_max: 512,
    read_timeout: Duration::from_secs(300),
    drain_timeout: DRAIN_TIMEOUT,
};

/// Runs the Alertmanager until it is told to stop.
///
/// # Errors
/// A bad configuration, an address or a folder that cannot be used.
pub(crate) fn run(options: AlertmanagerOptions) -> Result<(), Failure> {
    telemetry::log::init(options.log).map_err(|error| Failure::running(format!("{error:?}")))?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting lapwing as an Alertmanager");
    for warning in &options.warnings {
        tracing::warn!("{warning}");
    }
    super::sample_allocations(options.enable_profiles);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(Failure::running)?.block_on(serve(options))
}

/// What a file of configuration comes to.
pub(super) struct Configured {
    settings: RunnerSettings,
    shown: ShownConfig,
}

impl Configured {
    /// Reads the file and the templates that it names.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(super) fn load(file: &Path) -> Result<Self, String> {
        let loaded = Config::load(file, &RealFileSystem).map_err(|error| error.explain())?;
        for warning in &loaded.warnings {
            tracing::warn!(file = %file.display(), "{warning}");
        }
        Ok(Self { settings: settings::settings(&loaded)?, shown: shown(&loaded) })
    }
}

fn shown(loaded: &Loaded) -> ShownConfig {
    let receivers = loaded.config.receivers.iter().map(|receiver| {
        let labels = receiver.labels.iter().map(|(name, value)| (name.clone(), value.clone()));
        (receiver.name.clone(), labels.collect())
    });
    ShownConfig { text: loaded.config.to_yaml(), receivers: receivers.collect() }
}

/// The address for users where none was given.
fn own_address(options: &AlertmanagerOptions) -> String {
    let port = options.listen_addresses.first().and_then(|address| address.rsplit_once(':'));
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "localhost".to_owned());
    format!("http://{host}:{}", port.map_or("9093", |(_, port)| port))
}

/// Where the state is, and what notifications lead to.
struct Place {
    folder: PathBuf,
    /// Where an Alertmanager may have left its state.
    import: PathBuf,
    external_url: String,
}

fn runner_parts(
    options: &DispatcherOptions,
    place: Place,
    clock: Arc<dyn Clock>,
    registry: &Registry,
) -> RunnerParts {
    let delay = i64::try_from(options.start_delay.as_millis()).unwrap_or(i64::MAX);
    let starts_sending_at =
        if delay == 0 { i64::MIN } else { clock.now_ms().saturating_add(delay).saturating_mul(1_000_000) };
    RunnerParts {
        clock,
        files: Arc::new(RealFileSystem),
        registry: registry.clone(),
        options: alerting::Options {
            retention: options.retention,
            alerts_per_name_max: options.alerts_per_name_max,
            silence_limits: options.silence_limits,
            starts_sending_at,
            ..alerting::Options::default()
        },
        external_url: place.external_url,
        user_agent: format!("Alertmanager/{}", version::ALERTMANAGER_VERSION),
        parse_tree,
        folder: place.folder,
        import: place.import,
        keeps_alerts: options.keeps_alerts,
        alerts_gc_interval: options.alerts_gc_interval,
        maintenance_interval: options.maintenance_interval,
        history: None,
    }
}

/// What the API says of the program.
fn build_info() -> api::BuildInfo {
    api::BuildInfo { version: version::ALERTMANAGER_VERSION.to_owned(), ..version::build_info() }
}

async fn serve(options: AlertmanagerOptions) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(Failure::running)?;
    let security = options.web_config_file.as_deref().map(WebSecurity::open).transpose();
    let guard = security
        .map_err(|error| Failure::running(format!("unable to validate web configuration file: {error}")))?
        .map(|security| Arc::new(security) as Arc<dyn api::serve::GuardSource>);
    let registry = Registry::new();
    let Configured { settings, shown } = Configured::load(&options.config_file)
        .map_err(|error| Failure::running(format!("Loading configuration file failed: {error}")))?;
    let own = options.external_url.is_empty();
    let place = Place {
        folder: options.storage_path.join("alerts"),
        import: options.storage_path.clone(),
        external_url: if own { own_address(&options) } else { options.external_url.clone() },
    };
    let clock: Arc<dyn Clock> = Arc::new(RealClock::new());
    let parts = runner_parts(&options.dispatcher, place, clock, &registry);
    let started_at_ns = parts.clock.now_ms() * 1_000_000;
    let runner = Runner::open(settings, parts).map_err(Failure::running)?;
    tracing::info!("the history of alerts is not kept: an Alertmanager alone has no log store to keep it in");
    let mut listeners = Vec::new();
    for address in &options.listen_addresses {
        listeners.push(api::serve::listen(address).await.map_err(Failure::running)?);
        tracing::info!(address, "listening");
    }
    let shared: Arc<OnceLock<Arc<Alertmanager>>> = Arc::default();
    let (of_itself, of_options) = (Arc::clone(&shared), options.clone());
    let alertmanager = Arc::new(Alertmanager {
        runner: runner.clone(),
        registry,
        config: RwLock::new(shown),
        reload: Box::new(move || match of_itself.get() {
            Some(alertmanager) => reload(&of_options, alertmanager),
            None => Err("the server is starting".to_owned()),
        }),
        build: build_info(),
        prefix: options.route_prefix.clone(),
        started_at_ns,
    });
    let _ = shared.set(Arc::clone(&alertmanager));
    let stop = CancellationToken::new();
    let profiles = Arc::new(api::Profiles::new(options.enable_profiles));
    let router = api::alertmanager::router(Arc::clone(&alertmanager));
    let router = api::with_profiles(router, &options.route_prefix, &profiles);
    let listening = tokio::spawn(api::serve::serve(listeners, router, LIMITS, guard, stop.clone()));
    let stopped = stop.clone();
    let running = tokio::spawn(async move { runner.run(stopped.cancelled()).await });
    tokio::spawn(super::memory::give_back(alertmanager.registry.clone(), stop.clone()));
    loop {
        match signals.next().await {
            Asked::Stop(signal) => {
                tracing::warn!(signal, "received an OS signal, exiting gracefully");
                break;
            }
            Asked::Reload => {
                let (options, alertmanager) = (options.clone(), Arc::clone(&alertmanager));
                // What went wrong is in the log.
                let _ = tokio::task::spawn_blocking(move || reload(&options, &alertmanager)).await;
            }
        }
    }
    profiles.end();
    stop.cancel();
    let ended = async { (listening.await, running.await) };
    if tokio::time::timeout(DRAIN_TIMEOUT * 2, ended).await.is_err() {
        tracing::warn!("connections did not end in time");
    }
    tracing::info!("see you next time");
    Ok(())
}

/// Loads the configuration anew: all of it or nothing.
fn reload(options: &AlertmanagerOptions, alertmanager: &Alertmanager) -> Result<(), String> {
    let outcome = Configured::load(&options.config_file).and_then(|Configured { settings, shown }| {
        let prepared = alertmanager.runner.prepare(settings)?;
        alertmanager.runner.apply(prepared);
        *alertmanager.config.write() = shown;
        Ok(())
    });
    match &outcome {
        Ok(()) => tracing::info!("completed loading of configuration file"),
        Err(error) => {
            alertmanager.runner.note_refused();
            tracing::error!(error, "loading configuration file failed");
        }
    }
    outcome
}
