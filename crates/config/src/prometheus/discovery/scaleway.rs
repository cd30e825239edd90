//! Scaleway.

use std::time::Duration;

use super::{ONE_MINUTE, PORT, check_client};
use crate::{
    decode::{Check, Decoder, Invalid, section},
    prometheus::http_client::HttpClientConfig,
    values::{FilePath, Secret},
    yaml::Node,
};

section! {
    /// Scaleway's instances or machines.
    pub struct ScalewaySdConfig as "scaleway.plain" {
        /// In which project.
        project_id: String = String::new() => ["project_id", always];
        /// The address that is asked.
        api_url: String = "https://api.scaleway.com".into() => ["api_url"];
        /// In which zone.
        zone: String = "fr-par-1".into() => ["zone", always];
        /// The key's id.
        access_key: String = String::new() => ["access_key", always];
        /// The key.
        secret_key: Secret = Secret::default() => ["secret_key", always];
        /// A file that holds the key.
        secret_key_file: FilePath = FilePath::default() => ["secret_key_file", always];
        /// Names that contain this.
        name_filter: String = String::new() => ["name_filter"];
        /// Those that have all of these tags.
        tags_filter: Vec<String> = Vec::new() => ["tags_filter"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// How often.
        refresh_interval: Duration = ONE_MINUTE => ["refresh_interval", always];
        /// The port of the targets.
        port: isize = PORT => ["port", always];
        /// `instance` or `baremetal`.
        role: String = String::new() => ["role", always];
    }
}

impl Check for ScalewaySdConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        let fail = |key: &str, message: String| Err(decoder.invalid_key(node, key, message));
        if node.get("role").is_none_or(|role| role.is_null()) {
            return fail("role", "role missing (one of: instance, baremetal)".into());
        }
        if self.role != "instance" && self.role != "baremetal" {
            return fail("role", format!("unknown role {}", model::quote::quote(&self.role)));
        }
        if self.project_id.is_empty() {
            return fail("project_id", "project_id is mandatory".into());
        }
        if self.secret_key.is_empty() && self.secret_key_file.is_empty() {
            return fail("secret_key", "one of secret_key & secret_key_file must be configured".into());
        }
        if !self.secret_key.is_empty() && !self.secret_key_file.is_empty() {
            return fail(
                "secret_key_file",
                "at most one of secret_key & secret_key_file must be configured".into(),
            );
        }
        if self.access_key.is_empty() {
            return fail("access_key", "access_key is mandatory".into());
        }
        if self.api_url.ends_with('/') {
            let message =
                format!("scaleway-sdk-go: invalid url {} it should not have a trailing slash", self.api_url);
            return fail("api_url", message);
        }
        if let Some((key, message)) = self.malformed_credentials() {
            return fail(key, message);
        }
        check_client(&mut self.http, node, decoder)
    }
}

impl ScalewaySdConfig {
    /// What Scaleway's own client would refuse, in its words.
    fn malformed_credentials(&self) -> Option<(&'static str, String)> {
        let key_fits = self.access_key.len() == 20
            && self.access_key.starts_with("SCW")
            && self.access_key.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        let uuid = "expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
        if !key_fits {
            let expected = "expected SCWXXXXXXXXXXXXXXXXX format";
            let message =
                format!("scaleway-sdk-go: invalid access key format '{}', {expected}", self.access_key);
            return Some(("access_key", message));
        }
        if !self.secret_key.is_empty() && !is_uuid(self.secret_key.expose()) {
            let message = format!("scaleway-sdk-go: invalid secret key format '<secret>', {uuid}");
            return Some(("secret_key_file", message));
        }
        if !is_uuid(&self.project_id) {
            let message = format!("scaleway-sdk-go: invalid project ID format '{}', {uuid}", self.project_id);
            return Some(("project_id", message));
        }
        None
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|c| c.is_ascii_hexdigit()))
}
