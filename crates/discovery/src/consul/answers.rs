//! What Consul answers, and the targets in it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ConsulSettings;
use super::health::{Check, overall};
use crate::meta::{Meta, address};
use crate::{ADDRESS, TargetGroup};

/// What an agent says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Agent {
    #[serde(rename = "Config")]
    pub(super) config: AgentConfig,
}

#[derive(Debug, Deserialize)]
pub(super) struct AgentConfig {
    #[serde(rename = "Datacenter")]
    pub(super) datacenter: String,
}

/// An instance of a service on a node.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ServiceNode {
    node: Node,
    service: Service,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Node {
    node: String,
    address: String,
    tagged_addresses: Option<BTreeMap<String, String>>,
    meta: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Service {
    #[serde(rename = "ID")]
    id: String,
    tags: Option<Vec<String>>,
    meta: Option<BTreeMap<String, String>>,
    port: i64,
    address: String,
    namespace: String,
    partition: String,
}

/// The targets of a service.
pub(super) fn group(
    service: &str,
    nodes: &[ServiceNode],
    datacenter: &str,
    settings: &ConsulSettings,
) -> TargetGroup {
    let mut common = Meta::default();
    common.set("__meta_consul_service", service).set("__meta_consul_dc", datacenter);
    let targets = nodes.iter().map(|node| target(node, &settings.tag_separator).labels());
    TargetGroup { source: service.to_owned(), labels: common.labels(), targets: targets.collect() }
}

fn target(ServiceNode { node, service, checks }: &ServiceNode, separator: &str) -> Meta {
    // With a separator at both ends every tag can be asked for in the same way.
    let tags = service.tags.as_deref().unwrap_or_default().join(separator);
    let host = if service.address.is_empty() { &node.address } else { &service.address };
    let mut meta = Meta::default();
    let nothing = BTreeMap::new();
    meta.set_each("__meta_consul_metadata_", node.meta.as_ref().unwrap_or(&nothing))
        .set_each("__meta_consul_service_metadata_", service.meta.as_ref().unwrap_or(&nothing))
        .set_each("__meta_consul_tagged_address_", node.tagged_addresses.as_ref().unwrap_or(&nothing))
        .set(ADDRESS, address(host, service.port))
        .set("__meta_consul_address", &node.address)
        .set("__meta_consul_node", &node.node)
        .set("__meta_consul_namespace", &service.namespace)
        .set("__meta_consul_partition", &service.partition)
        .set("__meta_consul_tags", format!("{separator}{tags}{separator}"))
        .set("__meta_consul_service_address", &service.address)
        .set("__meta_consul_service_port", service.port)
        .set("__meta_consul_service_id", &service.id)
        .set("__meta_consul_health", overall(checks));
    meta
}
