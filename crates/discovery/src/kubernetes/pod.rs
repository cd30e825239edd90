//! Pods: each port of each container.

use super::labels::{NAMESPACE, add_namespace, add_node, add_object, name};
use super::objects::{Container, ContainerPort, ContainerStatus, Pod};
use super::store::Cluster;
use crate::meta::{Meta, address};
use crate::{ADDRESS, TargetGroup};

pub(super) fn groups(cluster: &Cluster) -> Vec<TargetGroup> {
    cluster.pods.all().iter().map(|pod| group(cluster, pod)).collect()
}

fn group(cluster: &Cluster, pod: &Pod) -> TargetGroup {
    let own = &pod.metadata;
    let mut labels = Meta::default();
    labels.set(NAMESPACE, &own.namespace);
    add_pod(&mut labels, cluster, pod);
    add_namespace(&mut labels, cluster, &own.namespace);
    add_node(&mut labels, cluster, &pod.spec.node_name);
    let ip = &pod.status.pod_ip;
    let mut targets = Vec::new();
    // One that starts, or was driven out, has no address.
    if !ip.is_empty() {
        for (container, is_init) in containers(pod) {
            if container.ports.is_empty() {
                let mut target = Meta::default();
                target.set(ADDRESS, ip);
                add_container(&mut target, pod, container, is_init);
                targets.push(target.labels());
            }
            for port in &container.ports {
                let mut target = Meta::default();
                target.set(ADDRESS, address(ip, port.container_port));
                add_container(&mut target, pod, container, is_init);
                add_port(&mut target, port);
                targets.push(target.labels());
            }
        }
    }
    let source = format!("pod/{}/{}", own.namespace, own.name);
    TargetGroup { source, labels: labels.labels(), targets }
}

/// The containers of a pod, those that only prepare it behind the others.
pub(super) fn containers(pod: &Pod) -> impl Iterator<Item = (&Container, bool)> {
    let (usual, init) = (&pod.spec.containers, &pod.spec.init_containers);
    usual.iter().map(|container| (container, false)).chain(init.iter().map(|container| (container, true)))
}

/// Adds what a pod says, its namespace aside.
pub(super) fn add_pod(labels: &mut Meta, cluster: &Cluster, pod: &Pod) {
    let (own, status) = (&pod.metadata, &pod.status);
    let ready = status.conditions.iter().find(|condition| condition.kind == "Ready");
    let ready = ready.map_or("unknown".to_owned(), |condition| condition.status.to_ascii_lowercase());
    labels
        .set(&name("pod_name"), &own.name)
        .set(&name("pod_ip"), &status.pod_ip)
        .set(&name("pod_ready"), ready)
        .set(&name("pod_phase"), &status.phase)
        .set(&name("pod_node_name"), &pod.spec.node_name)
        .set(&name("pod_host_ip"), &status.host_ip)
        .set(&name("pod_uid"), &own.uid);
    add_object(labels, "pod", own);
    if let Some(owner) = own.controller() {
        labels.set(&name("pod_controller_kind"), &owner.kind);
        labels.set(&name("pod_controller_name"), &owner.name);
        add_owners(labels, cluster, &own.namespace, (&owner.kind, &owner.name));
    }
}

/// Adds what owns the owner of a pod, where it is asked for.
fn add_owners(labels: &mut Meta, cluster: &Cluster, namespace: &str, (kind, owner): (&str, &str)) {
    let attach = cluster.attach;
    if kind == "ReplicaSet"
        && attach.deployment
        && let Some(set) = cluster.replica_sets.get(namespace, owner)
        && let Some(above) = set.metadata.controller().filter(|above| above.kind == "Deployment")
    {
        labels.set(&name("pod_deployment_name"), &above.name);
    }
    if kind == "Job" {
        if attach.job {
            labels.set(&name("pod_job_name"), owner);
        }
        if attach.cronjob
            && let Some(job) = cluster.jobs.get(namespace, owner)
            && let Some(above) = job.metadata.controller().filter(|above| above.kind == "CronJob")
        {
            labels.set(&name("pod_cronjob_name"), &above.name);
        }
    }
}

/// Adds what a container says, its ports aside.
pub(super) fn add_container(target: &mut Meta, pod: &Pod, container: &Container, is_init: bool) {
    let statuses: &[ContainerStatus] =
        if is_init { &pod.status.init_container_statuses } else { &pod.status.container_statuses };
    let status = statuses.iter().find(|status| status.name == container.name);
    target
        .set(&name("pod_container_name"), &container.name)
        .set(&name("pod_container_id"), status.map_or("", |status| &status.container_id))
        .set(&name("pod_container_image"), &container.image)
        .set(&name("pod_container_init"), is_init);
}

/// Adds what a port of a container says.
pub(super) fn add_port(target: &mut Meta, port: &ContainerPort) {
    target
        .set(&name("pod_container_port_name"), &port.name)
        .set(&name("pod_container_port_number"), port.container_port)
        .set(&name("pod_container_port_protocol"), &port.protocol);
}
