//! Classic histograms that are stored as native ones with custom buckets.
//!
//! The lines of one histogram stand together. Each is known as a part of it; when a line of another comes, what
//! was gathered becomes one histogram sample.

use std::sync::Arc;

use model::Exemplar;
use model::histogram::{ClassicHistogram, NativeForm};
use model::labels::{BUCKET_BOUND, METRIC_NAME};
use model::number::parse_float;

use super::labels::Scratch;

/// What a line is to the histogram that it is a part of.
#[derive(Debug)]
pub(crate) struct Part {
    histogram: Arc<Identity>,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Role {
    Bucket(f64),
    Sum,
    Count,
}

/// Which histogram it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The labels without the bound, the name without its ending.
    pub(super) labels: Vec<(String, String)>,
    /// Bytes that no line of a body has: the histogram's key in the memory.
    pub(super) key: Vec<u8>,
}

impl Part {
    /// What a scraped series is a part of, `None` where it is none of a histogram.
    pub(super) fn of(scratch: &Scratch) -> Option<Self> {
        let name = scratch.pairs().find(|(name, _)| *name == METRIC_NAME)?.1;
        let bound = scratch.pairs().find(|(name, _)| *name == BUCKET_BOUND).map(|(_, bound)| bound);
        let (name, role) = if let Some(name) = name.strip_suffix("_bucket") {
            (name, Role::Bucket(parse_float(bound?)?))
        } else if let Some(name) = name.strip_suffix("_sum") {
            (name, Role::Sum)
        } else {
            (name.strip_suffix("_count")?, Role::Count)
        };
        let mut labels: Vec<(String, String)> = scratch
            .pairs()
            .filter(|(name, _)| *name != METRIC_NAME && *name != BUCKET_BOUND)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        labels.push((METRIC_NAME.to_owned(), name.to_owned()));
        labels.sort();
        // No line begins with a zero byte.
        let mut key = vec![0];
        for text in labels.iter().flat_map(|(name, value)| [name, value]) {
            key.extend((text.len() as u64).to_le_bytes());
            key.extend(text.as_bytes());
        }
        Some(Self { histogram: Arc::new(Identity { labels, key }), role })
    }
}

/// The histogram that is being gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    identity: Option<Arc<Identity>>,
    /// Whether a part contradicted the others.
    broken: bool,
    classic: ClassicHistogram,
    timestamp: Option<i64>,
    exemplars: Vec<Exemplar>,
}

/// A histogram that is complete.
pub(super) struct Complete {
    pub(super) identity: Arc<Identity>,
    pub(super) histogram: NativeForm,
    pub(super) timestamp: Option<i64>,
    pub(super) exemplars: Vec<Exemplar>,
}

impl Gathered {
    /// Whether a part (or a line that is none) does not belong to what is being gathered.
    pub(super) fn ends_before(&self, part: Option<&Part>) -> bool {
        match (&self.identity, part) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(present), Some(part)) => present.key != part.histogram.key,
        }
    }

    /// Adds a part.
    pub(super) fn add(&mut self, part: &Part, value: f64, timestamp: Option<i64>) {
        if self.identity.is_none() {
            self.identity = Some(Arc::clone(&part.histogram));
        }
        self.timestamp = timestamp.or(self.timestamp);
        let added = match part.role {
            Role::Bucket(bound) => self.classic.set_bucket(bound, value),
            Role::Count => self.classic.set_count(value),
            Role::Sum => {
                self.classic.set_sum(value);
                Ok(())
            }
        };
        self.broken |= added.is_err();
    }

    /// Adds an exemplar.
    pub(super) fn add_exemplar(&mut self, exemplar: Exemplar) {
        self.exemplars.push(exemplar);
    }

    /// What was gathered, if it makes a histogram; starts anew.
    pub(super) fn take(&mut self) -> Option<Complete> {
        let identity = self.identity.take()?;
        let native = if self.broken { None } else { self.classic.to_native().ok() };
        let (timestamp, exemplars) = (self.timestamp.take(), std::mem::take(&mut self.exemplars));
        self.broken = false;
        self.classic.clear();
        Some(Complete { identity, histogram: native?, timestamp, exemplars })
    }
}
