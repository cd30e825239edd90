//! Loki alone, behind a link of that name: assembling, life cycle.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::serve::GuardSource;
use config::loki::Config;
use platform::real::{RealClock, RealFileSystem};
use platform::{Clock, FileSystem};
use telemetry::Registry;
use tokio_util::sync::CancellationToken;

use super::tls::ServesTls;
use super::{Configured, LogParts, Logs, interface, load};
use crate::cli::loki_flags::{self, LokiOptions};
use crate::cli::server_options::MemoryLimit;
use crate::server::signals::{Asked, Signals};
use crate::server::{DRAIN_TIMEOUT, Failure, memory, sample_allocations};
use crate::{answer, complain};

/// Connections at once where the file names no number.
const CONNECTIONS_MAX: usize = 4096;

/// Runs Loki until it is told to stop.
///
/// # Errors
/// A bad configuration, an address or a folder that cannot be used.
pub(crate) fn run(options: LokiOptions) -> Result<(), Failure> {
    let configured = load(&options.config_files, options.expand_env, |config| adjust(config, &options));
    if options.verify {
        return match configured {
            Ok(_) => {
                answer("config is valid\n", 0);
                Ok(())
            }
            Err(error) => Err(Failure::running(format!("validating config: {error}"))),
        };
    }
    let configured = configured.map_err(Failure::running)?;
    if options.print_config {
        complain(&configured.settings.config, 0);
    }
    telemetry::log::init(log_settings(&configured.config).map_err(Failure::usage)?)
        .map_err(|error| Failure::running(format!("{error:?}")))?;
    configured.warn();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting lapwing as Loki");
    for warning in &options.warnings {
        tracing::warn!("{warning}");
    }
    sample_allocations(options.enable_profiles);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::running)?;
    let outcome = runtime.block_on(serve(options, configured));
    // A query that ignores its cancellation must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// Loads a file, and makes what is made of it at a start.
///
/// # Errors
/// Why there would be none.
pub(in crate::server) fn check(file: PathBuf, expand_env: bool) -> Result<Vec<String>, String> {
    let configured = load(&[file], expand_env, |_| {})?;
    log_settings(&configured.config)?;
    ServesTls::new(&configured.config.server.http_tls_config)?;
    Ok(configured.warnings)
}

/// Puts what flags say in place of what the file says.
fn adjust(config: &mut Config, options: &LokiOptions) {
    for (name, value) in &options.keys {
        match name.as_str() {
            "auth.enabled" => {
                config.auth_enabled = ["true", "1", "t", "T", "TRUE", "True"].contains(&value.as_str())
            }
            "common.path-prefix" => value.clone_into(&mut config.common.path_prefix),
            "log.format" => value.clone_into(&mut config.server.log_format),
            "log.level" => value.clone_into(&mut config.server.log_level),
            "server.http-listen-address" => value.clone_into(&mut config.server.http_listen_address),
            "server.http-listen-port" => {
                config.server.http_listen_port = value.parse().unwrap_or(config.server.http_listen_port);
            }
            "server.http-path-prefix" => value.clone_into(&mut config.server.http_path_prefix),
            "server.http-read-timeout" => set_duration(&mut config.server.http_server_read_timeout, value),
            "shutdown-delay" => set_duration(&mut config.shutdown_delay, value),
            _ => {}
        }
    }
}

/// What is no duration was refused when the flags were read.
fn set_duration(span: &mut config::loki::Span, value: &str) {
    span.0 = loki_flags::duration(value).unwrap_or(span.0);
}

fn log_settings(config: &Config) -> Result<telemetry::log::Settings, String> {
    Ok(telemetry::log::Settings {
        level: config.server.log_level.parse().map_err(|error| format!("server.log_level: {error}"))?,
        format: config.server.log_format.parse().map_err(|error| format!("server.log_format: {error}"))?,
        // Dashboards ask Loki's own log for `| logfmt | level="error"`.
        keys: telemetry::log::Keys::Loki,
    })
}

/// Where the entries lie.
fn folder(config: &Config) -> PathBuf {
    super::folder_in(&config.folders().logs.unwrap_or_else(|| PathBuf::from("data")))
}

fn limits(config: &Config) -> api::serve::Limits {
    let connections = config.server.http_listen_conn_limit;
    api::serve::Limits {
        connections_max: if connections > 0 { connections } else { CONNECTIONS_MAX },
        read_timeout: config.server.http_server_read_timeout.0,
        drain_timeout: DRAIN_TIMEOUT,
    }
}

