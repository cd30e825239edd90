//! The discoveries: the keys `…_sd_configs` and `static_configs` that stand inside scrape configurations and Alertmanagers.
//!
//! One file for each; [`DiscoveryConfigs`] is the table in which they are entered.

mod aws;
mod azure;
mod consul;
mod container;
mod dns;
mod file;
mod http;
mod kubernetes;
mod nomad;
mod openstack;
mod providers;
mod puppetdb;
mod registries;
mod scaleway;
mod selector;
mod triton;
mod uyuni;
mod zookeeper;

pub use aws::{AwsRoleSdConfig, AwsSdConfig, Ec2Filter, Ec2SdConfig, LightsailSdConfig};
pub use azure::AzureSdConfig;
pub use consul::ConsulSdConfig;
pub use container::{DockerSdConfig, DockerSwarmSdConfig, Filter};
pub use dns::DnsSdConfig;
pub use file::FileSdConfig;
pub use http::HttpSdConfig;
pub use kubernetes::{AttachMetadata, KubernetesSdConfig, NamespaceDiscovery, Selector};
pub use nomad::NomadSdConfig;
pub use openstack::OpenStackSdConfig;
pub use providers::{
    DigitalOceanSdConfig, GceSdConfig, HetznerSdConfig, IonosSdConfig, LinodeSdConfig, OciSdConfig,
    OutscaleSdConfig, OvhCloudSdConfig, StackitSdConfig, VultrSdConfig,
};
pub use puppetdb::PuppetDbSdConfig;
pub use registries::{EurekaSdConfig, KumaSdConfig, MarathonSdConfig};
pub use scaleway::ScalewaySdConfig;
pub use triton::TritonSdConfig;
pub use uyuni::UyuniSdConfig;
pub use zookeeper::{NerveSdConfig, ServersetSdConfig};

use super::{http_client::HttpClientConfig, target_group::TargetGroup};
use crate::{
    decode::{Check, Decoder, Invalid, List, Section, section},
    yaml::Node,
};

