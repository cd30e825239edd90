//! What is scraped and how, checked.

use std::path::PathBuf;
use std::time::Duration;

use http_client::Settings as ClientSettings;
use model::Labels;
use model::name::{EscapingScheme, ValidationScheme};
use model::relabel::Rule;
use wire::exposition::Protocol;

/// Everything that is scraped.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The labels that mark this server towards others: servers that differ in them scrape at other moments.
    pub external_labels: Labels,
    /// The jobs, by name.
    pub jobs: Vec<JobSettings>,
}

/// What is switched on for all jobs, from the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Hands exemplars to the store.
    pub exemplars: bool,
    /// Adds labels for the type and the unit of each metric.
    pub type_and_unit_labels: bool,
    /// Stores a zero at the time when a counter began.
    pub start_timestamp_zeros: bool,
    /// Stores with each sample when its counter began.
    pub start_timestamps: bool,
    /// Hands changes of metadata to the store.
    pub metadata_records: bool,
    /// How far a scrape may be late and still carry the time at which it was due, so that times stay regular.
    pub timestamp_tolerance: Duration,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            exemplars: false,
            type_and_unit_labels: false,
            start_timestamp_zeros: false,
            start_timestamps: false,
            metadata_records: false,
            timestamp_tolerance: Duration::from_millis(2),
        }
    }
}

/// One job: a `scrape_configs` entry with the global values filled in.
#[derive(Debug, Clone)]
pub struct JobSettings {
    /// The name, unique.
    pub job_name: String,
    /// Between two scrapes of a target; more than zero.
    pub scrape_interval: Duration,
    /// How long a target may take to answer; not longer than the interval.
    pub scrape_timeout: Duration,
    /// Labels of the target's own making win over those of the target.
    pub honor_labels: bool,
    /// Times of the target's own making are taken.
    pub honor_timestamps: bool,
    /// Series with times of their own are marked as ended too.
    pub track_timestamps_staleness: bool,
    /// Adds three more series that report about each scrape.
    pub extra_scrape_metrics: bool,
    /// Parameters of the URL, sorted by name.
    pub params: Vec<(String, Vec<String>)>,
    /// The path that is asked.
    pub metrics_path: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Whether compressed answers are asked for.
    pub enable_compression: bool,
    /// What is asked for, best first; not empty.
    pub scrape_protocols: Vec<Protocol>,
    /// How an answer is read that does not say what it is.
    pub fallback_scrape_protocol: Option<Protocol>,
    /// Takes native histograms.
    pub scrape_native_histograms: bool,
    /// Takes the classic form of a histogram beside the native one.
    pub always_scrape_classic_histograms: bool,
    /// Stores classic histograms as native ones with custom buckets.
    pub convert_classic_histograms_to_nhcb: bool,
    /// Which names are taken.
    pub name_validation: ValidationScheme,
    /// How targets are asked to write names that are not classic.
    pub name_escaping: EscapingScheme,
    /// What a target may send at most.
    pub limits: Limits,
    /// Dropped targets that are remembered for users to see; `None` for all.
    pub keep_dropped_targets: Option<usize>,
    /// Where scrapes that failed are noted, opened anew each time that settings are applied.
    pub failure_log: Option<PathBuf>,
    /// Turns what was discovered into targets.
    pub relabel: Vec<Rule>,
    /// Rewrites and drops series.
    pub metric_relabel: Vec<Rule>,
    /// How targets are asked.
    pub client: ClientSettings,
    /// Where targets are found.
    pub discoveries: Vec<discovery::Settings>,
}

