//! Puts the parts together, runs them, and takes them apart.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::{Api, LoadedConfig, Parts, QueryLogFile, Services};
use config::prometheus::Loaded;
use parking_lot::Mutex;
use platform::real::{RealClock, RealFileSystem};
use platform::{Clock, MemoryBudget};
use promql_engine::{ActiveQueries, Engine};
use scrape::Scraper;
use storage::Queryable;
use telemetry::Registry;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tsdb::Db;

use super::active_queries::ActiveQueriesFile;
use super::alertmanager::BuiltIn;
use super::control::{Control, ReloadWish};
use super::fanout::Fanout;
use super::logs::{LogParts, Logs};
use super::metrics::Metrics;
use super::periodic::repeat;
use super::settings::Configured;
use super::signals::{Asked, Signals};
use super::store::Store;
use super::targets::Targets;
use super::web_security::WebSecurity;
use super::{DRAIN_TIMEOUT, Failure, options};
use crate::cli::Parsed;
use crate::cli::server_options::ServerOptions;
use crate::version;

/// How often the store does what is to be done from time to time.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(60);

/// How long alerts that wait may take to be sent at a stop.
const ALERTS_DEADLINE: Duration = Duration::from_secs(2);

/// What users are told while it holds.
const STARTING: &str = "Prometheus is starting and replaying the write-ahead log (WAL).";
const STOPPING: &str = "Prometheus is shutting down and gracefully stopping all operations.";
const RELOAD_FAILED: &str = "Configuration reload has failed.";

/// Everything that runs.
struct Server {
    options: ServerOptions,
    api: Arc<Api>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    registry: Registry,
    memory: Arc<MemoryBudget>,
    replay: Arc<tsdb::ReplayProgress>,
    query_log: Arc<QueryLogFile>,
    reloads: mpsc::UnboundedReceiver<ReloadWish>,
    signals: Signals,
    control: Arc<Control>,
    /// Ends everything.
    stop: CancellationToken,
    /// Ends listening, once everything else has ended.
    stop_listening: CancellationToken,
    listening: JoinHandle<()>,
}

/// What needs the store.
struct Running {
    db: Db,
    store: Arc<Store>,
    scrapes: Arc<Scraper>,
    rules: Arc<::rules::Rules>,
    alertmanagers: Arc<notify::Alertmanagers>,
    alertmanager: Option<BuiltIn>,
    remote: ::remote::Writer,
    logs: Logs,
    reader: Arc<::remote::Reader>,
    background: Vec<JoinHandle<()>>,
}

/// Runs the server until it is told to stop.
pub(super) async fn serve(
    parsed: &Parsed,
    options: ServerOptions,
    configured: Configured,
) -> Result<(), Failure> {
    let mut server = Server::start(parsed, options, &configured.loaded).await?;
    let opened = server.open(configured).await;
    let outcome = match opened {
        Ok(mut running) => {
            server.run(&mut running).await;
            server.take_apart(running).await
        }
        Err(failure) => Err(failure),
    };
    server.api.end_streams();
    server.stop_listening.cancel();
    if tokio::time::timeout(DRAIN_TIMEOUT, server.listening).await.is_err() {
        tracing::warn!("connections did not end in time");
    }
    if outcome.is_ok() {
        tracing::info!("see you next time");
    }
    outcome
}

impl Server {
    /// Listens, and answers what needs no store.
    async fn start(parsed: &Parsed, options: ServerOptions, loaded: &Loaded) -> Result<Self, Failure> {
        let signals = Signals::listen().map_err(Failure::running)?;
        let security = options.web_config_file.as_deref().map(WebSecurity::open).transpose();
        let guard = security
            .map_err(|error| Failure::running(format!("unable to validate web configuration file: {error}")))?
            .map(|security| Arc::new(security) as Arc<dyn api::serve::GuardSource>);
        let mut listeners = Vec::new();
        for address in &options.listen_addresses {
            listeners.push(api::serve::listen(address).await.map_err(Failure::running)?);
            tracing::info!(address, "listening");
        }
        let registry = Registry::new();
        let metrics = Metrics::new(&registry);
        let memory = super::memory::budget(options.memory_budget, &registry);
        let (wishes, reloads) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let replay = Arc::new(tsdb::ReplayProgress::default());
        let progress = Arc::clone(&replay);
        let control = Arc::new(Control { reloads: wishes, stop: stop.clone() });
        let clock: Arc<dyn Clock> = Arc::new(RealClock::new());
        let parts = Parts {
            clock: Arc::clone(&clock),
            registry: registry.clone(),
            flags: parsed
                .values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect::<BTreeMap<_, _>>(),
            build: version::build_info(),
            features: super::features::features(&options),
            control: Arc::clone(&control) as Arc<dyn api::Control>,
            replay: Box::new(move || options::replay_position(&progress)),
            memory: Arc::clone(&memory),
        };
        tokio::spawn(super::memory::watch(Arc::clone(&memory), stop.clone()));
        let api = Api::new(options::api(&options), parts);
        api.notify(STARTING);
        let stop_listening = CancellationToken::new();
        let limits = options::listen_limits(&options);
        let router = api::router(Arc::clone(&api));
        let listening =
            tokio::spawn(api::serve::serve(listeners, router, limits, guard, stop_listening.clone()));
        let server = Self {
            options,
            api,
            query_log: Arc::new(QueryLogFile::new(Arc::clone(&clock))),
            clock,
            metrics,
            registry,
            memory,
            replay,
            reloads,
            signals,
            control,
            stop,
            stop_listening,
            listening,
        };
        server.open_query_log(loaded).map_err(Failure::usage)?;
        server.note_config(loaded);
        Ok(server)
    }

