//! A push on its way through, and what is found against it.

use storage::logs::EntryRef;

use crate::entry::{Incoming, metadata_bytes};
use crate::error::{PushError, Reason, Refusal, Refusals};
use crate::limits::{Blocked, Limits};
use crate::metrics::Labelled;
use crate::stream::Known;
use crate::tenant::Tenant;

/// A push whose labels are read.
pub(crate) struct Request<'p> {
    pub(crate) tenant: &'p str,
    pub(crate) state: &'p Tenant,
    pub(crate) limits: &'p Limits,
    pub(crate) format: &'static str,
    pub(crate) streams: &'p [Incoming<'p>],
}

impl<'p> Request<'p> {
    pub(crate) fn labelled(&self, stream: &Known) -> Labelled<'p> {
        let policy = stream.policy.and_then(|place| self.limits.policies.get(place));
        Labelled {
            retention_hours: &self.limits.retention_hours,
            policy: policy.map_or("", |policy| &policy.name),
            format: self.format,
        }
    }

    pub(crate) fn discard(&self, stream: &Known, reason: Reason, entries: &[EntryRef<'_>]) {
        let bytes = entries.iter().map(|entry| entry.line.len() + metadata_bytes(entry.metadata)).sum();
        self.state.metrics.discarded(reason, entries.len(), bytes, self.labelled(stream));
    }
}

/// What was found against parts of a push.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) refusals: Refusals,
    blocked: Option<PushError>,
}

impl Judged {
    /// Whether nothing of a stream is taken, for its labels or its policy.
    pub(crate) fn refuses_stream(
        &mut self,
        request: &Request<'_>,
        stream: &Incoming<'_>,
        now_ms: i64,
    ) -> bool {
        let known = stream.known;
        if let Some(refusal) = &known.refused {
            self.refusals.add(&refusal.text);
            request.discard(known, refusal.reason, stream.entries);
            return true;
        }
        if let Some(refusal) = missing_labels(request, known) {
            self.refusals.add(&refusal.text);
            request.discard(known, refusal.reason, stream.entries);
            return true;
        }
        let policy = known.policy.and_then(|place| request.limits.policies.get(place));
        let Some(policy) = policy else { return false };
        let Some(blocked) = policy.blocked.as_ref().filter(|blocked| now_ms < blocked.until_ms) else {
            return false;
        };
        self.blocked = blocked_answer(request.tenant, Some(&policy.name), blocked).or(self.blocked.take());
        request.discard(known, Reason::BlockedPolicy, stream.entries);
        true
    }

    /// The answer, given what the store refused: its word counts first.
    pub(crate) fn answer(self, from_store: Option<PushError>) -> Result<(), PushError> {
        let refused = || self.refusals.text().map(|text| PushError::new(400, text));
        from_store.or(self.blocked).or_else(refused).map_or(Ok(()), Err)
    }
}

fn missing_labels(request: &Request<'_>, stream: &Known) -> Option<Refusal> {
    let policy = stream.policy.and_then(|place| request.limits.policies.get(place));
    let of_policy = policy.map_or(&[][..], |policy| &policy.enforced_labels);
    let enforced = request.limits.enforced_labels.iter().chain(of_policy);
    let missing: Vec<&str> =
        enforced.filter(|name| stream.labels.get(name).is_none()).map(String::as_str).collect();
    if missing.is_empty() || stream.is_internal {
        return None;
    }
    let text = format!(
        "missing required labels '{}' for user '{}' for stream '{}' (policy: '{}')",
        missing.join(","),
        request.tenant,
        stream.text,
        policy.map_or("", |policy| &policy.name)
    );
    Some(Refusal::new(Reason::MissingEnforcedLabels, text))
}

/// The answer while nothing is taken; `None` where it looks like success.
pub(crate) fn blocked_answer(tenant: &str, policy: Option<&str>, blocked: &Blocked) -> Option<PushError> {
    let policy = policy.map_or(String::new(), |policy| format!(" (policy '{policy}')"));
    let text = format!(
        "ingestion blocked for user '{tenant}'{policy} until '{}' with status code '{}'",
        blocked.until, blocked.status
    );
    (blocked.status != 200).then(|| PushError::new(blocked.status, text))
}
