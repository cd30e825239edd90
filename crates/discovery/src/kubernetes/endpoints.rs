//! Endpoints: the addresses behind services.

use super::endpoint::SeenPods;
use super::labels::{NAMESPACE, add_namespace, add_object, name};
use super::objects::{EndpointAddress, EndpointPort, Endpoints};
use super::service::add_service;
use super::store::Cluster;
use crate::meta::{Meta, address};
use crate::{ADDRESS, TargetGroup};

pub(super) fn groups(cluster: &Cluster) -> Vec<TargetGroup> {
    cluster.endpoints.all().iter().map(|endpoints| group(cluster, endpoints)).collect()
}

fn group(cluster: &Cluster, endpoints: &Endpoints) -> TargetGroup {
    let own = &endpoints.metadata;
    let mut labels = Meta::default();
    labels.set(NAMESPACE, &own.namespace);
    labels.set(&name("endpoints_name"), &own.name);
    // They are called as the service is that they are of.
    if let Some(service) = cluster.services.get(&own.namespace, &own.name) {
        add_service(&mut labels, &service);
    }
    add_object(&mut labels, "endpoints", own);
    add_namespace(&mut labels, cluster, &own.namespace);
    let mut pods = SeenPods::new(cluster);
    let mut targets = Vec::new();
    for subset in &endpoints.subsets {
        for port in &subset.ports {
            for (addresses, is_ready) in [(&subset.addresses, true), (&subset.not_ready_addresses, false)] {
                for of in addresses {
                    let mut target = target(of, port, is_ready);
                    pods.add(&mut target, of.target_ref.as_ref(), of.node_name.as_deref(), port.port);
                    targets.push(target.labels());
                }
            }
        }
    }
    targets.extend(pods.others());
    let source = format!("endpoints/{}/{}", own.namespace, own.name);
    TargetGroup { source, labels: labels.labels(), targets }
}

fn target(of: &EndpointAddress, port: &EndpointPort, is_ready: bool) -> Meta {
    let mut target = Meta::default();
    target
        .set(ADDRESS, address(&of.ip, port.port.unwrap_or_default()))
        .set(&name("endpoint_port_name"), port.name.as_deref().unwrap_or_default())
        .set(&name("endpoint_port_protocol"), port.protocol.as_deref().unwrap_or_default())
        .set(&name("endpoint_ready"), is_ready);
    if let Some(reference) = &of.target_ref {
        target.set(&name("endpoint_address_target_kind"), &reference.kind);
        target.set(&name("endpoint_address_target_name"), &reference.name);
    }
    target.set_some(&name("endpoint_node_name"), of.node_name.as_deref());
    target.set(&name("endpoint_hostname"), &of.hostname);
    target
}
