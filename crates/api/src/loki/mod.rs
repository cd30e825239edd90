//! The interface of Loki: pushes, queries and everything that Grafana, logcli and shippers ask besides.
//!
//! Errors are plain texts here, not objects. A server for logs alone answers at Loki's own paths; beside Prometheus,
//! whose paths come first, those that both know are found under `/loki` (`docs/operating/loki-interface.md`).
//!
//! Reading order: [`Loki`], [`LokiSettings`], `table.rs` (the routes), `asked.rs`, then a file for each group.

mod answer;
mod asked;
mod delete;
mod detected_fields;
mod detected_labels;
mod entries;
mod export;
mod format;
mod labels;
mod live;
mod metrics;
mod operations;
mod patterns;
mod push;
mod query;
mod refusal;
mod rules;
mod settings;
mod statistics;
mod table;
mod tail;
mod tenant;
mod tenants;
#[cfg(test)]
mod tests;
mod tighter;
mod times;
mod volume;
mod write;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::FromRequestParts;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use http::{Method, Request, StatusCode};
use log_intake::Intake;
use parking_lot::Mutex;
use platform::{Clock, MemoryBudget};
use storage::logs::LogQueryable;
use telemetry::Registry;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::asked::Asked;
pub use self::delete::{CancelDeleteRefusal, DeleteProgress, LogDelete};
pub use self::live::LiveEntries;
use self::metrics::Metrics;
use self::refusal::Refusal;
pub use self::settings::{BlockedPattern, BlockedQuery, LokiSettings, ReadLimits};
use self::table::{Gate, Handler, Route};
pub use self::tenant::SINGLE_TENANT;
use self::tenant::Tenants;
use crate::answer::text_response;
use crate::call::Call;
use crate::{BuildInfo, compress, memory, router};

/// The largest form.
const FORM_BYTES_MAX: usize = 10 << 20;

/// The longest that a request waits for memory.
const MEMORY_WAIT: Duration = Duration::from_secs(60);

/// The parts that are there from the start.
pub struct LokiParts {
    /// Wall clock and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// The metrics that `/metrics` shows.
    pub registry: Registry,
    /// The memory that the process may take.
    pub memory: Arc<MemoryBudget>,
    /// What is known of this build; `version` is the one of Loki that the API follows.
    pub build: BuildInfo,
    /// What stands in front of all paths; empty for nothing.
    pub prefix: String,
    /// How many queries run at once; others wait.
    pub queries_max: usize,
    /// On how many threads one query runs.
    pub query_threads: usize,
    /// The level of the own log at the start.
    pub log_level: String,
    /// Changes it.
    pub set_log_level: SetLogLevel,
    /// Whether each query is told to the log, as Loki does.
    pub logs_queries: bool,
    /// Whether there is a folder of a name.
    pub folder_exists: Box<dyn Fn(&Path) -> bool + Send + Sync>,
}

/// Sets the level of the own log by its name; the error is a text.
pub type SetLogLevel = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// What needs the store.
pub struct LokiServices {
    /// All entries.
    pub logs: Arc<dyn LogQueryable>,
    /// Where entries that are sent here go in.
    pub intake: Arc<Intake>,
    /// Changes of the store.
    pub admin: Arc<dyn LogAdmin>,
}

/// Changes of the store that an administrator asks for.
pub trait LogAdmin: Send + Sync {
    /// Writes everything in memory to its files.
    ///
    /// # Errors
    /// Where writing fails.
    fn flush(&self) -> storage::Result<()>;

    /// Deletes the entries that a query names from `start` to `end`, both included and in nanoseconds; gives the name
    /// of the request.
    ///
    /// # Errors
    /// It could not be written down, and nothing is deleted.
    fn delete(&self, tenant: &str, query: &str, start: i64, end: i64) -> storage::Result<String>;

    /// The requests to delete of a tenant, oldest first.
    fn deletes(&self, tenant: &str) -> Vec<LogDelete>;

