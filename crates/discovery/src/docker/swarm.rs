//! Parts of a swarm of engines.

pub(super) mod nodes;
pub(super) mod services;
pub(super) mod tasks;

use serde::Deserialize;

const PREFIX: &str = "__meta_dockerswarm_";

/// A port of a service or task.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Port {
    name: String,
    protocol: String,
    published_port: u32,
    publish_mode: String,
}

impl Port {
    fn is_tcp(&self) -> bool {
        self.protocol == "tcp"
    }
}

/// The address within `10.0.0.3/24`.
fn without_prefix(address: &str) -> Option<&str> {
    let (ip, _) = address.split_once('/')?;
    ip.parse::<std::net::IpAddr>().ok().map(|_| ip)
}
