//! Ingresses: each path of each host.

use super::labels::{NAMESPACE, add_namespace, add_object, name};
use super::objects::{Ingress, IngressRule};
use super::store::Cluster;
use crate::meta::Meta;
use crate::{ADDRESS, TargetGroup};

pub(super) fn groups(cluster: &Cluster) -> Vec<TargetGroup> {
    cluster.ingresses.all().iter().map(|ingress| group(cluster, ingress)).collect()
}

fn group(cluster: &Cluster, ingress: &Ingress) -> TargetGroup {
    let own = &ingress.metadata;
    let mut labels = Meta::default();
    labels.set(NAMESPACE, &own.namespace);
    labels.set(&name("ingress_name"), &own.name);
    labels.set_some(&name("ingress_class_name"), ingress.spec.ingress_class_name.as_deref());
    add_object(&mut labels, "ingress", own);
    add_namespace(&mut labels, cluster, &own.namespace);
    let mut targets = Vec::new();
    for rule in &ingress.spec.rules {
        let mut secured = ingress.spec.tls.iter().flat_map(|tls| &tls.hosts);
        let scheme = if secured.any(|pattern| covers(pattern, &rule.host)) { "https" } else { "http" };
        for path in paths(rule) {
            let mut target = Meta::default();
            target
                .set(ADDRESS, &rule.host)
                .set(&name("ingress_scheme"), scheme)
                .set(&name("ingress_host"), &rule.host)
                .set(&name("ingress_path"), path);
            targets.push(target.labels());
        }
    }
    TargetGroup {
        source: format!("ingress/{}/{}", own.namespace, own.name),
        labels: labels.labels(),
        targets,
    }
}

fn paths(rule: &IngressRule) -> Vec<&str> {
    let Some(http) = &rule.http else { return vec!["/"] };
    http.paths.iter().map(|path| if path.path.is_empty() { "/" } else { path.path.as_str() }).collect()
}

/// Whether a host is one of a certificate's; a star stands for one part.
fn covers(pattern: &str, host: &str) -> bool {
    if pattern == host {
        return true;
    }
    let parent = host.split_once('.').map(|(_, parent)| parent);
    pattern.strip_prefix("*.").is_some_and(|rest| Some(rest) == parent)
}
