//! Discoveries that ask other servers: the DNS, Consul, Docker and Kubernetes.

use config::prometheus::{
    ConsulSdConfig, DnsSdConfig, DockerFilter, DockerSdConfig, DockerSwarmSdConfig, HttpClientConfig,
    KubernetesSdConfig,
};
use discovery::{
    ConsulSettings, DnsRecord, DnsSettings, DockerEngine, DockerSettings, DockerSwarmSettings,
    KubernetesAccess, KubernetesAttach, KubernetesRole, KubernetesSelector, KubernetesSettings, SwarmRole,
};
use http_client::Secret;

pub(super) fn dns(block: &DnsSdConfig) -> Result<DnsSettings, String> {
    let record = match block.kind.to_ascii_uppercase().as_str() {
        "A" => DnsRecord::A,
        "AAAA" => DnsRecord::Aaaa,
        "MX" => DnsRecord::Mx,
        "NS" => DnsRecord::Ns,
        _ => DnsRecord::Srv,
    };
    Ok(DnsSettings {
        names: block.names.clone(),
        record,
        port: port(block.port, "dns")?,
        refresh_interval: block.refresh_interval,
    })
}

pub(super) fn consul(block: &ConsulSdConfig) -> Result<ConsulSettings, String> {
    let prefix = block.path_prefix.trim_matches('/');
    let slash = if prefix.is_empty() { "" } else { "/" };
    // An address may name its scheme itself, as Consul's own client takes it.
    let base = if block.server.contains("://") {
        block.server.trim_end_matches('/').to_owned()
    } else {
        format!("{}://{}", block.scheme, block.server)
    };
    Ok(ConsulSettings {
        url: format!("{base}{slash}{prefix}"),
        token: (!block.token.is_empty()).then(|| Secret::new(block.token.expose())),
        datacenter: block.datacenter.clone(),
        namespace: block.namespace.clone(),
        partition: block.partition.clone(),
        tag_separator: block.tag_separator.clone(),
        allow_stale: block.allow_stale,
        refresh_interval: block.refresh_interval,
        services: block.services.clone(),
        service_tags: block.service_tags.clone(),
        node_meta: block.node_meta.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        filter: block.filter.clone(),
        client: super::super::http::settings(&block.http)?,
    })
}

pub(super) fn docker(block: &DockerSdConfig) -> Result<DockerSettings, String> {
    Ok(DockerSettings {
        engine: engine(&block.host, &block.filters, &block.http)?,
        port: port(block.port, "docker")?,
        host_networking_host: block.host_networking_host.clone(),
        match_first_network: block.match_first_network,
        refresh_interval: block.refresh_interval,
    })
}

pub(super) fn swarm(block: &DockerSwarmSdConfig) -> Result<DockerSwarmSettings, String> {
    let role = match block.role.as_str() {
        "services" => SwarmRole::Services,
        "tasks" => SwarmRole::Tasks,
        _ => SwarmRole::Nodes,
    };
    Ok(DockerSwarmSettings {
        engine: engine(&block.host, &block.filters, &block.http)?,
        role,
        port: port(block.port, "dockerswarm")?,
        refresh_interval: block.refresh_interval,
    })
}

pub(super) fn kubernetes(block: &KubernetesSdConfig) -> Result<KubernetesSettings, String> {
    let role = |name: &str| {
        KubernetesRole::from_name(name)
            .ok_or_else(|| format!("kubernetes_sd_configs: role: {name} is no role"))
    };
    let access = if !block.api_server.is_empty() {
        KubernetesAccess::Url {
            url: block.api_server.to_string(),
            client: Box::new(super::super::http::settings(&block.http)?),
        }
    } else if block.kubeconfig_file.is_empty() {
        KubernetesAccess::InCluster
    } else {
        KubernetesAccess::Kubeconfig(block.kubeconfig_file.as_str().into())
    };
    let selectors = block.selectors.iter().map(|selector| {
        Ok(KubernetesSelector {
            role: role(&selector.role)?,
            label: selector.label.clone(),
            field: selector.field.clone(),
        })
    });
    let attach = &block.attach_metadata;
    Ok(KubernetesSettings {
        access,
        role: role(&block.role)?,
        namespaces: block.namespaces.names.clone(),
        own_namespace: block.namespaces.own_namespace,
        selectors: selectors.collect::<Result<_, String>>()?,
        attach: KubernetesAttach {
            node: attach.node,
            namespace: attach.namespace,
            deployment: attach.deployment,
            job: attach.job,
            cronjob: attach.cronjob,
        },
    })
}

fn engine(host: &str, filters: &[DockerFilter], http: &HttpClientConfig) -> Result<DockerEngine, String> {
    Ok(DockerEngine {
        host: host.to_owned(),
        filters: filters.iter().map(|filter| (filter.name.clone(), filter.values.clone())).collect(),
        client: super::super::http::settings(http)?,
    })
}

fn port(port: isize, mechanism: &str) -> Result<u16, String> {
    u16::try_from(port).map_err(|_| format!("{mechanism}_sd_configs: port: {port} is no port"))
}
