//! PuppetDB's resources.

use std::time::Duration;

use super::{ONE_MINUTE, PORT, check_client, http::check_http_url};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    yaml::Node,
};

section! {
    /// A PuppetDB that is asked for resources.
    pub struct PuppetDbSdConfig as "puppetdb.plain" {
        /// How it is asked.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// Its address.
        url: String = String::new() => ["url", always];
        /// For what, in its own query language.
        query: String = String::new() => ["query", always];
        /// Whether parameters become labels.
        include_parameters: bool = false => ["include_parameters", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
    }
}

impl Check for PuppetDbSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_http_url(&self.url, node, decoder)?;
        if self.query.is_empty() {
            return Err(decoder.invalid_key(node, "query", "query missing"));
        }
        check_client(&mut self.http, node, decoder)
    }
}
