//! An address that lists targets.

use std::time::Duration;

use super::{ONE_MINUTE, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::Url,
    yaml::Node,
};

section! {
    /// An address that is asked for a list of targets.
    pub struct HttpSdConfig as "http.plain" {
        /// How it is asked.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval"];
        /// The address. It is printed as it was written, with its password.
        url: String = String::new() => ["url", always];
    }
}

impl Check for HttpSdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        check_http_url(&self.url, node, decoder)?;
        check_client(&mut self.http, node, decoder)
    }
}

/// Checks an address under `url` that has to be asked by HTTP.
pub(super) fn check_http_url(url: &str, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    let fail = |message: String| {
        let mut problem = decoder.invalid_key(node, "url", message);
        if url.contains('@') {
            problem.found = None;
        }
        Err(Box::new(problem.expected("an address such as http://host:port/path")))
    };
    if url.is_empty() {
        return fail("URL is missing".into());
    }
    let parsed = match Url::parse(url) {
        Ok(parsed) => parsed,
        Err(error) => return fail(error.to_string()),
    };
    if parsed.scheme != "http" && parsed.scheme != "https" {
        return fail("URL scheme must be 'http' or 'https'".into());
    }
    if parsed.host.is_empty() {
        return fail("host is missing in URL".into());
    }
    Ok(())
}
