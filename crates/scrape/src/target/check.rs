//! What would become of a discovered target, for those who only want to know.

use discovery::{ADDRESS, TargetGroup};
use model::Labels;
use model::relabel::relabel;

use super::populate::{INSTANCE, Populated, in_order, populate};
use crate::JobSettings;

/// A discovered target and what relabelling makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedTarget {
    /// Its labels before.
    pub discovered: Labels,
    /// Its labels behind, those that steer the scrape included; empty where it is dropped.
    pub labels: Labels,
    /// Why it cannot be scraped, where it cannot.
    pub error: Option<String>,
}

/// What would become of a target of a job.
pub fn check_target(job: &JobSettings, group: &TargetGroup, target: &Labels) -> CheckedTarget {
    let mut builder = in_order(job, group, target);
    let discovered = builder.clone().build();
    let (labels, error) = match populate(job, group, target) {
        Ok(Populated::Dropped(_)) => (Labels::empty(), None),
        Err(error) => (Labels::empty(), Some(error.to_string())),
        Ok(Populated::Target(_)) => {
            relabel(&job.relabel, &mut builder);
            builder.retain(|name| !name.starts_with("__meta_"));
            if builder.value(INSTANCE).is_empty() {
                let address = builder.value(ADDRESS).to_owned();
                builder.set(INSTANCE, &address);
            }
            (builder.build(), None)
        }
    };
    CheckedTarget { discovered, labels, error }
}
