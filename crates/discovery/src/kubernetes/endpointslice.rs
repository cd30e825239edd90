//! Slices of endpoints: the addresses behind services, in several lists where there are many.

use super::endpoint::SeenPods;
use super::labels::{NAMESPACE, add_namespace, add_object, name};
use super::objects::{EndpointPort, EndpointSlice, SliceEndpoint};
use super::service::add_service;
use super::store::Cluster;
use crate::meta::{Meta, address, label_name};
use crate::{ADDRESS, TargetGroup};

/// The label of a slice that names its service.
const SERVICE: &str = "kubernetes.io/service-name";

pub(super) fn groups(cluster: &Cluster) -> Vec<TargetGroup> {
    cluster.slices.all().iter().map(|slice| group(cluster, slice)).collect()
}

fn group(cluster: &Cluster, slice: &EndpointSlice) -> TargetGroup {
    let own = &slice.metadata;
    let mut labels = Meta::default();
    labels.set(NAMESPACE, &own.namespace);
    labels.set(&name("endpointslice_name"), &own.name);
    labels.set(&name("endpointslice_address_type"), &slice.address_type);
    let service = own.labels.get(SERVICE).and_then(|service| cluster.services.get(&own.namespace, service));
    if let Some(service) = service {
        add_service(&mut labels, &service);
    }
    add_object(&mut labels, "endpointslice", own);
    add_namespace(&mut labels, cluster, &own.namespace);
    let mut pods = SeenPods::new(cluster);
    let mut targets = Vec::new();
    for port in &slice.ports {
        for endpoint in &slice.endpoints {
            for host in &endpoint.addresses {
                let mut target = target(host, endpoint, port);
                let node = endpoint.node_name.as_deref();
                pods.add(&mut target, endpoint.target_ref.as_ref(), node, port.port);
                targets.push(target.labels());
            }
        }
    }
    targets.extend(pods.others());
    let source = format!("endpointslice/{}/{}", own.namespace, own.name);
    TargetGroup { source, labels: labels.labels(), targets }
}

fn target(host: &str, endpoint: &SliceEndpoint, port: &EndpointPort) -> Meta {
    let of = |end: &str| name(&format!("endpointslice_{end}"));
    let mut target = Meta::default();
    target.set(ADDRESS, port.port.map_or_else(|| host.to_owned(), |port| address(host, port)));
    target
        .set_some(&of("port_name"), port.name.as_deref())
        .set_some(&of("port_protocol"), port.protocol.as_deref())
        .set_some(&of("port"), port.port)
        .set_some(&of("port_app_protocol"), port.app_protocol.as_deref())
        .set_some(&of("endpoint_conditions_ready"), endpoint.conditions.ready)
        .set_some(&of("endpoint_conditions_serving"), endpoint.conditions.serving)
        .set_some(&of("endpoint_conditions_terminating"), endpoint.conditions.terminating)
        .set_some(&of("endpoint_hostname"), endpoint.hostname.as_deref())
        .set_some(&of("endpoint_node_name"), endpoint.node_name.as_deref())
        .set_some(&of("endpoint_zone"), endpoint.zone.as_deref());
    if let Some(reference) = &endpoint.target_ref {
        target.set(&of("address_target_kind"), &reference.kind);
        target.set(&of("address_target_name"), &reference.name);
    }
    for (key, value) in &endpoint.deprecated_topology {
        let key = label_name(key);
        target.set(&of(&format!("endpoint_topology_{key}")), value);
        target.set(&of(&format!("endpoint_topology_present_{key}")), "true");
    }
    target
}
