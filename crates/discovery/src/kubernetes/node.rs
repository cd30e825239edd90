//! Nodes: the kubelet of each.

use super::labels::{add_object, name};
use super::objects::Node;
use super::store::Cluster;
use crate::meta::{Meta, address, label_name};
use crate::{ADDRESS, TargetGroup};

/// Kinds of addresses, the best first.
const KINDS: [&str; 6] =
    ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];

pub(super) fn groups(cluster: &Cluster) -> Vec<TargetGroup> {
    cluster.nodes.all().iter().map(|node| group(node)).collect()
}

fn group(node: &Node) -> TargetGroup {
    let mut labels = Meta::default();
    labels.set(&name("node_name"), &node.metadata.name);
    labels.set(&name("node_provider_id"), &node.spec.provider_id);
    for condition in &node.status.conditions {
        let kind = label_name(&condition.kind);
        labels.set(&name(&format!("node_condition_{kind}")), condition.status.to_ascii_lowercase());
    }
    add_object(&mut labels, "node", &node.metadata);
    let addresses = &node.status.addresses;
    let best = KINDS.iter().find_map(|kind| addresses.iter().find(|address| address.kind == *kind));
    let targets = best.map(|best| {
        let mut target = Meta::default();
        target.set(ADDRESS, address(&best.address, node.status.daemon_endpoints.kubelet_endpoint.port));
        target.set("instance", &node.metadata.name);
        // Of several addresses of a kind the first one is told: the last one set stays.
        for address in addresses.iter().rev() {
            let kind = label_name(&address.kind);
            target.set(&name(&format!("node_address_{kind}")), &address.address);
        }
        target.labels()
    });
    TargetGroup {
        source: format!("node/{}", node.metadata.name),
        labels: labels.labels(),
        targets: targets.into_iter().collect(),
    }
}
