//! Where targets come from.

mod others;

use config::prometheus::{DiscoveryConfigs, TargetGroup as Group};
use discovery::{FileSettings, HttpSettings, Settings, TargetGroup};
use model::Labels;

/// The discoveries of a scrape configuration.
///
/// # Errors
/// What cannot be done yet, with the key.
pub(super) fn settings(block: &DiscoveryConfigs) -> Result<Vec<Settings>, String> {
    let mut all = Vec::new();
    let groups: Vec<TargetGroup> =
        block.fixed.iter().enumerate().map(|(position, group)| fixed(position, group)).collect();
    if !groups.is_empty() {
        all.push(Settings::Static(groups));
    }
    for file in block.file.iter() {
        all.push(Settings::File(FileSettings {
            files: file.files.iter().map(|path| path.as_str().to_owned()).collect(),
            refresh_interval: file.refresh_interval,
        }));
    }
    for http in block.http.iter() {
        all.push(Settings::Http(Box::new(HttpSettings {
            url: http.url.parse().map_err(|error| format!("http_sd_configs: url: {error}"))?,
            refresh_interval: http.refresh_interval,
            client: super::http::settings(&http.http)?,
        })));
    }
    for dns in block.dns.iter() {
        all.push(Settings::Dns(others::dns(dns)?));
    }
    for consul in block.consul.iter() {
        all.push(Settings::Consul(Box::new(others::consul(consul)?)));
    }
    for docker in block.docker.iter() {
        all.push(Settings::Docker(Box::new(others::docker(docker)?)));
    }
    for swarm in block.dockerswarm.iter() {
        all.push(Settings::DockerSwarm(Box::new(others::swarm(swarm)?)));
    }
    for kubernetes in block.kubernetes.iter() {
        all.push(Settings::Kubernetes(Box::new(others::kubernetes(kubernetes)?)));
    }
    let built = ["static", "file", "http", "dns", "consul", "docker", "dockerswarm", "kubernetes"];
    let others = block.mechanisms().into_iter().filter(|mechanism| !built.contains(&mechanism.as_str()));
    all.extend(others.map(|mechanism| Settings::NotSupportedYet { mechanism }));
    Ok(all)
}

fn fixed(position: usize, group: &Group) -> TargetGroup {
    let labels = Labels::from_pairs(group.labels.0.iter());
    TargetGroup::of_addresses(position.to_string(), &group.targets, labels)
}
