//! What endpoints and slices of endpoints share: the pods behind addresses.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::Labels;

use super::labels::add_node;
use super::objects::{Pod, Reference};
use super::pod::{add_container, add_pod, add_port, containers};
use super::store::Cluster;
use crate::ADDRESS;
use crate::meta::{Meta, address};

/// The pods that addresses have led to, and at which ports.
pub(super) struct SeenPods<'c> {
    cluster: &'c Cluster,
    seen: BTreeMap<(String, String), (Arc<Pod>, Vec<i32>)>,
}

impl<'c> SeenPods<'c> {
    pub(super) fn new(cluster: &'c Cluster) -> Self {
        Self { cluster, seen: BTreeMap::new() }
    }

    /// Adds what the node and the pod behind an address say.
    pub(super) fn add(
        &mut self,
        target: &mut Meta,
        reference: Option<&Reference>,
        node: Option<&str>,
        port: Option<i32>,
    ) {
        match (reference.filter(|reference| reference.kind == "Node"), node) {
            (Some(reference), _) => add_node(target, self.cluster, &reference.name),
            (None, Some(node)) => add_node(target, self.cluster, node),
            (None, None) => {}
        }
        let Some(reference) = reference.filter(|reference| reference.kind == "Pod") else { return };
        let Some(pod) = self.cluster.pods.get(&reference.namespace, &reference.name) else { return };
        add_pod(target, self.cluster, &pod);
        for (container, is_init) in containers(&pod) {
            let matching = container.ports.iter().find(|of| Some(of.container_port) == port);
            if let Some(matching) = matching {
                add_container(target, &pod, container, is_init);
                add_port(target, matching);
                break;
            }
        }
        let key = (reference.namespace.clone(), reference.name.clone());
        let (_, ports) = self.seen.entry(key).or_insert_with(|| (pod, Vec::new()));
        ports.extend(port);
    }

    /// Targets for the ports of the pods that no address has led to.
    pub(super) fn others(self) -> Vec<Labels> {
        let mut targets = Vec::new();
        for (pod, ports) in self.seen.into_values() {
            if pod.status.pod_ip.is_empty() {
                continue;
            }
            for (container, is_init) in containers(&pod) {
                for port in container.ports.iter().filter(|port| !ports.contains(&port.container_port)) {
                    let mut target = Meta::default();
                    target.set(ADDRESS, address(&pod.status.pod_ip, port.container_port));
                    add_container(&mut target, &pod, container, is_init);
                    add_port(&mut target, port);
                    add_pod(&mut target, self.cluster, &pod);
                    add_node(&mut target, self.cluster, &pod.spec.node_name);
                    targets.push(target.labels());
                }
            }
        }
        targets
    }
}
