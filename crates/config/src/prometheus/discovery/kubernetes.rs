//! Kubernetes.

use super::{check_client, selector};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::{FilePath, Url},
    yaml::Node,
};

section! {
    /// A cluster that is watched.
    pub struct KubernetesSdConfig as "kubernetes.plain" {
        /// Its address; the cluster that the program runs in unless given.
        api_server: Url = Url::default() => ["api_server"];
        /// What becomes targets.
        role: String = String::new() => ["role", always];
        /// A file that says how to reach the cluster.
        kubeconfig_file: FilePath = FilePath::default() => ["kubeconfig_file", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// Which namespaces.
        namespaces: NamespaceDiscovery = NamespaceDiscovery::default() => ["namespaces"];
        /// Which objects, by role.
        selectors: Vec<Selector> = Vec::new() => ["selectors"];
        /// What else targets are told about.
        attach_metadata: AttachMetadata = AttachMetadata::default() => ["attach_metadata"];
    }
}

section! {
    /// Which namespaces are looked at.
    pub struct NamespaceDiscovery as "kubernetes.plain" {
        /// The one that the program runs in.
        own_namespace: bool = false => ["own_namespace", always];
        /// These.
        names: Vec<String> = Vec::new() => ["names", always];
    }
}

section! {
    /// Which objects of a role are looked at, in Kubernetes's words.
    pub struct Selector as "kubernetes.SelectorConfig" {
        /// The role.
        role: String = String::new() => ["role"];
        /// By labels.
        label: String = String::new() => ["label"];
        /// By fields.
        field: String = String::new() => ["field"];
    }
}

section! {
    /// What else targets are told about.
    pub struct AttachMetadata as "kubernetes.AttachMetadataConfig" {
        /// Their node.
        node: bool = false => ["node", always];
        /// Their namespace.
        namespace: bool = false => ["namespace", always];
        /// The deployment that owns them.
        deployment: bool = false => ["deployment"];
        /// The job that owns them.
        job: bool = false => ["job"];
        /// The cron job that owns them.
        cronjob: bool = false => ["cronjob"];
    }
}

impl Check for NamespaceDiscovery {}
impl Check for Selector {}
impl Check for AttachMetadata {}

/// Roles, and the roles whose objects may be selected with them.
const ROLES: [(&str, &[&str]); 6] = [
    ("pod", &["pod"]),
    ("service", &["service"]),
    ("endpointslice", &["pod", "service", "endpointslice"]),
    ("endpoints", &["pod", "service", "endpoints"]),
    ("node", &["node"]),
    ("ingress", &["ingress"]),
];

impl Check for KubernetesSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        self.check_role_names(node, decoder)?;
        check_client(&mut self.http, node, decoder)?;
        self.check_access(node, decoder)?;
        self.check_selectors(node, decoder)
    }
}

impl KubernetesSdConfig {
    fn check_role_names(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        for selector in &self.selectors {
            if !selector.role.is_empty() && !is_role(&selector.role) {
                return Err(decoder.invalid_key(node, "selectors", unknown_role(&selector.role)));
            }
        }
        if self.role.is_empty() && node.get("role").is_none_or(|role| role.is_null()) {
            let message = "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)";
            return Err(decoder.invalid_key(node, "role", message));
        }
        if !is_role(&self.role) {
            return Err(decoder.invalid_key(node, "role", unknown_role(&self.role)));
        }
        Ok(())
    }

    /// Checks how the cluster is reached: by address, by a file of Kubernetes, or from the inside.
    fn check_access(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let (address, file) = (!self.api_server.is_empty(), !self.kubeconfig_file.is_empty());
        let (own_client, own_namespace) =
            (self.http != HttpClientConfig::default(), self.namespaces.own_namespace);
        let (key, message) = if address && file {
            ("kubeconfig_file", "cannot use 'kubeconfig_file' and 'api_server' simultaneously")
        } else if file && own_client {
            (
                "kubeconfig_file",
                "cannot use a custom HTTP client configuration together with 'kubeconfig_file'",
            )
        } else if !address && own_client {
            (
                "api_server",
                "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
            )
        } else if address && own_namespace {
            ("namespaces", "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously")
        } else if file && own_namespace {
            ("namespaces", "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously")
        } else {
            return Ok(());
        };
        Err(decoder.invalid_key(node, key, message))
    }

    fn check_selectors(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let fail = |message: String| Err(decoder.invalid_key(node, "selectors", message));
        let allowed: Vec<&str> = match ROLES.iter().find(|(role, _)| *role == self.role) {
            // Pods may be chosen by their nodes once the nodes are known.
            Some((_, allowed)) if self.role == "pod" && self.attach_metadata.node => {
                [*allowed, &["node"]].concat()
            }
            Some((_, allowed)) => allowed.to_vec(),
            None => Vec::new(),
        };
        let mut seen: Vec<&str> = Vec::new();
        for selector in &self.selectors {
            if seen.contains(&selector.role.as_str()) {
                return fail(format!("duplicated selector role: {}", selector.role));
            }
            seen.push(&selector.role);
            if !allowed.contains(&selector.role.as_str()) {
                return fail(format!("{} role supports only {} selectors", self.role, allowed.join(", ")));
            }
            if let Err(message) = selector::check_fields(&selector.field) {
                return fail(message);
            }
            if let Err(message) = selector::check_labels(&selector.label) {
                return fail(message);
            }
        }
        Ok(())
    }
}

fn is_role(text: &str) -> bool {
    ROLES.iter().any(|(role, _)| *role == text)
}

fn unknown_role(role: &str) -> String {
    format!("unknown Kubernetes SD role {}", model::quote::quote(role))
}
