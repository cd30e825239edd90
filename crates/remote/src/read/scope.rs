//! What a store is asked for, if anything.

use model::{Labels, MatchOp, Matcher};
use storage::TimeRange;

use crate::ReadSettings;

impl ReadSettings {
    /// The part of a span of time that the store is asked for: where it is not asked for what is recent, what comes
    /// before the time that the local store begins at.
    pub(super) fn range_to_ask(&self, range: TimeRange, local_start: Option<i64>) -> Option<TimeRange> {
        match local_start.filter(|_| !self.read_recent) {
            None => Some(range),
            Some(start) if range.start > start => None,
            Some(start) => Some(TimeRange::new(range.start, range.end.min(start))),
        }
    }

    /// Whether a selector has all matchers that the store wants to see.
    pub(super) fn is_asked_for(&self, matchers: &[Matcher]) -> bool {
        let given = |name: &str, value: &str| {
            let same = |matcher: &Matcher| {
                matcher.op() == MatchOp::Equal && matcher.name() == name && matcher.value() == value
            };
            matchers.iter().any(same)
        };
        self.required_matchers.iter().all(|(name, value)| given(name, value))
    }

    /// The matchers with those of the external labels that the selector says nothing of, and the names of these.
    pub(super) fn with_external_labels(&self, matchers: &[Matcher]) -> (Vec<Matcher>, Vec<String>) {
        let mut all = matchers.to_vec();
        let mut added = Vec::new();
        for (name, value) in self.external_labels.iter() {
            if matchers.iter().all(|matcher| matcher.name() != name) {
                all.push(Matcher::equal(name, value));
                added.push(name.to_owned());
            }
        }
        (all, added)
    }
}

/// Labels without those that were only added to the question.
pub(super) fn without(labels: &Labels, added: &[String]) -> Labels {
    if added.is_empty() {
        labels.clone()
    } else {
        labels.filtered(|name| added.iter().all(|added| added != name))
    }
}
