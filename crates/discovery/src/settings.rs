//! What discoveries are told, checked.

use std::time::Duration;

use http::Uri;

use crate::{
    ConsulSettings, DnsSettings, DockerSettings, DockerSwarmSettings, KubernetesSettings, TargetGroup,
};

/// One discovery of a set: the table of what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// Targets that stand in the configuration.
    Static(Vec<TargetGroup>),
    /// Targets in files.
    File(FileSettings),
    /// Targets that a server lists.
    Http(Box<HttpSettings>),
    /// Names in the DNS.
    Dns(DnsSettings),
    /// Services in Consul's catalogue.
    Consul(Box<ConsulSettings>),
    /// Containers of a Docker engine.
    Docker(Box<DockerSettings>),
    /// Parts of a swarm of Docker engines.
    DockerSwarm(Box<DockerSwarmSettings>),
    /// Objects of a Kubernetes cluster.
    Kubernetes(Box<KubernetesSettings>),
    /// A discovery of the original's that is not built yet: it says so and finds nothing.
    NotSupportedYet {
        /// Its name in configuration files, such as `consul`.
        mechanism: String,
    },
}

/// Targets in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    /// Paths, absolute or from the working directory; the last part may hold `*`.
    pub files: Vec<String>,
    /// How often files are read again, changed or not.
    pub refresh_interval: Duration,
}

/// Targets that a server lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// What is asked.
    pub url: Uri,
    /// How often.
    pub refresh_interval: Duration,
    /// How it is asked.
    pub client: http_client::Settings,
}

impl Settings {
    /// The name in configuration files and metrics.
    pub fn mechanism(&self) -> &str {
        match self {
            Self::Static(_) => "static",
            Self::File(_) => "file",
            Self::Http(_) => "http",
            Self::Dns(_) => "dns",
            Self::Consul(_) => "consul",
            Self::Docker(_) => "docker",
            Self::DockerSwarm(_) => "dockerswarm",
            Self::Kubernetes(_) => "kubernetes",
            Self::NotSupportedYet { mechanism } => mechanism,
        }
    }
}