    /// Takes a request to delete back; `force` also one that has begun.
    ///
    /// # Errors
    /// It could not be written down.
    fn cancel_delete(
        &self,
        tenant: &str,
        id: &str,
        force: bool,
    ) -> storage::Result<Result<(), CancelDeleteRefusal>>;
}

/// The interface with what it works on.
pub struct Loki {
    parts: LokiParts,
    services: ArcSwapOption<LokiServices>,
    /// The rules, those over logs among them, where rules are evaluated.
    rules: ArcSwapOption<::rules::Rules>,
    settings: ArcSwap<LokiSettings>,
    metrics: Metrics,
    live: Arc<LiveEntries>,
    log_level: Mutex<String>,
    /// Ends what would go on for ever.
    stop: CancellationToken,
    turns: Arc<Semaphore>,
    /// Memory for bodies of pushes.
    body_room: push::Room,
    /// Somebody said that a stop is to come (`/ingester/prepare_shutdown`).
    stop_announced: AtomicBool,
    /// A stop is about to begin.
    leaving: AtomicBool,
}

impl Loki {
    /// The interface before the store is open.
    pub fn new(settings: LokiSettings, parts: LokiParts) -> Arc<Self> {
        let metrics = Metrics::new(&parts.registry, &parts.build);
        Arc::new(Self {
            live: LiveEntries::new(Arc::clone(&parts.clock)),
            stop: CancellationToken::new(),
            body_room: push::Room::new(),
            stop_announced: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            log_level: Mutex::new(parts.log_level.clone()),
            turns: Arc::new(Semaphore::new(parts.queries_max.clamp(1, Semaphore::MAX_PERMITS))),
            parts,
            services: ArcSwapOption::empty(),
            rules: ArcSwapOption::empty(),
            settings: ArcSwap::from_pointee(settings),
            metrics,
        })
    }

    /// The store is open: from now on everything is answered.
    pub fn open(&self, services: LokiServices) {
        self.services.store(Some(Arc::new(services)));
    }

    /// Rules are evaluated: those over logs are shown from now on.
    pub fn show_rules(&self, rules: Arc<::rules::Rules>) {
        self.rules.store(Some(rules));
    }

    /// What one query of a tenant's rules may use.
    pub fn rule_limits(&self, tenant: &str) -> logql_engine::Limits {
        let settings = self.settings();
        query::limits(settings.limits(tenant), 1)
    }

    /// A stop is about to begin: who asks whether the server is ready is told so, all else is answered as before.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// A stop has begun: what needs the store is not answered any more.
    pub fn close(&self) {
        self.stop.cancel();
        self.services.store(None);
    }

    /// Where entries that have been stored are told to those who follow them.
    pub fn live(&self) -> Arc<LiveEntries> {
        Arc::clone(&self.live)
    }

    /// Replaces the settings.
    pub fn apply(&self, settings: LokiSettings) {
        self.settings.store(Arc::new(settings));
    }

    fn settings(&self) -> Arc<LokiSettings> {
        self.settings.load_full()
    }

    fn services(&self) -> Result<Arc<LokiServices>, Refusal> {
        self.services.load_full().ok_or_else(Refusal::starting)
    }

    /// Whether a path of a server that also answers for Prometheus belongs to this half, and what it is called here:
    /// `/loki/config` is `/config`.
    pub(crate) fn shared_path(path: &str) -> Option<&str> {
        if table::find(path).is_some() && path != "/config" && path != "/metrics" {
            return Some(path);
        }
        let own = path.strip_prefix("/loki")?;
        if table::find(own).is_some() { Some(own) } else { Some(path) }
    }

