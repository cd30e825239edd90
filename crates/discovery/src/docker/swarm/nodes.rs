//! Nodes of a swarm.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::PREFIX;
use crate::docker::engine::Engine;
use crate::meta::{Meta, address};
use crate::{ADDRESS, Error, TargetGroup};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Node {
    #[serde(rename = "ID")]
    id: String,
    spec: Spec,
    description: Description,
    status: Status,
    manager_status: Option<ManagerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Spec {
    labels: Option<BTreeMap<String, String>>,
    role: String,
    availability: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Description {
    hostname: String,
    platform: Platform,
    engine: EngineDescription,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Platform {
    architecture: String,
    #[serde(rename = "OS")]
    os: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EngineDescription {
    engine_version: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    state: String,
    addr: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ManagerStatus {
    leader: bool,
    reachability: String,
    addr: String,
}

/// A target for each node.
pub(in crate::docker) async fn targets(engine: &Engine, port: u16) -> Result<TargetGroup, Error> {
    let nodes: Vec<Node> = engine.filtered("/nodes").await?;
    let targets = nodes.iter().map(|node| {
        let mut meta = node.meta();
        meta.set(&format!("{PREFIX}node_engine_version"), &node.description.engine.engine_version);
        if let Some(manager) = &node.manager_status {
            meta.set(&format!("{PREFIX}node_manager_leader"), manager.leader)
                .set(&format!("{PREFIX}node_manager_reachability"), &manager.reachability)
                .set(&format!("{PREFIX}node_manager_address"), &manager.addr);
        }
        meta.set(ADDRESS, address(&node.status.addr, port));
        meta.labels()
    });
    let targets = targets.collect();
    Ok(TargetGroup { source: "DockerSwarm".to_owned(), labels: model::Labels::empty(), targets })
}

/// The labels of each node and its address, by its id.
pub(super) async fn labels(engine: &Engine) -> Result<HashMap<String, (Meta, String)>, Error> {
    let nodes: Vec<Node> = engine.all("/nodes").await?;
    Ok(nodes.into_iter().map(|node| (node.id.clone(), (node.meta(), node.status.addr))).collect())
}

impl Node {
    fn meta(&self) -> Meta {
        let mut meta = Meta::default();
        meta.set_each(&format!("{PREFIX}node_label_"), &self.spec.labels.clone().unwrap_or_default());
        let mut set = |name: &str, value: &str| {
            meta.set(&format!("{PREFIX}node_{name}"), value);
        };
        set("id", &self.id);
        set("role", &self.spec.role);
        set("availability", &self.spec.availability);
        set("hostname", &self.description.hostname);
        set("platform_architecture", &self.description.platform.architecture);
        set("platform_os", &self.description.platform.os);
        set("status", &self.status.state);
        set("address", &self.status.addr);
        meta
    }
}
