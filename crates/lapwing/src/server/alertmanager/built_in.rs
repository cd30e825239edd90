//! The Alertmanager inside of the server: rules give it their alerts without a network in between.

use std::sync::Arc;

use api::alertmanager::{Alertmanager, Reload, ShownConfig};
use notify::{Runner, RunnerParts};
use parking_lot::RwLock;
use platform::Clock;
use telemetry::Registry;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Configured, Place, build_info, runner_parts};
use crate::cli::server_options::ServerOptions;
use crate::server::history::{History, LogWay};

/// The folder of its state among the samples.
const FOLDER: &str = "alerts";

/// The Alertmanager while it runs.
pub(in crate::server) struct BuiltIn {
    alertmanager: Arc<Alertmanager>,
    history: History,
    running: JoinHandle<()>,
    stop: CancellationToken,
}

/// A configuration that can be taken.
pub(in crate::server) struct Prepared {
    settings: notify::Prepared,
    shown: ShownConfig,
}

impl BuiltIn {
    /// Takes what was kept and starts, where there is a configuration; its history goes to the logs.
    ///
    /// # Errors
    /// The state cannot be read or written, or a client cannot be made.
    pub(in crate::server) async fn start(
        options: &ServerOptions,
        configured: Option<Configured>,
        (clock, registry): (Arc<dyn Clock>, Registry),
        way: LogWay,
        reload: Reload,
    ) -> Result<Option<Self>, String> {
        let (Some(own), Some(Configured { settings, shown })) = (&options.alertmanager, configured) else {
            return Ok(None);
        };
        let beside_samples = options.data_path.join(FOLDER);
        let place = Place {
            folder: own.storage_path.as_ref().map_or(beside_samples.clone(), |path| path.join(FOLDER)),
            import: own.storage_path.clone().unwrap_or(beside_samples),
            external_url: match own.external_url.as_str() {
                "" => super::super::rules::external_url(options),
                url => url.to_owned(),
            },
        };
        let started_at_ns = clock.now_ms() * 1_000_000;
        let history = History::start(way, &registry);
        let parts = RunnerParts {
            history: Some(history.sink()),
            ..runner_parts(&own.dispatcher, place, clock, &registry)
        };
        let opening = tokio::task::spawn_blocking(move || Runner::open(settings, parts));
        let runner = opening.await.map_err(|error| error.to_string())?;
        let runner = runner.map_err(|error| format!("open state of alerts: {error}"))?;
        let stop = CancellationToken::new();
        let (of_task, stopped) = (runner.clone(), stop.clone());
        let running = tokio::spawn(async move { of_task.run(stopped.cancelled()).await });
        let alertmanager = Arc::new(Alertmanager {
            runner,
            registry,
            config: RwLock::new(shown),
            reload,
            build: build_info(),
            prefix: options.route_prefix.clone(),
            started_at_ns,
        });
        Ok(Some(Self { alertmanager, history, running, stop }))
    }

    /// Its interface.
    pub(in crate::server) fn api(&self) -> Arc<Alertmanager> {
        Arc::clone(&self.alertmanager)
    }

    /// The dispatcher at work.
    pub(in crate::server) fn runner(&self) -> Runner {
        self.alertmanager.runner.clone()
    }

    /// Makes a new configuration ready; nothing has changed yet.
    ///
    /// # Errors
    /// A client cannot be made.
    pub(in crate::server) fn prepare(&self, configured: Configured) -> Result<Prepared, String> {
        let settings = self.alertmanager.runner.prepare(configured.settings)?;
        Ok(Prepared { settings, shown: configured.shown })
    }

    /// Takes a new configuration.
    pub(in crate::server) fn apply(&self, prepared: Prepared) {
        self.alertmanager.runner.apply(prepared.settings);
        *self.alertmanager.config.write() = prepared.shown;
    }

    /// Notes that a configuration was refused.
    pub(in crate::server) fn note_refused(&self) {
        self.alertmanager.runner.note_refused();
    }

    /// Ends: what is under way may finish, and the state and the rest of the history are written.
    pub(in crate::server) async fn stop(self) {
        self.stop.cancel();
        // A task that panicked has been logged.
        let _ = self.running.await;
        self.history.stop().await;
    }
}
