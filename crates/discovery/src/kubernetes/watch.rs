//! Lists of objects, and what happens to them from there on.
//!
//! A list comes in pages and names the version of the cluster's state that it shows. A watch begins at that version
//! and tells each change as a line; bookmarks tell how far it has come where nothing happens. A version that the
//! cluster has forgotten (410) means: list again.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http_client::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep, sleep_until};

use super::KubernetesRole;
use super::objects::{Object, Other};
use super::store::Store;
use crate::Error;
use crate::ask::Server;
use crate::metrics::Metrics;

/// Objects on a page of a list.
const PAGE: &str = "500";
/// A page must come within this time.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a watch lasts.
const WATCH: Duration = Duration::from_secs(300);
/// How much longer its answer may take.
const SLACK: Duration = Duration::from_secs(30);
/// Watches begin no closer together than this.
const WATCH_MIN: Duration = Duration::from_secs(1);
/// Waits after failures: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(800), Duration::from_secs(30));
/// An object is not longer than this.
const EVENT_BYTES_MAX: usize = 32 << 20;
/// A list that begins anew again and again is given up for now.
const PAGES_MAX: usize = 100_000;

/// What is watched.
pub(super) struct Source {
    pub(super) server: Server,
    pub(super) path: String,
    /// The namespace, `None` for all.
    pub(super) namespace: Option<String>,
    pub(super) label: String,
    pub(super) field: String,
    /// What events count as, `None` for kinds that no role has.
    pub(super) role: Option<KubernetesRole>,
    pub(super) metrics: Metrics,
    pub(super) set: String,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct List<T> {
    #[serde(default)]
    metadata: ListMeta,
    #[serde(default = "Option::default")]
    items: Option<Vec<T>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListMeta {
    resource_version: String,
    #[serde(rename = "continue")]
    next: String,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

/// Why a watch cannot go on from where it is.
enum End {
    /// The state has been forgotten, or what is known may not be true.
    ListAgain,
    /// Something failed.
    Failed(Error),
}

/// Keeps a store up to date for as long as it runs.
pub(super) async fn watch<T: Object>(source: Source, store: Arc<Store<T>>) {
    let mut is_first = true;
    let mut backoff = BACKOFF.0;
    loop {
        match source.list::<T>().await {
            Ok((objects, version)) => {
                backoff = BACKOFF.0;
                store.replace(source.namespace.as_deref(), objects, is_first);
                is_first = false;
                source.follow(&store, version).await;
            }
            Err(error) => {
                source.failed(&error, "cannot list objects");
                sleep(backoff).await;
                backoff = (2 * backoff).min(BACKOFF.1);
            }
        }
    }
}

impl Source {
    fn selection(&self) -> Vec<(&'static str, String)> {
        let named = [("labelSelector", &self.label), ("fieldSelector", &self.field)];
        let given = named.into_iter().filter(|(_, selector)| !selector.is_empty());
        given.map(|(name, selector)| (name, selector.clone())).collect()
    }

    /// All objects, and the version of the state that they show.
    async fn list<T: Object>(&self) -> Result<(Vec<T>, String), Error> {
        let mut objects = Vec::new();
        let mut next = String::new();
        for _ in 0..PAGES_MAX {
            let mut query = self.selection();
            query.push(("limit", PAGE.to_owned()));
            if !next.is_empty() {
                query.push(("continue", next.clone()));
            }
            match self.server.get::<List<T>>(&self.path, &query, PAGE_TIMEOUT).await {
                Ok(page) => {
                    objects.extend(page.items.unwrap_or_default());
                    if page.metadata.next.is_empty() {
                        return Ok((objects, page.metadata.resource_version));
                    }
                    next = page.metadata.next;
                }
                // The list has changed too much since its first page.
                Err(Error::Refused { status: StatusCode::GONE, .. }) if !next.is_empty() => {
                    next.clear();
                    objects.clear();
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Syntax("a list does not end".to_owned()))
    }

    /// Follows what happens from a version on, until there must be a list again.
    async fn follow<T: Object>(&self, store: &Store<T>, mut version: String) {
        let mut backoff = BACKOFF.0;
        loop {
            let earliest = Instant::now() + WATCH_MIN;
            match self.watch_once(store, &mut version).await {
                Ok(()) => {
                    backoff = BACKOFF.0;
                    sleep_until(earliest).await;
                }
                Err(End::ListAgain) => {
                    sleep_until(earliest).await;
                    return;
                }
                Err(End::Failed(error)) => {
                    self.failed(&error, "cannot watch objects");
                    sleep(backoff).await;
                    backoff = (2 * backoff).min(BACKOFF.1);
                }
            }
        }
    }

    /// One watch; `version` goes with what it tells.
    async fn watch_once<T: Object>(&self, store: &Store<T>, version: &mut String) -> Result<(), End> {
        let mut query = self.selection();
        query.extend([
            ("watch", "true".to_owned()),
            ("allowWatchBookmarks", "true".to_owned()),
            ("resourceVersion", version.clone()),
            ("timeoutSeconds", WATCH.as_secs().to_string()),
        ]);
        let mut response = match self.server.ask(&self.path, &query, WATCH + SLACK).await {
            Ok(response) => response,
            Err(Error::Refused { status: StatusCode::GONE, .. }) => return Err(End::ListAgain),
            Err(error) => return Err(End::Failed(error)),
        };
        let mut waiting = Vec::new();
        while let Some(line) = next_line(&mut response, &mut waiting).await.map_err(End::Failed)? {
            self.take(&line, store, version)?;
        }
        Ok(())
    }

    /// Takes one change.
    fn take<T: Object>(&self, line: &[u8], store: &Store<T>, version: &mut String) -> Result<(), End> {
        let syntax = |error: serde_json::Error| End::Failed(Error::Syntax(error.to_string()));
        let event: Event<'_> = serde_json::from_slice(line).map_err(syntax)?;
        let object = event.object.get();
        match event.kind.as_str() {
            "ADDED" | "MODIFIED" => {
                let object: T = serde_json::from_str(object).map_err(syntax)?;
                version.clone_from(&object.meta().resource_version);
                let was_there = store.put(object);
                self.count(if was_there { "update" } else { "add" });
            }
            "DELETED" => {
                let object: T = serde_json::from_str(object).map_err(syntax)?;
                version.clone_from(&object.meta().resource_version);
                store.remove(&object);
                self.count("delete");
            }
            "BOOKMARK" => {
                let object: Other = serde_json::from_str(object).map_err(syntax)?;
                version.clone_from(&object.metadata.resource_version);
            }
            "ERROR" => {
                let status: Status = serde_json::from_str(object).map_err(syntax)?;
                if status.code != StatusCode::GONE.as_u16() {
                    self.failed(&Error::Lookup(status.message), "a watch was ended");
                }
                return Err(End::ListAgain);
            }
            // Kinds of events to come tell nothing that is needed here.
            _ => {}
        }
        Ok(())
    }

    fn count(&self, event: &str) {
        if let Some(role) = self.role {
            self.metrics.servers.kubernetes_events.with(&[role.as_str(), event]).inc();
        }
    }

    fn failed(&self, error: &Error, what: &'static str) {
        self.metrics.servers.kubernetes_failures.inc();
        tracing::error!(
            discovery = "kubernetes",
            config = self.set,
            path = self.path,
            err = %error,
            "{what}"
        );
    }
}

/// The next line of an answer, `None` at its end; `waiting` holds what has come of later ones.
async fn next_line(response: &mut Response, waiting: &mut Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
    let mut searched = 0;
    loop {
        let rest = waiting.get(searched..).unwrap_or_default();
        if let Some(end) = rest.iter().position(|byte| *byte == b'\n').map(|place| searched + place) {
            let behind = waiting.split_off(end + 1);
            let mut line = std::mem::replace(waiting, behind);
            line.truncate(end);
            if line.iter().any(|byte| !byte.is_ascii_whitespace()) {
                return Ok(Some(line));
            }
            searched = 0;
            continue;
        }
        searched = waiting.len();
        if waiting.len() > EVENT_BYTES_MAX {
            return Err(Error::Syntax(format!("an event has more than {EVENT_BYTES_MAX} bytes")));
        }
        match response.chunk().await? {
            Some(piece) => waiting.extend_from_slice(&piece),
            None if waiting.iter().all(u8::is_ascii_whitespace) => return Ok(None),
            None => return Ok(Some(std::mem::take(waiting))),
        }
    }
}
