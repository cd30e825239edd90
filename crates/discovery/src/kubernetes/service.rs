//! Services: each port at the service's name.

use super::labels::{NAMESPACE, add_namespace, add_object, name};
use super::objects::Service;
use super::store::Cluster;
use crate::meta::Meta;
use crate::{ADDRESS, TargetGroup};

pub(super) fn groups(cluster: &Cluster) -> Vec<TargetGroup> {
    cluster.services.all().iter().map(|service| group(cluster, service)).collect()
}

fn group(cluster: &Cluster, service: &Service) -> TargetGroup {
    let (own, spec) = (&service.metadata, &service.spec);
    let mut labels = Meta::default();
    labels.set(NAMESPACE, &own.namespace);
    add_service(&mut labels, service);
    add_namespace(&mut labels, cluster, &own.namespace);
    let targets = spec.ports.iter().map(|port| {
        let mut target = Meta::default();
        target.set(ADDRESS, format!("{}.{}.svc:{}", own.name, own.namespace, port.port));
        target.set(&name("service_port_name"), &port.name);
        target.set(&name("service_port_number"), port.port);
        target.set(&name("service_port_protocol"), &port.protocol);
        target.set(&name("service_type"), &spec.kind);
        if spec.kind == "ExternalName" {
            target.set(&name("service_external_name"), &spec.external_name);
        } else {
            target.set(&name("service_cluster_ip"), &spec.cluster_ip);
        }
        if spec.kind == "LoadBalancer" {
            target.set(&name("service_loadbalancer_ip"), &spec.load_balancer_ip);
        }
        target.labels()
    });
    TargetGroup {
        source: format!("svc/{}/{}", own.namespace, own.name),
        targets: targets.collect(),
        labels: labels.labels(),
    }
}

/// Adds the name, the labels and the annotations of a service.
pub(super) fn add_service(labels: &mut Meta, service: &Service) {
    labels.set(&name("service_name"), &service.metadata.name);
    add_object(labels, "service", &service.metadata);
}
