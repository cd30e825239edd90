//! The objects of Kubernetes, as far as targets tell of them.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};

/// A kind of object that is listed and watched.
pub(super) trait Object: DeserializeOwned + Send + Sync + 'static {
    fn meta(&self) -> &Meta;
}

macro_rules! objects {
    ($($name:ident),*) => {
        $(impl Object for $name {
            fn meta(&self) -> &Meta {
                &self.metadata
            }
        })*
    };
}

objects!(Node, Service, Pod, Endpoints, EndpointSlice, Ingress, Other);

/// A null stands for nothing, as in the cluster's own language.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

macro_rules! shapes {
    ($($(#[$doc:meta])* struct $name:ident { $($(#[$attribute:meta])* $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub(super) struct $name {
            $($(#[$attribute])* #[serde(deserialize_with = "or_default")] pub(super) $field: $type,)*
        })*
    };
}

shapes! {
    /// What all objects have.
    struct Meta {
        name: String,
        namespace: String,
        uid: String,
        resource_version: String,
        labels: BTreeMap<String, String>,
        annotations: BTreeMap<String, String>,
        owner_references: Vec<Owner>,
    }

    /// What an object belongs to.
    struct Owner {
        kind: String,
        name: String,
        controller: bool,
    }

    /// An object of which only owners and labels count: namespaces, replica sets, jobs.
    struct Other {
        metadata: Meta,
    }

    struct Node {
        metadata: Meta,
        spec: NodeSpec,
        status: NodeStatus,
    }

    struct NodeSpec {
        #[serde(rename = "providerID")]
        provider_id: String,
    }

    struct NodeStatus {
        addresses: Vec<NodeAddress>,
        conditions: Vec<Condition>,
        daemon_endpoints: DaemonEndpoints,
    }

    struct NodeAddress {
        #[serde(rename = "type")]
        kind: String,
        address: String,
    }

    struct Condition {
        #[serde(rename = "type")]
        kind: String,
        status: String,
    }

    struct DaemonEndpoints {
        kubelet_endpoint: DaemonEndpoint,
    }

    struct DaemonEndpoint {
        #[serde(rename = "Port")]
        port: i32,
    }

    struct Service {
        metadata: Meta,
        spec: ServiceSpec,
    }

    struct ServiceSpec {
        #[serde(rename = "type")]
        kind: String,
        #[serde(rename = "clusterIP")]
        cluster_ip: String,
        external_name: String,
        #[serde(rename = "loadBalancerIP")]
        load_balancer_ip: String,
        ports: Vec<ServicePort>,
    }

    struct ServicePort {
        name: String,
        protocol: String,
        port: i32,
    }

    struct Pod {
        metadata: Meta,
        spec: PodSpec,
        status: PodStatus,
    }

    struct PodSpec {
        node_name: String,
        containers: Vec<Container>,
        init_containers: Vec<Container>,
    }

    struct Container {
        name: String,
        image: String,
        ports: Vec<ContainerPort>,
    }

    struct ContainerPort {
        name: String,
        container_port: i32,
        protocol: String,
    }

    struct PodStatus {
        phase: String,
        #[serde(rename = "podIP")]
        pod_ip: String,
        #[serde(rename = "hostIP")]
        host_ip: String,
        conditions: Vec<Condition>,
        container_statuses: Vec<ContainerStatus>,
        init_container_statuses: Vec<ContainerStatus>,
    }

    struct ContainerStatus {
        name: String,
        #[serde(rename = "containerID")]
        container_id: String,
    }

    struct Endpoints {
        metadata: Meta,
        subsets: Vec<Subset>,
    }

    struct Subset {
        addresses: Vec<EndpointAddress>,
        not_ready_addresses: Vec<EndpointAddress>,
        ports: Vec<EndpointPort>,
    }

    struct EndpointAddress {
        ip: String,
        hostname: String,
        node_name: Option<String>,
        target_ref: Option<Reference>,
    }

    /// What an address leads to.
    struct Reference {
        kind: String,
        namespace: String,
        name: String,
    }

    struct EndpointPort {
        name: Option<String>,
        port: Option<i32>,
        protocol: Option<String>,
        app_protocol: Option<String>,
    }

    struct EndpointSlice {
        metadata: Meta,
        address_type: String,
        endpoints: Vec<SliceEndpoint>,
        ports: Vec<EndpointPort>,
    }

    struct SliceEndpoint {
        addresses: Vec<String>,
        conditions: SliceConditions,
        hostname: Option<String>,
        node_name: Option<String>,
        zone: Option<String>,
        target_ref: Option<Reference>,
        deprecated_topology: BTreeMap<String, String>,
    }

    struct SliceConditions {
        ready: Option<bool>,
        serving: Option<bool>,
        terminating: Option<bool>,
    }

    struct Ingress {
        metadata: Meta,
        spec: IngressSpec,
    }

    struct IngressSpec {
        ingress_class_name: Option<String>,
        tls: Vec<IngressTls>,
        rules: Vec<IngressRule>,
    }

    struct IngressTls {
        hosts: Vec<String>,
    }

    struct IngressRule {
        host: String,
        http: Option<IngressHttp>,
    }

    struct IngressHttp {
        paths: Vec<IngressPath>,
    }

    struct IngressPath {
        path: String,
    }
}

impl Meta {
    /// What manages the object, if anything.
    pub(super) fn controller(&self) -> Option<&Owner> {
        self.owner_references.iter().find(|owner| owner.controller)
    }
}
