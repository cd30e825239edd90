//! Rules by which alerts silence others.

use std::collections::{HashMap, HashSet};

use model::Labels;

use crate::Matcher;
use crate::alert::Fingerprint;

/// A rule: while an alert of the source fires, alerts of the target with equal labels are silent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InhibitRule {
    /// What the rule is called.
    pub name: String,
    /// Which alerts silence others.
    pub source: Vec<Matcher>,
    /// Which alerts are silenced.
    pub target: Vec<Matcher>,
    /// Labels that both must have alike; one that both lack is alike.
    pub equal: Vec<String>,
}

/// The rules with the alerts that are sources now.
#[derive(Debug, Default)]
pub(crate) struct Inhibitor {
    rules: Vec<Indexed>,
}

#[derive(Debug)]
struct Indexed {
    rule: InhibitRule,
    /// Sources by their values of the labels that must be alike.
    sources: HashMap<Labels, HashSet<Fingerprint>>,
}

impl InhibitRule {
    fn key(&self, labels: &Labels) -> Labels {
        labels.filtered(|name| self.equal.iter().any(|equal| equal == name))
    }
}

fn all_match(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches_labels(labels))
}

impl Inhibitor {
    pub(crate) fn new(rules: Vec<InhibitRule>) -> Inhibitor {
        let rules = rules.into_iter().map(|rule| Indexed { rule, sources: HashMap::new() });
        Inhibitor { rules: rules.collect() }
    }

    /// Notes an alert where it is a source.
    pub(crate) fn add(&mut self, fingerprint: Fingerprint, labels: &Labels) {
        for Indexed { rule, sources } in &mut self.rules {
            if all_match(&rule.source, labels) {
                sources.entry(rule.key(labels)).or_default().insert(fingerprint);
            }
        }
    }

    /// Forgets an alert.
    pub(crate) fn remove(&mut self, fingerprint: Fingerprint, labels: &Labels) {
        for Indexed { rule, sources } in &mut self.rules {
            let key = rule.key(labels);
            if let Some(set) = sources.get_mut(&key) {
                set.remove(&fingerprint);
                if set.is_empty() {
                    sources.remove(&key);
                }
            }
        }
    }

    /// The first source that silences an alert; `find` gives the labels of an alert that fires.
    ///
    /// An alert that is on both sides of a rule is not silenced by others that are: else all of them would be silent.
    pub(crate) fn source_of<'a>(
        &self,
        labels: &Labels,
        find: impl Fn(Fingerprint) -> Option<&'a Labels>,
    ) -> Option<Fingerprint> {
        self.rules.iter().find_map(|Indexed { rule, sources }| {
            if sources.is_empty() || !all_match(&rule.target, labels) {
                return None;
            }
            let candidates = sources.get(&rule.key(labels))?;
            let is_source = all_match(&rule.source, labels);
            let silences = candidates.iter().filter(|source| {
                find(**source).is_some_and(|source| !(is_source && all_match(&rule.target, source)))
            });
            silences.min().copied()
        })
    }
}
