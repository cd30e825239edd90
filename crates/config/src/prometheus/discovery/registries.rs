//! Registries of applications: Eureka, Marathon, Kuma.

use std::time::Duration;

use super::check_client;
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::{FilePath, Secret, Url},
    yaml::Node,
};

/// A period that these registries have between two looks.
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

section! {
    /// A Eureka server that is asked for applications.
    pub struct EurekaSdConfig as "eureka.plain" {
        /// Its address.
        server: String = String::new() => ["server"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = HALF_A_MINUTE => ["refresh_interval"];
    }
}

impl Check for EurekaSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.server.is_empty() {
            return Err(decoder.invalid_key(node, "server", "eureka_sd: empty or null eureka server"));
        }
        let url = Url::parse(&self.server)
            .map_err(|error| decoder.invalid_key(node, "server", error.to_string()))?;
        if url.scheme.is_empty() || url.host.is_empty() {
            return Err(decoder.invalid_key(node, "server", "eureka_sd: invalid eureka server URL"));
        }
        check_client(&mut self.http, node, decoder)
    }
}

section! {
    /// Marathon servers that are asked for applications.
    pub struct MarathonSdConfig as "marathon.plain" {
        /// Their addresses.
        servers: Vec<String> = Vec::new() => ["servers"];
        /// How often.
        refresh_interval: Duration = HALF_A_MINUTE => ["refresh_interval"];
        /// A token of Marathon.
        auth_token: Secret = Secret::default() => ["auth_token"];
        /// A file that holds the token.
        auth_token_file: FilePath = FilePath::default() => ["auth_token_file"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

impl Check for MarathonSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let (token, file) = (!self.auth_token.is_empty(), !self.auth_token_file.is_empty());
        let message = if self.servers.is_empty() {
            "marathon_sd: must contain at least one Marathon server"
        } else if token && file {
            "marathon_sd: at most one of auth_token & auth_token_file must be configured"
        } else if self.http.basic_auth.is_some() && (token || file) {
            "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured"
        } else if (!self.http.bearer_token.is_empty() || !self.http.bearer_token_file.is_empty())
            && (token || file)
        {
            "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & auth_token_file must be configured"
        } else if self.http.authorization.is_some() && (token || file) {
            "marathon_sd: at most one of auth_token, auth_token_file & authorization must be configured"
        } else {
            return check_client(&mut self.http, node, decoder);
        };
        Err(decoder.invalid_key(
            node,
            if self.servers.is_empty() { "servers" } else { "auth_token" },
            message,
        ))
    }
}

section! {
    /// A Kuma control plane that is asked for what is to be watched.
    pub struct KumaSdConfig as "xds.plain" {
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = HALF_A_MINUTE => ["refresh_interval"];
        /// How long an answer may take.
        fetch_timeout: Duration = Duration::from_secs(120) => ["fetch_timeout"];
        /// Its address.
        server: String = String::new() => ["server"];
        /// Who asks.
        client_id: String = String::new() => ["client_id"];
    }
}

impl Check for KumaSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.server.is_empty() {
            return Err(decoder.invalid_key(node, "server", "kuma SD server must not be empty: "));
        }
        let url = Url::parse(&self.server)
            .map_err(|error| decoder.invalid_key(node, "server", error.to_string()))?;
        if url.scheme.is_empty() || url.host.is_empty() {
            let message = format!("kuma SD server must not be empty and have a scheme: {}", self.server);
            return Err(decoder.invalid_key(node, "server", message));
        }
        check_client(&mut self.http, node, decoder)
    }
}
