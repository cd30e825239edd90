//! Silences: who said that which alerts are to be kept quiet, from when to when.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use model::Labels;

use crate::alert::Fingerprint;
use crate::{MatchOp, Matcher};

/// A silence. Times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Its id, a UUID; empty for one that is to be made.
    pub id: String,
    /// Sets of conditions: an alert that fulfils all of one set is quiet.
    pub matcher_sets: Vec<Vec<Matcher>>,
    /// From when on.
    pub starts_at: i64,
    /// Until when.
    pub ends_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// What else is said of it.
    pub annotations: BTreeMap<String, String>,
}

/// Where a silence stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SilenceState {
    /// Now.
    Active,
    /// To come.
    Pending,
    /// Over.
    Expired,
}

impl SilenceState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            SilenceState::Active => "active",
            SilenceState::Pending => "pending",
            SilenceState::Expired => "expired",
        }
    }
}

/// Why a silence is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SilenceError {
    /// There is none of the id.
    #[error("silence not found")]
    NotFound,
    /// It cannot be.
    #[error("invalid silence: {0}")]
    Invalid(String),
    /// There are too many.
    #[error("exceeded maximum number of silences: {present} (limit: {max})")]
    TooMany {
        /// How many there are.
        present: usize,
        /// How many there may be.
        max: usize,
    },
    /// It is too large.
    #[error("silence exceeded maximum size: {bytes} bytes (limit: {max} bytes)")]
    TooLarge {
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        max: usize,
    },
}

/// How many silences there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SilenceLimits {
    /// At most so many, those included that are over and not forgotten yet.
    pub count_max: Option<usize>,
    /// None larger than this.
    pub bytes_max: Option<usize>,
}

impl Silence {
    /// Where it stands.
    pub fn state(&self, now: i64) -> SilenceState {
        if now < self.starts_at {
            SilenceState::Pending
        } else if now < self.ends_at {
            SilenceState::Active
        } else {
            SilenceState::Expired
        }
    }

    /// Whether alerts with these labels are meant.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.matcher_sets.iter().any(|set| set.iter().all(|matcher| matcher.matches_labels(labels)))
    }

    fn check(&self) -> Result<(), SilenceError> {
        let invalid = |text: String| Err(SilenceError::Invalid(text));
        if self.matcher_sets.is_empty() {
            return invalid("at least one matcher set required".to_owned());
        }
        for (nth, set) in self.matcher_sets.iter().enumerate() {
            if let Some(at) = set.iter().position(|matcher| matcher.name().is_empty()) {
                return invalid(format!("invalid label matcher {at} in set {nth}: invalid label name \"\""));
            }
            // Negations count as saying something, as the original has it.
            if set.iter().all(|matcher| !matcher.op().is_negative() && matcher.matches("")) {
                return invalid(format!(
                    "matcher set {nth}: at least one matcher must not match the empty string"
                ));
            }
        }
        if self.ends_at <= self.starts_at {
            return invalid("end time must not be before start time".to_owned());
        }
        Ok(())
    }

    /// About the size that it has on disk.
    fn bytes(&self) -> usize {
        let matchers = self.matcher_sets.iter().flatten();
        let matchers: usize = matchers.map(|matcher| matcher.name().len() + matcher.value().len() + 8).sum();
        let notes: usize = self.annotations.iter().map(|(name, text)| name.len() + text.len() + 6).sum();
        // The matchers of the first set stand there twice, for older readers.
        matchers * 2 + notes + self.id.len() + self.comment.len() + self.created_by.len() + 50
    }
}

/// All silences.
#[derive(Debug, Default)]
pub(crate) struct Silences {
    silences: HashMap<String, Silence>,
    /// Ids in the order in which their conditions were set; the place is the version.
    versions: Vec<String>,
    /// Which silences mean an alert, and up to which version that was looked at.
    seen: HashMap<Fingerprint, Seen>,
    limits: SilenceLimits,
}

#[derive(Debug, Default)]
struct Seen {
    version: usize,
    ids: Vec<String>,
}

const SECOND: i64 = 1_000_000_000;

impl Silences {
    pub(crate) fn new(limits: SilenceLimits) -> Silences {
        Silences { limits, ..Silences::default() }
    }

    /// Takes a silence as it was kept.
    pub(crate) fn restore(&mut self, silence: Silence) {
        if self.silences.get(&silence.id).is_none_or(|present| present.updated_at <= silence.updated_at) {
            self.insert(silence);
        }
    }

