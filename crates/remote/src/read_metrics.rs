//! Metrics of reading from other stores, under the names of the original.

use telemetry::{Counter, Family, Gauge, Histogram, Registry};

/// The metrics of all stores.
#[derive(Clone)]
pub(crate) struct ReadMetrics {
    total: Family<Counter>,
    present: Family<Gauge>,
    seconds: Family<Histogram>,
}

/// Upper bounds of durations, seconds.
const BOUNDS: [f64; 13] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0];

impl ReadMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        Self {
            total: registry.counters(
                "prometheus_remote_read_client_queries_total",
                "The total number of remote read queries.",
                &["remote_name", "url", "response_type", "code"],
            ),
            present: registry.gauges(
                "prometheus_remote_read_client_queries",
                "The number of in-flight remote read queries.",
                &["remote_name", "url"],
            ),
            seconds: registry.histograms(
                "prometheus_remote_read_client_request_duration_seconds",
                "Histogram of the latency for remote read requests. Note that for streamed responses this is only the duration of the initial call and does not include the processing of the stream.",
                &["remote_name", "url", "response_type"],
                &BOUNDS,
            ),
        }
    }

    /// The metrics of one store.
    pub(crate) fn store(&self, name: &str, url: &str) -> StoreMetrics {
        StoreMetrics {
            all: self.clone(),
            name: name.to_owned(),
            url: url.to_owned(),
            present: self.present.with(&[name, url]),
        }
    }
}

/// The metrics of one store.
#[derive(Clone)]
pub(crate) struct StoreMetrics {
    all: ReadMetrics,
    name: String,
    url: String,
    present: Gauge,
}

impl StoreMetrics {
    /// Counts a request as running until the guard is dropped.
    pub(crate) fn begin(&self) -> Present {
        self.present.inc();
        Present(self.present.clone())
    }

    /// Notes an answer: its form and status, and how long it took to begin.
    pub(crate) fn answered(&self, form: &str, code: u16, seconds: f64) {
        self.all.total.with(&[&self.name, &self.url, form, &code.to_string()]).inc();
        self.all.seconds.with(&[&self.name, &self.url, form]).observe(seconds);
    }

    /// Takes the metrics of a store that is no more from those that are shown.
    pub(crate) fn remove(&self) {
        let own = [self.name.clone(), self.url.clone()];
        self.all.present.remove(&[&self.name, &self.url]);
        self.all.total.retain(|values| !values.starts_with(&own));
        self.all.seconds.retain(|values| !values.starts_with(&own));
    }

    pub(crate) fn is_of(&self, other: &Self) -> bool {
        (&self.name, &self.url) == (&other.name, &other.url)
    }
}

/// A request that is running.
pub(crate) struct Present(Gauge);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}
