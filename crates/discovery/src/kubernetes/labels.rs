//! Labels that several roles have.

use super::objects::Meta as ObjectMeta;
use super::store::Cluster;
use crate::meta::{Meta, label_name};

/// What the names of all labels begin with.
pub(super) const PREFIX: &str = "__meta_kubernetes_";
pub(super) const NAMESPACE: &str = "__meta_kubernetes_namespace";

/// A label's name.
pub(super) fn name(end: &str) -> String {
    format!("{PREFIX}{end}")
}

/// Adds the labels and annotations of an object, and that they are there.
pub(super) fn add_object(meta: &mut Meta, kind: &str, object: &ObjectMeta) {
    for (what, all) in [("label", &object.labels), ("annotation", &object.annotations)] {
        for (key, value) in all {
            let key = label_name(key);
            meta.set(&format!("{PREFIX}{kind}_{what}_{key}"), value);
            meta.set(&format!("{PREFIX}{kind}_{what}present_{key}"), "true");
        }
    }
}

/// Adds what the namespace of an object says, where it is asked for.
pub(super) fn add_namespace(meta: &mut Meta, cluster: &Cluster, namespace: &str) {
    if cluster.attach.namespace
        && let Some(object) = cluster.namespaces.get("", namespace)
    {
        add_object(meta, "namespace", &object.metadata);
    }
}

/// Adds what a node says, where it is asked for.
pub(super) fn add_node(meta: &mut Meta, cluster: &Cluster, node: &str) {
    if cluster.attach.node
        && !node.is_empty()
        && let Some(object) = cluster.nodes.get("", node)
    {
        meta.set(&name("node_name"), node);
        add_object(meta, "node", &object.metadata);
    }
}