    /// Answers a request; `path` is the one that counts.
    pub(crate) async fn respond(self: &Arc<Self>, request: Request<Body>, path: String) -> Response {
        let Some((route, segment)) = table::find(&path) else {
            return Refusal::not_found().into_response();
        };
        let segment = router::percent_decoded(segment);
        let method = request.method().clone();
        let headers = request.headers().clone();
        let began = self.parts.clock.monotonic();
        let inflight = self.metrics.inflight.with(&[method.as_str(), route.name]);
        inflight.inc();
        let taken = content_length(&headers);
        let mut response = match self.answer(route, request, segment).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        };
        inflight.dec();
        if method == Method::HEAD {
            response = response.map(|_| Body::empty());
        }
        let is_socket = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let status = response.status();
        let labels = [method.as_str(), route.name, status.as_str(), if is_socket { "true" } else { "false" }];
        let seconds = (self.parts.clock.monotonic() - began).as_secs_f64();
        self.metrics.request_seconds.with(&labels).observe(seconds);
        if let Some(operation) = metrics::index_operation(route.name) {
            self.metrics.index_seconds.with(&[operation, status.as_str()]).observe(seconds);
        }
        let labels = [method.as_str(), route.name];
        self.metrics.request_bytes.with(&labels).observe(taken as f64);
        // As it is before it is compressed; of a stream nothing is known.
        let given = response.body().size_hint().exact().unwrap_or(0);
        self.metrics.response_bytes.with(&labels).observe(given as f64);
        if self.settings().compresses { compress::compressed(&headers, response) } else { response }
    }

    async fn answer(
        self: &Arc<Self>,
        route: &'static Route,
        request: Request<Body>,
        segment: String,
    ) -> Result<Response, Refusal> {
        if !route.methods.contains(request.method()) {
            return Ok(text_response(StatusCode::METHOD_NOT_ALLOWED, ""));
        }
        let settings = self.settings();
        let tenants = match route.gate {
            Gate::Open => Tenants::nobody(),
            Gate::Tenant | Gate::Reads => Tenants::of(request.headers(), &settings)?,
        };
        if route.gate == Gate::Reads {
            if tenants.names().len() > 1 && !settings.multi_tenant_reads {
                tenants.only()?;
            }
            memory::admit(&self.parts.memory, MEMORY_WAIT)
                .await
                .map_err(|error| Refusal::new(error.error_type.status(), error.text))?;
        }
        let (mut head, body) = request.into_parts();
        let upgrade = match head.headers.contains_key(http::header::UPGRADE) {
            true => WebSocketUpgrade::from_request_parts(&mut head, &()).await.ok(),
            false => None,
        };
        let request = Request::from_parts(head, body);
        let form_bytes_max = route.takes_form.then_some(FORM_BYTES_MAX);
        let call =
            Call::read(request, segment, form_bytes_max).await.map_err(|error| Refusal::bad(error.text))?;
        let first = tenants.names().first().map_or("", String::as_str);
        let mut limits = Arc::clone(settings.limits(first));
        if settings.per_request_limits && route.gate == Gate::Reads {
            limits = tighter::tightened(&limits, &call.headers)?;
        }
        let now = self.parts.clock.now_ms().saturating_mul(1_000_000);
        let asked = Asked { call, tenants, limits, now, upgrade };
        match route.handler {
            Handler::Work(work) => self.work(work, asked).await,
            Handler::Wait(wait) => wait(Arc::clone(self), asked).await,
        }
    }

    /// Runs a handler off the reactor's threads.
    async fn work(
        self: &Arc<Self>,
        work: impl FnOnce(&Self, &Asked) -> Result<Response, Refusal> + Send + 'static,
        asked: Asked,
    ) -> Result<Response, Refusal> {
        let loki = Arc::clone(self);
        let working = tokio::task::spawn_blocking(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&loki, &asked)));
            outcome.unwrap_or_else(|_| {
                loki.metrics.panics.inc();
                Err(Refusal::internal("the request could not be answered: see the log of the server"))
            })
        });
        working.await.unwrap_or_else(|error| Err(Refusal::internal(error)))
    }
}

/// The length that a request says its body has.
fn content_length(headers: &http::HeaderMap) -> u64 {
    let length = headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// The routes of a server for logs alone.
pub fn loki_router(loki: Arc<Loki>) -> Router {
    Router::new().fallback(move |request: Request<Body>| {
        let loki = Arc::clone(&loki);
        async move {
            match request.uri().path().strip_prefix(loki.parts.prefix.as_str()) {
                Some(path) => {
                    let path = path.to_owned();
                    loki.respond(request, path).await
                }
                None => Refusal::not_found().into_response(),
            }
        }
    })
}
