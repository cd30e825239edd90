//! Metrics of the queues, under the names that dashboards know.

use telemetry::{Counter, Family, Gauge, Histogram, Registry, exponential_buckets};

const LABELS: &[&str] = &["remote_name", "url"];
const REASONED: &[&str] = &["remote_name", "url", "reason"];

macro_rules! queue_metrics {
    (
        counters { $($counter:ident = $counter_name:literal, $counter_help:literal;)* }
        gauges { $($gauge:ident = $gauge_name:literal, $gauge_help:literal;)* }
    ) => {
        /// Handles to the metrics of all queues.
        #[derive(Debug, Clone)]
        pub(crate) struct Metrics {
            $($counter: Family<Counter>,)*
            $($gauge: Family<Gauge>,)*
            batch_duration: Family<Histogram>,
            dropped: [Family<Counter>; 3],
            samples_in: Counter,
            histograms_in: Counter,
            exemplars_in: Counter,
            highest_of_all: Gauge,
            records_read: Family<Counter>,
            decode_failures: Family<Counter>,
            current_segment: Family<Gauge>,
        }

        /// The metrics of one queue.
        #[derive(Debug, Clone)]
        pub(crate) struct QueueMetrics {
            $(pub(crate) $counter: Counter,)*
            $(pub(crate) $gauge: Gauge,)*
            pub(crate) batch_duration: Histogram,
            pub(crate) samples_in: Counter,
            pub(crate) histograms_in: Counter,
            pub(crate) exemplars_in: Counter,
            pub(crate) highest_timestamp_of_all: Gauge,
            pub(crate) decode_failures: Counter,
            pub(crate) current_segment: Gauge,
            all: Metrics,
            name: String,
            url: String,
        }

        impl Metrics {
            pub(crate) fn new(registry: &Registry) -> Self {
                Self {
                    $($counter: registry.counters(
                        concat!("prometheus_remote_storage_", $counter_name), $counter_help, LABELS),)*
                    $($gauge: registry.gauges(
                        concat!("prometheus_remote_storage_", $gauge_name), $gauge_help, LABELS),)*
                    batch_duration: registry.histograms(
                        "prometheus_remote_storage_sent_batch_duration_seconds",
                        "Duration of send calls to the remote storage.",
                        LABELS,
                        &batch_buckets(),
                    ),
                    dropped: ["samples", "histograms", "exemplars"].map(|what| {
                        registry.counters(
                            &format!("prometheus_remote_storage_{what}_dropped_total"),
                            &format!(
                                "Total number of {what} which were dropped after being read from the WAL before \
                                 being sent via remote write, either via relabelling, due to being too old or \
                                 unintentionally because of an unknown reference ID."
                            ),
                            REASONED,
                        )
                    }),
                    samples_in: registry.counter(
                        "prometheus_remote_storage_samples_in_total",
                        "Samples in to remote storage, compare to samples out for queue managers.",
                    ),
                    histograms_in: registry.counter(
                        "prometheus_remote_storage_histograms_in_total",
                        "HistogramSamples in to remote storage, compare to histograms out for queue managers.",
                    ),
                    exemplars_in: registry.counter(
                        "prometheus_remote_storage_exemplars_in_total",
                        "Exemplars in to remote storage, compare to exemplars out for queue managers.",
                    ),
                    highest_of_all: registry.gauge(
                        "prometheus_remote_storage_highest_timestamp_in_seconds",
                        "Highest timestamp that has come into the remote storage via the Appender interface, in \
                         seconds since epoch.",
                    ),
                    records_read: registry.counters(
                        "prometheus_wal_watcher_records_read_total",
                        "Number of records read by the WAL watcher from the WAL.",
                        &["consumer", "type"],
                    ),
                    decode_failures: registry.counters(
                        "prometheus_wal_watcher_record_decode_failures_total",
                        "Number of records read by the WAL watcher that resulted in an error when decoding.",
                        &["consumer"],
                    ),
                    current_segment: registry.gauges(
                        "prometheus_wal_watcher_current_segment",
                        "Current segment the WAL watcher is reading records from.",
                        &["consumer"],
                    ),
                }
            }

            /// The metrics of the queue to a store.
            pub(crate) fn queue(&self, name: &str, url: &str) -> QueueMetrics {
                let labels = &[name, url];
                QueueMetrics {
                    $($counter: self.$counter.with(labels),)*
                    $($gauge: self.$gauge.with(labels),)*
                    batch_duration: self.batch_duration.with(labels),
                    samples_in: self.samples_in.clone(),
                    histograms_in: self.histograms_in.clone(),
                    exemplars_in: self.exemplars_in.clone(),
                    highest_timestamp_of_all: self.highest_of_all.clone(),
                    decode_failures: self.decode_failures.with(&[name]),
                    current_segment: self.current_segment.with(&[name]),
                    all: self.clone(),
                    name: name.to_owned(),
                    url: url.to_owned(),
                }
            }
        }

        impl QueueMetrics {
            /// Takes the metrics of a queue that is no more from those that are shown.
            pub(crate) fn remove(&self) {
                let labels = &[self.name.as_str(), self.url.as_str()];
                $(self.all.$counter.remove(labels);)*
                $(self.all.$gauge.remove(labels);)*
                self.all.batch_duration.remove(labels);
                for family in &self.all.dropped {
                    family.retain(|values| !values.starts_with(&labels.map(str::to_owned)));
                }
                let consumer = self.name.as_str();
                self.all.records_read.retain(|values| values.first().is_none_or(|name| name != consumer));
                self.all.decode_failures.remove(&[consumer]);
                self.all.current_segment.remove(&[consumer]);
            }
        }
    };
}

