//! OpenStack.

use std::time::Duration;

use super::{ONE_MINUTE, PORT};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::TlsConfig,
    values::Secret,
    yaml::Node,
};

section! {
    /// OpenStack's hypervisors, instances or load balancers.
    pub struct OpenStackSdConfig as "openstack.plain" {
        /// The address of its identity service.
        identity_endpoint: String = String::new() => ["identity_endpoint", always];
        /// Who asks, by name.
        username: String = String::new() => ["username", always];
        /// Who asks, by id.
        userid: String = String::new() => ["userid", always];
        /// With which password.
        password: Secret = Secret::default() => ["password", always];
        /// In which project, by name.
        project_name: String = String::new() => ["project_name", always];
        /// In which project, by id.
        project_id: String = String::new() => ["project_id", always];
        /// In which domain, by name.
        domain_name: String = String::new() => ["domain_name", always];
        /// In which domain, by id.
        domain_id: String = String::new() => ["domain_id", always];
        /// The credential of an application, by name.
        application_credential_name: String = String::new() => ["application_credential_name", always];
        /// The credential of an application, by id.
        application_credential_id: String = String::new() => ["application_credential_id", always];
        /// The secret of that credential.
        application_credential_secret: Secret = Secret::default() => ["application_credential_secret", always];
        /// `hypervisor`, `instance` or `loadbalancer`.
        role: String = String::new() => ["role", always];
        /// In which region.
        region: String = String::new() => ["region", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// Whether instances of all projects are listed.
        all_tenants: bool = false => ["all_tenants"];
        /// How connections are secured.
        tls_config: TlsConfig = TlsConfig::default() => ["tls_config"];
        /// Which of the service's addresses: `public`, `admin` or `internal`.
        availability: String = "public".into() => ["availability"];
    }
}

impl Check for OpenStackSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        match self.role.as_str() {
            "hypervisor" | "instance" | "loadbalancer" => {}
            "" => {
                let message = "role missing (one of: instance, hypervisor, loadbalancer)";
                return Err(decoder.invalid_key(node, "role", message));
            }
            role => {
                let message = format!("unknown OpenStack SD role {}", model::quote::quote(role));
                return Err(decoder.invalid_key(node, "role", message));
            }
        }
        if !["public", "internal", "admin"].contains(&self.availability.as_str()) {
            let message = format!(
                "unknown availability {}, must be one of admin, internal or public",
                self.availability
            );
            return Err(decoder.invalid_key(node, "availability", message));
        }
        if self.region.is_empty() {
            return Err(decoder.invalid_key(node, "region", "openstack SD configuration requires a region"));
        }
        Ok(())
    }
}
