//! Consul's catalogue.

use std::{collections::BTreeMap, time::Duration};

use super::check_client;
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::{BasicAuth, HttpClientConfig},
    values::Secret,
    yaml::Node,
};

section! {
    /// A Consul server that is asked for services.
    pub struct ConsulSdConfig as "consul.plain" {
        /// Its address.
        server: String = "localhost:8500".into() => ["server"];
        /// A prefix of its paths.
        path_prefix: String = String::new() => ["path_prefix"];
        /// A token of Consul.
        token: Secret = Secret::default() => ["token"];
        /// Of which data centre.
        datacenter: String = String::new() => ["datacenter"];
        /// In which namespace.
        namespace: String = String::new() => ["namespace"];
        /// In which partition.
        partition: String = String::new() => ["partition"];
        /// What stands between tags in the label.
        tag_separator: String = ",".into() => ["tag_separator"];
        /// `http` or `https`.
        scheme: String = "http".into() => ["scheme"];
        /// The old way to give `basic_auth.username`.
        username: String = String::new() => ["username"];
        /// The old way to give `basic_auth.password`.
        password: Secret = Secret::default() => ["password"];
        /// Whether an answer may be old.
        allow_stale: bool = true => ["allow_stale", always];
        /// How often.
        refresh_interval: Duration = Duration::from_secs(30) => ["refresh_interval"];
        /// Which services; all unless given.
        services: Vec<String> = Vec::new() => ["services"];
        /// Services that have all of these tags.
        service_tags: Vec<String> = Vec::new() => ["tags"];
        /// Services on nodes that have this metadata.
        node_meta: BTreeMap<String, String> = BTreeMap::new() => ["node_meta"];
        /// Services that fit, in Consul's words.
        filter: String = String::new() => ["filter"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
    }
}

impl Check for ConsulSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.server.trim().is_empty() {
            return Err(decoder.invalid_key(
                node,
                "server",
                "consul SD configuration requires a server address",
            ));
        }
        if !self.username.is_empty() || !self.password.is_empty() {
            if self.http.basic_auth.is_some() {
                let message = "at most one of consul SD configuration username and password and basic auth can be configured";
                return Err(decoder.invalid_key(node, "username", message));
            }
            let (username, password) = (self.username.clone(), self.password.clone());
            self.http.basic_auth = Some(BasicAuth { username, password, ..BasicAuth::default() });
        }
        if !self.token.is_empty() && (self.http.authorization.is_some() || self.http.oauth2.is_some()) {
            let message = "at most one of consul SD token, authorization, or oauth2 can be configured";
            return Err(decoder.invalid_key(node, "token", message));
        }
        check_client(&mut self.http, node, decoder)
    }
}
