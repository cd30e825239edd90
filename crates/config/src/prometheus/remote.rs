//! The sections `remote_write` and `remote_read`: other stores that samples go to and come from.

use std::{collections::BTreeMap, time::Duration};

use model::name::ValidationScheme;

use super::{
    cloud::{AzureAdConfig, GoogleIamConfig, SigV4Config},
    http_client::HttpClientConfig,
    relabel::{RelabelConfig, check_rules},
};
use crate::{
    decode::{Check, Decoder, Invalid, List, section},
    values::{LabelSet, Url},
    yaml::Node,
};

/// Names of the messages that samples may be sent in.
const MESSAGES: [&str; 2] = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"];

section! {
    /// A store that samples are sent to.
    pub struct RemoteWriteConfig as "config.plain" {
        /// Its address.
        url: Url = Url::default() => ["url", always];
        /// How long a request may take.
        remote_timeout: Duration = Duration::from_secs(30) => ["remote_timeout"];
        /// Headers to add to each request.
        headers: BTreeMap<String, String> = BTreeMap::new() => ["headers"];
        /// Rules that the labels of samples go through.
        write_relabel_configs: List<RelabelConfig> = List::default() => ["write_relabel_configs"];
        /// What it is called in metrics and logs.
        name: String = String::new() => ["name"];
        /// Whether exemplars are sent.
        send_exemplars: bool = false => ["send_exemplars"];
        /// Whether native histograms are sent.
        send_native_histograms: bool = false => ["send_native_histograms"];
        /// Whether its addresses are taken in turn.
        round_robin_dns: bool = false => ["round_robin_dns"];
        /// The message that samples are sent in.
        protobuf_message: String = "prometheus.WriteRequest".into() => ["protobuf_message"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig { enable_http2: false, ..HttpClientConfig::default() } => [inline];
        /// How samples wait and how many go at once.
        queue_config: QueueConfig = QueueConfig::default() => ["queue_config"];
        /// How metadata is sent.
        metadata_config: MetadataConfig = MetadataConfig::default() => ["metadata_config"];
        /// How requests are signed for Amazon.
        sigv4: Option<SigV4Config> = None => ["sigv4"];
        /// The account of Azure.
        azuread: Option<AzureAdConfig> = None => ["azuread"];
        /// The account of Google.
        google_iam: Option<GoogleIamConfig> = None => ["google_iam"];
    }
}

section! {
    /// How samples wait to be sent.
    pub struct QueueConfig as "config.QueueConfig" {
        /// How many samples a shard holds.
        capacity: isize = 10_000 => ["capacity"];
        /// How many shards there may be.
        max_shards: isize = 50 => ["max_shards"];
        /// How many shards there are at least.
        min_shards: isize = 1 => ["min_shards"];
        /// How many samples go at once.
        max_samples_per_send: isize = 2000 => ["max_samples_per_send"];
        /// How long a sample waits for others.
        batch_send_deadline: Duration = Duration::from_secs(5) => ["batch_send_deadline"];
        /// How long the first wait after a failure is.
        min_backoff: Duration = Duration::from_millis(30) => ["min_backoff"];
        /// How long a wait after a failure may be.
        max_backoff: Duration = Duration::from_secs(5) => ["max_backoff"];
        /// Whether what was refused with status 429 is sent again.
        retry_on_http_429: bool = false => ["retry_on_http_429"];
        /// How old a sample may be; 0: as old as it likes.
        sample_age_limit: Duration = Duration::ZERO => ["sample_age_limit"];
    }
}

section! {
    /// How metadata is sent.
    pub struct MetadataConfig as "config.MetadataConfig" {
        /// Whether it is.
        send: bool = true => ["send", always];
        /// How often.
        send_interval: Duration = Duration::from_secs(60) => ["send_interval", always];
        /// How much goes at once.
        max_samples_per_send: isize = 2000 => ["max_samples_per_send"];
    }
}

section! {
    /// A store that samples are read from.
    pub struct RemoteReadConfig as "config.plain" {
        /// Its address.
        url: Url = Url::default() => ["url", always];
        /// How long a request may take.
        remote_timeout: Duration = Duration::from_secs(60) => ["remote_timeout"];
        /// How many bytes a frame of an answer may have.
        chunked_read_limit: u64 = 50_000_000 => ["chunked_read_limit"];
        /// Headers to add to each request.
        headers: BTreeMap<String, String> = BTreeMap::new() => ["headers"];
        /// Whether it is asked also for what the own store has.
        read_recent: bool = false => ["read_recent"];
        /// What it is called in metrics and logs.
        name: String = String::new() => ["name"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// It is asked only for what is selected by these.
        required_matchers: LabelSet = LabelSet::default() => ["required_matchers"];
        /// Whether the external labels are added to what it is asked for.
        filter_external_labels: bool = true => ["filter_external_labels"];
    }
}

impl Check for QueueConfig {}
impl Check for MetadataConfig {}

impl Check for RemoteWriteConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.url.is_empty() && node.get("url").is_none_or(|url| url.is_null()) {
            return Err(decoder.invalid_key(node, "url", "url for remote_write is empty"));
        }
        let message = "empty or null relabeling rule in remote write config";
        self.write_relabel_configs.refuse_null(decoder, "write_relabel_configs", message)?;
        check_headers(&self.headers, node, decoder)?;
        if !MESSAGES.contains(&self.protobuf_message.as_str()) {
            let message = format!(
                "invalid protobuf_message value: unknown type for remote write protobuf message {}, supported: {}",
                self.protobuf_message,
                MESSAGES.join(", ")
            );
            return Err(decoder.invalid_key(node, "protobuf_message", message));
        }
        self.http.check(node, decoder)?;
        self.check_authentication(node, decoder)
    }
}