/// Rules want a store of samples, and who sends alerts: there is neither.
fn warn_of_rules(config: &Config) {
    if let Some(folder) = config.folders().rules.filter(|folder| RealFileSystem.metadata(folder).is_ok()) {
        let folder = folder.display();
        tracing::warn!(%folder, "rules are not evaluated by a server for logs alone: name the file with --config.loki beside a prometheus.yml");
    }
}

async fn serve(options: LokiOptions, configured: Configured) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(Failure::running)?;
    let Configured { config, settings, store, texts, .. } = configured;
    warn_of_rules(&config);
    let registry = Registry::new();
    telemetry::process::register(&registry);
    let tls = ServesTls::new(&config.server.http_tls_config).map_err(Failure::running)?;
    let clock: Arc<dyn Clock> = Arc::new(RealClock::new());
    let parts = LogParts {
        clock,
        memory: memory::budget(MemoryLimit::Percent(75), &registry),
        registry,
        prefix: config.server.http_path_prefix.trim_end_matches('/').to_owned(),
        log_level: config.server.log_level.clone(),
        logs_queries: true,
        queries_max: config.querier.max_concurrent.max(1),
    };
    let (loki, delay) = (interface(settings, &parts), config.shutdown_delay.0);
    let address = format!("{}:{}", config.server.http_listen_address, config.server.http_listen_port);
    let listener = api::serve::listen(&address).await.map_err(Failure::running)?;
    tracing::info!(address, "listening");
    let (stop, stop_listening) = (CancellationToken::new(), CancellationToken::new());
    tokio::spawn(memory::watch(Arc::clone(&parts.memory), stop.clone()));
    let profiles = Arc::new(api::Profiles::new(options.enable_profiles));
    let router = api::with_profiles(api::loki_router(Arc::clone(&loki)), &parts.prefix, &profiles);
    look_like_go(&parts);
    let guard = tls.map(|tls| -> Arc<dyn GuardSource> { tls });
    let serving = api::serve::serve(vec![listener], router, limits(&config), guard, stop_listening.clone());
    let listening = tokio::spawn(serving);
    let path = folder(&config);
    let base = logstore::Settings::default();
    let logs = Logs::open(Arc::clone(&loki), path, base, (config, texts, &store), &parts).await?;
    tracing::info!("server is ready to receive web requests");
    tokio::spawn(memory::give_back(parts.registry.clone(), stop.clone()));
    wait(&mut signals, &options, &logs).await;
    leave(&loki, delay, &mut signals).await;
    let outcome = logs.close().await;
    profiles.end();
    stop.cancel();
    stop_listening.cancel();
    if tokio::time::timeout(DRAIN_TIMEOUT * 2, listening).await.is_err() {
        tracing::warn!("connections did not end in time");
    }
    tracing::info!("see you next time");
    outcome
}

/// Metrics that dashboards draw of a program in Go, where there is something of the kind here.
fn look_like_go(parts: &LogParts) {
    let registry = &parts.registry;
    let count = || telemetry::process::threads() as f64;
    registry.gauge_fn("go_goroutines", "Number of threads; there are no goroutines here.", count);
    registry.gauge_fn("go_threads", "Number of OS threads created.", count);
    for (name, help) in [
        ("go_memstats_alloc_bytes", "Number of bytes that the process holds."),
        ("go_memstats_heap_inuse_bytes", "Number of bytes that the process holds."),
    ] {
        let memory = Arc::clone(&parts.memory);
        registry.gauge_fn(name, help, move || memory.used() as f64);
    }
}

/// Gives those who send requests (`shutdown_delay`) the time to see that the server is not ready any more; another signal
/// ends the wait.
async fn leave(loki: &api::Loki, delay: Duration, signals: &mut Signals) {
    if delay.is_zero() {
        return;
    }
    loki.leave();
    tracing::info!(?delay, "not ready any more, the stop begins after a delay");
    let another = async { while !matches!(signals.next().await, Asked::Stop(_)) {} };
    // Either the time is over, or nobody wants it.
    let _ = tokio::time::timeout(delay, another).await;
}

/// Waits until a signal asks for a stop; another one loads the configuration anew.
async fn wait(signals: &mut Signals, options: &LokiOptions, logs: &Logs) {
    loop {
        match signals.next().await {
            Asked::Stop(signal) => {
                tracing::warn!(signal, "received an OS signal, exiting gracefully");
                return;
            }
            Asked::Reload => {
                match load(&options.config_files, options.expand_env, |config| adjust(config, options)) {
                    Ok(configured) => {
                        logs.apply_loaded(configured);
                        tracing::info!("completed loading of configuration file");
                    }
                    Err(error) => tracing::error!(error, "loading configuration file failed"),
                }
            }
        }
    }
}