    /// What the engine works with.
    fn engine_parts(&self) -> promql_engine::Parts {
        promql_engine::Parts {
            clock: Arc::clone(&self.clock),
            active: self.active_queries(),
            log: Some(Arc::clone(&self.query_log) as Arc<dyn promql_engine::QueryLog>),
            memory: Arc::clone(&self.memory),
        }
    }

    /// The list of running queries, with its file in the data directory where that can be written.
    fn active_queries(&self) -> Arc<ActiveQueries> {
        let file = ActiveQueriesFile::create(&self.options.data_path, self.options.query_concurrency_max);
        Arc::new(match file {
            Ok(file) => ActiveQueries::with_journal(Box::new(file)),
            Err(error) => {
                tracing::warn!(%error, "running queries are not noted in the data directory");
                ActiveQueries::new()
            }
        })
    }

    /// Logs queries where the configuration says.
    fn open_query_log(&self, loaded: &Loaded) -> Result<(), String> {
        let path = loaded.config.global.query_log_file.path();
        let opened = self.query_log.reopen(&RealFileSystem, path);
        opened.map_err(|error| format!("open query log file {:?}: {error}", path.unwrap_or(Path::new(""))))
    }

    /// Opens the store and starts what needs it.
    async fn open(&mut self, configured: Configured) -> Result<Running, Failure> {
        let parts = tsdb::Parts {
            fs: Arc::new(RealFileSystem),
            clock: Arc::clone(&self.clock),
            registry: self.registry.clone(),
            progress: Arc::clone(&self.replay),
            memory: Arc::clone(&self.memory),
        };
        let (path, settings) =
            (self.options.data_path.clone(), options::tsdb(&self.options, &configured.loaded.config));
        let opening = tokio::task::spawn_blocking(move || Db::open(parts, &path, settings));
        let db = match opening.await {
            Ok(Ok(db)) => db,
            Ok(Err(error)) => return Err(Failure::running(format!("open storage: {error}"))),
            Err(error) => return Err(Failure::running(format!("open storage: {error}"))),
        };
        let logs = match self.open_logs().await {
            Ok(logs) => logs,
            Err(failure) => {
                close(db).await?;
                return Err(failure);
            }
        };
        match self.start_parts(&db, logs, configured).await {
            Ok(running) => Ok(running),
            Err(problem) => {
                close(db).await?;
                Err(Failure::usage(problem))
            }
        }
    }

    /// Opens the store of logs beside that of samples.
    async fn open_logs(&self) -> Result<Logs, Failure> {
        let files: Vec<_> = self.options.loki_file.iter().cloned().collect();
        let configured = super::logs::load(&files, false, |_| {}).map_err(Failure::usage)?;
        configured.warn();
        if !configured.config.shutdown_delay.0.is_zero() {
            tracing::warn!("shutdown_delay does not count beside samples, only for the program named loki");
        }
        let parts = LogParts {
            clock: Arc::clone(&self.clock),
            registry: self.registry.clone(),
            memory: Arc::clone(&self.memory),
            prefix: self.options.route_prefix.clone(),
            log_level: format!("{:?}", self.options.log.level).to_ascii_lowercase(),
            logs_queries: false,
            queries_max: configured.config.querier.max_concurrent.max(1),
        };
        let loki = super::logs::interface(configured.settings, &parts);
        self.api.add_loki(Arc::clone(&loki));
        let path = super::logs::folder_in(&self.options.data_path);
        let settings = logstore::Settings { lock: self.options.lock_data, ..logstore::Settings::default() };
        let configured = (configured.config, configured.texts, &configured.store);
        Logs::open(loki, path, settings, configured, &parts).await
    }