section! {
    /// Where targets come from, in the order in which the keys are printed.
    pub struct DiscoveryConfigs as "config.ScrapeConfig" {
        /// Amazon, any of its services.
        aws: List<AwsSdConfig> = List::default() => ["aws_sd_configs"];
        /// Azure's virtual machines.
        azure: List<AzureSdConfig> = List::default() => ["azure_sd_configs"];
        /// Consul's catalogue.
        consul: List<ConsulSdConfig> = List::default() => ["consul_sd_configs"];
        /// DigitalOcean.
        digitalocean: List<DigitalOceanSdConfig> = List::default() => ["digitalocean_sd_configs"];
        /// Names in the DNS.
        dns: List<DnsSdConfig> = List::default() => ["dns_sd_configs"];
        /// Containers of a Docker engine.
        docker: List<DockerSdConfig> = List::default() => ["docker_sd_configs"];
        /// Services, tasks or nodes of a Docker swarm.
        dockerswarm: List<DockerSwarmSdConfig> = List::default() => ["dockerswarm_sd_configs"];
        /// Amazon's virtual machines.
        ec2: List<Ec2SdConfig> = List::default() => ["ec2_sd_configs"];
        /// Amazon's containers.
        ecs: List<AwsRoleSdConfig> = List::default() => ["ecs_sd_configs"];
        /// Amazon's caches.
        elasticache: List<AwsRoleSdConfig> = List::default() => ["elasticache_sd_configs"];
        /// Eureka's applications.
        eureka: List<EurekaSdConfig> = List::default() => ["eureka_sd_configs"];
        /// Files that list targets.
        file: List<FileSdConfig> = List::default() => ["file_sd_configs"];
        /// Google's virtual machines.
        gce: List<GceSdConfig> = List::default() => ["gce_sd_configs"];
        /// Hetzner.
        hetzner: List<HetznerSdConfig> = List::default() => ["hetzner_sd_configs"];
        /// An address that lists targets.
        http: List<HttpSdConfig> = List::default() => ["http_sd_configs"];
        /// IONOS.
        ionos: List<IonosSdConfig> = List::default() => ["ionos_sd_configs"];
        /// Kubernetes.
        kubernetes: List<KubernetesSdConfig> = List::default() => ["kubernetes_sd_configs"];
        /// Kuma's meshes.
        kuma: List<KumaSdConfig> = List::default() => ["kuma_sd_configs"];
        /// Amazon's small virtual machines.
        lightsail: List<LightsailSdConfig> = List::default() => ["lightsail_sd_configs"];
        /// Linode.
        linode: List<LinodeSdConfig> = List::default() => ["linode_sd_configs"];
        /// Marathon's applications.
        marathon: List<MarathonSdConfig> = List::default() => ["marathon_sd_configs"];
        /// Amazon's Kafka.
        msk: List<AwsRoleSdConfig> = List::default() => ["msk_sd_configs"];
        /// Nerve's services in ZooKeeper.
        nerve: List<NerveSdConfig> = List::default() => ["nerve_sd_configs"];
        /// Nomad's services.
        nomad: List<NomadSdConfig> = List::default() => ["nomad_sd_configs"];
        /// Oracle's cloud.
        oci: List<OciSdConfig> = List::default() => ["oci_sd_configs"];
        /// OpenStack.
        openstack: List<OpenStackSdConfig> = List::default() => ["openstack_sd_configs"];
        /// Outscale.
        outscale: List<OutscaleSdConfig> = List::default() => ["outscale_sd_configs"];
        /// OVHcloud.
        ovhcloud: List<OvhCloudSdConfig> = List::default() => ["ovhcloud_sd_configs"];
        /// PuppetDB's resources.
        puppetdb: List<PuppetDbSdConfig> = List::default() => ["puppetdb_sd_configs"];
        /// Amazon's databases.
        rds: List<AwsRoleSdConfig> = List::default() => ["rds_sd_configs"];
        /// Scaleway.
        scaleway: List<ScalewaySdConfig> = List::default() => ["scaleway_sd_configs"];
        /// Serversets in ZooKeeper.
        serverset: List<ServersetSdConfig> = List::default() => ["serverset_sd_configs"];
        /// STACKIT.
        stackit: List<StackitSdConfig> = List::default() => ["stackit_sd_configs"];
        /// Targets that the file names itself.
        fixed: List<TargetGroup> = List::default() => ["static_configs"];
        /// Triton.
        triton: List<TritonSdConfig> = List::default() => ["triton_sd_configs"];
        /// Uyuni.
        uyuni: List<UyuniSdConfig> = List::default() => ["uyuni_sd_configs"];
        /// Vultr.
        vultr: List<VultrSdConfig> = List::default() => ["vultr_sd_configs"];
    }
}

/// The section stands inside others, whose checks call this one.
impl Check for DiscoveryConfigs {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        for key in DiscoveryConfigs::keys() {
            let Some(items) = node.get(key).and_then(|value| value.sequence()) else { continue };
            if let Some(null) = items.iter().find(|item| item.is_null()) {
                let mut problem = decoder.invalid(null, format!("empty or null section in {key}"));
                problem.key = format!("{}.{key}", decoder.key());
                return Err(problem);
            }
        }
        Ok(())
    }
}

impl DiscoveryConfigs {
    /// The discoveries that are configured, by the names that keys and metrics give them: `static`, `file`, `dns`.
    pub fn mechanisms(&self) -> Vec<String> {
        let mut entries = Vec::new();
        Section::encode_keys(self, &mut entries);
        entries
            .into_iter()
            .map(|(key, _)| key.trim_end_matches("_configs").trim_end_matches("_sd").to_owned())
            .collect()
    }
}

/// Checks the client that stands inside a discovery.
fn check_client(http: &mut HttpClientConfig, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
    http.check(node, decoder)
}

/// A period that most discoveries have between two looks.
const ONE_MINUTE: std::time::Duration = std::time::Duration::from_secs(60);

/// The port of targets whose discovery knows none.
const PORT: isize = 80;
