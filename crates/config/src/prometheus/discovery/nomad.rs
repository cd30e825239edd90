//! Nomad's services.

use std::time::Duration;

use super::{ONE_MINUTE, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    yaml::Node,
};

section! {
    /// A Nomad server that is asked for services.
    pub struct NomadSdConfig as "nomad.plain" {
        /// Whether an answer may be old.
        allow_stale: bool = true => ["allow_stale", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// In which namespace.
        namespace: String = "default".into() => ["namespace", always];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// In which region.
        region: String = "global".into() => ["region", always];
        /// The server's address.
        server: String = "http://localhost:4646".into() => ["server", always];
        /// What stands between tags in the label.
        tag_separator: String = ",".into() => ["tag_separator"];
    }
}

impl Check for NomadSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.server.trim().is_empty() {
            return Err(decoder.invalid_key(
                node,
                "server",
                "nomad SD configuration requires a server address",
            ));
        }
        check_client(&mut self.http, node, decoder)
    }
}
