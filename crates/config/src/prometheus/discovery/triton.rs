//! Triton.

use std::time::Duration;

use super::ONE_MINUTE;
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::TlsConfig,
    yaml::Node,
};

section! {
    /// Triton's containers or compute nodes.
    pub struct TritonSdConfig as "triton.plain" {
        /// Whose.
        account: String = String::new() => ["account", always];
        /// `container` or `cn`.
        role: String = "container".into() => ["role", always];
        /// What stands behind the names of targets.
        dns_suffix: String = String::new() => ["dns_suffix", always];
        /// Who is asked.
        endpoint: String = String::new() => ["endpoint", always];
        /// Containers of these groups only.
        groups: Vec<String> = Vec::new() => ["groups"];
        /// The port of the targets, and of who is asked.
        port: isize = 9163 => ["port", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// How connections are secured.
        tls_config: TlsConfig = TlsConfig::default() => ["tls_config"];
        /// The version of the interface.
        version: isize = 1 => ["version", always];
    }
}

impl Check for TritonSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let (key, message) = if self.role != "container" && self.role != "cn" {
            ("role", "triton SD configuration requires role to be 'container' or 'cn'")
        } else if self.account.is_empty() {
            ("account", "triton SD configuration requires an account")
        } else if self.dns_suffix.is_empty() {
            ("dns_suffix", "triton SD configuration requires a dns_suffix")
        } else if self.endpoint.is_empty() {
            ("endpoint", "triton SD configuration requires an endpoint")
        } else if self.refresh_interval.is_zero() {
            ("refresh_interval", "triton SD configuration requires RefreshInterval to be a positive integer")
        } else {
            return Ok(());
        };
        Err(decoder.invalid_key(node, key, message))
    }
}