    /// Starts what needs the store.
    async fn start_parts(&self, db: &Db, logs: Logs, configured: Configured) -> Result<Running, String> {
        let Configured { loaded, scrape, remote, remote_read, rules, alertmanagers, alertmanager } =
            configured;
        let scrapes = Scraper::new(options::scrape_parts(
            &self.options,
            Arc::new(db.clone()),
            Arc::clone(&self.clock),
            self.registry.clone(),
        ));
        scrapes.apply(scrape).map_err(|error| error.to_string())?;
        let scrapes = Arc::new(scrapes);
        let parts = (Arc::clone(&self.clock), self.registry.clone());
        let writer = super::remote::writer(db, &scrapes, parts, self.options.flush_deadline);
        writer.apply(remote).await.map_err(|error| error.to_string())?;
        let reader = super::fanout::reader(db, self.registry.clone());
        reader.apply(remote_read).map_err(|error| error.to_string())?;
        let queryable: Arc<dyn Queryable> = Arc::new(Fanout::new(db.clone(), Arc::clone(&reader)));
        let engine = Engine::new(options::engine(&self.options, &loaded.config), self.engine_parts());
        let retention = options::Retention::new(&self.options, &loaded.config).text();
        let engine = Arc::new(engine);
        let clock = Arc::clone(&self.clock);
        let control = Arc::clone(&self.control);
        let parts = (Arc::clone(&clock), self.registry.clone());
        let reload = Box::new(move || api::Control::reload(&*control));
        let alertmanager = BuiltIn::start(&self.options, alertmanager, parts, logs.own_way(), reload).await?;
        let built_in = alertmanager.as_ref().map(BuiltIn::runner);
        let receivers = super::rules::alertmanagers(&self.options, clock, self.registry.clone(), built_in);
        receivers.apply(alertmanagers).map_err(|error| error.to_string())?;
        let groups = Arc::new(super::rules::rules(
            &self.options,
            (db, Arc::clone(&queryable)),
            Arc::clone(&engine),
            Arc::clone(&self.clock),
            self.registry.clone(),
            Arc::clone(&receivers),
            logs.rule_parts(Arc::clone(&self.clock), Arc::clone(&self.memory)),
        ));
        logs.show_rules(&groups);
        groups.apply(rules).map_err(|error| error.to_string())?;
        let store = Arc::new(Store { db: db.clone(), retention: Mutex::new(retention) });
        self.api.open(Services {
            queryable,
            appendable: Arc::new(db.clone()),
            local: Arc::new(db.clone()),
            exemplars: Some(Arc::new(db.clone())),
            admin: Arc::clone(&store) as Arc<dyn api::StoreAdmin>,
            store: Arc::clone(&store) as _,
            engine,
            syntax: options::syntax(&self.options),
            targets: Arc::new(Targets::new(Arc::clone(&scrapes), &self.options)),
            rules: Arc::clone(&groups),
            alertmanagers: Arc::clone(&receivers),
            alertmanager: alertmanager.as_ref().map(BuiltIn::api),
        });
        self.api.dismiss(STARTING);
        tracing::info!("server is ready to receive web requests");
        Ok(Running {
            db: db.clone(),
            store,
            scrapes,
            rules: groups,
            alertmanagers: receivers,
            alertmanager,
            remote: writer,
            logs,
            reader,
            background: self.background(db),
        })
    }

    /// What is done to the store from time to time.
    fn background(&self, db: &Db) -> Vec<JoinHandle<()>> {
        vec![
            tokio::spawn(repeat(
                self.stop.clone(),
                options::SYNC_INTERVAL,
                db.clone(),
                |db| db.sync(),
                "sync of the store",
            )),
            tokio::spawn(repeat(
                self.stop.clone(),
                MAINTENANCE_INTERVAL,
                db.clone(),
                |db| db.maintain(),
                "maintenance of the store",
            )),
            tokio::spawn(super::memory::give_back(self.registry.clone(), self.stop.clone())),
        ]
    }

