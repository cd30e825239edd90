//! Services in Consul's catalogue (`consul_sd_configs`).
//!
//! The catalogue and each service are watched with questions that Consul answers when something has changed.

mod answers;
mod health;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http_client::Secret;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::ask::{self, Server};
use crate::discoverer::{Context, Updates};
use crate::metrics::Metrics;
use crate::{Error, TargetGroup};

use answers::{Agent, ServiceNode};

/// How long Consul may hold a question.
const WAIT: Duration = Duration::from_secs(120);
/// How long it may take on top of that.
const SLACK: Duration = Duration::from_secs(15);
/// Between two questions after a failure.
const RETRY: Duration = Duration::from_secs(15);

/// A Consul server that is asked for services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsulSettings {
    /// The server with scheme and prefix of its paths: `http://localhost:8500`.
    pub url: String,
    /// A token of Consul's own.
    pub token: Option<Secret>,
    /// Of which data centre; that of the server where this is empty.
    pub datacenter: String,
    /// In which namespace.
    pub namespace: String,
    /// In which partition.
    pub partition: String,
    /// What stands between tags in the label.
    pub tag_separator: String,
    /// Whether an answer may be old.
    pub allow_stale: bool,
    /// The least time between two questions.
    pub refresh_interval: Duration,
    /// Which services; all where there are none.
    pub services: Vec<String>,
    /// Services that have all of these tags.
    pub service_tags: Vec<String>,
    /// Services on nodes that have this metadata.
    pub node_meta: Vec<(String, String)>,
    /// Services that fit, in Consul's words.
    pub filter: String,
    /// How it is asked.
    pub client: http_client::Settings,
}

pub(crate) async fn run(settings: ConsulSettings, context: Context, updates: Updates) {
    let server = match Server::new(settings.client.clone(), settings.url.clone(), &context) {
        Ok(server) => server,
        Err(error) => {
            tracing::error!(discovery = "consul", config = context.set, err = %error, "cannot make an HTTP client");
            return;
        }
    };
    let server = match &settings.token {
        Some(token) => server.with_header("x-consul-token", token.expose()),
        None => server,
    };
    let (news, received) = mpsc::channel(64);
    let consul = Consul { server, settings, metrics: context.metrics.clone(), set: context.set };
    let datacenter = consul.datacenter().await;
    let watches = Watches { running: JoinSet::new(), by_service: BTreeMap::new(), news };
    Catalogue { consul, datacenter, watches, found: BTreeMap::new() }.follow(received, updates).await;
}

/// What all questions share.
#[derive(Clone)]
struct Consul {
    server: Server,
    settings: ConsulSettings,
    metrics: Metrics,
    set: String,
}

/// News of one service.
type News = (String, Vec<ServiceNode>);

/// The services that are watched.
struct Watches {
    running: JoinSet<()>,
    by_service: BTreeMap<String, AbortHandle>,
    news: mpsc::Sender<News>,
}

struct Catalogue {
    consul: Consul,
    datacenter: String,
    watches: Watches,
    found: BTreeMap<String, TargetGroup>,
}

impl Catalogue {
    /// Follows the catalogue and its services for ever.
    async fn follow(mut self, mut received: mpsc::Receiver<News>, updates: Updates) {
        let settings = &self.consul.settings;
        if !settings.services.is_empty() && settings.service_tags.is_empty() {
            // What is wanted is known: no need to look at the catalogue.
            let services = settings.services.iter().cloned().collect();
            self.watch(&services);
            loop {
                let Some(news) = received.recv().await else { return };
                self.take(news, &mut received);
                self.report(&updates);
            }
        }
        let (names, mut named) = mpsc::channel(1);
        let consul = self.consul.clone();
        self.watches.running.spawn(async move { consul.watch_catalogue(names).await });
        loop {
            tokio::select! {
                Some(news) = received.recv() => self.take(news, &mut received),
                Some(services) = named.recv() => self.watch(&services),
                else => return,
            }
            self.report(&updates);
        }
    }

    /// Watches these services and no others.
    fn watch(&mut self, services: &BTreeSet<String>) {
        self.watches.by_service.retain(|service, watch| {
            let stays = services.contains(service);
            if !stays {
                watch.abort();
            }
            stays
        });
        self.found.retain(|service, _| services.contains(service));
        while self.watches.running.try_join_next().is_some() {}
        for service in services {
            if !self.watches.by_service.contains_key(service) {
                let (consul, name) = (self.consul.clone(), service.clone());
                let news = self.watches.news.clone();
                let watch = self.watches.running.spawn(async move { consul.watch_service(name, news).await });
                self.watches.by_service.insert(service.clone(), watch);
            }
        }
    }

    /// Takes news, and what else has come meanwhile.
    fn take(&mut self, news: News, received: &mut mpsc::Receiver<News>) {
        let mut next = Some(news);
        while let Some((service, nodes)) = next {
            // A watch may have been on its way to tell something when it was ended.
            if self.watches.by_service.contains_key(&service) {
                let group = answers::group(&service, &nodes, &self.datacenter, &self.consul.settings);
                self.found.insert(service, group);
            }
            next = received.try_recv().ok();
        }
    }

