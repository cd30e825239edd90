//! Containers of a Docker engine (`docker_sd_configs`), and services, tasks and nodes of a swarm of engines
//! (`dockerswarm_sd_configs`).

mod containers;
mod engine;
mod networks;
mod swarm;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::discoverer::{Context, Updates};
use crate::refresh::{self, Refresh};
use crate::{Error, TargetGroup};

use engine::Engine;

/// A Docker engine that is asked for its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerSettings {
    /// The engine.
    pub engine: DockerEngine,
    /// The port of targets that publish none.
    pub port: u16,
    /// The host of containers that use the network of theirs.
    pub host_networking_host: String,
    /// Whether a container in several networks is one target.
    pub match_first_network: bool,
    /// How often.
    pub refresh_interval: Duration,
}

/// A swarm that is asked for its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerSwarmSettings {
    /// An engine of the swarm.
    pub engine: DockerEngine,
    /// What becomes targets.
    pub role: SwarmRole,
    /// The port of targets that publish none.
    pub port: u16,
    /// How often.
    pub refresh_interval: Duration,
}

/// How an engine is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerEngine {
    /// Where it is: `unix:///var/run/docker.sock`, `tcp://host:2375`, `http://…` or `https://…`.
    pub host: String,
    /// What is asked for, in Docker's words: names and values.
    pub filters: Vec<(String, Vec<String>)>,
    /// How requests are sent where the address is one of HTTP.
    pub client: http_client::Settings,
}

/// What of a swarm becomes targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwarmRole {
    /// Services at their virtual addresses.
    Services,
    /// Tasks on their nodes and in their networks.
    Tasks,
    /// The nodes themselves.
    Nodes,
}

pub(crate) async fn run(settings: DockerSettings, context: Context, updates: Updates) {
    let Some(engine) = Engine::reach(&settings.engine, "docker", &context) else { return };
    let period = settings.refresh_interval;
    refresh::run("docker", period, context, updates, Containers { engine, settings }).await;
}

pub(crate) async fn run_swarm(settings: DockerSwarmSettings, context: Context, updates: Updates) {
    let Some(engine) = Engine::reach(&settings.engine, "dockerswarm", &context) else { return };
    let period = settings.refresh_interval;
    refresh::run("dockerswarm", period, context, updates, Swarm { engine, settings }).await;
}

struct Containers {
    engine: Engine,
    settings: DockerSettings,
}

impl Refresh for Containers {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, Error> {
        containers::targets(&self.engine, &self.settings).await.map(|group| vec![group])
    }
}

struct Swarm {
    engine: Engine,
    settings: DockerSwarmSettings,
}

impl Refresh for Swarm {
    async fn refresh(&mut self) -> Result<Vec<TargetGroup>, Error> {
        let port = self.settings.port;
        let group = match self.settings.role {
            SwarmRole::Services => swarm::services::targets(&self.engine, port).await?,
            SwarmRole::Tasks => swarm::tasks::targets(&self.engine, port).await?,
            SwarmRole::Nodes => swarm::nodes::targets(&self.engine, port).await?,
        };
        Ok(vec![group])
    }
}
