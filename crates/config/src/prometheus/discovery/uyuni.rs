//! Uyuni.

use std::time::Duration;

use super::{ONE_MINUTE, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::{Secret, Url},
    yaml::Node,
};

section! {
    /// A Uyuni server that is asked for the systems it manages.
    pub struct UyuniSdConfig as "uyuni.plain" {
        /// Its address.
        server: String = String::new() => ["server", always];
        /// Who asks.
        username: String = String::new() => ["username", always];
        /// With which password.
        password: Secret = Secret::default() => ["password", always];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// Systems that are entitled to this.
        entitlement: String = "monitoring_entitled".into() => ["entitlement"];
        /// What stands between groups in the label.
        separator: String = ",".into() => ["separator"];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
    }
}

impl Check for UyuniSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let fail = |key: &str, message: String| Err(decoder.invalid_key(node, key, message));
        if self.server.is_empty() {
            return fail("server", "Uyuni SD configuration requires server host".into());
        }
        if let Err(error) = Url::parse(&self.server) {
            return fail("server", format!("Uyuni Server URL is not valid: {error}"));
        }
        if self.username.is_empty() {
            return fail("username", "Uyuni SD configuration requires a username".into());
        }
        if self.password.is_empty() {
            return fail("password", "Uyuni SD configuration requires a password".into());
        }
        check_client(&mut self.http, node, decoder)
    }
}
