//! Services of a swarm, at their virtual addresses.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{PREFIX, Port, without_prefix};
use crate::docker::engine::Engine;
use crate::docker::networks;
use crate::meta::{Meta, address};
use crate::{ADDRESS, Error, TargetGroup};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Service {
    #[serde(rename = "ID")]
    id: String,
    spec: Spec,
    endpoint: Endpoint,
    update_status: Option<UpdateStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Spec {
    name: String,
    labels: Option<BTreeMap<String, String>>,
    task_template: TaskTemplate,
    mode: Mode,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TaskTemplate {
    container_spec: Option<ContainerSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ContainerSpec {
    image: String,
    hostname: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mode {
    global: Option<serde::de::IgnoredAny>,
    replicated: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Endpoint {
    ports: Option<Vec<Port>>,
    #[serde(rename = "VirtualIPs")]
    virtual_ips: Option<Vec<VirtualIp>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct VirtualIp {
    #[serde(rename = "NetworkID")]
    network_id: String,
    #[serde(rename = "Addr")]
    addr: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UpdateStatus {
    state: String,
}

/// A target for each port of each virtual address.
pub(in crate::docker) async fn targets(engine: &Engine, port: u16) -> Result<TargetGroup, Error> {
    let services: Vec<Service> = engine.filtered("/services").await?;
    let networks = networks::labels(engine, PREFIX).await?;
    let mut targets = Vec::new();
    for service in &services {
        let common = service.described();
        for virtual_ip in service.endpoint.virtual_ips.iter().flatten() {
            let Some(ip) = without_prefix(&virtual_ip.addr) else { continue };
            let mut common = common.clone();
            if let Some(network) = networks.get(&virtual_ip.network_id) {
                common.extend(network);
            }
            add(service, &common, ip, port, &mut targets);
        }
    }
    let targets = targets.into_iter().map(Meta::labels).collect();
    Ok(TargetGroup { source: "DockerSwarm".to_owned(), labels: model::Labels::empty(), targets })
}

fn add(service: &Service, common: &Meta, ip: &str, port: u16, targets: &mut Vec<Meta>) {
    let before = targets.len();
    for published in service.tcp_ports() {
        let mut meta = common.clone();
        meta.set(&format!("{PREFIX}service_endpoint_port_name"), &published.name)
            .set(&format!("{PREFIX}service_endpoint_port_publish_mode"), &published.publish_mode)
            .set(ADDRESS, address(ip, published.published_port));
        targets.push(meta);
    }
    if targets.len() == before {
        let mut meta = common.clone();
        meta.set(ADDRESS, address(ip, port));
        targets.push(meta);
    }
}

/// The labels of each service and its ports, by its id.
pub(super) async fn labels(engine: &Engine) -> Result<HashMap<String, (Meta, Vec<Port>)>, Error> {
    let services: Vec<Service> = engine.all("/services").await?;
    let entry = |service: Service| {
        let ports = service.endpoint.ports.clone().unwrap_or_default();
        (service.id.clone(), (service.meta(), ports))
    };
    Ok(services.into_iter().map(entry).collect())
}

impl Service {
    fn tcp_ports(&self) -> impl Iterator<Item = &Port> {
        self.endpoint.ports.iter().flatten().filter(|port| port.is_tcp())
    }

    /// What tasks are told of their service.
    fn meta(&self) -> Meta {
        let mut meta = Meta::default();
        meta.set_each(&format!("{PREFIX}service_label_"), &self.spec.labels.clone().unwrap_or_default())
            .set(&format!("{PREFIX}service_id"), &self.id)
            .set(&format!("{PREFIX}service_name"), &self.spec.name)
            .set(&format!("{PREFIX}service_mode"), self.mode());
        meta
    }

    /// All that is known of a service.
    fn described(&self) -> Meta {
        let mut meta = self.meta();
        if let Some(container) = &self.spec.task_template.container_spec {
            meta.set(&format!("{PREFIX}service_task_container_image"), &container.image)
                .set(&format!("{PREFIX}service_task_container_hostname"), &container.hostname);
        }
        let updating = self.update_status.as_ref().map(|status| &status.state);
        meta.set_some(&format!("{PREFIX}service_updating_status"), updating);
        meta
    }

    fn mode(&self) -> &'static str {
        match (&self.spec.mode.global, &self.spec.mode.replicated) {
            (Some(_), _) => "global",
            (None, Some(_)) => "replicated",
            (None, None) => "",
        }
    }
}