    fn report(&self, updates: &Updates) {
        updates.send(self.found.values().cloned().map(std::sync::Arc::new).collect());
    }
}

impl Consul {
    /// The data centre, asked for until there is an answer.
    async fn datacenter(&self) -> String {
        if !self.settings.datacenter.is_empty() {
            return self.settings.datacenter.clone();
        }
        loop {
            match self.server.get::<Agent>("/v1/agent/self", &[], WAIT).await {
                Ok(agent) => return agent.config.datacenter,
                Err(error) => {
                    self.failed(&error, "error retrieving datacenter name");
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Tells the names of the services that are wanted, whenever they change.
    async fn watch_catalogue(self, names: mpsc::Sender<BTreeSet<String>>) {
        let settings = &self.settings;
        let mut query: Vec<(&str, String)> =
            settings.node_meta.iter().map(|(key, value)| ("node-meta", format!("{key}:{value}"))).collect();
        if !settings.filter.is_empty() {
            query.push(("filter", settings.filter.clone()));
        }
        let mut asked = Asked::new("/v1/catalog/services".to_owned(), "services", query);
        loop {
            let all: BTreeMap<String, Vec<String>> = asked.next(&self).await;
            let wanted = all.into_iter().filter(|(name, tags)| {
                (settings.services.is_empty() || settings.services.contains(name))
                    && settings.service_tags.iter().all(|tag| tags.contains(tag))
            });
            if names.send(wanted.map(|(name, _)| name).collect()).await.is_err() {
                return;
            }
        }
    }

    /// Tells where a service runs, whenever that changes.
    async fn watch_service(self, service: String, news: mpsc::Sender<News>) {
        let mut query: Vec<(&str, String)> =
            self.settings.service_tags.iter().map(|tag| ("tag", tag.clone())).collect();
        query.extend(
            self.settings.node_meta.iter().map(|(key, value)| ("node-meta", format!("{key}:{value}"))),
        );
        let path = format!("/v1/health/service/{}", escaped(&service));
        let mut asked = Asked::new(path, "service", query);
        loop {
            let nodes = asked.next(&self).await;
            if news.send((service.clone(), nodes)).await.is_err() {
                return;
            }
        }
    }

    fn failed(&self, error: &Error, what: &'static str) {
        self.metrics.servers.consul_failures.inc();
        tracing::error!(discovery = "consul", config = self.set, err = %error, "{what}");
    }
}

/// A question that is asked again and again.
struct Asked {
    path: String,
    /// The question's name in metrics.
    call: &'static str,
    query: Vec<(&'static str, String)>,
    /// The state that the last answer told; Consul answers when there is another.
    index: Option<u64>,
    /// Not asked again before.
    next: Instant,
}

impl Asked {
    fn new(path: String, call: &'static str, query: Vec<(&'static str, String)>) -> Self {
        Self { path, call, query, index: None, next: Instant::now() }
    }

    /// The next answer that tells something new.
    async fn next<T: DeserializeOwned>(&mut self, consul: &Consul) -> T {
        loop {
            sleep_until(self.next).await;
            self.next = Instant::now() + consul.settings.refresh_interval;
            match self.ask(consul).await {
                Ok((index, answer)) => {
                    let before = self.index.replace(index);
                    if before.is_some_and(|before| index < before) {
                        // Consul has forgotten the state and counts from the start.
                        self.index = None;
                    }
                    if before != Some(index) {
                        return answer;
                    }
                }
                Err(error) => {
                    consul.failed(&error, "error refreshing services");
                    self.index = None;
                    self.next = Instant::now() + RETRY;
                }
            }
        }
    }

    async fn ask<T: DeserializeOwned>(&self, consul: &Consul) -> Result<(u64, T), Error> {
        let settings = &consul.settings;
        let mut query = self.query.clone();
        for (name, value) in
            [("dc", &settings.datacenter), ("ns", &settings.namespace), ("partition", &settings.partition)]
        {
            if !value.is_empty() {
                query.push((name, value.clone()));
            }
        }
        if settings.allow_stale {
            query.push(("stale", String::new()));
        }
        if let Some(index) = self.index {
            query.push(("index", index.to_string()));
        }
        query.push(("wait", format!("{}ms", WAIT.as_millis())));
        let start = Instant::now();
        let response = consul.server.ask(&self.path, &query, WAIT + SLACK).await?;
        let endpoint = if self.call == "service" { "health" } else { "catalog" };
        consul
            .metrics
            .servers
            .consul_duration
            .with(&[endpoint, self.call])
            .observe(start.elapsed().as_secs_f64());
        let index = response.header("x-consul-index").and_then(|index| index.parse().ok()).unwrap_or(0);
        Ok((index, ask::read(response).await?))
    }
}

/// A service's name within a path.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+:=@".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
