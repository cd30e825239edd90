//! Providers of machines whose discovery needs little: who asks, and which port the targets have.

use std::time::Duration;

use super::{ONE_MINUTE, PORT, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::{FilePath, Secret},
    yaml::Node,
};

section! {
    /// DigitalOcean's droplets or databases.
    pub struct DigitalOceanSdConfig as "digitalocean.plain" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// `droplets` or `databases`.
        role: String = String::new() => ["role"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
    }
}

impl Check for DigitalOceanSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if !["", "droplets", "databases"].contains(&self.role.as_str()) {
            let message = format!("unknown role {}", model::quote::quote(&self.role));
            return Err(decoder.invalid_key(node, "role", message));
        }
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Vultr's instances.
    pub struct VultrSdConfig as "vultr.plain" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
    }
}

impl Check for VultrSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Linode's instances.
    pub struct LinodeSdConfig as "linode.plain" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// What stands between tags in the label.
        tag_separator: String = ",".into() => ["tag_separator"];
        /// Instances of one region only.
        region: String = String::new() => ["region"];
    }
}

impl Check for LinodeSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Hetzner's machines or cloud servers.
    pub struct HetznerSdConfig as "hetzner.plain" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// `robot` or `hcloud`.
        role: String = String::new() => ["role", always];
        /// Cloud servers that fit, in Hetzner's words.
        label_selector: String = String::new() => ["label_selector"];
    }
}

impl Check for HetznerSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        match self.role.as_str() {
            "robot" | "hcloud" => check_client(&mut self.http, node, decoder),
            "" if node.get("role").is_none_or(|role| role.is_null()) => {
                Err(decoder.invalid_key(node, "role", "role missing (one of: robot, hcloud)"))
            }
            role => {
                let message = format!("unknown role {}", model::quote::quote(role));
                Err(decoder.invalid_key(node, "role", message))
            }
        }
    }
}

section! {
    /// IONOS's servers.
    pub struct IonosSdConfig as "ionos.plain" {
        /// In which data centre.
        datacenter_id: String = String::new() => ["datacenter_id", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
    }
}

impl Check for IonosSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.datacenter_id.is_empty() {
            return Err(decoder.invalid_key(node, "datacenter_id", "datacenter id can't be empty"));
        }
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Google's virtual machines.
    pub struct GceSdConfig as "gce.plain" {
        /// In which project.
        project: String = String::new() => ["project", always];
        /// In which zone.
        zone: String = String::new() => ["zone", always];
        /// Machines that fit, in Google's words.
        filter: String = String::new() => ["filter"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// What stands between tags in the label.
        tag_separator: String = ",".into() => ["tag_separator"];
    }
}

impl Check for GceSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.project.is_empty() {
            return Err(decoder.invalid_key(node, "project", "GCE SD configuration requires a project"));
        }
        if self.zone.is_empty() {
            return Err(decoder.invalid_key(node, "zone", "GCE SD configuration requires a zone"));
        }
        Ok(())
    }
}

section! {
    /// OVHcloud's machines or private servers.
    pub struct OvhCloudSdConfig as "ovhcloud.plain" {
        /// Which of its interfaces.
        endpoint: String = "ovh-eu".into() => ["endpoint", always];
        /// Which application asks.
        application_key: String = String::new() => ["application_key", always];
        /// With which secret.
        application_secret: Secret = Secret::default() => ["application_secret", always];
        /// For whom.
        consumer_key: Secret = Secret::default() => ["consumer_key", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// `vps` or `dedicated_server`.
        service: String = String::new() => ["service", always];
    }
}

impl Check for OvhCloudSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let (key, message) = if self.endpoint.is_empty() {
            ("endpoint", "endpoint can not be empty".to_string())
        } else if self.application_key.is_empty() {
            ("application_key", "application key can not be empty".into())
        } else if self.application_secret.is_empty() {
            ("application_secret", "application secret can not be empty".into())
        } else if self.consumer_key.is_empty() {
            ("consumer_key", "consumer key can not be empty".into())
        } else if self.service != "vps" && self.service != "dedicated_server" {
            ("service", format!("unknown service: {}", self.service))
        } else {
            return Ok(());
        };
        Err(decoder.invalid_key(node, key, message))
    }
}

section! {
    /// STACKIT's servers.
    pub struct StackitSdConfig as "stackit.plain" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// In which project.
        project: String = String::new() => ["project", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// In which region.
        region: String = "eu01".into() => ["region", always];
        /// Another address to ask.
        endpoint: String = String::new() => ["endpoint"];
        /// The account's key, in place.
        service_account_key: Secret = Secret::default() => ["service_account_key"];
        /// The private key, in place.
        private_key: Secret = Secret::default() => ["private_key"];
        /// A file that holds the account's key.
        service_account_key_path: FilePath = FilePath::default() => ["service_account_key_path"];
        /// A file that holds the private key.
        private_key_path: FilePath = FilePath::default() => ["private_key_path"];
        /// A file that holds credentials.
        credentials_file_path: FilePath = FilePath::default() => ["credentials_file_path"];
    }
}

impl Check for StackitSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Outscale's virtual machines.
    pub struct OutscaleSdConfig as "outscale.plain" {
        /// In which region.
        region: String = String::new() => ["region", always];
        /// Another address to ask.
        endpoint: String = String::new() => ["endpoint"];
        /// The key's id.
        access_key: String = String::new() => ["access_key"];
        /// The key.
        secret_key: Secret = Secret::default() => ["secret_key"];
        /// A file that holds the key.
        secret_key_file: FilePath = FilePath::default() => ["secret_key_file"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

impl Check for OutscaleSdConfig {
    fn take_unknown(&mut self, _key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        decoder.pass_over(node, "the discovery of Outscale");
        Ok(true)
    }

    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.region.is_empty() {
            return Err(decoder.invalid_key(node, "region", "Outscale SD configuration requires a region"));
        }
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Oracle's virtual machines.
    pub struct OciSdConfig as "oci.plain" {
        /// In which region.
        region: String = String::new() => ["region"];
        /// In which compartment.
        compartment_id: String = String::new() => ["compartment_id", always];
        /// Whose.
        tenancy: String = String::new() => ["tenancy"];
        /// Who asks.
        user: String = String::new() => ["user"];
        /// The fingerprint of the key.
        fingerprint: String = String::new() => ["fingerprint"];
        /// A file that holds the key.
        key_file: FilePath = FilePath::default() => ["key_file"];
        /// The key's password.
        passphrase: Secret = Secret::default() => ["passphrase"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

impl Check for OciSdConfig {
    fn take_unknown(&mut self, _key: &str, node: &Node, decoder: &mut Decoder) -> Result<bool, Invalid> {
        decoder.pass_over(node, "the discovery of Oracle Cloud");
        Ok(true)
    }

    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_client(&mut self.http, node, decoder)
    }
}
