//! Containers, one target for each of their ports and networks.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::DockerSettings;
use super::engine::Engine;
use super::networks;
use crate::meta::{Meta, address};
use crate::{ADDRESS, Error, TargetGroup};

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Container {
    id: String,
    names: Vec<String>,
    labels: Option<BTreeMap<String, String>>,
    ports: Option<Vec<Port>>,
    host_config: HostConfig,
    network_settings: Option<NetworkSettings>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
    network_mode: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NetworkSettings {
    networks: Option<BTreeMap<String, Option<Attachment>>>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Attachment {
    #[serde(rename = "NetworkID")]
    network_id: String,
    #[serde(rename = "IPAddress")]
    ip_address: String,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Port {
    #[serde(rename = "IP")]
    ip: String,
    private_port: u16,
    public_port: u16,
    r#type: String,
}

/// The targets of all containers.
pub(super) async fn targets(engine: &Engine, settings: &DockerSettings) -> Result<TargetGroup, Error> {
    let containers: Vec<Container> = engine.filtered("/containers/json").await?;
    let networks = networks::labels(engine, "__meta_docker_").await?;
    let by_id: HashMap<&str, &Container> =
        containers.iter().map(|container| (container.id.as_str(), container)).collect();
    let mut targets = Vec::new();
    for container in containers.iter().filter(|container| !container.names.is_empty()) {
        for attachment in attachments(container, &by_id, settings) {
            add(container, attachment, &networks, settings, &mut targets);
        }
    }
    let targets = targets.into_iter().map(Meta::labels).collect();
    Ok(TargetGroup { source: "Docker".to_owned(), labels: model::Labels::empty(), targets })
}

/// The networks by which a container is reached.
fn attachments<'a>(
    container: &'a Container,
    by_id: &HashMap<&str, &'a Container>,
    settings: &DockerSettings,
) -> Vec<&'a Attachment> {
    let owner = network_owner(container, by_id);
    let of = |container: &'a Container| {
        let networks = container.network_settings.as_ref().and_then(|settings| settings.networks.as_ref());
        networks.into_iter().flatten().filter_map(|(name, attachment)| Some((name, attachment.as_ref()?)))
    };
    let mut attached: Vec<(&String, &Attachment)> = of(owner).collect();
    if settings.match_first_network && attached.len() > 1 {
        // The one that the container was started with, where it was started with one, else the first by name.
        let mode = &container.host_config.network_mode;
        let chosen = attached.iter().position(|(name, _)| is_user_defined(mode) && *name == mode);
        attached = attached.get(chosen.unwrap_or(0)).copied().into_iter().collect();
    }
    attached.into_iter().map(|(_, attachment)| attachment).collect()
}

/// The container whose networks a container uses: itself unless it shares those of another.
fn network_owner<'a>(container: &'a Container, by_id: &HashMap<&str, &'a Container>) -> &'a Container {
    let mut owner = container;
    // Bounded, since two containers that name each other would go on for ever.
    for _ in 0..by_id.len() {
        let shared = owner.host_config.network_mode.strip_prefix("container:");
        match shared.and_then(|id| by_id.get(id)) {
            Some(other) => owner = other,
            None => break,
        }
    }
    owner
}

/// Whether a mode names a network that a user made.
fn is_user_defined(mode: &str) -> bool {
    !matches!(mode, "" | "default" | "bridge" | "host" | "none") && !mode.starts_with("container:")
}

/// Adds the targets of a container in one network.
fn add(
    container: &Container,
    attachment: &Attachment,
    networks: &HashMap<String, Meta>,
    settings: &DockerSettings,
    targets: &mut Vec<Meta>,
) {
    let mut common = Meta::default();
    let labels = container.labels.clone().unwrap_or_default();
    common
        .set("__meta_docker_network_ip", &attachment.ip_address)
        .set("__meta_docker_container_id", &container.id)
        .set("__meta_docker_container_name", container.names.first().map_or("", String::as_str))
        .set("__meta_docker_container_network_mode", &container.host_config.network_mode)
        .set_each("__meta_docker_container_label_", &labels);
    if let Some(network) = networks.get(&attachment.network_id) {
        common.extend(network);
    }
    let ports = container.ports.iter().flatten().filter(|port| port.r#type == "tcp");
    let before = targets.len();
    for port in ports {
        let mut meta = common.clone();
        meta.set("__meta_docker_port_private", port.private_port);
        if port.public_port > 0 {
            meta.set("__meta_docker_port_public", port.public_port);
            meta.set("__meta_docker_port_public_ip", &port.ip);
        }
        meta.set(ADDRESS, address(&attachment.ip_address, port.private_port));
        targets.push(meta);
    }
    if targets.len() == before {
        let host_network = container.host_config.network_mode == "host";
        let target = if host_network {
            settings.host_networking_host.clone()
        } else {
            address(&attachment.ip_address, settings.port)
        };
        common.set(ADDRESS, target);
        targets.push(common);
    }
}
