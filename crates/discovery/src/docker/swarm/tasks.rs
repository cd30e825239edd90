//! Tasks of a swarm: their ports on the nodes, and in their networks those of their services.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{PREFIX, Port, nodes, services, without_prefix};
use crate::docker::engine::Engine;
use crate::docker::networks;
use crate::meta::{Meta, address};
use crate::{ADDRESS, Error, TargetGroup};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Task {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "ServiceID")]
    service_id: String,
    #[serde(rename = "NodeID")]
    node_id: String,
    slot: i64,
    desired_state: String,
    spec: Spec,
    status: Status,
    networks_attachments: Option<Vec<Attachment>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Spec {
    container_spec: Option<ContainerSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ContainerSpec {
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    state: String,
    container_status: Option<ContainerStatus>,
    port_status: PortStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerStatus {
    #[serde(rename = "ContainerID")]
    container_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PortStatus {
    ports: Option<Vec<Port>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment {
    network: Network,
    addresses: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Network {
    #[serde(rename = "ID")]
    id: String,
}

/// A target for each port of each task.
pub(in crate::docker) async fn targets(engine: &Engine, port: u16) -> Result<TargetGroup, Error> {
    let tasks: Vec<Task> = engine.filtered("/tasks").await?;
    let services = services::labels(engine).await?;
    let nodes = nodes::labels(engine).await?;
    let networks = networks::labels(engine, PREFIX).await?;
    let mut targets = Vec::new();
    for task in &tasks {
        let mut common = task.meta();
        let service = services.get(&task.service_id);
        if let Some((labels, _)) = service {
            common.extend(labels);
        }
        let node = nodes.get(&task.node_id);
        if let Some((labels, _)) = node {
            common.extend(labels);
        }
        let mut add = |common: &Meta, published: Option<&Port>, host: &str| {
            let mut meta = common.clone();
            let mode = published.map(|port| &port.publish_mode);
            meta.set_some(&format!("{PREFIX}task_port_publish_mode"), mode);
            let port = published.map_or(u32::from(port), |published| published.published_port);
            meta.set(ADDRESS, address(host, port));
            targets.push(meta.labels());
        };
        for published in task.status.port_status.ports.iter().flatten().filter(|port| port.is_tcp()) {
            add(&common, Some(published), node.map_or("", |(_, address)| address));
        }
        let ports = service.map(|(_, ports)| ports.as_slice()).unwrap_or_default();
        for attachment in task.networks_attachments.iter().flatten() {
            let mut common = common.clone();
            if let Some(network) = networks.get(&attachment.network.id) {
                common.extend(network);
            }
            for ip in attachment.addresses.iter().flatten().filter_map(|address| without_prefix(address)) {
                let mut tcp = ports.iter().filter(|port| port.is_tcp()).peekable();
                if tcp.peek().is_none() {
                    add(&common, None, ip);
                }
                tcp.for_each(|published| add(&common, Some(published), ip));
            }
        }
    }
    Ok(TargetGroup { source: "DockerSwarm".to_owned(), labels: model::Labels::empty(), targets })
}

impl Task {
    fn meta(&self) -> Meta {
        let mut meta = Meta::default();
        let container = self.spec.container_spec.as_ref().and_then(|spec| spec.labels.clone());
        meta.set_each(&format!("{PREFIX}container_label_"), &container.unwrap_or_default())
            .set(&format!("{PREFIX}task_id"), &self.id)
            .set(&format!("{PREFIX}task_desired_state"), &self.desired_state)
            .set(&format!("{PREFIX}task_state"), &self.status.state)
            .set(&format!("{PREFIX}task_slot"), self.slot)
            .set_some(
                &format!("{PREFIX}task_container_id"),
                self.status.container_status.as_ref().map(|status| &status.container_id),
            );
        meta
    }
}
