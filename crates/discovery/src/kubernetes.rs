//! Objects of a Kubernetes cluster (`kubernetes_sd_configs`): nodes, services, pods, endpoints, slices of endpoints
//! and ingresses.
//!
//! Each kind of object that a role needs is listed once and watched from there on ([`watch`]); whenever something
//! has changed, targets are made of what there is then. Why there is an own client and not a crate stands in
//! decision 0011.

mod access;
mod endpoint;
mod endpoints;
mod endpointslice;
mod ingress;
mod kubeconfig;
mod labels;
mod node;
mod objects;
mod pod;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::TargetGroup;
use crate::discoverer::{Context, Updates};
pub use access::KubernetesAccess;
use store::Cluster;

/// Changes that come together are looked at together.
const GATHER: Duration = Duration::from_millis(100);

/// A cluster that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesSettings {
    /// How it is reached.
    pub access: KubernetesAccess,
    /// What becomes targets.
    pub role: KubernetesRole,
    /// The namespaces that are looked at; all where there are none.
    pub namespaces: Vec<String>,
    /// Whether the namespace that the program runs in is looked at.
    pub own_namespace: bool,
    /// Which objects are looked at.
    pub selectors: Vec<KubernetesSelector>,
    /// What else targets are told about.
    pub attach: KubernetesAttach,
}

/// What of a cluster becomes targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KubernetesRole {
    /// The kubelet of each node.
    Node,
    /// Each port of each service.
    Service,
    /// Each port of each container.
    Pod,
    /// Each address behind a service.
    Endpoints,
    /// Each address behind a service, from the newer lists.
    EndpointSlice,
    /// Each path of each ingress.
    Ingress,
}

/// Which objects of a role are looked at, in Kubernetes's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesSelector {
    /// The role.
    pub role: KubernetesRole,
    /// By labels, empty for any.
    pub label: String,
    /// By fields, empty for any.
    pub field: String,
}

/// What else targets are told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KubernetesAttach {
    /// Their node.
    pub node: bool,
    /// Their namespace.
    pub namespace: bool,
    /// The deployment that owns them.
    pub deployment: bool,
    /// The job that owns them.
    pub job: bool,
    /// The cron job that owns them.
    pub cronjob: bool,
}

impl KubernetesRole {
    /// All roles.
    pub const ALL: [Self; 6] =
        [Self::EndpointSlice, Self::Endpoints, Self::Node, Self::Pod, Self::Service, Self::Ingress];

    /// The name in configuration files and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Service => "service",
            Self::Pod => "pod",
            Self::Endpoints => "endpoints",
            Self::EndpointSlice => "endpointslice",
            Self::Ingress => "ingress",
        }
    }

    /// The role of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

pub(crate) async fn run(settings: KubernetesSettings, context: Context, updates: Updates) {
    let reached = access::reach(&settings, &context);
    let (server, namespaces) = match reached {
        Ok(reached) => reached,
        Err(error) => {
            context.metrics.servers.kubernetes_failures.inc();
            tracing::error!(discovery = "kubernetes", config = context.set, err = %error, "cannot be reached");
            updates.send(Vec::new());
            return;
        }
    };
    let cluster = Cluster::watch(&settings, &server, &namespaces, &context);
    loop {
        cluster.changed().await;
        sleep(GATHER).await;
        if cluster.is_complete() {
            updates.send(groups(&settings, &cluster).into_iter().map(Arc::new).collect());
        }
    }
}

/// All groups as they are now.
fn groups(settings: &KubernetesSettings, cluster: &Cluster) -> Vec<TargetGroup> {
    match settings.role {
        KubernetesRole::Node => node::groups(cluster),
        KubernetesRole::Service => service::groups(cluster),
        KubernetesRole::Pod => pod::groups(cluster),
        KubernetesRole::Endpoints => endpoints::groups(cluster),
        KubernetesRole::EndpointSlice => endpointslice::groups(cluster),
        KubernetesRole::Ingress => ingress::groups(cluster),
    }
}
