//! Targets: what is scraped, how it went, and how targets come from what was discovered.

mod check;
mod metadata;
mod populate;
#[cfg(test)]
pub(crate) mod tests;
mod url;

use std::time::Duration;

use http::Uri;
use model::{Labels, Metadata};
use parking_lot::Mutex;

pub use check::{CheckedTarget, check_target};
pub(crate) use metadata::{Declarations, MetadataCache, MetadataPlace};
pub(crate) use populate::{Populated, populate};
pub use populate::{RelabelStep, relabel_steps};
pub(crate) use url::refusal;

/// A target of a pool; shared between its scrape loop and those who show it.
#[derive(Debug)]
pub struct Target {
    /// The labels before relabelling.
    discovered: Mutex<Labels>,
    /// The labels that its series get.
    labels: Labels,
    pool: String,
    url: String,
    /// `None` where the URL cannot be asked.
    pub(crate) uri: Option<Uri>,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    interval_text: String,
    timeout_text: String,
    pub(crate) histograms: HistogramModes,
    status: Mutex<Status>,
    pub(crate) metadata: Mutex<MetadataCache>,
}

/// Which forms of histograms are taken from a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HistogramModes {
    pub(crate) native: bool,
    pub(crate) convert_classic: bool,
    pub(crate) always_classic: bool,
}

/// How a target's last scrape went.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Status {
    /// Whether the last scrape succeeded.
    pub health: Health,
    /// Why the last scrape failed; empty where it did not.
    pub last_error: String,
    /// When the last scrape began, in milliseconds since the Unix epoch; `None` before the first.
    pub last_scrape: Option<i64>,
    /// How long it took.
    pub last_scrape_duration: Duration,
}

/// Whether the last scrape of a target succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// There was none yet.
    #[default]
    Unknown,
    /// It did.
    Up,
    /// It did not.
    Down,
}

impl Health {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Target {
    /// The labels before relabelling.
    pub fn discovered_labels(&self) -> Labels {
        self.discovered.lock().clone()
    }

    /// The labels that its series get.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The name of its pool, which is that of the job.
    pub fn scrape_pool(&self) -> &str {
        &self.pool
    }

    /// The URL that is asked.
    pub fn scrape_url(&self) -> &str {
        &self.url
    }

    /// The interval as its label gives it.
    pub fn scrape_interval(&self) -> &str {
        &self.interval_text
    }

    /// The timeout as its label gives it.
    pub fn scrape_timeout(&self) -> &str {
        &self.timeout_text
    }

    /// How the last scrape went.
    pub fn status(&self) -> Status {
        self.status.lock().clone()
    }

    /// What the target says of one metric.
    pub fn metadata(&self, metric: &str) -> Option<Metadata> {
        self.metadata.lock().get(metric)
    }

    /// What the target says of its metrics, by name.
    pub fn all_metadata(&self) -> Vec<(String, Metadata)> {
        self.metadata.lock().all()
    }

    /// Notes how a scrape went.
    pub(crate) fn set_status(&self, status: Status) {
        *self.status.lock() = status;
    }

    /// Two targets with the same URL and labels are one.
    pub(crate) fn identity(&self) -> (String, Labels) {
        (self.url.clone(), self.labels.clone())
    }

    /// Whether the same target, discovered once more, is to be scraped in the same way; if so, its labels of
    /// before relabelling are taken over.
    pub(crate) fn goes_on_as(&self, other: &Self) -> bool {
        let same = (self.interval, self.timeout, self.histograms)
            == (other.interval, other.timeout, other.histograms)
            && self.identity() == other.identity();
        if same {
            *self.discovered.lock() = other.discovered_labels();
        }
        same
    }

    /// When in its interval the target is scraped: spread evenly over all targets, the same after a restart,
    /// another for a server with another `seed`.
    pub(crate) fn offset_ms(&self, seed: u64) -> u64 {
        // FNV-1a: the places depend on nothing but the bytes.
        let bytes = self.labels.as_bytes().iter().chain(self.url.as_bytes());
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let interval = u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX).max(1);
        (hash ^ seed) % interval
    }
}
