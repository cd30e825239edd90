//! Rules by which alerts silence others.

use crate::Matcher;

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
