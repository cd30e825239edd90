//! What the queues are told, checked.

use std::time::Duration;

use http::Uri;
use model::Labels;
use model::relabel::Rule;

/// A store that samples are sent to.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteSettings {
    /// What it is called in metrics and logs.
    pub name: String,
    /// What the place of the queue is kept under: the same after a reload with other settings.
    pub key: String,
    /// Its address.
    pub url: Uri,
    /// In which message samples are sent.
    pub version: Version,
    /// How long a request may take.
    pub timeout: Duration,
    /// Labels that each series gets that has none of the name.
    pub external_labels: Labels,
    /// Rules that the labels of series go through.
    pub relabel: Rules,
    /// Whether exemplars are sent.
    pub send_exemplars: bool,
    /// Whether native histograms are sent.
    pub send_histograms: bool,
    /// How samples wait and how many go at once.
    pub queue: QueueSettings,
    /// How metadata is sent; `None`: it is not.
    pub metadata: Option<MetadataSettings>,
    /// How requests are made.
    pub client: http_client::Settings,
}

/// A store that is asked for samples.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadSettings {
    /// What it is called in metrics and logs.
    pub name: String,
    /// Its address.
    pub url: Uri,
    /// How long a request may take.
    pub timeout: Duration,
    /// How many bytes a frame of chunks may have.
    pub frame_bytes_max: u64,
    /// Whether it is asked also for what the local store has.
    pub read_recent: bool,
    /// It is asked only for what is selected by all of these.
    pub required_matchers: Labels,
    /// Labels that are added to what it is asked for, and taken off what it answers.
    pub external_labels: Labels,
    /// How requests are made.
    pub client: http_client::Settings,
}

/// The message that samples are sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `prometheus.WriteRequest`.
    V1,
    /// `io.prometheus.write.v2.Request`.
    V2,
}

/// How samples wait to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// How many samples a shard holds.
    pub capacity: usize,
    /// How many shards there may be.
    pub shards_max: usize,
    /// How many shards there are at least.
    pub shards_min: usize,
    /// How many samples go at once.
    pub batch_samples_max: usize,
    /// How long a sample waits for others.
    pub batch_deadline: Duration,
    /// How long the first wait after a failure is.
    pub backoff_min: Duration,
    /// How long a wait after a failure may be.
    pub backoff_max: Duration,
    /// Whether what was refused with status 429 is sent again.
    pub retry_on_429: bool,
    /// How old a sample may be; `None`: as old as it likes.
    pub sample_age_max: Option<Duration>,
}

/// How metadata is sent (version 1.0; in version 2.0 it goes with the samples).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataSettings {
    /// How often.
    pub interval: Duration,
    /// How much goes at once.
    pub batch_max: usize,
}

/// Rules that the labels of series go through.
#[derive(Debug, Clone, Default)]
pub struct Rules(pub Vec<Rule>);

impl PartialEq for Rules {
    /// Whether they are written alike: patterns have no other equality.
    fn eq(&self, other: &Self) -> bool {
        format!("{:?}", self.0) == format!("{:?}", other.0)
    }
}