    /// Waits for signals and wishes until one of them asks for a stop.
    async fn run(&mut self, running: &mut Running) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => {
                    tracing::warn!("received termination request, exiting gracefully");
                    return;
                }
                asked = self.signals.next() => match asked {
                    Asked::Stop(signal) => {
                        tracing::warn!(signal, "received an OS signal, exiting gracefully");
                        return;
                    }
                    Asked::Reload => {
                        let _ = self.reload(running).await;
                    }
                },
                Some(ReloadWish(outcome)) = self.reloads.recv() => {
                    // Whoever asked may have gone.
                    let _ = outcome.send(self.reload(running).await);
                }
            }
        }
    }

    /// Loads the configuration anew: all of it or nothing.
    async fn reload(&self, running: &mut Running) -> Result<(), String> {
        let outcome = self.load_anew(running).await;
        if let Some(alertmanager) = running.alertmanager.as_ref().filter(|_| outcome.is_err()) {
            alertmanager.note_refused();
        }
        outcome
    }

    async fn load_anew(&self, running: &mut Running) -> Result<(), String> {
        tracing::info!(file = %self.options.config_file.display(), "loading configuration file");
        let options = self.options.clone();
        let loading = tokio::task::spawn_blocking(move || Configured::load(&options));
        let outcome = loading.await.unwrap_or_else(|error| Err(error.to_string()));
        match outcome {
            Ok(Configured { loaded, scrape, remote, remote_read, rules, alertmanagers, alertmanager }) => {
                let built_in = running.alertmanager.as_ref().zip(alertmanager);
                let built_in = built_in.map(|(own, configured)| (own, own.prepare(configured)));
                let built_in = match built_in {
                    Some((own, prepared)) => Some((own, prepared.map_err(|error| self.refuse(&error))?)),
                    None => None,
                };
                self.open_query_log(&loaded).map_err(|error| self.refuse(&error))?;
                let kept = options::tsdb(&self.options, &loaded.config);
                running.db.apply(kept).map_err(|error| self.refuse(&error.to_string()))?;
                *running.store.retention.lock() =
                    options::Retention::new(&self.options, &loaded.config).text();
                running.reader.apply(remote_read).map_err(|error| self.refuse(&error.to_string()))?;
                running.remote.apply(remote).await.map_err(|error| self.refuse(&error.to_string()))?;
                running.scrapes.apply(scrape).map_err(|error| self.refuse(&error.to_string()))?;
                running
                    .alertmanagers
                    .apply(alertmanagers)
                    .map_err(|error| self.refuse(&error.to_string()))?;
                running.rules.apply(rules).map_err(|error| self.refuse(&error.to_string()))?;
                if let Some((own, prepared)) = built_in {
                    own.apply(prepared);
                }
                let files: Vec<_> = self.options.loki_file.iter().cloned().collect();
                running.logs.apply(&files).map_err(|error| self.refuse(&error))?;
                self.note_config(&loaded);
                tracing::info!("completed loading of configuration file");
                Ok(())
            }
            Err(error) => Err(self.refuse(&error)),
        }
    }

    /// Notes that the old settings stay, and says why.
    fn refuse(&self, error: &str) -> String {
        tracing::error!(error, "error reloading config, the old settings stay");
        self.metrics.reload_successful.set(0.0);
        self.api.notify(RELOAD_FAILED);
        self.api.set_config_outcome(false);
        let file = model::quote::quote(&self.options.config_file.display().to_string());
        format!("couldn't load configuration (--config.file={file}): {error}")
    }

    fn note_config(&self, loaded: &Loaded) {
        let now = self.clock.now_ms();
        self.api.dismiss(RELOAD_FAILED);
        self.metrics.reload_successful.set(1.0);
        self.metrics.reload_success_time.set((now / 1000) as f64);
        self.api.set_config(LoadedConfig {
            yaml: loaded.config.to_yaml(),
            external_labels: loaded.config.global.external_labels.clone(),
            otlp: super::settings::otlp::settings(&self.options, &loaded.config),
            loaded_ms: now,
            last_successful: true,
        });
    }

    /// Ends what needs the store, then closes it: nothing that was acknowledged is lost.
    async fn take_apart(&self, running: Running) -> Result<(), Failure> {
        self.stop.cancel();
        self.api.notify(STOPPING);
        self.api.close();
        running.rules.stop().await;
        running.alertmanagers.stop(ALERTS_DEADLINE).await;
        if let Some(alertmanager) = running.alertmanager {
            alertmanager.stop().await;
        }
        running.scrapes.stop().await;
        for task in running.background {
            // A background task ends by itself once the stop is on.
            let _ = task.await;
        }
        running.remote.stop().await;
        let logs = running.logs.close().await;
        close(running.db).await.and(logs)
    }
}

/// Closes the store.
async fn close(db: Db) -> Result<(), Failure> {
    match tokio::task::spawn_blocking(move || db.close()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Failure::running(format!("close storage: {error}"))),
        Err(error) => Err(Failure::running(format!("close storage: {error}"))),
    }
}
