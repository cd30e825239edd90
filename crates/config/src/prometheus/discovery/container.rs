//! Docker: the containers of an engine, and the services, tasks and nodes of a swarm.

use std::time::Duration;

use super::{ONE_MINUTE, PORT, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::Url,
    yaml::Node,
};

section! {
    /// A Docker engine that is asked for its containers.
    pub struct DockerSdConfig as "moby.plain" {
        /// How it is asked.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// Its address.
        host: String = String::new() => ["host", always];
        /// The port of targets that publish none.
        port: isize = PORT => ["port", always];
        /// Which containers.
        filters: Vec<Filter> = Vec::new() => ["filters", always];
        /// The host of containers that use the host's network.
        host_networking_host: String = "localhost".into() => ["host_networking_host", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// Whether a container in several networks is one target.
        match_first_network: bool = true => ["match_first_network", always];
    }
}

section! {
    /// A Docker swarm that is asked for its parts.
    pub struct DockerSwarmSdConfig as "moby.plain" {
        /// How it is asked.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// Its address.
        host: String = String::new() => ["host", always];
        /// For `services`, `tasks` or `nodes`.
        role: String = String::new() => ["role", always];
        /// The port of targets that publish none.
        port: isize = PORT => ["port", always];
        /// Which of them.
        filters: Vec<Filter> = Vec::new() => ["filters", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
    }
}

section! {
    /// A restriction in Docker's words.
    pub struct Filter as "moby.Filter" {
        /// What is looked at.
        name: String = String::new() => ["name", always];
        /// What it may be.
        values: Vec<String> = Vec::new() => ["values", always];
    }
}

impl Check for Filter {}

impl Check for DockerSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_host(&self.host, node, decoder)?;
        check_client(&mut self.http, node, decoder)
    }
}

impl Check for DockerSwarmSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_host(&self.host, node, decoder)?;
        match self.role.as_str() {
            "services" | "nodes" | "tasks" => check_client(&mut self.http, node, decoder),
            "" => Err(decoder.invalid_key(node, "role", "role missing (one of: tasks, services, nodes)")),
            role => {
                let message = format!("invalid role {role}, expected tasks, services, or nodes");
                Err(decoder.invalid_key(node, "role", message))
            }
        }
    }
}

fn check_host(host: &str, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    if host.is_empty() {
        return Err(decoder.invalid_key(node, "host", "host missing"));
    }
    Url::parse(host).map(|_| ()).map_err(|error| decoder.invalid_key(node, "host", error.to_string()))
}
