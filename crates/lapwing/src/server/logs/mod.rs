//! Logs: the store, what stands before it, and what runs beside it; alone behind a link named `loki`, or beside the
//! metrics.

mod alone;
mod deletes;
mod overrides;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::{Loki, LokiParts, LokiServices, LokiSettings};
use config::loki::Config;
use log_intake::Intake;
use logstore::{LogStore, Resources};
use platform::real::RealFileSystem;
use platform::{Clock, FileSystem, MemoryBudget};
use rules::{LogqlParts, Rules};
use telemetry::Registry;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::history::LogWay;
use super::periodic::repeat;
use super::{Failure, options};
use crate::version;

use overrides::{Overrides, Texts};

pub(super) use alone::check;
pub(crate) use alone::run as run_alone;
pub(super) use settings::{Configured, StoreRules, load};

/// How often the store does what is to be done from time to time.
const MAINTENANCE_INTERVAL: Duration = Duration::from_secs(10);

/// What logs work with.
#[derive(Clone)]
pub(super) struct LogParts {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) registry: Registry,
    pub(super) memory: Arc<MemoryBudget>,
    /// What stands before all paths.
    pub(super) prefix: String,
    pub(super) log_level: String,
    /// Whether each query is told to the log.
    pub(super) logs_queries: bool,
    /// How many queries run at once.
    pub(super) queries_max: usize,
}

/// The interface of Loki, before the store is open.
pub(super) fn interface(settings: LokiSettings, parts: &LogParts) -> Arc<Loki> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Loki::new(
        settings,
        LokiParts {
            clock: Arc::clone(&parts.clock),
            registry: parts.registry.clone(),
            memory: Arc::clone(&parts.memory),
            build: api::BuildInfo { version: version::LOKI_VERSION.to_owned(), ..version::build_info() },
            prefix: parts.prefix.clone(),
            queries_max: parts.queries_max,
            query_threads: threads,
            log_level: parts.log_level.clone(),
            set_log_level: Box::new(set_log_level),
            logs_queries: parts.logs_queries,
            folder_exists: Box::new(|path| {
                RealFileSystem.metadata(path).is_ok_and(|metadata| metadata.is_dir)
            }),
        },
    )
}

fn set_log_level(name: &str) -> Result<(), String> {
    let level = name.parse().map_err(|_| format!("unrecognized log level {name:?}"))?;
    telemetry::log::set_level(level)
}

/// The store at work.
pub(super) struct Logs {
    loki: Arc<Loki>,
    store: LogStore,
    /// What is no matter of the file.
    base: logstore::Settings,
    overrides: Arc<Overrides>,
    stop: CancellationToken,
    background: Vec<JoinHandle<()>>,
}

impl Logs {
    /// Opens the store, and answers for it from then on; `base` is what the file says nothing about.
    pub(super) async fn open(
        loki: Arc<Loki>,
        path: PathBuf,
        base: logstore::Settings,
        (config, texts, rules): (Config, Texts, &StoreRules),
        parts: &LogParts,
    ) -> Result<Self, Failure> {
        let resources = Resources {
            fs: Arc::new(RealFileSystem),
            clock: Arc::clone(&parts.clock),
            registry: parts.registry.clone(),
            memory: Arc::clone(&parts.memory),
        };
        let began = parts.clock.monotonic();
        let folder = path.clone();
        let settings = rules.with(&base);
        let opening = tokio::task::spawn_blocking(move || open_store(resources, &folder, settings));
        let store = match opening.await {
            Ok(Ok(store)) => store,
            Ok(Err(error)) => return Err(Failure::running(format!("open logs: {error}"))),
            Err(error) => return Err(Failure::running(format!("open logs: {error}"))),
        };
        let seconds = (parts.clock.monotonic() - began).as_secs_f64();
        tracing::info!(path = %path.display(), seconds, "logs are open");
        let intake = Intake::new(Arc::new(store.clone()), Arc::clone(&parts.clock), &parts.registry)
            .with_observer(loki.live());
        let stop = CancellationToken::new();
        let overrides = Overrides::new(config, texts, &parts.registry);
        let apply = {
            let (loki, store, base) = (Arc::clone(&loki), store.clone(), base.clone());
            move |configured| apply(&loki, &store, &base, configured)
        };
        let background = vec![
            tokio::spawn(overrides::follow(Arc::clone(&overrides), apply, stop.clone())),
            tokio::spawn(repeat(
                stop.clone(),
                options::SYNC_INTERVAL,
                store.clone(),
                LogStore::sync,
                "sync of the logs",
            )),
            tokio::spawn(repeat(
                stop.clone(),
                MAINTENANCE_INTERVAL,
                store.clone(),
                LogStore::maintain,
                "maintenance of the logs",
            )),
        ];
        loki.open(LokiServices {
            logs: Arc::new(store.clone()),
            intake: Arc::new(intake),
            admin: Arc::new(deletes::Admin(store.clone())),
        });
        Ok(Self { loki, store, base, overrides, stop, background })
    }