    fn insert(&mut self, silence: Silence) {
        let is_same =
            self.silences.get(&silence.id).is_some_and(|old| old.matcher_sets == silence.matcher_sets);
        if !is_same {
            self.versions.push(silence.id.clone());
        }
        self.silences.insert(silence.id.clone(), silence);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Silence> {
        self.silences.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Silence> {
        self.silences.values()
    }

    /// Makes or changes a silence; `fresh_id` is for a new one. Gives all that was changed, the silence itself last.
    ///
    /// # Errors
    /// It cannot be, there is none of its id, or a limit stands against it.
    pub(crate) fn set(
        &mut self,
        mut silence: Silence,
        fresh_id: String,
        now: i64,
    ) -> Result<Vec<Silence>, SilenceError> {
        let previous = match silence.id.as_str() {
            "" => None,
            id => Some(self.silences.get(id).cloned().ok_or(SilenceError::NotFound)?),
        };
        silence.updated_at = now;
        if let Some(previous) = previous.as_ref().filter(|previous| can_change(previous, &silence, now)) {
            if previous.state(now) == SilenceState::Active {
                silence.starts_at = previous.starts_at;
            }
            silence.check()?;
            self.check_size(&silence)?;
            self.insert(silence.clone());
            return Ok(vec![silence]);
        }
        silence.starts_at = silence.starts_at.max(now);
        silence.check()?;
        self.check_size(&silence)?;
        if let Some(max) = self.limits.count_max.filter(|max| self.silences.len() >= *max) {
            return Err(SilenceError::TooMany { present: self.silences.len() + 1, max });
        }
        let mut changed = Vec::new();
        if let Some(previous) = previous.filter(|previous| previous.state(now) != SilenceState::Expired) {
            changed.extend(self.expire(&previous.id, now)?);
        }
        silence.id = fresh_id;
        self.insert(silence.clone());
        changed.push(silence);
        Ok(changed)
    }

    fn check_size(&self, silence: &Silence) -> Result<(), SilenceError> {
        let bytes = silence.bytes();
        match self.limits.bytes_max.filter(|max| bytes > *max) {
            Some(max) => Err(SilenceError::TooLarge { bytes, max }),
            None => Ok(()),
        }
    }

    /// Ends a silence; gives it where that changed something.
    ///
    /// # Errors
    /// There is none of the id.
    pub(crate) fn expire(&mut self, id: &str, now: i64) -> Result<Option<Silence>, SilenceError> {
        let silence = self.silences.get_mut(id).ok_or(SilenceError::NotFound)?;
        match silence.state(now) {
            SilenceState::Expired => return Ok(None),
            SilenceState::Pending => silence.starts_at = now,
            SilenceState::Active => {}
        }
        silence.ends_at = now;
        silence.updated_at = now;
        Ok(Some(silence.clone()))
    }

    /// The silences that keep an alert quiet now, sorted by id.
    pub(crate) fn silencing(&mut self, fingerprint: Fingerprint, labels: &Labels, now: i64) -> Vec<String> {
        if self.silences.is_empty() {
            return Vec::new();
        }
        let seen = self.seen.entry(fingerprint).or_default();
        for id in self.versions.iter().skip(seen.version) {
            let means = self.silences.get(id).is_some_and(|silence| silence.matches(labels));
            if means && !seen.ids.contains(id) {
                seen.ids.push(id.clone());
            } else if !means {
                seen.ids.retain(|known| known != id);
            }
        }
        seen.version = self.versions.len();
        let is_active = |id: &&String| {
            self.silences.get(*id).is_some_and(|silence| silence.state(now) == SilenceState::Active)
        };
        let mut active: Vec<String> = seen.ids.iter().filter(is_active).cloned().collect();
        active.sort();
        active
    }

    /// Forgets an alert.
    pub(crate) fn forget(&mut self, fingerprint: Fingerprint) {
        self.seen.remove(&fingerprint);
    }

    /// Forgets silences that have been over for `retention` (nanoseconds).
    pub(crate) fn collect_garbage(&mut self, now: i64, retention: i64) {
        let before = self.silences.len();
        self.silences.retain(|_, silence| silence.ends_at.saturating_add(retention) > now);
        if self.silences.len() < before {
            // What is gone silences nobody: everything is looked at anew.
            self.versions = self.silences.keys().cloned().collect();
            self.seen.clear();
        }
    }
}

/// Whether a silence stays the same silence under a change.
fn can_change(previous: &Silence, next: &Silence, now: i64) -> bool {
    if previous.matcher_sets != next.matcher_sets {
        return false;
    }
    match previous.state(now) {
        SilenceState::Active => {
            previous.starts_at.div_euclid(SECOND) == next.starts_at.div_euclid(SECOND) && next.ends_at >= now
        }
        SilenceState::Pending => next.starts_at >= now,
        SilenceState::Expired => false,
    }
}

/// Whether a silence holds each of these conditions as they are written.
pub fn holds_matchers(silence: &Silence, asked: &[Matcher]) -> bool {
    asked.iter().all(|matcher| silence.matcher_sets.iter().flatten().any(|own| own == matcher))
}

/// A condition from its parts, as the API gives them; the error names the place.
///
/// # Errors
/// The expression is none.
pub fn matcher_of(
    name: &str,
    value: &str,
    is_regex: bool,
    is_equal: bool,
    at: usize,
) -> Result<Matcher, SilenceError> {
    let op = match (is_regex, is_equal) {
        (false, true) => MatchOp::Equal,
        (false, false) => MatchOp::NotEqual,
        (true, true) => MatchOp::Regex,
        (true, false) => MatchOp::NotRegex,
    };
    if is_regex && let Err(error) = go_regex::Regex::new(value) {
        let value = model::quote::quote(value);
        let text =
            format!("invalid label matcher {at} in set 0: invalid regular expression {value}: {error}");
        return Err(SilenceError::Invalid(text));
    }
    Matcher::new(name, op, value).map_err(|error| SilenceError::Invalid(error.to_string()))
}
