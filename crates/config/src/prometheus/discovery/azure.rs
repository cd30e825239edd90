//! Azure's virtual machines.

use std::time::Duration;

use super::{PORT, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::Secret,
    yaml::Node,
};

section! {
    /// Azure's virtual machines.
    pub struct AzureSdConfig as "azure.plain" {
        /// Which of the clouds.
        environment: String = "AzurePublicCloud".into() => ["environment"];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// Whose machines.
        subscription_id: String = String::new() => ["subscription_id", always];
        /// The directory of the one who asks.
        tenant_id: String = String::new() => ["tenant_id"];
        /// Who asks.
        client_id: String = String::new() => ["client_id"];
        /// With which secret.
        client_secret: Secret = Secret::default() => ["client_secret"];
        /// How often.
        refresh_interval: Duration = Duration::from_secs(300) => ["refresh_interval"];
        /// `OAuth`, `ManagedIdentity`, `WorkloadIdentity` or `SDK`.
        authentication_method: String = "OAuth".into() => ["authentication_method"];
        /// Machines of one group only.
        resource_group: String = String::new() => ["resource_group"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

impl Check for AzureSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        require(&self.subscription_id, "subscription_id", node, decoder)?;
        match self.authentication_method.as_str() {
            "OAuth" => {
                require(&self.tenant_id, "tenant_id", node, decoder)?;
                require(&self.client_id, "client_id", node, decoder)?;
                require(self.client_secret.expose(), "client_secret", node, decoder)?;
            }
            "ManagedIdentity" | "WorkloadIdentity" | "SDK" => {}
            other => {
                let message = format!(
                    "unknown authentication_type {}. Supported types are \"OAuth\", \"ManagedIdentity\", \
                     \"WorkloadIdentity\" or \"SDK\"",
                    model::quote::quote(other)
                );
                return Err(decoder.invalid_key(node, "authentication_method", message));
            }
        }
        check_client(&mut self.http, node, decoder)
    }
}

fn require(value: &str, key: &str, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    if value.is_empty() {
        return Err(decoder.invalid_key(node, key, format!("azure SD configuration requires a {key}")));
    }
    Ok(())
}