    /// The way in for entries of the server itself: no limit of a tenant stands in it.
    pub(super) fn own_way(&self) -> LogWay {
        LogWay { store: Arc::new(self.store.clone()), follower: self.loki.live() }
    }

    /// What rules over logs are evaluated with.
    pub(super) fn rule_parts(&self, clock: Arc<dyn Clock>, memory: Arc<MemoryBudget>) -> LogqlParts {
        let loki = Arc::clone(&self.loki);
        let limits = Arc::new(move |tenant: &str| loki.rule_limits(tenant));
        LogqlParts { logs: Arc::new(self.store.clone()), clock, memory, limits }
    }

    /// Answers from now on for the rules over logs among these.
    pub(super) fn show_rules(&self, rules: &Arc<Rules>) {
        self.loki.show_rules(Arc::clone(rules));
    }

    /// Loads the configuration anew.
    pub(super) fn apply(&self, files: &[PathBuf]) -> Result<(), String> {
        self.apply_loaded(load(files, false, |_| {})?);
        Ok(())
    }

    /// Works with another configuration from now on.
    fn apply_loaded(&self, configured: Configured) {
        self.overrides.set_config(configured.config.clone(), configured.texts.clone());
        apply(&self.loki, &self.store, &self.base, configured);
    }

    /// Ends what needs the store, then closes it: nothing that was acknowledged is lost.
    pub(super) async fn close(self) -> Result<(), Failure> {
        self.loki.close();
        self.stop.cancel();
        for task in self.background {
            // A background task ends by itself once the stop is on.
            let _ = task.await;
        }
        let store = self.store;
        let closing = move || {
            if let Err(error) = store.flush() {
                tracing::warn!(%error, "entries in memory could not be written to parts: they stay in the log");
            }
            store.close()
        };
        match tokio::task::spawn_blocking(closing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::running(format!("close logs: {error}"))),
            Err(error) => Err(Failure::running(format!("close logs: {error}"))),
        }
    }
}

/// Works with other settings from now on.
fn apply(loki: &Loki, store: &LogStore, base: &logstore::Settings, configured: Configured) {
    configured.warn();
    store.apply(configured.store.with(base));
    loki.apply(configured.settings);
}

/// Opens the store with its requests to delete: what they name is hidden before the first query.
fn open_store(
    resources: Resources,
    folder: &Path,
    settings: logstore::Settings,
) -> Result<LogStore, logstore::Error> {
    let store = LogStore::open(resources, folder, settings)?;
    match store.load_deletes(Arc::new(deletes::read_query)) {
        Err(error) if error.is_corruption() => {
            tracing::error!(%error, "requests to delete are lost: what they hid is seen again; the file is kept aside");
        }
        loaded => loaded?,
    }
    Ok(store)
}

/// The folder of logs below one that other things lie in too.
pub(super) fn folder_in(path: &Path) -> PathBuf {
    path.join("logs")
}