queue_metrics! {
    counters {
        samples = "samples_total", "Total number of samples sent to remote storage.";
        samples_failed = "samples_failed_total",
            "Total number of samples which failed on send to remote storage, non-recoverable errors.";
        samples_retried = "samples_retried_total",
            "Total number of samples which failed on send to remote storage but were retried because the send error was recoverable.";
        histograms = "histograms_total", "Total number of histograms sent to remote storage.";
        histograms_failed = "histograms_failed_total",
            "Total number of histograms which failed on send to remote storage, non-recoverable errors.";
        histograms_retried = "histograms_retried_total",
            "Total number of histograms which failed on send to remote storage but were retried because the send error was recoverable.";
        exemplars = "exemplars_total", "Total number of exemplars sent to remote storage.";
        exemplars_failed = "exemplars_failed_total",
            "Total number of exemplars which failed on send to remote storage, non-recoverable errors.";
        exemplars_retried = "exemplars_retried_total",
            "Total number of exemplars which failed on send to remote storage but were retried because the send error was recoverable.";
        metadata = "metadata_total", "Total number of metadata entries sent to remote storage.";
        metadata_failed = "metadata_failed_total",
            "Total number of metadata entries which failed on send to remote storage, non-recoverable errors.";
        metadata_retried = "metadata_retried_total",
            "Total number of metadata entries which failed on send to remote storage but were retried because the send error was recoverable.";
        bytes = "bytes_total",
            "The total number of bytes of data (not metadata) sent by the queue after compression.";
        metadata_bytes = "metadata_bytes_total",
            "The total number of bytes of metadata sent by the queue after compression.";
        enqueue_retries = "enqueue_retries_total",
            "Total number of times enqueue has failed because a shards queue was full.";
    }
    gauges {
        samples_pending = "samples_pending",
            "The number of samples pending in the queues shards to be sent to the remote storage.";
        histograms_pending = "histograms_pending",
            "The number of histograms pending in the queues shards to be sent to the remote storage.";
        exemplars_pending = "exemplars_pending",
            "The number of exemplars pending in the queues shards to be sent to the remote storage.";
        shards = "shards", "The number of shards used for parallel sending to the remote storage.";
        shards_max = "shards_max", "The maximum number of shards that the queue is allowed to run.";
        shards_min = "shards_min", "The minimum number of shards that the queue is allowed to run.";
        shards_desired = "shards_desired",
            "The number of shards that the queues shard calculation wants to run based on the rate of samples in vs. samples out.";
        shard_capacity = "shard_capacity",
            "The capacity of each shard of the queue used for parallel sending to the remote storage.";
        batch_max = "max_samples_per_send", "The maximum number of samples to be sent, in a single request, to the remote storage. Note that, when sending of exemplars over remote write is enabled, exemplars count towards this limt.";
        highest_timestamp = "queue_highest_timestamp_seconds",
            "Highest timestamp that was enqueued, in seconds since epoch.";
        highest_sent = "queue_highest_sent_timestamp_seconds",
            "Timestamp from a WAL sample, the highest timestamp successfully sent by this queue, in seconds since epoch.";
    }
}

/// What a value is, for its metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sample,
    Histogram,
    Exemplar,
}

impl QueueMetrics {
    /// Counts values that are not sent.
    pub(crate) fn dropped(&self, kind: Kind, reason: &'static str, count: u64) {
        let [samples, histograms, exemplars] = &self.all.dropped;
        let family = match kind {
            Kind::Sample => samples,
            Kind::Histogram => histograms,
            Kind::Exemplar => exemplars,
        };
        family.with(&[&self.name, &self.url, reason]).add(count);
    }

    /// Counts a record that was read.
    pub(crate) fn record_read(&self, kind: &'static str) {
        self.all.records_read.with(&[&self.name, kind]).inc();
    }
}

fn batch_buckets() -> Vec<f64> {
    let mut buckets = vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    buckets.extend(exponential_buckets(25.0, 2.0, 4));
    buckets
}
