//! The entries of `scrape_configs`.

use std::{collections::BTreeMap, time::Duration};

use model::name::{EscapingScheme, ValidationScheme};

use super::{
    discovery::DiscoveryConfigs,
    global::GlobalConfig,
    http_client::HttpClientConfig,
    load::Features,
    relabel::{RelabelConfig, check_rules},
    scrape_protocol::{ScrapeProtocols, check_protocol, check_protocols},
    target_group::check_addresses,
};
use crate::{
    decode::{Check, Decoder, Invalid, List, section},
    values::{ByteSize, FilePath, NameScheme},
    yaml::Node,
};

section! {
    /// What is scraped, and how.
    pub struct ScrapeConfig as "config.ScrapeConfig" {
        /// The value of the label `job`.
        job_name: String = String::new() => ["job_name", always];
        /// Whether labels of the target win over those of the server.
        honor_labels: bool = false => ["honor_labels"];
        /// Whether timestamps of the target are taken.
        honor_timestamps: bool = true => ["honor_timestamps", always];
        /// Whether series with timestamps of the target go stale.
        track_timestamps_staleness: bool = false => ["track_timestamps_staleness", always];
        /// Parameters of the request.
        params: BTreeMap<String, Vec<String>> = BTreeMap::new() => ["params"];
        /// How often.
        scrape_interval: Duration = Duration::ZERO => ["scrape_interval"];
        /// How long it may take.
        scrape_timeout: Duration = Duration::ZERO => ["scrape_timeout"];
        /// Which formats are asked for, best first.
        scrape_protocols: Option<ScrapeProtocols> = None => ["scrape_protocols"];
        /// The format of an answer that does not say.
        fallback_scrape_protocol: String = String::new() => ["fallback_scrape_protocol"];
        /// Whether native histograms are taken.
        scrape_native_histograms: Option<bool> = None => ["scrape_native_histograms"];
        /// Whether classic histograms are kept beside native ones.
        always_scrape_classic_histograms: Option<bool> = None => ["always_scrape_classic_histograms"];
        /// Whether classic histograms become native ones with custom buckets.
        convert_classic_histograms_to_nhcb: Option<bool> = None => ["convert_classic_histograms_to_nhcb"];
        /// Whether each scrape tells more about itself.
        extra_scrape_metrics: Option<bool> = None => ["extra_scrape_metrics"];
        /// Where failed scrapes are logged.
        scrape_failure_log_file: FilePath = FilePath::default() => ["scrape_failure_log_file"];
        /// The path of the request.
        metrics_path: String = "/metrics".into() => ["metrics_path"];
        /// `http` or `https`.
        scheme: String = "http".into() => ["scheme"];
        /// Whether a compressed answer is asked for.
        enable_compression: bool = true => ["enable_compression", always];
        /// How large the body may be; 0: as large as it likes.
        body_size_limit: ByteSize = ByteSize(0) => ["body_size_limit"];
        /// How many samples there may be; 0: as many as it likes.
        sample_limit: usize = 0 => ["sample_limit"];
        /// How many targets there may be; 0: as many as it likes.
        target_limit: usize = 0 => ["target_limit"];
        /// How many labels a sample may have; 0: as many as it likes.
        label_limit: usize = 0 => ["label_limit"];
        /// How long a label's name may be; 0: as long as it likes.
        label_name_length_limit: usize = 0 => ["label_name_length_limit"];
        /// How long a label's value may be; 0: as long as it likes.
        label_value_length_limit: usize = 0 => ["label_value_length_limit"];
        /// How many buckets a native histogram may have; 0: as many as it likes.
        native_histogram_bucket_limit: usize = 0 => ["native_histogram_bucket_limit"];
        /// How fine a native histogram may be; 0: as fine as it likes.
        native_histogram_min_bucket_factor: f64 = 0.0 => ["native_histogram_min_bucket_factor"];
        /// How many dropped targets are remembered; 0: all.
        keep_dropped_targets: usize = 0 => ["keep_dropped_targets"];
        /// Which names are valid.
        metric_name_validation_scheme: NameScheme = NameScheme::default() => ["metric_name_validation_scheme"];
        /// How the target is asked to escape other names.
        metric_name_escaping_scheme: String = String::new() => ["metric_name_escaping_scheme"];
        /// How requests are sent.
        http: HttpClientConfig = HttpClientConfig::default() => [inline];
        /// Rules that the labels of targets go through.
        relabel_configs: List<RelabelConfig> = List::default() => ["relabel_configs"];
        /// Rules that the labels of samples go through.
        metric_relabel_configs: List<RelabelConfig> = List::default() => ["metric_relabel_configs"];
        /// Where the targets come from.
        discovery: DiscoveryConfigs = DiscoveryConfigs::default() => [inline];
    }
}

impl Check for ScrapeConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        self.discovery.check(node, decoder)?;
        if self.job_name.is_empty() {
            return Err(decoder.invalid_key(node, "job_name", "job_name is empty"));
        }
        self.http.check(node, decoder)?;
        // With rules, an address is what they make of it.
        if self.relabel_configs.is_empty() {
            check_addresses(&self.discovery.fixed, node, decoder)?;
        }
        let message = "empty or null target relabeling rule in scrape config";
        self.relabel_configs.refuse_null(decoder, "relabel_configs", message)?;
        let message = "empty or null metric relabeling rule in scrape config";
        self.metric_relabel_configs.refuse_null(decoder, "metric_relabel_configs", message)
    }
}

