//! The section `tracing`: where traces of the server itself go.

use std::{collections::BTreeMap, time::Duration};

use super::{http_client::TlsConfig, remote::UNCHANGEABLE_HEADERS};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    yaml::Node,
};

section! {
    /// Where traces of the server itself go.
    pub struct TracingConfig as "config.plain" {
        /// `grpc` or `http`.
        client_type: String = "grpc".into() => ["client_type"];
        /// The address, `host:port`.
        endpoint: String = String::new() => ["endpoint"];
        /// The share of traces that is sent.
        sampling_fraction: f64 = 0.0 => ["sampling_fraction"];
        /// Whether the connection is not secured.
        insecure: bool = false => ["insecure"];
        /// How the connection is secured.
        tls_config: TlsConfig = TlsConfig::default() => ["tls_config"];
        /// Headers to add to each request.
        headers: BTreeMap<String, String> = BTreeMap::new() => ["headers"];
        /// `gzip`, or none.
        compression: String = String::new() => ["compression"];
        /// How long a request may take; the client's own limit unless given.
        timeout: Duration = Duration::ZERO => ["timeout"];
    }
}

impl Check for TracingConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let fail = |key: &str, message: String| Err(decoder.invalid_key(node, key, message));
        for name in self.headers.keys() {
            let lower = name.to_ascii_lowercase();
            if lower == "authorization" {
                return fail(
                    "headers",
                    "custom authorization header configuration is not yet supported".into(),
                );
            }
            if UNCHANGEABLE_HEADERS.contains(&lower.as_str()) {
                return fail("headers", format!("{name} is a reserved header. It must not be changed"));
            }
        }
        if self.client_type != "grpc" && self.client_type != "http" {
            let message = format!(
                "expected tracing client type to be to be http or grpc, but got {}",
                self.client_type
            );
            return fail("client_type", message);
        }
        if self.endpoint.is_empty() {
            return fail("endpoint", "tracing endpoint must be set".into());
        }
        if !self.compression.is_empty() && self.compression != "gzip" {
            let message =
                format!("invalid compression type {} provided, valid options: gzip", self.compression);
            return fail("compression", message);
        }
        Ok(())
    }
}
