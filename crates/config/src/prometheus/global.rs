//! The section `global`: what holds for all, and the defaults of scrape configurations.

use std::{collections::BTreeMap, time::Duration};

use model::name::{EscapingScheme, ValidationScheme};

use super::scrape_protocol::{ScrapeProtocols, check_protocols};
use crate::{
    decode::{Check, Decoder, Field, Invalid, section},
    values::{ByteSize, FilePath, NameScheme, no_label_name},
    yaml::Node,
};

/// How often targets are scraped and rules evaluated unless the file says otherwise.
const INTERVAL: Duration = Duration::from_secs(60);
/// How long a scrape may take unless the file says otherwise.
const SCRAPE_TIMEOUT: Duration = Duration::from_secs(10);

section! {
    /// What holds for all, and the defaults of scrape configurations.
    pub struct GlobalConfig as "config.plain" {
        /// How often targets are scraped.
        scrape_interval: Duration = Duration::ZERO => ["scrape_interval"];
        /// How long a scrape may take.
        scrape_timeout: Duration = Duration::ZERO => ["scrape_timeout"];
        /// Which formats are asked for, best first.
        scrape_protocols: Option<ScrapeProtocols> = None => ["scrape_protocols"];
        /// How often rules are evaluated.
        evaluation_interval: Duration = Duration::ZERO => ["evaluation_interval"];
        /// How far in the past rules are evaluated.
        rule_query_offset: Duration = Duration::ZERO => ["rule_query_offset"];
        /// Where queries are logged.
        query_log_file: FilePath = FilePath::default() => ["query_log_file"];
        /// Where failed scrapes are logged.
        scrape_failure_log_file: FilePath = FilePath::default() => ["scrape_failure_log_file"];
        /// Labels that are added to what leaves this server.
        external_labels: BTreeMap<String, String> = BTreeMap::new() => ["external_labels"];
        /// How large a scraped body may be; 0: as large as it likes.
        body_size_limit: ByteSize = ByteSize(0) => ["body_size_limit"];
        /// How many samples a scrape may have; 0: as many as it likes.
        sample_limit: usize = 0 => ["sample_limit"];
        /// How many targets a scrape configuration may have; 0: as many as it likes.
        target_limit: usize = 0 => ["target_limit"];
        /// How many labels a sample may have; 0: as many as it likes.
        label_limit: usize = 0 => ["label_limit"];
        /// How long a label's name may be; 0: as long as it likes.
        label_name_length_limit: usize = 0 => ["label_name_length_limit"];
        /// How long a label's value may be; 0: as long as it likes.
        label_value_length_limit: usize = 0 => ["label_value_length_limit"];
        /// How many dropped targets are remembered for each scrape configuration; 0: all.
        keep_dropped_targets: usize = 0 => ["keep_dropped_targets"];
        /// Which names are valid.
        metric_name_validation_scheme: NameScheme = NameScheme::default() => ["metric_name_validation_scheme"];
        /// How targets are asked to escape other names.
        metric_name_escaping_scheme: String = String::new() => ["metric_name_escaping_scheme"];
        /// Whether native histograms are taken from scrapes.
        scrape_native_histograms: bool = false => ["scrape_native_histograms"];
        /// Whether classic histograms become native ones with custom buckets.
        convert_classic_histograms_to_nhcb: bool = false => ["convert_classic_histograms_to_nhcb"];
        /// Whether classic histograms are kept beside native ones.
        always_scrape_classic_histograms: bool = false => ["always_scrape_classic_histograms"];
        /// Whether each scrape tells more about itself; where it is not said, the command line decides.
        extra_scrape_metrics: Option<bool> = None => ["extra_scrape_metrics"];
    }
}

impl GlobalConfig {
    /// The section of a file that has none.
    pub(crate) fn absent() -> GlobalConfig {
        GlobalConfig {
            scrape_interval: INTERVAL,
            scrape_timeout: SCRAPE_TIMEOUT,
            evaluation_interval: INTERVAL,
            metric_name_validation_scheme: NameScheme(Some(ValidationScheme::Utf8)),
            metric_name_escaping_scheme: EscapingScheme::AllowUtf8.as_str().into(),
            ..GlobalConfig::default()
        }
    }

    /// Which names are valid where nothing else is said.
    pub fn names(&self) -> ValidationScheme {
        self.metric_name_validation_scheme.0.unwrap_or(ValidationScheme::Utf8)
    }
}

impl Check for GlobalConfig {
    fn check(&mut self, node: &Node, decoder: &mut Decoder) -> Result<(), Invalid> {
        if self.external_labels.contains_key("") {
            let place = node.get("external_labels").map_or(node, |labels| labels);
            return Err(decoder.invalid_key(place, "", no_label_name("")));
        }
        if self.scrape_interval.is_zero() {
            self.scrape_interval = INTERVAL;
        }
        if self.scrape_timeout > self.scrape_interval {
            let message = "global scrape timeout greater than scrape interval";
            return Err(decoder.invalid_key(node, "scrape_timeout", message));
        }
        if self.scrape_timeout.is_zero() {
            self.scrape_timeout = SCRAPE_TIMEOUT.min(self.scrape_interval);
        }
        if self.evaluation_interval.is_zero() {
            self.evaluation_interval = INTERVAL;
        }
        if let Some(protocols) = &self.scrape_protocols
            && let Err(message) = check_protocols(protocols)
        {
            return Err(decoder.invalid_key(
                node,
                "scrape_protocols",
                format!("{message} for global config"),
            ));
        }
        Ok(())
    }
}

section! {
    /// Settings of the original's runtime. They are read and shown, and mean nothing here.
    pub struct RuntimeConfig as "config.RuntimeConfig" {
        /// When its garbage collector runs.
        gogc: isize = 0 => ["gogc"];
    }
}

impl RuntimeConfig {
    /// The section of a file that has none, or leaves the number out.
    pub(crate) fn filled(self) -> RuntimeConfig {
        if self.is_zero() { RuntimeConfig { gogc: 75 } } else { self }
    }
}

impl Check for RuntimeConfig {}