impl ScrapeConfig {
    /// Which names are valid.
    pub fn names(&self) -> ValidationScheme {
        self.metric_name_validation_scheme.0.unwrap_or(ValidationScheme::Utf8)
    }

    /// Fills in what the section leaves to `global`, and checks what depends on it; `node` is the section's.
    pub(crate) fn fill_in(
        &mut self,
        global: &GlobalConfig,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        self.fill_in_times(global, node, decoder)?;
        self.fill_in_limits(global);
        self.fill_in_protocols(global, node, decoder)?;
        self.fill_in_names(global, node, decoder)?;
        check_rules(&self.relabel_configs, self.names(), decoder, node, "relabel_configs")?;
        check_rules(&self.metric_relabel_configs, self.names(), decoder, node, "metric_relabel_configs")
    }

    /// Fills in what neither the section nor `global` says.
    pub(crate) fn complete(&mut self, global: &GlobalConfig, features: Features) {
        let extra = global.extra_scrape_metrics.unwrap_or(features.extra_scrape_metrics);
        self.extra_scrape_metrics.get_or_insert(extra);
        let protobuf_first = features.protobuf_first || self.scrape_native_histograms.unwrap_or_default();
        self.scrape_protocols.get_or_insert_with(|| ScrapeProtocols::by_default(protobuf_first));
    }

    fn fill_in_times(
        &mut self,
        global: &GlobalConfig,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        if self.scrape_interval.is_zero() {
            self.scrape_interval = global.scrape_interval;
        }
        if self.scrape_timeout > self.scrape_interval {
            let job = model::quote::quote(&self.job_name);
            let message =
                format!("scrape timeout greater than scrape interval for scrape config with job name {job}");
            let problem = decoder.invalid_key(node, "scrape_timeout", message);
            let interval = model::duration::format_duration(self.scrape_interval);
            return Err(Box::new(problem.expected(format!("at most the scrape interval, {interval}"))));
        }
        if self.scrape_timeout.is_zero() {
            self.scrape_timeout = global.scrape_timeout.min(self.scrape_interval);
        }
        Ok(())
    }

    fn fill_in_limits(&mut self, global: &GlobalConfig) {
        let fill = |own: &mut usize, global: usize| {
            if *own == 0 {
                *own = global;
            }
        };
        fill(&mut self.sample_limit, global.sample_limit);
        fill(&mut self.target_limit, global.target_limit);
        fill(&mut self.label_limit, global.label_limit);
        fill(&mut self.label_name_length_limit, global.label_name_length_limit);
        fill(&mut self.label_value_length_limit, global.label_value_length_limit);
        fill(&mut self.keep_dropped_targets, global.keep_dropped_targets);
        if self.body_size_limit == ByteSize(0) {
            self.body_size_limit = global.body_size_limit;
        }
        if self.scrape_failure_log_file.is_empty() {
            self.scrape_failure_log_file = global.scrape_failure_log_file.clone();
        }
        self.scrape_native_histograms.get_or_insert(global.scrape_native_histograms);
        self.convert_classic_histograms_to_nhcb.get_or_insert(global.convert_classic_histograms_to_nhcb);
        self.always_scrape_classic_histograms.get_or_insert(global.always_scrape_classic_histograms);
    }

    fn fill_in_protocols(
        &mut self,
        global: &GlobalConfig,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        let job = model::quote::quote(&self.job_name);
        if self.scrape_protocols.is_none() {
            self.scrape_protocols.clone_from(&global.scrape_protocols);
        }
        if let Some(protocols) = &self.scrape_protocols
            && let Err(message) = check_protocols(protocols)
        {
            let message = format!("{message} for scrape config with job name {job}");
            return Err(decoder.invalid_key(node, "scrape_protocols", message));
        }
        if !self.fallback_scrape_protocol.is_empty()
            && let Err(message) = check_protocol(&self.fallback_scrape_protocol)
        {
            let message =
                format!("invalid fallback_scrape_protocol for scrape config with job name {job}: {message}");
            return Err(decoder.invalid_key(node, "fallback_scrape_protocol", message));
        }
        Ok(())
    }

    fn fill_in_names(
        &mut self,
        global: &GlobalConfig,
        node: &Node,
        decoder: &Decoder,
    ) -> Result<(), Invalid> {
        let names = *self.metric_name_validation_scheme.0.get_or_insert(global.names());
        let own = !self.metric_name_escaping_scheme.is_empty();
        if !own {
            self.metric_name_escaping_scheme.clone_from(&global.metric_name_escaping_scheme);
        }
        if self.metric_name_escaping_scheme.is_empty() {
            let scheme = match names {
                ValidationScheme::Utf8 => EscapingScheme::AllowUtf8,
                ValidationScheme::Legacy => EscapingScheme::Underscores,
            };
            self.metric_name_escaping_scheme = scheme.as_str().into();
        }
        let whose = if own { "scrape config" } else { "global" };
        match EscapingScheme::parse(&self.metric_name_escaping_scheme) {
            Some(EscapingScheme::AllowUtf8) if names != ValidationScheme::Utf8 => {
                let message = "utf8 metric names requested but validation scheme is not set to UTF8";
                Err(decoder.invalid_key(node, "metric_name_escaping_scheme", message))
            }
            Some(_) => Ok(()),
            None => {
                let message = format!(
                    "unknown {whose} name escaping method specified, must be one of 'allow-utf-8', 'underscores', \
                     'dots', or 'values', got {}",
                    model::quote::quote(&self.metric_name_escaping_scheme)
                );
                Err(decoder.invalid_key(node, "metric_name_escaping_scheme", message))
            }
        }
    }
}