impl RemoteWriteConfig {
    fn check_authentication(&self, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
        let clouds = [
            ("sigv4", self.sigv4.is_some()),
            ("azuread", self.azuread.is_some()),
            ("google_iam", self.google_iam.is_some()),
        ];
        let clouds = clouds.into_iter().filter(|(_, given)| *given).map(|(key, _)| key);
        let given: Vec<&str> = self.http.authentication().chain(clouds).collect();
        if given.len() > 1 {
            let message = format!(
                "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. \
                 Currently configured: [{}]",
                given.join(" ")
            );
            return Err(decoder.invalid_key(node, given.last().copied().unwrap_or_default(), message));
        }
        Ok(())
    }

    /// Checks what depends on which names are valid; `node` is the section's.
    pub(crate) fn check_names(
        &self,
        names: ValidationScheme,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        check_rules(&self.write_relabel_configs, names, decoder, node, "write_relabel_configs")
    }
}

impl Check for RemoteReadConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.url.is_empty() && node.get("url").is_none_or(|url| url.is_null()) {
            return Err(decoder.invalid_key(node, "url", "url for remote_read is empty"));
        }
        check_headers(&self.headers, node, decoder)?;
        self.http.check(node, decoder)
    }
}

/// Headers that a request to another store has of itself, in small letters.
pub(crate) const UNCHANGEABLE_HEADERS: [&str; 16] = [
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

fn check_headers(headers: &BTreeMap<String, String>, node: &Node, decoder: &Decoder) -> Result<(), Invalid> {
    for name in headers.keys() {
        let lower = name.to_ascii_lowercase();
        let message = if lower == "authorization" {
            "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or \
             google_iam parameter"
                .to_string()
        } else if UNCHANGEABLE_HEADERS.contains(&lower.as_str()) {
            format!("{name} is a reserved header. It must not be changed")
        } else {
            continue;
        };
        return Err(Box::new(decoder.problem(node.get("headers").map_or(node, |headers| headers), message)));
    }
    Ok(())
}
