//! Alerts, how they are told apart, and what becomes of two reports of the same one.

#[cfg(test)]
mod tests;

use std::hash::Hasher;
use std::sync::Arc;

use model::Labels;
use twox_hash::XxHash64;

use crate::annotations::Annotations;

/// An alert. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What identifies it.
    pub labels: Labels,
    /// What it says.
    pub annotations: Annotations,
    /// When it began to fire.
    pub starts_at: i64,
    /// When it ended, or until when it is taken as firing.
    pub ends_at: i64,
    /// When it was reported.
    pub updated_at: i64,
    /// Whether its end follows from the timeout and not from the report.
    pub ends_by_timeout: bool,
    /// Where it comes from.
    pub generator_url: Arc<str>,
}

/// The number by which alerts are told apart, shown in 16 hexadecimal digits.
pub type Fingerprint = u64;

impl Alert {
    /// The number by which alerts are told apart.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.labels)
    }

    /// Whether it is over.
    pub fn is_resolved(&self, now: i64) -> bool {
        self.ends_at <= now
    }

    pub(crate) fn times(&self) -> Times {
        let Alert { starts_at, ends_at, updated_at, ends_by_timeout, .. } = *self;
        Times { starts_at, ends_at, updated_at, ends_by_timeout }
    }
}

/// The times of an alert or of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) starts_at: i64,
    pub(crate) ends_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) ends_by_timeout: bool,
}

impl Times {
    pub(crate) fn is_resolved(&self, now: i64) -> bool {
        self.ends_at <= now
    }

    /// What two reports say together, and whether the second one's texts count; it was made later. Reports of separate
    /// spans of time do not add up.
    pub(crate) fn merged(first: Times, second: Times, now: i64) -> (Times, bool) {
        let overlap = second.starts_at < first.ends_at && first.starts_at < second.ends_at;
        if !overlap {
            return (second, true);
        }
        if first.updated_at > second.updated_at {
            (first.with(second, now), false)
        } else {
            (second.with(first, now), true)
        }
    }

    fn with(mut self, other: Times, now: i64) -> Times {
        self.starts_at = self.starts_at.min(other.starts_at);
        if self.is_resolved(now) {
            if other.is_resolved(now) && other.ends_at > self.ends_at {
                self.ends_at = other.ends_at;
            }
        } else if other.ends_at > self.ends_at && !other.ends_by_timeout {
            self.ends_at = other.ends_at;
            self.ends_by_timeout = false;
        }
        self
    }
}

/// FNV-1a over names and values.
pub fn fingerprint(labels: &Labels) -> Fingerprint {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        for byte in bytes.iter().chain(&[0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for (name, value) in labels {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    hash
}

/// XXH64 over the same bytes: what the notification log remembers an alert by.
pub fn log_hash(labels: &Labels) -> u64 {
    let mut hasher = XxHash64::with_seed(0);
    for (name, value) in labels {
        for text in [name, value] {
            hasher.write(text.as_bytes());
            hasher.write(&[0xff]);
        }
    }
    hasher.finish()
}