/// What a target may send at most; `None` where there is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Bytes of a body after decompression; it must have fewer.
    pub body_bytes: Option<u64>,
    /// Samples after relabelling.
    pub samples: Option<u64>,
    /// Targets of the job after relabelling.
    pub targets: Option<usize>,
    /// Series of all targets of the job after relabelling, beyond which no new ones are taken.
    pub series: Option<usize>,
    /// Labels of a series.
    pub labels: Option<usize>,
    /// Bytes of a label's name.
    pub label_name_bytes: Option<usize>,
    /// Bytes of a label's value.
    pub label_value_bytes: Option<usize>,
    /// Buckets of a native histogram.
    pub histogram_buckets: Option<usize>,
    /// The least factor between neighbouring buckets of a native histogram; finer ones are merged.
    pub histogram_bucket_factor: Option<f64>,
}

impl JobSettings {
    /// A job with the original's defaults and no targets.
    pub fn new(job_name: impl Into<String>) -> Self {
        Self {
            job_name: job_name.into(),
            scrape_interval: Duration::from_mins(1),
            scrape_timeout: Duration::from_secs(10),
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            extra_scrape_metrics: false,
            params: Vec::new(),
            metrics_path: "/metrics".to_owned(),
            scheme: "http".to_owned(),
            enable_compression: true,
            scrape_protocols: Protocol::DEFAULT.to_vec(),
            fallback_scrape_protocol: None,
            scrape_native_histograms: false,
            always_scrape_classic_histograms: false,
            convert_classic_histograms_to_nhcb: false,
            name_validation: ValidationScheme::Utf8,
            name_escaping: EscapingScheme::AllowUtf8,
            limits: Limits::default(),
            keep_dropped_targets: None,
            failure_log: None,
            relabel: Vec::new(),
            metric_relabel: Vec::new(),
            client: ClientSettings::default(),
            discoveries: Vec::new(),
        }
    }

    /// Whether targets are found and scraped as by `other`; where they are discovered does not matter here.
    pub(crate) fn scrapes_like(&self, other: &Self) -> bool {
        self.stores_like(other)
            && (self.scrape_interval, self.scrape_timeout) == (other.scrape_interval, other.scrape_timeout)
            && (&self.params, &self.metrics_path, &self.scheme)
                == (&other.params, &other.metrics_path, &other.scheme)
            && self.enable_compression == other.enable_compression
            && self.scrape_protocols == other.scrape_protocols
            && self.fallback_scrape_protocol == other.fallback_scrape_protocol
            && self.name_escaping == other.name_escaping
            && self.extra_scrape_metrics == other.extra_scrape_metrics
            && self.limits == other.limits
            && self.keep_dropped_targets == other.keep_dropped_targets
            && same_rules(&self.relabel, &other.relabel)
            && self.client == other.client
    }

    /// Whether a line of a target means the same series as with `other`, so that what was learnt stays true.
    pub(crate) fn stores_like(&self, other: &Self) -> bool {
        (self.honor_labels, self.honor_timestamps, self.track_timestamps_staleness)
            == (other.honor_labels, other.honor_timestamps, other.track_timestamps_staleness)
            && self.scrape_native_histograms == other.scrape_native_histograms
            && self.always_scrape_classic_histograms == other.always_scrape_classic_histograms
            && self.convert_classic_histograms_to_nhcb == other.convert_classic_histograms_to_nhcb
            && self.name_validation == other.name_validation
            && (self.limits.labels, self.limits.label_name_bytes, self.limits.label_value_bytes)
                == (other.limits.labels, other.limits.label_name_bytes, other.limits.label_value_bytes)
            && same_rules(&self.metric_relabel, &other.metric_relabel)
    }
}

fn same_rules(rules: &[Rule], others: &[Rule]) -> bool {
    rules.len() == others.len()
        && rules.iter().zip(others).all(|(rule, other)| {
            (&rule.source_labels, &rule.separator, &rule.target_label, &rule.replacement)
                == (&other.source_labels, &other.separator, &other.target_label, &other.replacement)
                && (rule.modulus, rule.action, rule.names) == (other.modulus, other.action, other.names)
                && rule.regex.as_str() == other.regex.as_str()
        })
}
